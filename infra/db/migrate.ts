/** What the commands do to a database. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inRoot } from "../setup/paths.ts";
import { SetupError } from "../setup/process.ts";
import { DatabaseError, type Database } from "./database.ts";
import { readLedger, withLock, type LockOptions } from "./ledger.ts";
import { idOf, parseMigrations, type Migration, type Migrations, type Problem } from "./migration.ts";
import { plan, type PlanOptions } from "./plan.ts";

export const migrationsDirectory: string = inRoot("edge", "migrations");

/** Nothing was done, because of these. */
export class RefusedError extends SetupError {
  readonly problems: Problem[];
  constructor(what: string, problems: Problem[]) {
    super([`${what}; nothing was changed:`, ...problems.map(({ message }) => `  - ${message}`)].join("\n"));
    this.problems = problems;
  }
}

/** The migrations of a folder; by default the project's. */
export function readMigrations(directory: string = migrationsDirectory): Migrations {
  const files = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
  return parseMigrations(files.map(({ name }) => ({ name, text: readFileSync(join(directory, name), "utf8") })));
}

export type MigrateOptions = PlanOptions & LockOptions;

/** Applies what is pending, oldest first, each with its ledger row in one transaction. Gives how many. */
export async function migrate(database: Database, migrations: Migrations, options: MigrateOptions): Promise<number> {
  const planned = async (): Promise<Migration[]> => {
    const { pending, problems } = plan(migrations, (await readLedger(database)).applied, options);
    if (problems.length > 0) throw new RefusedError(`the ${database.description} cannot be migrated`, problems);
    return pending;
  };
  // Without a lock first: when there is nothing to do, nobody has to wait, and nothing is written.
  if ((await planned()).length === 0) return 0;
  return withLock(database, options, async (lock) => {
    const pending = await planned();
    for (const [i, migration] of pending.entries()) {
      await lock.apply(migration).catch((error: unknown) => {
        throw error instanceof DatabaseError ? failed(`applying ${migration.up.file}`, error, i) : error;
      });
      options.say(`applied ${idOf(migration)}`);
    }
    return pending.length;
  });
}

function failed(what: string, { reason }: DatabaseError, done: number): SetupError {
  const before = done === 0 ? "the database is as it was" : `the ${done} before it stay${done === 1 ? "s" : ""}`;
  return new SetupError(`${what} failed and left no trace; ${before}. The database says: ${reason}`);
}

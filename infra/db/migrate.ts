/** What the commands do to a database. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inRoot } from "../setup/paths.ts";
import { SetupError } from "../setup/process.ts";
import type { Database } from "./database.ts";
import { readLedger, withLock, type LockOptions } from "./ledger.ts";
import { idOf, parseMigrations, type Migration, type Migrations, type Problem } from "./migration.ts";
import { plan, whyNotAsApplied, type Applied, type PlanOptions } from "./plan.ts";

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
  return parseMigrations(fileNames(directory).map((name) => ({ name, bytes: readFileSync(join(directory, name)) })));
}

/** The stamp of the newest file, whatever may be wrong with it. */
export function newestStamp(directory: string = migrationsDirectory): string | undefined {
  return fileNames(directory).flatMap((name) => /^\d{14}(?=_)/.exec(name)?.[0] ?? []).sort().at(-1);
}

/** Without one of its own, git keeps no folder. */
function fileNames(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name);
}

export type MigrateOptions = PlanOptions & LockOptions;

/** Applies what is pending, oldest first, each with its ledger row in one transaction. Gives how many. */
export async function migrate(database: Database, migrations: Migrations, options: MigrateOptions): Promise<number> {
  const pendingAfter = (applied: Applied[]): Migration[] => {
    const { pending, problems } = plan(migrations, applied, options);
    if (problems.length > 0) throw new RefusedError(`the ${database.description} cannot be migrated`, problems);
    return pending;
  };
  // Without a lock first: when there is nothing to do, nobody has to wait, and nothing is written.
  if (pendingAfter((await readLedger(database)).applied).length === 0) return 0;
  return withLock(database, options, async (lock) => {
    const pending = pendingAfter(lock.applied);
    for (const migration of pending) {
      await lock.apply(migration);
      options.say(`applied ${idOf(migration)}`);
    }
    return pending.length;
  });
}

/** The last migrations that were applied, the last one first, if their files are those that were applied. */
export function toUndo(database: Database, migrations: Migrations, applied: Applied[], count: number): Migration[] {
  const what = `the ${database.description} cannot be rolled back`;
  if (count > applied.length) {
    throw new SetupError(`${what} by ${count}: it has ${applied.length === 0 ? "no migration" : `${applied.length} migration${applied.length === 1 ? "" : "s"} only`}; nothing was changed`);
  }
  const rows = applied.slice(-count).reverse();
  const problems: Problem[] = [];
  const found = rows.flatMap((row) => {
    const migration = migrations.migrations.find((one) => idOf(one) === idOf(row));
    const inFile = migrations.problems.filter(({ subject }) => subject === idOf(row));
    const problem = whyNotAsApplied(row, migration);
    problems.push(...(inFile.length > 0 ? inFile : problem ? [problem] : []));
    return migration ? [migration] : [];
  });
  if (problems.length > 0) throw new RefusedError(what, problems);
  return found;
}

/** Undoes the migrations, which are those that `toUndo` gave, each with its ledger row in one transaction. */
export async function rollback(database: Database, migrations: Migrations, undone: Migration[], options: LockOptions): Promise<void> {
  await withLock(database, options, async (lock) => {
    const current = toUndo(database, migrations, lock.applied, undone.length);
    if (current.map(idOf).join() !== undone.map(idOf).join()) {
      throw new SetupError(`somebody else migrated the ${database.description} in the meantime, so nothing was changed; see \`npm run db:status\``);
    }
    for (const migration of current) {
      await lock.undo(migration);
      options.say(`undid ${idOf(migration)}${migration.down.loses === undefined ? "" : `; lost: ${migration.down.loses}`}`);
    }
  });
}

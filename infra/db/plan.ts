/** Files and ledger -> what is to be done, and what is in the way. Pure. */
import { idOf, type Migration, type Migrations, type Problem } from "./migration.ts";

/** A row of the ledger: a migration that the database has. */
export type Applied = { stamp: string; name: string; checksum: string; appliedAt: string };

export type State = "applied" | "pending" | "changed" | "file_missing" | "out_of_order";

/** A line of `db:status`. */
export type Line = { stamp: string; name: string; appliedAt: string | undefined; state: State };

export type Plan = {
  /** All that is known, by stamp. */
  lines: Line[];
  /** To be applied, in this order. */
  pending: Migration[];
  /** With any of them, nothing is applied. */
  problems: Problem[];
};

export type PlanOptions = {
  /** Applies migrations that are older than applied ones, instead of refusing. */
  outOfOrder?: boolean;
};

/**
 * @param applied the ledger, in the order of application
 */
export function plan({ migrations, problems: inFiles }: Migrations, applied: Applied[], { outOfOrder = false }: PlanOptions = {}): Plan {
  const byId = new Map(migrations.map((migration) => [idOf(migration), migration]));
  const appliedIds = new Set(applied.map(idOf));
  const newest = applied.map(idOf).sort().at(-1) ?? "";
  const unreadable = new Set(inFiles.map(({ subject }) => subject));

  const problems = [...inFiles];
  const lines: Line[] = [];
  for (const row of applied) {
    const problem = whyNotAsApplied(row, byId.get(idOf(row)));
    // What cannot be read has been told already.
    if (problem && !unreadable.has(idOf(row))) problems.push(problem);
    lines.push({ stamp: row.stamp, name: row.name, appliedAt: row.appliedAt, state: !problem ? "applied" : problem.code === "changed" ? "changed" : "file_missing" });
  }
  const pending = migrations.filter((migration) => !appliedIds.has(idOf(migration)));
  for (const { stamp, name } of pending) {
    const isLate = idOf({ stamp, name }) < newest;
    lines.push({ stamp, name, appliedAt: undefined, state: isLate ? "out_of_order" : "pending" });
    if (isLate && !outOfOrder) problems.push(outOfOrderProblem(idOf({ stamp, name }), newest));
  }
  lines.sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  return { lines, pending, problems };
}

/** What keeps the files from being those that the database was changed with. */
export function whyNotAsApplied(row: Applied, migration: Migration | undefined): Problem | undefined {
  const id = idOf(row);
  if (!migration) {
    return { code: "file_missing", subject: id, message: `${id} is applied, but its files are not here; check out or merge the branch that has them (to be rid of it: \`npm run db:rollback\` there)` };
  }
  if (migration.checksum !== row.checksum) {
    return { code: "changed", subject: id, message: `${migration.up.file} is not what was applied on ${row.appliedAt}; restore it (git log -p -- edge/migrations/${migration.up.file}) and put the change into a new migration` };
  }
  return undefined;
}

function outOfOrderProblem(id: string, newest: string): Problem {
  const message =
    `${id} is not applied, but ${newest}, which is later, is: they come from two branches. ` +
    `Undo the later one first (\`npm run db:rollback\`), or give ${id} a new stamp by renaming its two files if no database has it yet, ` +
    "or, where neither needs the other, apply it late: `npm run db:migrate -- --out-of-order`";
  return { code: "out_of_order", subject: id, message };
}

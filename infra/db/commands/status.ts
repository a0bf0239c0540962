/**
 * `npm run db:status -- [--remote]`: which migrations the profile database has, and which it lacks. Changes nothing.
 * Exit status: 0 it has all of them, 3 some are pending, 4 something has to be put right first, 1 it could not be asked.
 */
import { main } from "../../setup/process.ts";
import { nameOf, readLedger } from "../ledger.ts";
import { readMigrations } from "../migrate.ts";
import { plan, type Line } from "../plan.ts";
import { readArguments, withDatabase } from "./arguments.ts";

const PENDING_STATUS = 3;
const PROBLEM_STATUS = 4;

await main(async () => {
  const { has } = readArguments({ usage: "npm run db:status -- [--remote]", flags: ["remote"] });
  await withDatabase({ remote: has("remote"), create: false }, async (database) => {
    const { applied, lock } = await readLedger(database);
    const { lines, pending, problems } = plan(readMigrations(), applied);
    console.log(`${database.description}`);
    console.log(table(lines));
    if (lock) console.log(`locked by ${nameOf(lock)}`);
    for (const { message } of problems) console.log(`problem: ${message}`);
    if (problems.length > 0) process.exitCode = PROBLEM_STATUS;
    else if (pending.length > 0) {
      console.log(`${pending.length} pending; \`npm run db:migrate${database.place === "remote" ? " -- --remote" : ""}\` applies them`);
      process.exitCode = PENDING_STATUS;
    }
  });
});

function table(lines: Line[]): string {
  const rows = [["stamp", "name", "applied at", "state"], ...lines.map(({ stamp, name, appliedAt, state }) => [stamp, name, appliedAt ?? "-", state.replaceAll("_", " ")])];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")).join("\n");
}

/** `npm run db:rollback -- [COUNT] [--remote] [--yes] [--break-lock]`: undoes the migration that was applied last, or the last COUNT of them. */
import { createInterface } from "node:readline/promises";
import { main, say, SetupError } from "../../setup/process.ts";
import { readLedger } from "../ledger.ts";
import { idOf, type Migration } from "../migration.ts";
import { readMigrations, rollback, toUndo } from "../migrate.ts";
import { readArguments, withDatabase } from "./arguments.ts";

const USAGE = "npm run db:rollback -- [COUNT] [--remote] [--yes] [--break-lock]";

await main(async () => {
  const { argument = "1", has } = readArguments({ usage: USAGE, flags: ["remote", "yes", "break-lock"], argument: true });
  if (!/^[1-9]\d{0,5}$/.test(argument)) throw new SetupError(`COUNT says how many migrations to undo, 1 or more. usage: ${USAGE}`);
  const count = Number(argument);
  const migrations = readMigrations();
  await withDatabase({ remote: has("remote") }, async (database) => {
    const undone = toUndo(database, migrations, (await readLedger(database)).applied, count);
    if (database.place === "remote" && !has("yes")) await askFirst(undone);
    await rollback(database, migrations, undone, { breakLock: has("break-lock"), say });
    console.log(`the ${database.description} was rolled back by ${count} migration${count === 1 ? "" : "s"}; \`npm run db:migrate\` applies ${count === 1 ? "it" : "them"} again`);
  });
});

/** Other people's rows: nobody undoes there what they did not mean to. */
async function askFirst(undone: Migration[]): Promise<void> {
  for (const migration of undone) say(`to be undone in the DEPLOYED database: ${idOf(migration)}${migration.down.loses === undefined ? "" : `; loses: ${migration.down.loses}`}`);
  if (!process.stdin.isTTY) throw new SetupError("nobody is there to ask, so nothing was changed; to undo them without being asked add --yes");
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question("roundel: undo? Type yes: ");
  asking.close();
  if (answer.trim() !== "yes") throw new SetupError("nothing was changed");
}

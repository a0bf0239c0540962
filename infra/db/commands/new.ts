/** `npm run db:new -- NAME`: makes the two files of a new migration, with what to write in them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout } from "node:timers/promises";
import { callerDirectory } from "../../setup/paths.ts";
import { main, SetupError } from "../../setup/process.ts";
import { idOf, MIGRATION_NAME, stampOf } from "../migration.ts";
import { migrationsDirectory, newestStamp } from "../migrate.ts";
import { readArguments } from "./arguments.ts";

const USAGE = "npm run db:new -- add_pronouns_column";
const MAX_NAME_LENGTH = 60;

await main(async () => {
  const { argument: name } = readArguments({ usage: USAGE, flags: [], argument: true });
  if (name === undefined) throw new SetupError(`a migration needs a name that says what it does. usage: ${USAGE}`);
  if (!MIGRATION_NAME.test(name) || name.length > MAX_NAME_LENGTH) {
    throw new SetupError(`${JSON.stringify(name)} is not a name: small letters, digits and single _, a letter first, ${MAX_NAME_LENGTH} at most. usage: ${USAGE}`);
  }
  const newest = newestStamp() ?? "";
  // Two of them made in one second, by a script: the second one waits for the next.
  if (stampOf(new Date()) === newest) await setTimeout(1000);
  const stamp = stampOf(new Date());
  if (stamp <= newest) {
    throw new SetupError(`it is ${stamp} (UTC) on this machine, and there is a migration of ${newest}: a new one has to be later. Look at the clock, or wait until that time has passed`);
  }
  mkdirSync(migrationsDirectory, { recursive: true });
  for (const [half, text] of Object.entries(templates(name))) {
    const path = join(migrationsDirectory, `${idOf({ stamp, name })}.${half}.sql`);
    writeNew(path, text);
    console.log(relative(callerDirectory(), path));
  }
});

/** Another command in the same second may have made it: its text stays. */
function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new SetupError(`${path} is there already, and stays as it is`);
  }
}

function templates(name: string): { up: string; down: string } {
  const words = name.replaceAll("_", " ");
  return {
    up:
      `-- ${words}: say here what for.\n` +
      "-- It runs in one transaction, with rows in the tables and the worker of before still running: add columns with a DEFAULT, and\n" +
      "-- remove or rename only what no deployed worker reads (docs/database.md). No BEGIN, no COMMIT.\n\n",
    down:
      `-- Undoes \`${words}\`, with rows in the tables. Where rows or values go for good, say which:\n` +
      "-- Loses: nothing\n\n",
  };
}

/** What the commands of the database share: their options, and which database they mean. */
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { defaultStateDirectory } from "../../local/state.ts";
import { SetupError } from "../../setup/process.ts";
import type { Database } from "../database.ts";
import { openLocal } from "../local.ts";
import { openRemote } from "../wrangler.ts";

export type Syntax = { usage: string; flags: string[]; /** Whether there may be an argument that is no flag. Default false. */ argument?: boolean };

export type Arguments = { argument: string | undefined; has(flag: string): boolean };

/** Reads the command line; anything beyond the syntax is refused with the usage. */
export function readArguments({ usage, flags, argument = false }: Syntax): Arguments {
  // `npm run db:rollback --remote` gives npm an option, and the command none: it would mean the other database. (`yes` is an option of npm's own.)
  const swallowed = flags.find((flag) => flag !== "yes" && process.env[`npm_config_${flag.replaceAll("-", "_")}`] === "true");
  if (swallowed !== undefined) throw new SetupError(`npm kept --${swallowed} for itself; a \`--\` before it hands it on. usage: ${usage}`);
  const options: ParseArgsOptionsConfig = Object.fromEntries(flags.map((flag) => [flag, { type: "boolean" }]));
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options });
    const [surplus] = positionals.slice(argument ? 1 : 0);
    if (surplus !== undefined) throw new Error(`${JSON.stringify(surplus)} is one argument too many`);
    return { argument: positionals[0], has: (flag) => values[flag] === true };
  } catch (error) {
    throw new SetupError(`${error instanceof Error ? error.message : String(error)}. usage: ${usage}`);
  }
}

export type WhichDatabase = { remote: boolean; /** Makes the local one where there is none. Default true. */ create?: boolean };

export async function withDatabase(which: WhichDatabase, work: (database: Database) => Promise<void>): Promise<void> {
  const database = which.remote ? openRemote() : openLocal(defaultStateDirectory(), which);
  try {
    await work(database);
  } finally {
    database.close();
  }
}

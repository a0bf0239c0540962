/**
 * A D1 database through `wrangler d1 execute`: wrangler knows the account, signs in and finds the database by the name in
 * edge/wrangler.toml. Each batch is one call. Locally wrangler hands it to D1's `batch`; remotely it goes to D1's HTTP API, which
 * runs the statements of one query as a batch: https://developers.cloudflare.com/api/resources/d1/subresources/database/methods/query/
 */
import { runWrangler, type WranglerEnd } from "../setup/wrangler.ts";
import { DatabaseError, type Database, type Row } from "./database.ts";

const BINDING = "PROFILES";

export type WranglerOptions = {
  description: string;
  place: Database["place"];
  /** Which database, in wrangler's words: `--remote`, or `--local` and `--persist-to` with a folder. */
  destination: string[];
};

/** The database of the deployed worker. */
export function openRemote(): Database {
  return openWrangler({ description: "deployed profile database", place: "remote", destination: ["--remote"] });
}

export function openWrangler({ description, place, destination }: WranglerOptions): Database {
  return {
    description,
    place,
    batch: async (statements) => {
      const answer = await runWrangler({ args: ["d1", "execute", BINDING, "--json", "--yes", ...destination, `--command=${statements.join(";\n")};`] });
      const results = parseAnswer(answer);
      if (typeof results === "string") throw new DatabaseError(description, results);
      if (results.length !== statements.length) {
        throw new DatabaseError(description, `${results.length} answers to ${statements.length} statements; \`npm run db:status\` tells what was done`);
      }
      return results;
    },
    close: () => undefined,
  };
}

/** The rows of each statement, or what went wrong. */
function parseAnswer({ status, stdout, stderr }: WranglerEnd): Row[][] | string {
  const answer = parseJson(stdout);
  if (status === 0 && Array.isArray(answer)) return answer.map((result: { results?: Row[] }) => result.results ?? []);
  const { error } = (answer ?? {}) as { error?: { text?: string; notes?: { text?: string }[] } };
  const words = [error?.text, ...(error?.notes ?? []).map((note) => note.text)].filter((text) => text !== undefined);
  return words.length > 0 ? words.join("; ") : `wrangler ended with ${status}: ${(stderr.trim() || stdout.trim()).slice(-2000)}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

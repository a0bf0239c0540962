/**
 * The profile database of this machine: the SQLite file that wrangler and Miniflare keep for D1 and that the worker of `npm start` reads.
 * It is opened here without them: that takes a millisecond instead of a second, and a killed command leaves no other process behind.
 */
import { createHash, createHmac } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DatabaseError, type Database, type Row } from "./database.ts";

/** The `preview_database_id` of edge/wrangler.toml. */
const LOCAL_ID = "PROFILES";
const WAIT_FOR_OTHERS_MS = 10_000;

/** Where wrangler keeps what it persists; a state folder's `--persist-to`. */
export function workerState(stateDirectory: string): string {
  return join(stateDirectory, "worker");
}

/** The file is named as the Durable Object that serves D1 locally: by workerd's id of an object with a name. */
function databaseFile(stateDirectory: string): string {
  const namespace = "miniflare-D1DatabaseObject";
  const key = createHash("sha256").update(namespace).digest();
  const digest = (data: string | Buffer): Buffer => createHmac("sha256", key).update(data).digest().subarray(0, 16);
  const name = digest(LOCAL_ID);
  return join(workerState(stateDirectory), "v3", "d1", namespace, `${Buffer.concat([name, digest(name)]).toString("hex")}.sqlite`);
}

export type LocalOptions = {
  /** Makes no file where there is none: the database is an empty one in memory then. Default false. */
  readOnly?: boolean;
};

/** Opens it, and makes it where there is none. A worker may run on it at the same time. */
export function openLocal(stateDirectory: string, { readOnly = false }: LocalOptions = {}): Database {
  const file = databaseFile(stateDirectory);
  const isThere = existsSync(file);
  if (!readOnly) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const sqlite = new DatabaseSync(readOnly && !isThere ? ":memory:" : file, { timeout: WAIT_FOR_OTHERS_MS, readOnly: readOnly && isThere });
  // As workerd keeps it: readers and a writer do not wait for each other.
  if (!readOnly) sqlite.exec("PRAGMA journal_mode = WAL");
  const description = `profile database in ${stateDirectory}`;

  const runAll = (statements: string[]): Row[][] => {
    sqlite.exec("BEGIN IMMEDIATE");
    try {
      const rows = statements.map((statement) => sqlite.prepare(statement).all() as Row[]);
      sqlite.exec("COMMIT");
      return rows;
    } catch (error) {
      // Some errors have ended the transaction already.
      if (sqlite.isTransaction) sqlite.exec("ROLLBACK");
      throw error;
    }
  };
  return {
    description,
    place: "local",
    batch: async (statements) => {
      try {
        if (readOnly) return statements.map((statement) => sqlite.prepare(statement).all() as Row[]);
        return runAll(statements);
      } catch (error) {
        throw new DatabaseError(description, error instanceof Error ? error.message : String(error));
      }
    },
    close: () => sqlite.close(),
  };
}

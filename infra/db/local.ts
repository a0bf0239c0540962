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
  /** Makes the file where there is none. Default true; otherwise it is an empty database in memory then. */
  create?: boolean;
};

/**
 * Opens it. A worker may run on it at the same time: SQLite's locks keep the two apart. workerd does not wait for a lock, though: what it
 * wants to write in the milliseconds of a migration fails with SQLITE_BUSY. (D1 itself runs one after the other.)
 */
export function openLocal(stateDirectory: string, { create = true }: LocalOptions = {}): Database {
  const description = `profile database in ${stateDirectory}`;
  const inWords = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw new DatabaseError(description, error instanceof Error ? error.message : String(error));
    }
  };
  const sqlite = inWords(() => openFile(databaseFile(stateDirectory), create));
  return {
    description,
    place: "local",
    batch: async (statements) => inWords(() => inTransaction(sqlite, statements)),
    close: () => sqlite.close(),
  };
}

function openFile(file: string, create: boolean): DatabaseSync {
  if (create) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const sqlite = new DatabaseSync(create || existsSync(file) ? file : ":memory:", { timeout: WAIT_FOR_OTHERS_MS });
  // As workerd keeps it: a writer does not make readers wait.
  sqlite.exec("PRAGMA journal_mode = WAL");
  return sqlite;
}

function inTransaction(sqlite: DatabaseSync, statements: string[]): Row[][] {
  // A reader keeps nobody from writing; a writer says at once that it is one, for it may not have to wait in the middle.
  sqlite.exec(statements.every((statement) => statement.startsWith("SELECT")) ? "BEGIN" : "BEGIN IMMEDIATE");
  try {
    const rows = statements.map((statement) => sqlite.prepare(statement).all() as Row[]);
    sqlite.exec("COMMIT");
    return rows;
  } catch (error) {
    // Some errors have ended the transaction already.
    if (sqlite.isTransaction) sqlite.exec("ROLLBACK");
    throw error;
  }
}

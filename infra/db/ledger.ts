/** The ledger in the database: which migrations it has, and who is changing that. As SQL, so that a row of it is in one transaction with what it tells of. */
import { hostname } from "node:os";
import { randomUUID } from "node:crypto";
import { SetupError } from "../setup/process.ts";
import { DatabaseError, type Database, type Row } from "./database.ts";
import type { Migration, Script } from "./migration.ts";
import type { Applied } from "./plan.ts";
import { literal } from "./sql.ts";

const CREATE = [
  `CREATE TABLE IF NOT EXISTS schema_migrations (
    position INTEGER PRIMARY KEY NOT NULL, stamp TEXT NOT NULL UNIQUE, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TEXT NOT NULL
  ) STRICT`,
  `CREATE TABLE IF NOT EXISTS schema_migrations_lock (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1), owner TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, taken_at TEXT NOT NULL
  ) STRICT`,
];

/** A lock that was not renewed for this long is nobody's: each migration renews it, and D1 ends what takes longer than 30 s. */
const LOCK_LIFE_MS = 10 * 60_000;

/** Who is applying or undoing migrations. */
export type Lock = { owner: string; host: string; pid: number; takenAt: string };

/** What the database has, in the order of application; nothing is made where there is no ledger yet. */
export async function readLedger(database: Database): Promise<{ applied: Applied[]; lock: Lock | undefined }> {
  const [tables = []] = await database.batch(["SELECT name FROM sqlite_master WHERE name IN ('schema_migrations', 'schema_migrations_lock')"]);
  if (tables.length < 2) return { applied: [], lock: undefined };
  const [rows = [], locks = []] = await database.batch([SELECT_APPLIED, SELECT_LOCK]);
  return { applied: rows.map(appliedOf), lock: lockOf(locks) };
}

const SELECT_APPLIED = "SELECT stamp, name, checksum, applied_at FROM schema_migrations ORDER BY position";
const SELECT_LOCK = "SELECT owner, host, pid, taken_at FROM schema_migrations_lock";

function appliedOf(row: Row): Applied {
  return { stamp: text(row["stamp"]), name: text(row["name"]), checksum: text(row["checksum"]), appliedAt: text(row["applied_at"]) };
}

function lockOf([row]: Row[]): Lock | undefined {
  return row && { owner: text(row["owner"]), host: text(row["host"]), pid: Number(row["pid"]), takenAt: text(row["taken_at"]) };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export type LockOptions = {
  /** Takes the lock from whoever holds it. */
  breakLock?: boolean;
  /** Tells that somebody's lock was taken over, and why that was right. */
  say: (message: string) => void;
};

/** Does the work while nobody else applies or undoes migrations; refuses with words while somebody does. */
export async function withLock<T>(database: Database, { breakLock = false, say }: LockOptions, work: (lock: HeldLock) => Promise<T>): Promise<T> {
  const mine: Lock = { owner: randomUUID(), host: hostname(), pid: process.pid, takenAt: now() };
  const values = `(1, ${literal(mine.owner)}, ${literal(mine.host)}, ${mine.pid}, ${literal(mine.takenAt)})`;
  const take = async (...statements: string[]): Promise<{ holder: Lock | undefined; applied: Applied[] }> => {
    const [locks = [], rows = []] = (await database.batch([...statements, SELECT_LOCK, SELECT_APPLIED])).slice(-2);
    return { holder: lockOf(locks), applied: rows.map(appliedOf) };
  };

  let taken = await take(...CREATE, `INSERT INTO schema_migrations_lock (id, owner, host, pid, taken_at) VALUES ${values} ON CONFLICT DO NOTHING`);
  const theirs = taken.holder;
  if (theirs && theirs.owner !== mine.owner) {
    const why = breakLock ? "as --break-lock says" : whyNobodys(theirs);
    if (why === undefined) throw lockedError(theirs);
    taken = await take(`UPDATE schema_migrations_lock SET (id, owner, host, pid, taken_at) = ${values} WHERE owner = ${literal(theirs.owner)}`);
    if (taken.holder?.owner !== mine.owner) throw lockedError(taken.holder ?? theirs);
    say(`took over the lock of ${nameOf(theirs)}, ${why}`);
  }
  try {
    return await work(new HeldLock(database, mine.owner, taken.applied));
  } finally {
    await database.batch([`DELETE FROM schema_migrations_lock WHERE owner = ${literal(mine.owner)}`]).catch((error: unknown) => {
      say(`the lock could not be given back (${error instanceof Error ? error.message : "why is not known"}); it is nobody's after ${LOCK_LIFE_MS / 60_000} minutes`);
    });
  }
}

function now(): string {
  return new Date().toISOString();
}

function whyNobodys({ host, pid, takenAt }: Lock): string | undefined {
  if (host === hostname() && !isRunning(pid)) return "which is not running any more";
  return Date.now() - Date.parse(takenAt) > LOCK_LIFE_MS ? `which said nothing for more than ${LOCK_LIFE_MS / 60_000} minutes` : undefined;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's process, but one.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

export function nameOf({ host, pid, takenAt }: Lock): string {
  return `process ${pid} on ${host} (since ${takenAt})`;
}

function lockedError(lock: Lock): SetupError {
  return new SetupError(
    `${nameOf(lock)} is changing this database right now, so nothing was done here; wait until it has ended and run the command again. ` +
      `If it died, its lock is nobody's after ${LOCK_LIFE_MS / 60_000} minutes, or at once with --break-lock`,
  );
}

/** The right to change what the database has. */
export class HeldLock {
  readonly #database: Database;
  readonly #owner: string;
  /** What the database had when the lock was taken, in the order of application. */
  readonly applied: Applied[];
  constructor(database: Database, owner: string, applied: Applied[]) {
    this.#database = database;
    this.#owner = owner;
    this.applied = applied;
  }

  /** Runs the up file and writes the ledger's row, both or neither. */
  async apply({ stamp, name, checksum, up }: Migration): Promise<void> {
    const row = [stamp, name, checksum, now()].map(literal).join(", ");
    await this.#change(up, `INSERT INTO schema_migrations (stamp, name, checksum, applied_at) VALUES (${row})`);
  }

  /** Runs the down file and removes the ledger's row, both or neither. */
  async undo({ stamp, down }: Migration): Promise<void> {
    await this.#change(down, `DELETE FROM schema_migrations WHERE stamp = ${literal(stamp)}`);
  }

  async #change({ file, statements }: Script, inLedger: string): Promise<void> {
    // Renews the lock. When somebody has taken it over in the meantime, there is no such owner, and NOT NULL fails the whole transaction.
    const owner = `(SELECT owner FROM schema_migrations_lock WHERE owner = ${literal(this.#owner)})`;
    const renewal = `INSERT INTO schema_migrations_lock (id, owner, host, pid, taken_at) VALUES (1, ${owner}, '', 0, '') ON CONFLICT (id) DO UPDATE SET taken_at = ${literal(now())}`;
    try {
      await this.#database.batch([renewal, ...statements, inLedger]);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      if (!error.reason.includes("NOT NULL constraint failed: schema_migrations_lock.owner")) throw new ScriptError(file, error.reason);
      throw new SetupError(`somebody else took over the lock before ${file} was run, so it was not; see \`npm run db:status\` and run the command again`);
    }
  }
}

/** A migration's file that failed, and left no trace. */
export class ScriptError extends SetupError {
  readonly file: string;
  constructor(file: string, reason: string) {
    super(`${file} failed and left no trace in the database, which says: ${reason}`);
    this.file = file;
  }
}

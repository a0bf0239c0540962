/** The ledger in the database: which migrations it has, and who is changing that. As SQL, so that a row of it is in one transaction with what it tells of. */
import { hostname } from "node:os";
import { randomUUID } from "node:crypto";
import { SetupError } from "../setup/process.ts";
import type { Database, Row } from "./database.ts";
import type { Migration } from "./migration.ts";
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
  const [rows = [], locks = []] = await database.batch(["SELECT stamp, name, checksum, applied_at FROM schema_migrations ORDER BY position", SELECT_LOCK]);
  const applied = rows.map((row) => ({ stamp: text(row["stamp"]), name: text(row["name"]), checksum: text(row["checksum"]), appliedAt: text(row["applied_at"]) }));
  return { applied, lock: lockOf(locks) };
}

const SELECT_LOCK = "SELECT owner, host, pid, taken_at FROM schema_migrations_lock";

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
  const values = `1, ${literal(mine.owner)}, ${literal(mine.host)}, ${mine.pid}, ${literal(mine.takenAt)}`;
  const results = await database.batch([...CREATE, `INSERT INTO schema_migrations_lock (id, owner, host, pid, taken_at) VALUES (${values}) ON CONFLICT DO NOTHING`, SELECT_LOCK]);
  const theirs = lockOf(results.at(-1) ?? []);
  if (theirs && theirs.owner !== mine.owner) {
    const why = breakLock ? "as --break-lock says" : whyNobodys(theirs);
    if (why === undefined) throw lockedError(theirs);
    const [, after = []] = await database.batch([
      `UPDATE schema_migrations_lock SET (id, owner, host, pid, taken_at) = (${values}) WHERE owner = ${literal(theirs.owner)}`,
      SELECT_LOCK,
    ]);
    const holder = lockOf(after);
    if (holder?.owner !== mine.owner) throw lockedError(holder ?? theirs);
    say(`took over the lock of ${nameOf(theirs)}, ${why}`);
  }
  try {
    return await work(new HeldLock(database, mine.owner));
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
  constructor(database: Database, owner: string) {
    this.#database = database;
    this.#owner = owner;
  }

  /** Runs the up file and writes the ledger's row, both or neither. */
  async apply({ stamp, name, checksum, up }: Migration): Promise<void> {
    const row = [stamp, name, checksum, now()].map(literal).join(", ");
    await this.#database.batch([this.#fence(), ...up.statements, `INSERT INTO schema_migrations (stamp, name, checksum, applied_at) VALUES (${row})`]);
  }

  /** Runs the down file and removes the ledger's row, both or neither. */
  async undo({ stamp, down }: Migration): Promise<void> {
    await this.#database.batch([this.#fence(), ...down.statements, `DELETE FROM schema_migrations WHERE stamp = ${literal(stamp)}`]);
  }

  /** Renews the lock, and fails (NOT NULL), and the whole transaction with it, when somebody has taken it over in the meantime. */
  #fence(): string {
    const owner = `(SELECT owner FROM schema_migrations_lock WHERE owner = ${literal(this.#owner)})`;
    return `INSERT INTO schema_migrations_lock (id, owner, host, pid, taken_at) VALUES (1, ${owner}, '', 0, '') ON CONFLICT (id) DO UPDATE SET taken_at = ${literal(now())}`;
  }
}

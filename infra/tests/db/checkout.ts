/** A checkout of its own for the commands of the database: their files to be written, broken and merged, and a state folder beside them. */
import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocal } from "../../db/local.ts";
import type { Row } from "../../db/database.ts";
import { inRoot } from "../../setup/paths.ts";

export type Ended = { status: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };
export type Running = { child: ChildProcess; ended: Promise<Ended> };

export class Checkout {
  readonly folder: string = mkdtempSync(join(tmpdir(), "roundel-db-"));
  readonly stateDirectory: string = join(this.folder, ".roundel");
  readonly migrations: string = join(this.folder, "edge", "migrations");

  /** What `git clone` brings, as far as the commands read it, with the packages of this checkout. */
  constructor() {
    for (const part of ["infra/db", "infra/local", "infra/setup", "edge/migrations", "edge/wrangler.toml", "package.json", "package-lock.json"]) {
      cpSync(inRoot(part), join(this.folder, part), { recursive: true });
    }
    symlinkSync(inRoot("node_modules"), join(this.folder, "node_modules"));
  }

  /** Starts a command the way `npm run` does, without its set-up. */
  start(command: string, args: string[] = [], env: Record<string, string | undefined> = {}): Running {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(this.folder, "infra", "db", "commands", `${command}.ts`), ...args], {
      cwd: this.folder,
      env: { ...process.env, ROUNDEL_STATE: undefined, ROUNDEL_CWD: this.folder, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    return { child, ended: new Promise((resolve) => child.on("close", (status, signal) => resolve({ status, signal, stdout, stderr }))) };
  }

  run(command: string, ...args: string[]): Promise<Ended> {
    return this.start(command, args).ended;
  }

  /** Writes a migration's files; the down file only where it is given. */
  write(id: string, up: string, down?: string): void {
    mkdirSync(this.migrations, { recursive: true });
    writeFileSync(join(this.migrations, `${id}.up.sql`), up);
    if (down !== undefined) writeFileSync(join(this.migrations, `${id}.down.sql`), down);
  }

  remove(id: string): void {
    for (const half of ["up", "down"]) rmSync(join(this.migrations, `${id}.${half}.sql`), { force: true });
  }

  /** Removes the project's own migrations, for tests that bring others. */
  clear(): void {
    for (const name of readdirSync(this.migrations)) rmSync(join(this.migrations, name));
  }

  /** Runs SQL on the local database, as a worker would. */
  async sql(...statements: string[]): Promise<Row[]> {
    const database = openLocal(this.stateDirectory);
    try {
      return (await database.batch(statements)).at(-1)?.map((row) => ({ ...row })) ?? [];
    } finally {
      database.close();
    }
  }

  delete(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Rows of two people, as of migration 2. */
export const PEOPLE = `INSERT INTO profiles (subject, display_name, revision, created_at, updated_at, bio) VALUES
  ('ada', 'Ada', 3, '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z', 'First of all.'),
  ('grace', 'Grace; -- ''Amazing''', 1, '2026-01-02T03:04:06Z', '2026-02-02T03:04:05Z', '')`;

export const CREATE_PROFILES = "20261125030500_create_profiles";
export const ADD_BIO = "20261125030600_add_bio";

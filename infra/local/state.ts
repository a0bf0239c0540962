/** What the local stack keeps in its state folder, `.roundel/` by default: keys, secrets and where a running stack listens. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inRoot } from "../setup/paths.ts";

/** State of `npm start`; `ROUNDEL_STATE` moves it. */
export function defaultStateDirectory(): string {
  return process.env["ROUNDEL_STATE"] ?? inRoot(".roundel");
}

/** Writes a file that only its owner can read. */
export function writePrivate(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, content, { mode: 0o600 });
}

/** Reads a JSON file, or makes it with `create` where there is none. */
export async function readOrCreate<T>(path: string, create: () => T | Promise<T>): Promise<T> {
  if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as T;
  const created = await create();
  writePrivate(path, `${JSON.stringify(created, undefined, 2)}\n`);
  return created;
}

/** Secrets of the local stack, made once. */
export type LocalSecrets = { accessKeyId: string; secretAccessKey: string; hookSecret: string };

export function localSecrets(stateDirectory: string): Promise<LocalSecrets> {
  return readOrCreate(join(stateDirectory, "secrets.json"), () => ({
    accessKeyId: `LOCAL${randomBytes(8).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString("base64url"),
    hookSecret: randomBytes(30).toString("base64url"),
  }));
}

/** Where a stack listens, for the commands that talk to it. */
export type Whereabouts = { origin: string; issuer: string; clientId: string };

export function recordWhereabouts(stateDirectory: string, whereabouts: Whereabouts): void {
  writePrivate(join(stateDirectory, "stack.json"), `${JSON.stringify(whereabouts, undefined, 2)}\n`);
}

/** Where the stack of this state folder listens or listened last; undefined before its first start. */
export function lastWhereabouts(stateDirectory: string): Whereabouts | undefined {
  const path = join(stateDirectory, "stack.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Whereabouts) : undefined;
}

import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root: string = fileURLToPath(new URL("../../", import.meta.url));

/** A path in the checkout. */
export function inRoot(...parts: string[]): string {
  return join(root, ...parts);
}

/**
 * Where compiled tools are kept, outside the source tree: by name and version, so that several checkouts share them.
 * `ROUNDEL_CACHE` moves it.
 */
export function cacheDirectory(): string {
  return process.env["ROUNDEL_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "roundel");
}

/** The folder the person typed the command in; relative file names on the command line mean this one. */
export function callerDirectory(): string {
  return process.env["ROUNDEL_CWD"] ?? process.cwd();
}

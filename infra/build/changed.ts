import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { inRoot, root } from "../setup/paths.ts";

/** Output folders inside input folders. */
const IGNORED = new Set(["node_modules", "dist", "build", "target", "tests", "benches", "fuzz", ".wrangler"]);

function* files(path: string): Generator<string> {
  if (statSync(path).isFile()) {
    yield path;
    return;
  }
  for (const name of readdirSync(path).sort()) if (!IGNORED.has(name)) yield* files(join(path, name));
}

function fingerprint(inputs: string[]): string {
  const hash = createHash("sha256");
  for (const file of inputs.map((input) => inRoot(input)).flatMap((path) => [...files(path)])) {
    const content = readFileSync(file);
    hash.update(`${relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/**
 * Does the work unless it was done before with the very same inputs and its output is still there.
 *
 * @param output the file that the work leaves last
 * @param inputs files and folders in the checkout, by content
 */
export async function whenChanged(output: string, inputs: string[], work: () => Promise<void>): Promise<void> {
  const stamp = inRoot("target", "inputs", relative(root, output).replaceAll("/", "-"));
  const wanted = fingerprint(inputs);
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  await work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Python's botocore, which the tests hold the worker's signatures against. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureDebianPackages, hasApt } from "./debian.ts";
import { cacheDirectory, inRoot } from "./paths.ts";
import { ask, run, say, SetupError } from "./process.ts";

const REQUIREMENTS = inRoot("edge", "tests", "botocore", "requirements.txt");

/** The path of a Python that has botocore, at the version and with the digests of its requirements file. */
export async function ensureBotocore(): Promise<string> {
  const digest = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 16);
  const folder = join(cacheDirectory(), `botocore-${digest}`);
  const python = join(folder, "bin", "python3");
  const stamp = join(folder, "complete");
  if (existsSync(stamp) && ask(python, ["-c", "import botocore"]) !== undefined) return python;

  await ensureVenv();
  say(`installing botocore from PyPI into ${folder}: the tests compare signatures with its own`);
  // Begun anew: what an interrupted run left is of no use.
  rmSync(folder, { recursive: true, force: true });
  const advice = "With a network and a reachable package index (pip config), run the command again";
  await run("python3", ["-m", "venv", folder], { advice });
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--require-hashes"];
  await run(python, [...pip, "--requirement", REQUIREMENTS], { advice });
  writeFileSync(stamp, "");
  return python;
}

/** Makes sure that there is a Python that can make an environment with pip in it. */
async function ensureVenv(): Promise<void> {
  const canMakeOne = (): boolean => ask("python3", ["-c", "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))"]) !== undefined;
  if (canMakeOne()) return;
  if (hasApt()) await ensureDebianPackages(["python3", "python3-venv"], "the tests compare signatures with Python's botocore");
  if (!canMakeOne()) throw new SetupError("there is no python3 of version 3.10 or newer with venv and pip, which the signature tests need; install one");
}

/** Programs from PyPI for the tests, each in a virtual environment of its own in the cache folder, at pinned versions. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureDebianPackages, hasApt } from "./debian.ts";
import { cacheDirectory, inRoot } from "./paths.ts";
import { ask, find, run, say, SetupError } from "./process.ts";

/** The oldest Python that moto runs on. */
const MINOR_VERSION = 10;

/** A Python that can make virtual environments. */
async function ensurePython(why: string): Promise<string> {
  const canMakeEnvironments = (): boolean => ask("python3", ["-c", `import sys, venv, ensurepip; sys.exit(sys.version_info < (3, ${MINOR_VERSION}))`]) !== undefined;
  if (!canMakeEnvironments() && hasApt()) await ensureDebianPackages(["python3", "python3-venv"], why);
  if (!canMakeEnvironments()) throw new SetupError(`${why}: install Python 3.${MINOR_VERSION} or newer, with its module venv, as \`python3\` on the PATH`);
  return find("python3") ?? "python3";
}

/** The Python of an environment that has what a requirements file beside this one names. */
async function ensureEnvironment(name: string, why: string): Promise<string> {
  const requirements = inRoot("infra", "setup", `${name}.txt`);
  const version = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  const folder = join(cacheDirectory(), `${name}-${version}`);
  const python = join(folder, "bin", "python");
  // Written last: an environment without it was interrupted while it was made.
  const complete = join(folder, "complete");
  if (existsSync(complete) && ask(python, ["--version"]) !== undefined) return python;
  const systemPython = await ensurePython(why);
  say(`installing ${name} from PyPI into ${folder}: ${why} (about a minute, once)`);
  rmSync(folder, { recursive: true, force: true });
  await run(systemPython, ["-m", "venv", folder]);
  const advice = "PyPI has to be reachable, directly or by the index that pip is set up with";
  await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--requirement", requirements], { advice });
  writeFileSync(complete, "");
  return python;
}

/** The Python that has moto, `python -m moto.server`, botocore, on which moto is built, and beside it the program cfn-lint. */
export function ensureMoto(): Promise<string> {
  return ensureEnvironment("moto", "the tests sign in to a user pool of Amazon Cognito and create the infrastructure, which moto plays, and compare signatures with botocore's");
}

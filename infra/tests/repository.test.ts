/** Promises about the repository itself. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { inRoot, root } from "../setup/paths.ts";
import { WASM_BINDGEN_VERSION, WORKER_BUILD_VERSION } from "../setup/versions.ts";

const read = (path: string): string => readFileSync(inRoot(path), "utf8");

function trackedFiles(): string[] {
  return execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0").filter(Boolean);
}

describe("the repository", () => {
  it("names no registry host in its npm lock file, and only the index of crates.io in Cargo's", () => {
    assert.doesNotMatch(read("package-lock.json"), /"resolved":\s*"https?:/);
    const locks = trackedFiles().filter((file) => file.endsWith("Cargo.lock"));
    assert.equal(locks.length, 4);
    const sources = [...locks.map(read).join("").matchAll(/^source = "(.*)"$/gm)].map(([, source]) => source);
    assert.ok(sources.length > 50);
    assert.deepEqual([...new Set(sources)], ["registry+https://github.com/rust-lang/crates.io-index"]);
  });

  it("locks the packages of every platform, not of the one that wrote the lock file alone", () => {
    const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, { optionalDependencies?: Record<string, string> }> };
    const locked = Object.keys(packages);
    const missing = Object.values(packages)
      .flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}))
      .filter((name) => !locked.some((path) => path.endsWith(`node_modules/${name}`)));
    assert.ok(locked.includes("node_modules/@cloudflare/workerd-darwin-arm64"));
    assert.deepEqual(missing, []);
  });

  it("pins the compiled tools to the crates they work with", () => {
    const locked = (name: string): string | undefined => new RegExp(`name = "${name}"\\nversion = "(.*)"`).exec(read("Cargo.lock"))?.[1];
    assert.equal(locked("wasm-bindgen"), WASM_BINDGEN_VERSION);
    assert.equal(locked("worker"), WORKER_BUILD_VERSION);
  });

  it("has an npm script for each command, and a file behind it", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const commands = [...read("infra/setup/run.mjs").matchAll(/^  "?([a-z:]+)"?: "(\S+\.ts)",$/gm)].map(([, name = "", file = ""]) => ({ name, file }));
    assert.deepEqual(scripts, Object.fromEntries(commands.map(({ name }) => [name, `node infra/setup/run.mjs ${name}`])));
    const files = trackedFiles();
    assert.deepEqual(commands.filter(({ file }) => !files.includes(file)), []);
  });

  it("has no build output among its tracked files", () => {
    const files = trackedFiles();
    assert.ok(files.includes("package.json"));
    assert.deepEqual(files.filter((file) => /(^|\/)(target|node_modules|dist|build|\.roundel|\.wrangler)\//.test(file) && !file.startsWith("infra/build/")), []);
  });
});

/** The signer against botocore's: the Rust test that compares them, with the Python that it needs. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { root } from "../../infra/setup/paths.ts";
import { ensureBotocore } from "../../infra/setup/python.ts";

test("botocore gives the same URLs and headers", async () => {
  const python = await ensureBotocore();
  const args = ["test", "--quiet", "--locked", "--package", "roundel-edge", "--lib", "--all-features", "botocore_signs_the_same", "--", "--ignored"];
  const { status, stdout, stderr } = spawnSync("cargo", args, { cwd: root, encoding: "utf8", env: { ...process.env, ROUNDEL_BOTOCORE_PYTHON: python } });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /\b1 passed\b/);
});

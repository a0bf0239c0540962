/** The signer against botocore's: the Rust test that compares them, with the Python that it needs. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { botocoreTest } from "../../infra/build/botocore-test.ts";
import { root } from "../../infra/setup/paths.ts";

test("botocore gives the same URLs and headers", async () => {
  const { args, env } = await botocoreTest();
  const { status, stdout, stderr } = spawnSync("cargo", [...args, "--", "--ignored"], { cwd: root, encoding: "utf8", env: { ...process.env, ...env } });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /\b1 passed\b/);
});

/** Unit tests of the crate that mean something in WebAssembly only, where code for its vector unit takes the place of scalar code. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { it } from "node:test";
import { unitTestsInWasm } from "../../../infra/build/unit-tests.ts";
import { root } from "../../../infra/setup/paths.ts";

it("code for the vector unit gives what scalar code gives", async () => {
  const { args, env } = await unitTestsInWasm();
  const { status, stdout, stderr } = spawnSync("cargo", args, { cwd: root, env: { ...process.env, ...env }, encoding: "utf8" });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /transform::vector::tests::the_vector_unit_gives_what_scalar_code_gives \.\.\. ok/);
  assert.ok(Number(/ok\. (\d+) passed/.exec(stdout)?.[1]) >= 4, stdout);
});

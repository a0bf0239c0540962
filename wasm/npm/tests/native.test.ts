/** The program `avatar`, which is native code as it is shipped: optimised, without checks of arithmetic. `wasm/tests/golden.rs` does the same with them. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { promisify } from "node:util";
import { buildAvatar } from "../../../infra/build/avatar.ts";
import { inRoot } from "../../../infra/setup/paths.ts";
import { goldenCases } from "./golden.ts";

const folder = mkdtempSync(join(tmpdir(), "roundel-native-"));
after(() => rmSync(folder, { recursive: true }));

it("gives the golden bytes natively", async () => {
  const avatar = await buildAvatar();
  const made: object[] = [];
  const waiting = goldenCases.entries();
  const work = async (): Promise<void> => {
    for (const [index, { input, recipe }] of waiting) {
      const out = join(folder, String(index));
      const { stdout } = await promisify(execFile)(avatar, [inRoot("wasm", "tests", "fixtures", input), "--recipe", JSON.stringify(recipe), "--out", out]);
      const [, told, thumbhash] = /sha256 (\w+), thumbhash (\S+)/.exec(stdout) ?? [];
      const sha256 = createHash("sha256").update(readFileSync(out)).digest("hex");
      assert.equal(told, sha256);
      made[index] = { input, recipe, sha256, thumbhash };
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  assert.deepEqual(made, goldenCases);
});

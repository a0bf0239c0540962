/** What happens where there is no more memory to be had: the failure is told, and the package goes on. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { ready, render, RoundelError } from "roundel";
import { inRoot } from "../../../infra/setup/paths.ts";
import { fixture, goldenCases } from "./golden.ts";
import { withLittleMemory } from "./little-memory.ts";

it("tells that the memory is not enough, and goes on with what fits", async () => {
  await ready(withLittleMemory(readFileSync(inRoot("wasm", "npm", "dist", "roundel.wasm"))));
  const small = goldenCases.find(({ input, recipe }) => input === "exif-6.jpg" && Object.keys(recipe).length === 0);
  assert.ok(small);
  const fits = (): void => assert.equal(render(fixture(small.input), { width: 32, height: 32 }).width, 32);
  fits();
  for (const [what, recipe] of [
    ["too large to decode", {}],
    ["too large a result", { width: 4096, height: 4096 }],
  ] as const) {
    const photo = fixture(what === "too large to decode" ? "portrait.jpg" : small.input);
    assert.throws(() => render(photo, recipe), (error) => error instanceof RoundelError && error.code === "out_of_memory_budget", what);
    fits();
  }
});

/** What happens where there is no more memory to be had: the failure is told, and the package goes on. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { ready, render, RoundelError } from "roundel";
import { inRoot } from "../../../infra/setup/paths.ts";
import { fixture, goldenCases } from "./golden.ts";

const MEMORY_SECTION = 5;
/** 64 KiB each. */
const SPARE_PAGES = 7;

/** Reads an unsigned LEB128 number; WebAssembly core specification, 5.2.2. */
function leb(bytes: Uint8Array, at: number): { value: number; next: number } {
  let [value, shift] = [0, 0];
  for (;;) {
    const byte = bytes[at++] ?? 0;
    value |= (byte & 0x7f) << shift;
    shift += 7;
    if (byte < 0x80) return { value, next: at };
  }
}

function toLeb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...toLeb(value >>> 7)];
}

/** The same module, but its memory may grow by a few pages only. */
function withLittleMemory(module: Uint8Array): Uint8Array<ArrayBuffer> {
  for (let at = 8; at < module.length; ) {
    const size = leb(module, at + 1);
    const end = size.next + size.value;
    if (module[at] === MEMORY_SECTION) {
      // One memory, flags, least pages, and perhaps most pages.
      const least = leb(module, size.next + 2).value;
      const body = [1, 1, ...toLeb(least), ...toLeb(least + SPARE_PAGES)];
      return Uint8Array.from([...module.subarray(0, at), MEMORY_SECTION, ...toLeb(body.length), ...body, ...module.subarray(end)]);
    }
    at = end;
  }
  throw new Error("the module has no memory section");
}

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

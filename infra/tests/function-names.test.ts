/** The names of the functions in the edge worker, as panics and profiles show them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { withoutHashes } from "../build/function-names.ts";
import { buildWorker } from "../build/worker.ts";
import { inRoot } from "../setup/paths.ts";

/** One function, exported as `f`, whose name is `name`. */
function moduleWith(name: string): Uint8Array<ArrayBuffer> {
  const names = [1, ...counted([1, 0, ...counted([...Buffer.from(name)])])];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, ...counted([1, 0x60, 0, 0])],
    ...[3, ...counted([1, 0])],
    ...[7, ...counted([1, ...counted([0x66]), 0, 0])],
    // Does what nothing may do, so that the engine tells whose fault it was.
    ...[10, ...counted([1, ...counted([0, 0x00, 0x0b])])],
    ...[0, ...counted([...counted([...Buffer.from("other")]), ...Buffer.from("::h0123456789abcdef")])],
    ...[0, ...counted([...counted([...Buffer.from("name")]), ...names])],
  ]);
}

function counted(bytes: number[]): number[] {
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length % 128) + 128, Math.floor(bytes.length / 128)];
  return [...length, ...bytes];
}

function nameInTrace(module: Uint8Array<ArrayBuffer>): string | undefined {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module));
  try {
    (exports["f"] as () => void)();
  } catch (error) {
    return /at (.*) \(wasm:/.exec(String((error as Error).stack))?.[1];
  }
  return undefined;
}

describe("the names of functions", () => {
  before(buildWorker, { timeout: 1_200_000 });

  it("are the paths in the source, and nothing else of the module changes", () => {
    for (const [name, shorter] of [
      ["roundel::render::h0123456789abcdef", "roundel::render"],
      ["<a::B as c::D>::e::{{closure}}::hfedcba9876543210 externref shim", "<a::B as c::D>::e::{{closure}} externref shim"],
      ["plain", "plain"],
      ["roundel::hash::h0123", "roundel::hash::h0123"],
      [`${"long::".repeat(40)}name::h0123456789abcdef`, `${"long::".repeat(40)}name`],
    ] as const) {
      assert.equal(nameInTrace(moduleWith(name)), name);
      assert.deepEqual(Buffer.from(withoutHashes(moduleWith(name))), Buffer.from(moduleWith(shorter)));
    }
  });

  it("of a module that is cut off are no reason to read beyond it", () => {
    const whole = moduleWith("roundel::render::h0123456789abcdef");
    for (let length = 9; length < whole.length; length++) {
      try {
        assert.ok(withoutHashes(whole.subarray(0, length)).length <= length);
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error));
      }
    }
  });

  it("in the edge worker have no hashes", () => {
    const worker = new WebAssembly.Module(readFileSync(inRoot("edge", "build", "index_bg.wasm")));
    const names = WebAssembly.Module.customSections(worker, "name").map((section) => Buffer.from(section).toString("latin1")).join("");
    assert.match(names, /roundel::render::render_within/);
    assert.doesNotMatch(names, /::h[0-9a-f]{16}/);
  });
});

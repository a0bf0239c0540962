/** The package in Node, as it is installed: by its own name and `exports`. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, describe, it } from "node:test";
import { inspect, isClean, ready, render, RoundelError, type Recipe } from "roundel";
import { fixture, goldenCases } from "./golden.ts";

const photo = fixture("portrait.jpg");

function code(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof RoundelError && error instanceof Error, String(error));
    assert.ok(error.message.length > 10 && typeof error.stack === "string");
    return error.code;
  }
  return "nothing was thrown";
}

describe("before ready", () => {
  it("says that ready has to be awaited", () => {
    assert.throws(() => inspect(photo), /await ready\(\)/);
  });

  it("can be retried after a load that failed", async () => {
    await assert.rejects(ready(new Uint8Array([1, 2, 3])), WebAssembly.CompileError);
    await ready();
    assert.equal(inspect(photo).format, "jpeg");
  });
});

describe("in Node", () => {
  before(() => ready());

  it("tells what a file says of itself", () => {
    assert.deepEqual(inspect(photo), {
      format: "jpeg",
      width: 480,
      height: 640,
      orientation: 6,
      hasAlpha: false,
      frames: 1,
      colorSpace: "srgb",
      hasMetadata: true,
    });
  });

  it("gives the golden bytes", () => {
    assert.ok(goldenCases.length >= 220);
    for (const { input, recipe, sha256, thumbhash } of goldenCases) {
      const made = render(fixture(input), recipe);
      const what = `${input} ${JSON.stringify(recipe)}`;
      assert.equal(made.sha256, sha256, what);
      assert.equal(createHash("sha256").update(made.bytes).digest("hex"), sha256, what);
      assert.equal(made.thumbhash, thumbhash, what);
    }
  });

  it("describes what it made", () => {
    const { bytes, ...rest } = render(photo, { width: 100, height: 50, format: "png" });
    assert.deepEqual([...bytes.slice(1, 4)], [...Buffer.from("PNG")]);
    assert.deepEqual({ ...rest, sha256: "", thumbhash: "" }, { width: 100, height: 50, contentType: "image/png", sha256: "", thumbhash: "", quality: 100, frames: 1, source: "roundel" });
  });

  it("straightens", () => {
    const { sha256 } = render(photo);
    assert.notEqual(render(photo, { straighten: 250 }).sha256, sha256);
    assert.equal(render(photo, { straighten: 0 }).sha256, sha256);
    // Nothing beyond the picture shows where the recipe names no crop.
    const on = (background: string): string => render(photo, { straighten: -4500, background }).sha256;
    assert.equal(on("#ff00ff"), on("#00ff00"));
  });

  it("takes absent members and undefined ones as the default", () => {
    const { sha256 } = render(photo);
    assert.equal(render(photo, {}).sha256, sha256);
    assert.equal(render(photo, { width: undefined, crop: undefined, maxBytes: undefined, background: undefined }).sha256, sha256);
  });

  it("refuses what is no picture, and goes on", () => {
    assert.equal(code(() => render(new Uint8Array(0))), "unsupported_format");
    assert.equal(code(() => render(new TextEncoder().encode("hello"))), "unsupported_format");
    assert.equal(code(() => render(photo.subarray(0, 5000))), "truncated");
    assert.equal(code(() => inspect(photo.subarray(0, 100))), "truncated");
    const bomb = fixture("progressive.jpg");
    const frame = bomb.findIndex((byte, at) => byte === 0xff && bomb[at + 1] === 0xc2);
    bomb.fill(0xfa, frame + 5, frame + 9);
    assert.equal(code(() => render(bomb)), "too_many_pixels");
    assert.equal(render(photo).width, 256);
  });

  it("refuses a bad recipe by name, and goes on", () => {
    const bad: [unknown, RegExp][] = [
      [{ width: 0 }, /width/],
      [{ width: 1.5 }, /`width`/],
      [{ width: "256" }, /`width`/],
      [{ height: 4097 }, /height/],
      [{ height: Number.NaN }, /`height`/],
      [{ heigth: 10 }, /unknown name; there are width, height/],
      [{ fit: "fill" }, /`fit`/],
      [{ rotate: 45 }, /rotate/],
      [{ straighten: 4501 }, /straighten/],
      [{ straighten: 0.5 }, /`straighten`/],
      [{ background: "red" }, /background/],
      [{ quality: 101 }, /quality/],
      [{ maxBytes: 0 }, /maxBytes/],
      [{ crop: { x: 0, y: 0, width: 481, height: 10 } }, /480 x 640/],
      [{ crop: { x: -1, y: 0, width: 10, height: 10 } }, /`crop`/],
      [{ crop: { x: 0, y: 0, width: 10 } }, /`crop`/],
      ["small", /recipe/],
      [7, /recipe/],
      [[], /recipe/],
    ];
    for (const [recipe, words] of bad) {
      assert.equal(code(() => render(photo, recipe as Recipe)), "bad_recipe", JSON.stringify(recipe));
      assert.throws(() => render(photo, recipe as Recipe), { message: words });
    }
    assert.equal(render(photo).width, 256);
  });

  it("keeps to the limits that it is given, and refuses misspelled ones", () => {
    assert.equal(code(() => render(photo, {}, { maxPixels: 1000 })), "too_many_pixels");
    assert.equal(code(() => render(photo, {}, { memoryBudgetBytes: 1000 })), "out_of_memory_budget");
    assert.equal(code(() => render(photo, {}, { maxPixel: 1000 } as object)), "bad_recipe");
    assert.equal(code(() => render(photo, {}, { maxPixels: -1 })), "bad_recipe");
    assert.equal(render(photo, {}, { maxPixels: undefined }).width, 256);
    assert.equal(render(photo.subarray(0, 15_000), {}, { allowTruncated: true }).width, 256);
  });

  it("tells a picture with metadata from one without", () => {
    assert.equal(isClean(photo), false);
    assert.equal(isClean(render(photo).bytes), true);
    assert.equal(isClean(render(photo, { format: "png" }).bytes), true);
    assert.equal(isClean(new TextEncoder().encode("hello")), false);
  });

  it("refuses anything but bytes", () => {
    for (const bytes of [undefined, null, "bytes", 7, {}, new ArrayBuffer(8), [0xff, 0xd8]]) {
      assert.equal(code(() => render(bytes as unknown as Uint8Array)), "unsupported_format");
    }
  });

  it("does not change the bytes that it is given", () => {
    const copy = photo.slice();
    render(copy);
    assert.deepEqual(copy, photo);
  });
});

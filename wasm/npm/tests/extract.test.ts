/** What is taken of a picture that the browser decoded. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RoundelError } from "../src/error.ts";
import { extract } from "../src/extract.ts";
import type { Limits, Recipe } from "../src/types.ts";

const MEGAPIXELS_16 = 16_777_216;

describe("of a picture that the browser decoded", () => {
  it("everything is taken where a canvas has room for it", () => {
    const recipe: Recipe = { crop: { x: 5, y: 6, width: 7, height: 8 }, rotate: 90 };
    const size = { width: 4032, height: 3024 };
    assert.deepEqual(extract(size, recipe), { part: { x: 0, y: 0, ...size }, size, recipe });
  });

  it("a larger one comes smaller, in its own shape", () => {
    const { part, size, recipe } = extract({ width: 8000, height: 6000 }, { width: 64 });
    assert.deepEqual([part, recipe], [{ x: 0, y: 0, width: 8000, height: 6000 }, { width: 64 }]);
    assert.ok(size.width * size.height <= MEGAPIXELS_16 && size.width * size.height > MEGAPIXELS_16 * 0.99);
    assert.ok(Math.abs(size.width / size.height - 8 / 6) < 0.001);
  });

  it("no side is longer than a canvas may be", () => {
    assert.deepEqual(extract({ width: 40_000, height: 100 }, {}).size, { width: 16_384, height: 40 });
    assert.deepEqual(extract({ width: 1, height: 49_000_000 }, {}).size, { width: 1, height: 16_384 });
  });

  it("of a larger one the crop alone is taken, where it lay before it was turned and mirrored", () => {
    const picture = { width: 8000, height: 6000 };
    // A mark that is found again after turning: the pixel at (100, 200) of the picture.
    const seen: [Recipe, number, number][] = [
      [{}, 100, 200],
      [{ rotate: 90 }, 5799, 100],
      [{ rotate: 180 }, 7899, 5799],
      [{ rotate: 270 }, 200, 7899],
      [{ flip: true }, 7899, 200],
      [{ rotate: 90, flip: true }, 200, 100],
      [{ rotate: 180, flip: true }, 100, 5799],
      [{ rotate: 270, flip: true }, 5799, 7899],
    ];
    for (const [turn, x, y] of seen) {
      const one = extract(picture, { ...turn, crop: { x, y, width: 1, height: 1 } });
      assert.deepEqual(one, { part: { x: 100, y: 200, width: 1, height: 1 }, size: { width: 1, height: 1 }, recipe: turn });
    }
    const turned = extract(picture, { rotate: 90, crop: { x: 0, y: 10, width: 300, height: 400 } });
    assert.deepEqual(turned.part, { x: 10, y: 5700, width: 400, height: 300 });
    assert.deepEqual(extract(picture, { crop: { x: 0, y: 0, width: 8000, height: 5000 } }).size, { width: 5181, height: 3238 });
  });

  it("a crop of a straightened picture goes with the picture", () => {
    const { part, size, recipe } = extract({ width: 8000, height: 4000 }, { straighten: 100, crop: { x: 4000, y: 2000, width: 4000, height: 2000 } });
    assert.deepEqual(part, { x: 0, y: 0, width: 8000, height: 4000 });
    const crop = recipe.crop ?? assert.fail();
    assert.ok(Math.abs(crop.x - size.width / 2) <= 1 && crop.x + crop.width === size.width && crop.y + crop.height === size.height);
  });

  it("nothing is taken where the crop is no part of it, or it is too large", () => {
    const picture = { width: 8000, height: 6000 };
    const refused = (size: typeof picture, recipe: Recipe, code: string): void =>
      assert.throws(() => extract(size, recipe), (error) => error instanceof RoundelError && error.code === code);
    refused(picture, { crop: { x: 7000, y: 0, width: 1001, height: 10 } }, "bad_recipe");
    refused(picture, { rotate: 90, crop: { x: 0, y: 0, width: 6001, height: 10 } }, "bad_recipe");
    refused(picture, { crop: { x: 0, y: 0, width: 0, height: 10 } }, "bad_recipe");
    refused(picture, { crop: { x: 0.5, y: 0, width: 9, height: 10 } }, "bad_recipe");
    refused({ width: 8000, height: 7000 }, {}, "too_many_pixels");
  });

  it("the caller's limits count instead of the default ones", () => {
    const refused = (size: { width: number; height: number }, recipe: Recipe, limits: Limits, code: string): void =>
      assert.throws(() => extract(size, recipe, limits), (error) => error instanceof RoundelError && error.code === code && /allowed; make it smaller/.test(error.message));
    refused({ width: 101, height: 100 }, {}, { maxPixels: 10_000 }, "too_many_pixels");
    assert.deepEqual(extract({ width: 100, height: 100 }, {}, { maxPixels: 10_000 }).size, { width: 100, height: 100 });
    const { width, height } = extract({ width: 8000, height: 7000 }, {}, { maxPixels: 56_000_000 }).size;
    assert.ok(width * height <= MEGAPIXELS_16 && width * height > MEGAPIXELS_16 * 0.99, "the canvas has its own bound");
  });

  it("a memory budget makes the copy smaller, down to the pixels of the output", () => {
    const picture = { width: 4000, height: 3000 };
    const copied = (recipe: Recipe, memoryBudgetBytes: number): { width: number; height: number } => extract(picture, recipe, { memoryBudgetBytes }).size;
    assert.deepEqual(copied({}, 48_000_000), picture);
    assert.deepEqual(copied({}, 12_000_000), { width: 2000, height: 1500 });
    assert.deepEqual(extract(picture, { crop: { x: 0, y: 0, width: 1000, height: 1000 } }, { memoryBudgetBytes: 4_000_000 }).size, { width: 1000, height: 1000 });
    const short = (recipe: Recipe, memoryBudgetBytes: number): void =>
      assert.throws(() => copied(recipe, memoryBudgetBytes), (error) => error instanceof RoundelError && error.code === "out_of_memory_budget");
    short({}, 256 * 256 * 4 - 1);
    short({ width: 2048, height: 2048 }, 12_000_000);
    short({ width: 1, height: 1 }, 3);
    assert.equal(copied({ width: 1, height: 1 }, 4).width, 1);
    // A picture that is smaller than the output is enlarged, whatever the budget.
    assert.deepEqual(extract({ width: 10, height: 10 }, {}, { memoryBudgetBytes: 400 }).size, { width: 10, height: 10 });
    assert.throws(() => extract({ width: 10, height: 10 }, {}, { memoryBudgetBytes: 399 }), RoundelError);
  });
});

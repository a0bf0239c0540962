/** What of a picture that the browser decoded goes through a canvas to the module, and at which size: pure arithmetic. */
import { RoundelError } from "./error.ts";
import type { Crop, Limits, Recipe } from "./types.ts";

/** As in Roundel's own limits, in pixels. */
const DEFAULT_MAX_PIXELS = 50_000_000;

/** As in Roundel's own recipe, in pixels a side. */
const DEFAULT_OUTPUT_SIDE = 256;

/** Of a decoded pixel. */
const BYTES_A_PIXEL = 4;

/** What a canvas may have in every browser, in pixels. It bounds the memory too: each pixel takes four bytes in the canvas, in its copy and in the module. */
const MAX_CANVAS_PIXELS = 16_777_216;
const MAX_CANVAS_SIDE = 16_384;

export type Size = { width: number; height: number };

/** A part of the decoded picture, the size that it is drawn at, and what the recipe still has to do with it. */
export type Extract = { part: Crop; size: Size; recipe: Recipe };

/**
 * Refuses a picture of more pixels than the limits allow.
 *
 * @throws {RoundelError}
 */
export function checkPixels({ width, height }: Size, { maxPixels = DEFAULT_MAX_PIXELS }: Limits = {}): void {
  if (width * height <= maxPixels) return;
  throw new RoundelError("too_many_pixels", `the picture is ${width} x ${height} pixels, more than the ${maxPixels} allowed; make it smaller first`);
}

/**
 * What to take of the decoded picture. All of it where a canvas has room for it: only the recipe's own resampling resamples then. Otherwise the crop,
 * smaller where it is too large as well; of the largest canvas two pixels a side are left for each of an output of 2048 x 2048.
 * A memory budget makes the canvas smaller still, but not so small that the picture would have fewer pixels than the output.
 *
 * @throws {RoundelError}
 */
export function extract(picture: Size, recipe: Recipe, limits: Limits = {}): Extract {
  checkPixels(picture, limits);
  const extracted = fitted(picture, recipe, limits);
  checkBudget(extracted, recipe, limits);
  return extracted;
}

function fitted(picture: Size, recipe: Recipe, { memoryBudgetBytes = Infinity }: Limits): Extract {
  const maxPixels = Math.min(MAX_CANVAS_PIXELS, memoryBudgetBytes / BYTES_A_PIXEL);
  const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
  const { crop, ...rest } = recipe;
  const size = bounded(picture, maxPixels);
  if (crop === undefined || size.width === picture.width) return { part: whole, size, recipe };
  checkWithin(crop, turned(picture, recipe));
  // A straightened picture is turned before it is cropped.
  if (recipe.straighten) return { part: whole, size, recipe: { ...rest, crop: scaled(crop, turned(picture, recipe), turned(size, recipe)) } };
  const part = beforeTurning(crop, picture, recipe);
  return { part, size: bounded(part, maxPixels), recipe: rest };
}

/** Refuses what the budget has no room for, or only by enlarging what it made small. */
function checkBudget({ part, size }: Extract, recipe: Recipe, { memoryBudgetBytes = Infinity }: Limits): void {
  const { width = DEFAULT_OUTPUT_SIDE, height = DEFAULT_OUTPUT_SIDE } = recipe;
  const drawn = size.width * size.height;
  const needed = Math.min(part.width * part.height, MAX_CANVAS_PIXELS, width * height) * BYTES_A_PIXEL;
  const isShort = drawn * BYTES_A_PIXEL > memoryBudgetBytes || (needed > memoryBudgetBytes && drawn < width * height);
  if (!isShort) return;
  throw new RoundelError("out_of_memory_budget", `the picture needs ${needed} bytes of memory, more than the ${memoryBudgetBytes} allowed; make it smaller first`);
}

/** At most as large as a canvas may be, and as many pixels as are allowed. */
function bounded({ width, height }: Size, maxPixels: number): Size {
  const scale = Math.min(1, Math.sqrt(maxPixels / (width * height)), MAX_CANVAS_SIDE / width, MAX_CANVAS_SIDE / height);
  return { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
}

function swapsSides({ rotate }: Recipe): boolean {
  return rotate === 90 || rotate === 270;
}

function turned({ width, height }: Size, recipe: Recipe): Size {
  return swapsSides(recipe) ? { width: height, height: width } : { width, height };
}

function checkWithin({ x, y, width, height }: Crop, seen: Size): void {
  const isWithin = [x, y, width, height].every((value) => Number.isInteger(value) && value >= 0) && x + width <= seen.width && y + height <= seen.height;
  if (isWithin && width > 0 && height > 0) return;
  throw new RoundelError("bad_recipe", `recipe member \`crop\`: ${width} x ${height} at (${x}, ${y}) is no part of the picture, which is ${seen.width} x ${seen.height} after turning`);
}

/** Where a crop lies in the picture as it was before `rotate` and `flip`. */
function beforeTurning({ x, y, width, height }: Crop, picture: Size, recipe: Recipe): Crop {
  const left = recipe.flip ? turned(picture, recipe).width - x - width : x;
  switch (recipe.rotate) {
    case 90:
      return { x: y, y: picture.height - left - width, width: height, height: width };
    case 180:
      return { x: picture.width - left - width, y: picture.height - y - height, width, height };
    case 270:
      return { x: picture.width - y - height, y: left, width: height, height: width };
    default:
      return { x: left, y, width, height };
  }
}

/** The crop in a smaller copy of the picture, to whole pixels. */
function scaled(crop: Crop, from: Size, to: Size): Crop {
  const along = (start: number, length: number, before: number, after: number): [number, number] => {
    const first = Math.min(Math.round((start * after) / before), after - 1);
    return [first, Math.max(1, Math.round(((start + length) * after) / before) - first)];
  };
  const [x, width] = along(crop.x, crop.width, from.width, to.width);
  const [y, height] = along(crop.y, crop.height, from.height, to.height);
  return { x, y, width, height };
}

/**
 * The browser's own decoder, for photos that Roundel cannot read itself: AVIF in every browser of today, HEIC in Safari, and what else a browser knows.
 * Runs in a Web Worker. What comes out is not the same to the bit in every browser.
 */
import { readsCanvases } from "./canvas.ts";
import { outOfMemory, RoundelError } from "./error.ts";
import { checkPixels, extract, type Size } from "./extract.ts";
import { inspect, renderPixels } from "./pictures.ts";
import type { Crop, ImageInfo, Limits, Recipe, Rendered } from "./types.ts";
import { decodeUpright } from "./upright.ts";

const PROTECTED =
  "this browser gives pages noise for the photo's pixels (protection against fingerprinting); save it as JPEG, or let this page read canvases";

/**
 * Makes the picture with the browser as decoder. Of the limits, `maxPixels` holds for the photo, and `memoryBudgetBytes` for the copy of its pixels that
 * is taken out of the browser; what the browser's decoder takes for itself nobody can tell.
 *
 * @returns nothing where the browser cannot decode the photo either.
 * @throws {RoundelError} also where the browser would give noise instead of the photo's pixels.
 */
export async function renderByBrowser(bytes: Uint8Array, recipe: Recipe = {}, limits: Limits = {}): Promise<Rendered | undefined> {
  if (typeof createImageBitmap !== "function" || typeof OffscreenCanvas !== "function") return undefined;
  // The browser would decode all of it before anybody could ask for its size.
  const stated = whatItStates(bytes);
  if (stated) checkPixels(stated, limits);
  const bitmap = await decodeUpright(new Blob([bytes.slice()]), stated).catch(() => undefined);
  if (bitmap === undefined) return undefined;
  try {
    if (!readsCanvases()) throw new RoundelError("unsupported_format", PROTECTED);
    const { part, size, recipe: rest } = extract(bitmap, recipe, limits);
    const pixels = draw(bitmap, part, size);
    return pixels && renderPixels(pixels, rest);
  } finally {
    bitmap.close();
  }
}

/** Nothing for a format of which Roundel does not even know the header. */
function whatItStates(bytes: Uint8Array): ImageInfo | undefined {
  try {
    return inspect(bytes);
  } catch (error) {
    if (error instanceof RoundelError) return undefined;
    throw error;
  }
}

function draw(bitmap: ImageBitmap, part: Crop, size: Size): ImageData | undefined {
  try {
    const context = new OffscreenCanvas(size.width, size.height).getContext("2d", { willReadFrequently: true });
    if (context === null) return undefined;
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, part.x, part.y, part.width, part.height, 0, 0, size.width, size.height);
    return context.getImageData(0, 0, size.width, size.height);
  } catch (error) {
    throw error instanceof RangeError ? outOfMemory(error) : error;
  }
}

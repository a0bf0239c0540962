/**
 * The browser's own decoder, for photos that Roundel cannot read itself: AVIF in every browser of today, HEIC in Safari, and what else a browser knows.
 * Runs in a Web Worker. What comes out is not the same to the bit in every browser.
 */
import { outOfMemory } from "./error.ts";
import { extract, type Size } from "./extract.ts";
import { renderPixels } from "./index.ts";
import type { Crop, Recipe, Rendered } from "./types.ts";

/**
 * Makes the picture with the browser as decoder.
 *
 * @returns nothing where the browser cannot decode the photo either.
 * @throws {RoundelError}
 */
export async function renderByBrowser(photo: Blob, recipe: Recipe = {}): Promise<Rendered | undefined> {
  if (typeof createImageBitmap !== "function" || typeof OffscreenCanvas !== "function") return undefined;
  const bitmap = await createImageBitmap(photo, { imageOrientation: "from-image" }).catch(() => undefined);
  if (bitmap === undefined) return undefined;
  try {
    const { part, size, recipe: rest } = extract(bitmap, recipe);
    const pixels = draw(bitmap, part, size);
    return pixels && renderPixels(pixels, rest);
  } finally {
    bitmap.close();
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

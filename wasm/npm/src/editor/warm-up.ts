/**
 * Makes the module ready for the first photo. Browsers compile each function when it is called for the first time, quickly and badly, and well after it ran for a
 * while: without this, a person who has a photo of 12 megapixels waits for that. So some small photos are opened that nobody sees, while the person looks for theirs.
 */
import type { Studio } from "../studio.ts";
import { startBrowserPreview } from "./browser-preview.ts";

/** Of the photo that nobody sees, in pixels: a multiple of 4, as rows of a BMP are. */
const SIDE = 256;

/** As a photo of 12 megapixels is made small for its first preview, so is this one. */
const PREVIEW_SIDE = 23;

/** More of them gain nothing that could be measured. */
const ROUNDS = 3;

/** Ends when a photo is offered: `isWanted` says whether none was. */
export async function warmUp(studio: Studio, isWanted: () => boolean): Promise<void> {
  startBrowserPreview();
  try {
    const { bytes } = await studio.render(noise(), { width: SIDE, height: SIDE, quality: 90 });
    for (let round = 0; round < ROUNDS && isWanted(); round++) await studio.render(bytes, { width: PREVIEW_SIDE, height: PREVIEW_SIDE, quality: 92, effort: "fast" });
  } catch {
    // What is wrong is told when there is a photo.
  }
}

/** A BMP of 24 bits a pixel (BITMAPFILEHEADER and BITMAPINFOHEADER) whose every number is another one. */
function noise(): Uint8Array {
  const [header, size] = [54, SIDE * SIDE * 3];
  const bytes = new Uint8Array(header + size);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, header, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, SIDE, true);
  view.setInt32(22, SIDE, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  // A linear congruential generator with the constants of Numerical Recipes.
  for (let at = header, state = 1; at < bytes.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 25;
  }
  return bytes;
}

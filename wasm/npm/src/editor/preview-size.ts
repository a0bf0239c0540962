/** How large the pictures are that are moved about on the stage. */
import type { Size } from "./geometry/framing.ts";

/** 6 million pixels are 24 MB, and still sharper than a phone's screen when zoomed in. */
const MAX_PREVIEW_PIXELS = 6_000_000;

/** Longer textures are cut down by some graphics chips. */
const MAX_PREVIEW_SIDE = 4096;

/** Of the first picture, which is there until the sharp one is. Of a JPEG of 12 megapixels Roundel decodes no more than the mean of each block for it. */
const MAX_QUICK_SIDE = 360;

/** The size of the preview of a photo of this size, in whole pixels. */
export function previewSize({ width, height }: Size): Size {
  return scaled({ width, height }, Math.min(1, Math.sqrt(MAX_PREVIEW_PIXELS / (width * height)), MAX_PREVIEW_SIDE / Math.max(width, height)));
}

/** The size of the first picture that is shown of it. */
export function quickSize({ width, height }: Size): Size {
  return scaled({ width, height }, Math.min(1, MAX_QUICK_SIDE / Math.max(width, height)));
}

function scaled({ width, height }: Size, by: number): Size {
  return { width: Math.max(1, Math.round(width * by)), height: Math.max(1, Math.round(height * by)) };
}

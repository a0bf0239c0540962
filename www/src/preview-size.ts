/** How large the picture is that is moved about on the stage: small enough to pan smoothly on a phone. */
import type { Size } from "./crop.ts";

/** 6 million pixels are 24 MB, and still sharper than a phone's screen when zoomed in. */
const MAX_PREVIEW_PIXELS = 6_000_000;

/** Longer textures are cut down by some graphics chips. */
const MAX_PREVIEW_SIDE = 4096;

/** The size of the preview of a photo of this size, in whole pixels. */
export function previewSize({ width, height }: Size): Size {
  const shrink = Math.min(1, Math.sqrt(MAX_PREVIEW_PIXELS / (width * height)), MAX_PREVIEW_SIDE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * shrink)), height: Math.max(1, Math.round(height * shrink)) };
}

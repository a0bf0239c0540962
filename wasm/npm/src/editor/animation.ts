/** Plays an animated picture on canvases, by the browser's own decoder: an image element would need an address for it. */
import type { Rendered } from "../types.ts";
import { draw } from "./previews.ts";

/** A frame that says it takes no time is shown for so long, in milliseconds, as browsers do. */
const LEAST_FRAME_MS = 20;

/** Plays until `signal` ends it. Where the browser has no such decoder, or the person wants no motion, the still stays. */
export async function play({ bytes, contentType, frames }: Rendered, canvases: readonly HTMLCanvasElement[], signal: AbortSignal): Promise<void> {
  if (frames < 2 || typeof ImageDecoder !== "function" || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  try {
    while (!signal.aborted) await playOnce(new ImageDecoder({ data: bytes, type: contentType }), frames, canvases, signal);
  } catch {
    // The still is there.
  }
}

/** One round, which takes the decoder over: Firefox's gives a frame that was closed once, closed. */
async function playOnce(decoder: ImageDecoder, frames: number, canvases: readonly HTMLCanvasElement[], signal: AbortSignal): Promise<void> {
  try {
    for (let frameIndex = 0; frameIndex < frames && !signal.aborted; frameIndex++) {
      const { image } = await decoder.decode({ frameIndex });
      if (!signal.aborted) for (const canvas of canvases) draw(image, canvas);
      const durationMs = (image.duration ?? 0) / 1000;
      image.close();
      await new Promise((resolve) => setTimeout(resolve, Math.max(LEAST_FRAME_MS, durationMs)));
    }
  } finally {
    decoder.close();
  }
}

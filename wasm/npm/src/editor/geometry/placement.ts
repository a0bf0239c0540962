/** Where a photo is drawn, so that the mask shows what is rendered. */
import { cropRectangle } from "./crop.ts";
import { frameSize, maskSize, type Framing, type Point } from "./framing.ts";

/** How the photo, turned about its own middle, is drawn relative to the mask. */
export type Placement = {
  /** Mask widths a photo pixel. */
  readonly scale: number;
  /** From the middle of the mask to the middle of the photo, in mask widths. */
  readonly offset: Point;
};

/**
 * `exact` follows a finger without steps; otherwise the place is that of {@link cropRectangle}, so that the mask
 * shows the very pixels that are rendered.
 */
export function placement(framing: Framing, { exact = false } = {}): Placement {
  const frame = frameSize(framing);
  const whole = cropRectangle(framing);
  const width = exact ? maskSize(framing).width : whole.width;
  const centre = exact ? framing.centre : { x: whole.x + whole.width / 2, y: whole.y + whole.height / 2 };
  return { scale: 1 / width, offset: { x: (frame.width / 2 - centre.x) / width, y: (frame.height / 2 - centre.y) / width } };
}

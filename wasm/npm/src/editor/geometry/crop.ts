/** From a framing to whole pixels: the crop that is rendered. */
import type { Crop } from "../../types.ts";
import { isCovered } from "./cover.ts";
import { clamp, frameSize, maskSize, maskUnit, type Framing, type Size } from "./framing.ts";

/** How far from the wanted place a place in whole pixels is looked for, in pixels, before the crop becomes smaller. */
const SEARCH_PX = 2;

/**
 * The whole pixels under the mask, in the frame: of exactly the mask's shape where the photo has enough pixels for that, always within the frame, and
 * covered by the photo where it is straightened.
 */
export function cropRectangle(framing: Framing): Crop {
  const frame = frameSize(framing);
  const { aspect } = framing;
  const most = Math.floor(Math.min(frame.width / aspect.width, frame.height / aspect.height));
  if (most < 1) return nearest(smallest(framing, frame), framing, frame);
  // Rounding may have made the crop too large by a part of a pixel: then the next smaller one has room.
  for (let unit = clamp(Math.round(maskUnit(framing)), 1, most); unit >= 1; unit--) {
    const found = place({ width: aspect.width * unit, height: aspect.height * unit }, framing, frame);
    if (found) return found;
  }
  return nearest(aspect, framing, frame);
}

/** Of a photo with too few pixels for the mask's shape. */
function smallest(framing: Framing, frame: Size): Size {
  const { width, height } = maskSize(framing);
  return { width: clamp(Math.round(width), 1, frame.width), height: clamp(Math.round(height), 1, frame.height) };
}

/** As near to the middle of the mask as whole pixels allow, within the frame. */
function nearest({ width, height }: Size, { centre }: Framing, frame: Size): Crop {
  return {
    x: clamp(Math.round(centre.x - width / 2), 0, frame.width - width),
    y: clamp(Math.round(centre.y - height / 2), 0, frame.height - height),
    width,
    height,
  };
}

function place(size: Size, framing: Framing, frame: Size): Crop | undefined {
  const start = nearest(size, framing, frame);
  if (framing.straighten === 0) return start;
  let found: Crop | undefined;
  let least = Infinity;
  for (let y = start.y - SEARCH_PX; y <= start.y + SEARCH_PX; y++) {
    for (let x = start.x - SEARCH_PX; x <= start.x + SEARCH_PX; x++) {
      const centre = { x: x + size.width / 2, y: y + size.height / 2 };
      const distance = Math.hypot(centre.x - framing.centre.x, centre.y - framing.centre.y);
      if (distance >= least || !isCovered(centre, size, frame, framing.straighten)) continue;
      [found, least] = [{ ...size, x, y }, distance];
    }
  }
  return found;
}

/**
 * The geometry of framing a face: which square of a photo lies under the round mask.
 *
 * Everything here is arithmetic on plain values; it knows no screen, no DOM and no clock.
 * Lengths are pixels of the photo, or fractions of the mask's diameter where a caller speaks of what it sees,
 * so nothing depends on how large the mask is drawn.
 *
 * The order of the steps is that of the package's recipe: the photo as a person sees it, then `rotate`, then the crop.
 */

/** Width and height in pixels. */
export type Size = { readonly width: number; readonly height: number };

/** A place or a movement; x grows to the right, y downwards. */
export type Point = { readonly x: number; readonly y: number };

/** Degrees clockwise. */
export type QuarterTurn = 0 | 90 | 180 | 270;

/** A square of whole pixels in the turned photo, as `recipe.crop` wants it. */
export type CropRectangle = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** How a photo lies under the mask. Build one with {@link startFraming}; the functions below return changed copies. */
export type Framing = {
  /** The photo as a person sees it, before `rotate`. */
  readonly photo: Size;
  readonly rotate: QuarterTurn;
  /** 1 shows the largest square that fits into the photo; 2 shows half of its side. */
  readonly zoom: number;
  /** The middle of the mask, in pixels of the turned photo. */
  readonly centre: Point;
};

/** How the turned photo is drawn relative to the mask. */
export type Placement = {
  /** Mask diameters a photo pixel. */
  readonly scale: number;
  /** From the middle of the mask to the middle of the photo, in mask diameters. */
  readonly offset: Point;
};

/** Zooming in stops when the mask shows this many pixels of the photo: fewer make no picture worth having. */
const MIN_CROP_SIDE_PX = 64;

/** Zooming in stops here however large the photo is. */
const MAX_ZOOM = 8;

/** The largest square in the middle of the photo, not turned. */
export function startFraming(photo: Size): Framing {
  return { photo, rotate: 0, zoom: 1, centre: { x: photo.width / 2, y: photo.height / 2 } };
}

/** The photo's size after `rotate`. */
export function turnedSize({ photo, rotate }: Framing): Size {
  return rotate === 90 || rotate === 270 ? { width: photo.height, height: photo.width } : photo;
}

/** The greatest zoom for a photo, 1..8: the mask never shows less than 64 pixels a side, unless the photo has less. */
export function maxZoom(photo: Size): number {
  return clamp(Math.min(photo.width, photo.height) / MIN_CROP_SIDE_PX, 1, MAX_ZOOM);
}

/** The side of the square under the mask in photo pixels, not yet rounded. */
export function cropSide({ photo, zoom }: Framing): number {
  return Math.min(photo.width, photo.height) / zoom;
}

/** Moves the photo by a part of the mask's diameter; it stops where its edge would enter the mask. */
export function panned(framing: Framing, by: Point): Framing {
  const side = cropSide(framing);
  return covered({ ...framing, centre: { x: framing.centre.x - by.x * side, y: framing.centre.y - by.y * side } });
}

/**
 * Sets the zoom, clamped to 1..{@link maxZoom}, and keeps the photo still at one point.
 *
 * `anchor` is that point, from the middle of the mask in mask diameters: {0, 0} is the middle, {-0.5, 0} the left edge.
 */
export function zoomedTo(framing: Framing, zoom: number, anchor: Point = { x: 0, y: 0 }): Framing {
  const next = { ...framing, zoom: clamp(zoom, 1, maxZoom(framing.photo)) };
  const shrunk = cropSide(framing) - cropSide(next);
  return covered({
    ...next,
    centre: { x: framing.centre.x + anchor.x * shrunk, y: framing.centre.y + anchor.y * shrunk },
  });
}

/** Turns by 90 degrees; what is in the middle of the mask stays there. */
export function turned(framing: Framing, direction: "clockwise" | "counterclockwise"): Framing {
  const { width, height } = turnedSize(framing);
  const { x, y } = framing.centre;
  return direction === "clockwise"
    ? { ...framing, rotate: quarterTurn(framing.rotate + 90), centre: { x: height - y, y: x } }
    : { ...framing, rotate: quarterTurn(framing.rotate + 270), centre: { x: y, y: width - x } };
}

/** The whole pixels under the mask: always a square, always inside the turned photo. */
export function cropRectangle(framing: Framing): CropRectangle {
  const { width, height } = turnedSize(framing);
  const side = clamp(Math.round(cropSide(framing)), 1, Math.min(width, height));
  return {
    x: clamp(Math.round(framing.centre.x - side / 2), 0, width - side),
    y: clamp(Math.round(framing.centre.y - side / 2), 0, height - side),
    width: side,
    height: side,
  };
}

/**
 * Where to draw the photo.
 *
 * `exact` follows a finger without steps; otherwise the place is that of {@link cropRectangle}, so that the mask
 * shows the very pixels that are rendered.
 */
export function placement(framing: Framing, exact = false): Placement {
  const photo = turnedSize(framing);
  const whole = cropRectangle(framing);
  const side = exact ? cropSide(framing) : whole.width;
  const centre = exact ? framing.centre : { x: whole.x + side / 2, y: whole.y + side / 2 };
  return {
    scale: 1 / side,
    offset: { x: (photo.width / 2 - centre.x) / side, y: (photo.height / 2 - centre.y) / side },
  };
}

function covered(framing: Framing): Framing {
  const { width, height } = turnedSize(framing);
  const half = cropSide(framing) / 2;
  return {
    ...framing,
    centre: { x: clamp(framing.centre.x, half, width - half), y: clamp(framing.centre.y, half, height - half) },
  };
}

function quarterTurn(degrees: number): QuarterTurn {
  return (degrees % 360) as QuarterTurn;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

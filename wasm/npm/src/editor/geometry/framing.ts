/**
 * The geometry of framing a picture: which part of a photo lies under the mask.
 *
 * Everything here is arithmetic on plain values; it knows no screen, no DOM and no clock.
 * Lengths are pixels of the photo, or fractions of the mask's width where a caller speaks of what it sees,
 * so nothing depends on how large the mask is drawn.
 *
 * The order of the steps is that of the recipe: the photo as a person sees it, `rotate`, `flip`, `straighten`, the crop. The crop's numbers are
 * those of the photo before `straighten` (docs/straighten.md): here that is called the frame.
 */
import { nearestCovered, radians } from "./cover.ts";

/** Width and height in pixels, or as the parts of a ratio. */
export type Size = { readonly width: number; readonly height: number };

/** A place or a movement; x grows to the right, y downwards. */
export type Point = { readonly x: number; readonly y: number };

/** Degrees clockwise. */
export type QuarterTurn = 0 | 90 | 180 | 270;

/** How a photo lies under the mask. Build one with {@link startFraming}; the functions below return changed copies. */
export type Framing = {
  /** The photo as a person sees it, before `rotate`. */
  readonly photo: Size;
  /** The mask's shape in small whole numbers: 1 x 1, 3 x 1. */
  readonly aspect: Size;
  readonly rotate: QuarterTurn;
  /** Mirrored left to right, after `rotate`. */
  readonly flip: boolean;
  /** Hundredths of a degree clockwise, -4500..4500, after `flip`. */
  readonly straighten: number;
  /** 1 shows the most of the photo that the mask can when it is not straightened; 2 shows half of that. A straightened photo needs more, see {@link leastZoom}. */
  readonly zoom: number;
  /** The middle of the mask, in pixels of the frame. */
  readonly centre: Point;
};

/** Zooming in stops when the mask shows this many pixels of the photo on its short side: fewer make no picture worth having. */
const MIN_SHORT_SIDE_PX = 64;

/** Zooming in stops here however large the photo is. */
const MAX_ZOOM = 8;

/** In hundredths of a degree, as the recipe has it. */
const MAX_STRAIGHTEN = 4500;

/** A photo that could show fewer pixels than this on the mask's short side at the largest angle is not straightened at all. */
const MIN_STRAIGHTENED_PX = 16;

/** The largest part in the middle of the photo, not turned. */
export function startFraming(photo: Size, aspect: Size = { width: 1, height: 1 }): Framing {
  return { photo, aspect, rotate: 0, flip: false, straighten: 0, zoom: 1, centre: { x: photo.width / 2, y: photo.height / 2 } };
}

/** The photo's size after `rotate`. */
export function frameSize({ photo, rotate }: Pick<Framing, "photo" | "rotate">): Size {
  return rotate === 90 || rotate === 270 ? { width: photo.height, height: photo.width } : photo;
}

/** The least zoom at which the mask can be covered: 1, or more for a straightened photo. */
export function leastZoom(framing: Framing): number {
  return largestUnit(framing, 0) / largestUnit(framing, framing.straighten);
}

/** The greatest zoom, 1..8: the mask never shows less than 64 pixels on its short side, unless the photo has less. */
export function mostZoom(framing: Framing): number {
  const { width, height } = framing.aspect;
  const most = clamp((largestUnit(framing, 0) * Math.min(width, height)) / MIN_SHORT_SIDE_PX, 1, MAX_ZOOM);
  return Math.max(most, leastZoom(framing));
}

/** The zoom that is shown: what was asked for, within what is possible. */
export function shownZoom(framing: Framing): number {
  return Math.max(framing.zoom, leastZoom(framing));
}

/** How far a photo can be straightened either way, in hundredths of a degree: 0 for one that is too small for it. */
export function mostStraighten(framing: Framing): number {
  const { photo, aspect } = framing;
  // In both ways that the photo can lie: a turn must not make an angle impossible.
  const least = Math.min(...([0, 90] as const).map((rotate) => largestUnit({ photo, rotate, aspect }, MAX_STRAIGHTEN)));
  return least * Math.min(aspect.width, aspect.height) < MIN_STRAIGHTENED_PX ? 0 : MAX_STRAIGHTEN;
}

/** What lies under the mask, in photo pixels, not yet rounded: so many times the aspect. */
export function maskUnit(framing: Framing): number {
  return largestUnit(framing, 0) / shownZoom(framing);
}

/** Width and height of what lies under the mask, in photo pixels, not yet rounded. */
export function maskSize(framing: Framing): Size {
  const unit = maskUnit(framing);
  return { width: framing.aspect.width * unit, height: framing.aspect.height * unit };
}

/** Moves the photo by a part of the mask's width; it stops where its edge would enter the mask. */
export function panned(framing: Framing, by: Point): Framing {
  const { width } = maskSize(framing);
  return covered({ ...framing, centre: { x: framing.centre.x - by.x * width, y: framing.centre.y - by.y * width } });
}

/**
 * Sets the zoom, clamped to {@link leastZoom}..{@link mostZoom}, and keeps the photo still at one point.
 *
 * `anchor` is that point, from the middle of the mask in mask widths: {0, 0} is the middle, {-0.5, 0} the left edge.
 */
export function zoomedTo(framing: Framing, zoom: number, anchor: Point = { x: 0, y: 0 }): Framing {
  const next = { ...framing, zoom: clamp(zoom, leastZoom(framing), mostZoom(framing)) };
  const shrunk = maskSize(framing).width - maskSize(next).width;
  return covered({ ...next, centre: { x: framing.centre.x + anchor.x * shrunk, y: framing.centre.y + anchor.y * shrunk } });
}

/** Turns what is seen by 90 degrees; what is in the middle of the mask stays there. */
export function turned(framing: Framing, direction: "clockwise" | "counterclockwise"): Framing {
  const { width, height } = frameSize(framing);
  const { x, y } = framing.centre;
  const isClockwise = direction === "clockwise";
  // `flip` comes after `rotate`: a turn of the mirrored picture is one of the photo in the other direction.
  const rotate = quarterTurn(framing.rotate + (isClockwise === framing.flip ? 270 : 90));
  const centre = isClockwise ? { x: height - y, y: x } : { x: y, y: width - x };
  return covered({ ...framing, rotate, centre });
}

/** Mirrors what is seen, left to right; a straightened photo leans to the other side then. */
export function flipped(framing: Framing): Framing {
  const { width } = frameSize(framing);
  return { ...framing, flip: !framing.flip, straighten: -framing.straighten || 0, centre: { x: width - framing.centre.x, y: framing.centre.y } };
}

/** Sets the angle, in hundredths of a degree, clamped to what is possible. The photo turns about what is in the middle of the mask. */
export function straightened(framing: Framing, hundredths: number): Framing {
  const most = mostStraighten(framing);
  const straighten = clamp(Math.round(hundredths), -most, most);
  const { width, height } = frameSize(framing);
  // The recipe turns about the middle of the photo: the mask goes where its middle has gone.
  const by = radians(straighten - framing.straighten);
  const from = { x: framing.centre.x - width / 2, y: framing.centre.y - height / 2 };
  const centre = {
    x: width / 2 + from.x * Math.cos(by) - from.y * Math.sin(by),
    y: height / 2 + from.x * Math.sin(by) + from.y * Math.cos(by),
  };
  return covered({ ...framing, straighten, centre });
}

/** How many times the aspect fits into the photo, in its middle and straightened by that angle; not a whole number. */
function largestUnit(framing: Pick<Framing, "photo" | "rotate" | "aspect">, straighten: number): number {
  const frame = frameSize(framing);
  const { width, height } = framing.aspect;
  const angle = Math.abs(radians(straighten));
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return Math.min(
    frame.width / width,
    frame.height / height,
    frame.width / (width * cos + height * sin),
    frame.height / (width * sin + height * cos),
  );
}

function covered(framing: Framing): Framing {
  return { ...framing, centre: nearestCovered(framing.centre, maskSize(framing), frameSize(framing), framing.straighten) };
}

function quarterTurn(degrees: number): QuarterTurn {
  return (degrees % 360) as QuarterTurn;
}

export function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

/**
 * Whether a mask is covered by a photo that is turned about its middle, and the nearest place where it is.
 *
 * A mask of half sizes (a, b) in a photo turned by an angle reaches a cos + b |sin| along the photo's width and a |sin| + b cos along its height.
 * So its middle may be wherever the photo, made smaller by that much on each side, still is; and within the frame, made smaller by the mask.
 */
import type { Point, Size } from "./framing.ts";

/** Of hundredths of a degree. */
export function radians(hundredths: number): number {
  return (hundredths * Math.PI) / 18_000;
}

/** What a rounding of floating point may be, in pixels. */
const TOLERANCE_PX = 1e-6;

/** Where the middle of a mask may be, seen from the middle of the frame: half of two rectangles, of which one is turned. Negative where the mask is too large. */
type Room = { readonly upright: Point; readonly turned: Point; readonly cos: number; readonly sin: number };

/** Whether a mask with its middle at `centre` lies wholly within the turned photo, and within the frame. */
export function isCovered(centre: Point, mask: Size, frame: Size, straighten: number): boolean {
  return isWithin({ x: centre.x - frame.width / 2, y: centre.y - frame.height / 2 }, room(mask, frame, straighten));
}

/** The place nearest to `centre` where the mask is covered; the middle of the frame where it is nowhere. */
export function nearestCovered(centre: Point, mask: Size, frame: Size, straighten: number): Point {
  const middle = { x: frame.width / 2, y: frame.height / 2 };
  const { upright, turned, ...angle } = room(mask, frame, straighten);
  const limits = { upright: notNegative(upright), turned: notNegative(turned), ...angle };
  const wanted = { x: centre.x - middle.x, y: centre.y - middle.y };
  const found = straighten === 0 ? clamped(wanted, limits.upright) : isWithin(wanted, limits) ? wanted : nearestOn(outline(limits), wanted);
  return { x: middle.x + found.x, y: middle.y + found.y };
}

function room(mask: Size, frame: Size, straighten: number): Room {
  const [cos, sin] = [Math.cos(radians(straighten)), Math.sin(radians(straighten))];
  const across = mask.width * cos + mask.height * Math.abs(sin);
  const down = mask.width * Math.abs(sin) + mask.height * cos;
  const half = (whole: number, part: number): number => (whole - part) / 2;
  return {
    upright: { x: half(frame.width, mask.width), y: half(frame.height, mask.height) },
    turned: { x: half(frame.width, across), y: half(frame.height, down) },
    cos,
    sin,
  };
}

function isWithin({ x, y }: Point, { upright, turned, cos, sin }: Room): boolean {
  const within = (value: number, limit: number): boolean => Math.abs(value) <= limit + TOLERANCE_PX;
  return within(x, upright.x) && within(y, upright.y) && within(x * cos + y * sin, turned.x) && within(y * cos - x * sin, turned.y);
}

/** The corners of what both rectangles have in common: the turned one, cut along each side of the upright one (Sutherland and Hodgman, 1974). */
function outline({ upright, turned, cos, sin }: Room): Point[] {
  const corners = [
    [-turned.x, -turned.y],
    [turned.x, -turned.y],
    [turned.x, turned.y],
    [-turned.x, turned.y],
  ].map(([u = 0, v = 0]) => ({ x: u * cos - v * sin, y: u * sin + v * cos }));
  const sides: ((point: Point) => number)[] = [(p) => upright.x - p.x, (p) => upright.x + p.x, (p) => upright.y - p.y, (p) => upright.y + p.y];
  return sides.reduce<Point[]>((polygon, inside) => cut(polygon, inside), corners);
}

/** The part of a convex polygon where `inside` is not negative. */
function cut(polygon: Point[], inside: (point: Point) => number): Point[] {
  return polygon.flatMap((from, index) => {
    const to = polygon[(index + 1) % polygon.length] ?? from;
    const [start, end] = [inside(from), inside(to)];
    const kept = start >= 0 ? [from] : [];
    if (start >= 0 === end >= 0) return kept;
    const part = start / (start - end);
    return [...kept, { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }];
  });
}

function nearestOn(polygon: Point[], wanted: Point): Point {
  let nearest: Point = { x: 0, y: 0 };
  let least = Infinity;
  for (const [index, from] of polygon.entries()) {
    const candidate = nearestOnEdge(from, polygon[(index + 1) % polygon.length] ?? from, wanted);
    const distance = Math.hypot(candidate.x - wanted.x, candidate.y - wanted.y);
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  return nearest;
}

function nearestOnEdge(from: Point, to: Point, wanted: Point): Point {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const part = length === 0 ? 0 : Math.max(0, Math.min(1, ((wanted.x - from.x) * dx + (wanted.y - from.y) * dy) / length));
  return { x: from.x + dx * part, y: from.y + dy * part };
}

function notNegative({ x, y }: Point): Point {
  return { x: Math.max(0, x), y: Math.max(0, y) };
}

function clamped({ x, y }: Point, most: Point): Point {
  return { x: Math.max(-most.x, Math.min(most.x, x)), y: Math.max(-most.y, Math.min(most.y, y)) };
}

/** What is made of a framed photo: the whole recipe. */
import type { ImageInfo, Recipe } from "../types.ts";
import type { FramingRecipe } from "./framer.ts";
import type { Size } from "./geometry/framing.ts";

/** What the picture is for. */
export type Kind = "avatar" | "banner";

/** The mask's shape, in small whole numbers. */
export const ASPECTS: Readonly<Record<Kind, Size>> = { avatar: { width: 1, height: 1 }, banner: { width: 3, height: 1 } };

/** The width that the worker keeps of each kind, in pixels; a larger upload would be wasted. */
export const DEFAULT_WIDTHS: Readonly<Record<Kind, number>> = { avatar: 1024, banner: 1920 };

/** An animation has as many pictures as frames: each is smaller. */
const MAX_ANIMATED_WIDTH = 512;

/** Of all frames together: a few seconds of work, here and for whoever makes sizes of it. Of 45 frames and more, each is smaller. */
const MAX_ANIMATED_PIXELS = 12_000_000;

/** As the package's own limits have it. */
export const MAX_FRAMES = 500;

/** Most pixels of all frames together, as they are decoded: also the package's own limit. */
const MAX_DECODED_PIXELS = 400_000_000;

/** Of JPEG: the worker makes its own picture of it once more. */
const QUALITY = 90;

export type Output = {
  readonly kind: Kind;
  /** Most pixels of the picture's width; it is never larger than what is cut out of the photo. */
  readonly width: number;
  readonly format: NonNullable<Recipe["format"]>;
  /** How many frames of an animation are kept; 1: of the photo, or of the animation, a still. */
  readonly frames: number;
};

/** Why an animation cannot be kept, if it cannot. */
export type Hindrance = "long" | "large" | undefined;

export function hindrance({ frames, width, height }: Pick<ImageInfo, "frames" | "width" | "height">): Hindrance {
  if (frames > MAX_FRAMES) return "long";
  return frames > 1 && frames * width * height > MAX_DECODED_PIXELS ? "large" : undefined;
}

/** Whether a file has an animation that can be kept. */
export function canAnimate(info: Pick<ImageInfo, "frames" | "width" | "height">): boolean {
  return info.frames > 1 && hindrance(info) === undefined;
}

/** JPEG cannot move: an animation that is kept becomes WebP. */
export function recipeFor(framing: FramingRecipe, { kind, width, format, frames }: Output): Recipe {
  const { crop, rotate, flip, straighten } = framing;
  const aspect = ASPECTS[kind];
  const animate = frames > 1;
  const mostMoving = Math.floor(Math.sqrt(((MAX_ANIMATED_PIXELS / frames) * aspect.width) / aspect.height));
  const most = Math.min(width, crop.width, ...(animate ? [MAX_ANIMATED_WIDTH, mostMoving] : []));
  const height = Math.max(1, Math.round((most * aspect.height) / aspect.width));
  const moving = animate ? ({ animate, format: format === "jpeg" ? "webp" : format } as const) : { format };
  return { crop, ...(rotate ? { rotate } : {}), ...(flip ? { flip } : {}), ...(straighten ? { straighten } : {}), width: most, height, ...moving, quality: QUALITY };
}

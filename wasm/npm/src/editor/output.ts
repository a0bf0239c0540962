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

/** As the package's own limits have it. */
export const MAX_FRAMES = 500;

/** Of JPEG: the worker makes its own picture of it once more. */
const QUALITY = 90;

export type Output = {
  readonly kind: Kind;
  /** Most pixels of the picture's width; it is never larger than what is cut out of the photo. */
  readonly width: number;
  readonly format: NonNullable<Recipe["format"]>;
  readonly animate: boolean;
};

/** Whether a file has an animation that can be kept. */
export function canAnimate({ frames }: ImageInfo): boolean {
  return frames > 1 && frames <= MAX_FRAMES;
}

/** JPEG cannot move: an animation that is kept becomes WebP. */
export function recipeFor(framing: FramingRecipe, { kind, width, format, animate }: Output): Recipe {
  const { crop, rotate, flip, straighten } = framing;
  const aspect = ASPECTS[kind];
  const most = Math.min(width, crop.width, animate ? MAX_ANIMATED_WIDTH : width);
  const height = Math.max(1, Math.round((most * aspect.height) / aspect.width));
  const moving = animate ? ({ animate, format: format === "jpeg" ? "webp" : format } as const) : { format };
  return { crop, ...(rotate ? { rotate } : {}), ...(flip ? { flip } : {}), ...(straighten ? { straighten } : {}), width: most, height, ...moving, quality: QUALITY };
}

/**
 * A person's pictures wherever the page has a place for one: an image with `data-picture="avatar"` or `"banner"`. They change all at once, and only when the
 * new one is there.
 */
import { thumbhashPixels } from "./thumbhash.ts";

export type Kind = "avatar" | "banner";

/** A served picture of one width, as `publish` names it. */
export type Variant = { readonly width: number; readonly format: string; readonly url: string };

/** Of a version: in all widths and formats, and whether its WebP variants move. */
export type Served = { readonly variants: readonly Variant[]; readonly animated?: boolean };

/** The served picture did not arrive, although it was saved. */
export class NotServedError extends Error {
  override readonly name = "NotServedError";
}

/** Of the default pictures that are shown here, in pixels. */
const INITIALS_WIDTHS = [32, 48, 96, 128, 256, 384];

/** What screens have of pixels for one of the page's, each way. */
const DENSITIES = [1, 2, 3];

/** What moves where it is wanted to, and is shown now. */
const moving = new Map<Kind, Served>();

let reducedMotion: MediaQueryList | undefined;

/** Whether a person wants less motion; they may change their mind while the page is open. Asked when something could move, not before. */
function wantsLessMotion(): boolean {
  if (!reducedMotion) {
    reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
    reducedMotion.addEventListener("change", () => {
      // What does not come leaves what is there.
      for (const [kind, served] of moving) void showPicture(kind, served).catch(() => undefined);
    });
  }
  return reducedMotion.matches;
}

/**
 * Shows a picture everywhere, once it has arrived: in motion, if it can move and nobody minds.
 *
 * @throws {NotServedError} where one of its variants does not arrive or is no picture.
 */
export async function showPicture(kind: Kind, served: Served): Promise<void> {
  const { variants, animated = false } = served;
  const shown = variants.filter(({ format }) => format === (animated && !wantsLessMotion() ? "webp" : "jpg"));
  const rising = (shown.length > 0 ? shown : [...variants]).sort((a, b) => a.width - b.width);
  const loading = places(kind).map((place) => ({ place, ...addresses(place, kind, rising) }));
  // Loaded beside the page first: no place shows the old picture while another has the new one.
  const arrived = loading.map(async ({ src, srcset, place }) => {
    const picture = new Image();
    if (kind === "banner") picture.sizes = place.sizes = "(min-width: 48rem) 46rem, 100vw";
    picture.srcset = srcset;
    picture.src = src;
    await picture.decode();
  });
  await Promise.all(arrived).catch((cause: unknown) => {
    throw new NotServedError("a served picture did not arrive", { cause });
  });
  if (animated) moving.set(kind, served);
  else moving.delete(kind);
  for (const { place, src, srcset } of loading) {
    place.srcset = srcset;
    place.src = src;
    place.hidden = false;
    placeholderOf(place)?.remove();
  }
}

/** Shows what there is of a person's picture: its colours at once, itself when it has arrived; initials where there is none. */
export async function showCurrent(kind: Kind, subject: string, picture: (Served & { readonly thumbhash: string }) | null): Promise<void> {
  if (picture) {
    for (const place of places(kind)) showPlaceholder(place, picture.thumbhash);
    await showPicture(kind, picture);
  } else if (kind === "avatar") {
    const url = (width: number): string => `/avatars/${encodeURIComponent(subject)}.png?size=${width}`;
    await showPicture(kind, { variants: INITIALS_WIDTHS.map((width) => ({ width, format: "png", url: url(width) })) });
  }
}

/** Takes them away again. */
export function hidePictures(): void {
  moving.clear();
  for (const place of [...places("avatar"), ...places("banner")]) {
    place.removeAttribute("srcset");
    place.removeAttribute("src");
    place.hidden = true;
    placeholderOf(place)?.remove();
  }
}

/** Behind where the picture will be. */
function showPlaceholder(place: HTMLImageElement, thumbhash: string): void {
  const pixels = thumbhashPixels(thumbhash);
  if (!pixels || !place.hidden) return;
  placeholderOf(place)?.remove();
  const canvas = document.createElement("canvas");
  canvas.className = "placeholder";
  [canvas.width, canvas.height] = [pixels.width, pixels.height];
  canvas.getContext("2d")?.putImageData(new ImageData(pixels.data, pixels.width, pixels.height), 0, 0);
  place.before(canvas);
}

function placeholderOf(place: HTMLImageElement): HTMLCanvasElement | null {
  const before = place.previousElementSibling;
  return before instanceof HTMLCanvasElement ? before : null;
}

function places(kind: Kind): HTMLImageElement[] {
  return [...document.querySelectorAll<HTMLImageElement>(`img[data-picture="${kind}"]`)];
}

function addresses(place: HTMLImageElement, kind: Kind, rising: readonly Variant[]): { src: string; srcset: string } {
  if (kind === "banner") {
    return { src: rising[0]?.url ?? "", srcset: rising.map(({ url, width }) => `${url} ${width}w`).join(", ") };
  }
  const candidates = DENSITIES.map((density) => `${fitting(rising, place.width, density)?.url ?? ""} ${density}x`);
  return { src: fitting(rising, place.width, 1)?.url ?? "", srcset: candidates.join(", ") };
}

/** The smallest with at least as many pixels as the screen has for it, or else the largest there is. */
function fitting(rising: readonly Variant[], width: number, density: number): Variant | undefined {
  return rising.find((variant) => variant.width >= width * density) ?? rising.at(-1);
}

/**
 * A person's pictures wherever the page has a place for one: an image with `data-picture="avatar"` or `"banner"`. They change all at once, and only when the
 * new one is there.
 */
import { thumbhashPixels } from "./thumbhash.ts";

export type Kind = "avatar" | "banner";

/** A served picture of one width, as `publish` names it. */
export type Variant = { readonly width: number; readonly format: string; readonly url: string };

/** The served picture did not arrive, although it was saved. */
export class NotServedError extends Error {
  override readonly name = "NotServedError";
}

/** Of the default pictures that are shown here, in pixels. */
const INITIALS_WIDTHS = [32, 48, 96, 128, 256, 384];

/** What screens have of pixels for one of the page's, each way. */
const DENSITIES = [1, 2, 3];

/**
 * Shows the picture of these variants everywhere, once it has arrived.
 *
 * @throws {NotServedError} where one of them does not arrive or is no picture.
 */
export async function showPicture(kind: Kind, variants: readonly Variant[]): Promise<void> {
  const jpegs = variants.filter(({ format }) => format === "jpg");
  const rising = (jpegs.length > 0 ? jpegs : [...variants]).sort((a, b) => a.width - b.width);
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
  for (const { place, src, srcset } of loading) {
    place.srcset = srcset;
    place.src = src;
    place.hidden = false;
    placeholderOf(place)?.remove();
  }
}

/** Shows what there is of a person's picture: its colours at once, itself when it has arrived; initials where there is none. */
export async function showCurrent(kind: Kind, subject: string, picture: { thumbhash: string; variants: readonly Variant[] } | null): Promise<void> {
  if (picture) {
    for (const place of places(kind)) showPlaceholder(place, picture.thumbhash);
    await showPicture(kind, picture.variants);
  } else if (kind === "avatar") {
    const url = (width: number): string => `/avatars/${encodeURIComponent(subject)}.png?size=${width}`;
    await showPicture(kind, INITIALS_WIDTHS.map((width) => ({ width, format: "png", url: url(width) })));
  }
}

/** Takes them away again. */
export function hidePictures(): void {
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

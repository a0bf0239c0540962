/**
 * A person's pictures wherever the page has a place for one: an image with `data-picture="avatar"` or `"banner"`. They change all at once, and only when the
 * new one is there.
 */

export type Kind = "avatar" | "banner";

/** A served picture of one width, as `publish` names it. */
export type Variant = { readonly width: number; readonly format: string; readonly url: string };

/** The served picture did not arrive, although it was saved. */
export class NotServedError extends Error {
  override readonly name = "NotServedError";
}

/** The widths that the worker serves, in pixels. */
const WIDTHS: Readonly<Record<Kind, readonly number[]>> = {
  avatar: [32, 48, 64, 96, 128, 192, 256, 384, 512, 1024],
  banner: [640, 960, 1280, 1500, 1920],
};

/** What screens have of pixels for one of the page's, each way. */
const DENSITIES = [1, 2, 3];

/**
 * Shows the picture of these variants everywhere, once it has arrived.
 *
 * @throws {NotServedError} where one of them does not arrive or is no picture.
 */
export async function showPicture(kind: Kind, variants: readonly Variant[]): Promise<void> {
  const rising = variants.filter(({ format }) => format === "jpg").sort((a, b) => a.width - b.width);
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
  }
}

/** Shows the picture that a person has now, or none. Asks past the browser's own cache, because the short address may show another one since. */
export async function showCurrent(kind: Kind, subject: string): Promise<void> {
  const [folder, parameter] = kind === "avatar" ? ["avatars", "size"] : ["banners", "width"];
  const address = (width: number): string => `/${folder}/${encodeURIComponent(subject)}.jpg?${parameter}=${width}&d=404`;
  const variants = WIDTHS[kind].map((width) => ({ width, format: "jpg", url: address(width) }));
  const wanted = new Set(places(kind).map((place) => fitting(variants, place.width || 640, devicePixelRatio)?.url ?? ""));
  const answers = await Promise.all([...wanted].map((url) => fetch(url, { cache: "no-cache" }).catch(() => undefined)));
  if (answers.every((answer) => answer?.ok)) await showPicture(kind, variants).catch(() => undefined);
}

/** Takes them away again. */
export function hidePictures(): void {
  for (const place of [...places("avatar"), ...places("banner")]) {
    place.removeAttribute("srcset");
    place.removeAttribute("src");
    place.hidden = true;
  }
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

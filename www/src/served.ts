/** Pictures as the worker serves them: the one of before, and the one just saved in its sizes. */
import { element } from "./element.ts";

/** A served picture of one size, as `publish` names it. */
export type Variant = { readonly size: number; readonly format: string; readonly url: string };

const SHOWN_SIDES_PX = [128, 48, 24] as const;

/** The served picture did not arrive, although it was saved. */
export class NotServedError extends Error {
  override readonly name = "NotServedError";
}

/**
 * Shows the saved picture at three sizes and large, each from the variant that fits this screen, and waits until all
 * are there.
 *
 * @throws {NotServedError} where one of them does not arrive or is no picture.
 */
export async function showSaved(variants: readonly Variant[], signal: AbortSignal): Promise<void> {
  const large = element("saved-large", HTMLImageElement);
  const pictures: Promise<void>[] = [arrive(large, fitting(variants, 384)?.url ?? "", "")];
  for (const side of SHOWN_SIDES_PX) {
    const picture = element(`result-${side}`, HTMLImageElement);
    const candidates = [1, 2, 3].map((density) => `${fitting(variants, side * density)?.url ?? ""} ${density}x`);
    pictures.push(arrive(picture, fitting(variants, side)?.url ?? "", candidates.join(", ")));
  }
  await Promise.all(pictures);
  signal.throwIfAborted();
}

/**
 * Shows the picture of before on the ring, or the empty ring where there is none. Asks past the browser's own cache,
 * because the short address may have changed since.
 */
export async function showCurrent(subject: string): Promise<void> {
  const picture = element("current", HTMLImageElement);
  const bytes = await fetch(`/avatars/${encodeURIComponent(subject)}.jpg?size=512&d=404`, { cache: "no-cache" })
    .then((response) => (response.ok ? response.blob() : undefined))
    .catch(() => undefined);
  if (!bytes) {
    hideCurrent();
    return;
  }
  URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(bytes);
  picture.hidden = false;
}

/** The empty ring. */
export function hideCurrent(): void {
  const picture = element("current", HTMLImageElement);
  URL.revokeObjectURL(picture.src);
  picture.removeAttribute("src");
  picture.hidden = true;
}

/** The smallest JPEG with at least that many pixels a side, or else the largest there is. */
function fitting(variants: readonly Variant[], sidePx: number): Variant | undefined {
  const rising = variants.filter(({ format }) => format === "jpg").sort((a, b) => a.size - b.size);
  return rising.find(({ size }) => size >= sidePx) ?? rising.at(-1);
}

async function arrive(picture: HTMLImageElement, url: string, srcset: string): Promise<void> {
  picture.srcset = srcset;
  picture.src = url;
  await picture.decode().catch((cause: unknown) => {
    throw new NotServedError("a served picture did not arrive", { cause });
  });
}

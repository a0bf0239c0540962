/** What the package does with pictures, on the thread of the caller, once the module is loaded. */
import * as bindings from "./bindings.js";
import { fileBytes, plain, viewOf } from "./boundary.ts";
import { RoundelError } from "./error.ts";
import { call } from "./module.ts";
import { vouch } from "./proof.ts";
import type { DefaultPicture, ImageInfo, Limits, PixelSource, Recipe, Rendered } from "./types.ts";

/**
 * Reads what a picture file says of itself, without decoding a pixel.
 *
 * @throws {RoundelError}
 */
export function inspect(bytes: Uint8Array): ImageInfo {
  const file = fileBytes(bytes);
  return call(() => bindings.inspect(file) as ImageInfo);
}

/**
 * Makes a picture as the recipe says. The same bytes and recipe give the same picture in every runtime.
 *
 * @throws {RoundelError}
 */
export function render(bytes: Uint8Array, recipe?: Recipe, limits?: Limits): Rendered {
  // The options first: reading them may run code of the caller, which may take the bytes away.
  const [wanted, allowed] = [plain(recipe, "recipe"), plain(limits, "limits")];
  const file = fileBytes(bytes);
  return call(() => finished(bindings.render(file, wanted, allowed), "roundel"));
}

/**
 * Whether a JPEG, PNG or WebP file holds a picture and nothing else: no metadata, no comment, nothing behind its end. All that `render` makes is.
 *
 * @throws {RoundelError} for what are no bytes
 */
export function isClean(bytes: Uint8Array): boolean {
  const file = fileBytes(bytes);
  return call(() => bindings.isClean(file));
}

/**
 * Makes a picture as the recipe says of pixels that something else decoded, a canvas for instance: the way for formats that the browser
 * decodes and Roundel does not. `roundel/studio` goes it by itself.
 *
 * @throws {RoundelError}
 */
export function renderPixels(pixels: PixelSource, recipe?: Recipe): Rendered {
  const wanted = plain(recipe, "recipe");
  const { rgba, width, height } = pixelsOf(pixels);
  return call(() => finished(bindings.renderPixels(rgba, width, height, wanted), "browser"));
}

/**
 * Makes the picture for a person who has none. The same options give the same picture in every runtime.
 *
 * @example
 * const picture = defaultPicture({ name: "Ada Lovelace", seed: account.id, width: 128, height: 128 });
 *
 * @throws {RoundelError}
 */
export function defaultPicture(options?: DefaultPicture): Rendered {
  const wanted = plain(options, "options");
  return call(() => finished(bindings.defaultPicture(wanted), "roundel"));
}

/** A canvas has no longer side in any browser, in pixels; within it no number changes on its way into the module. */
const MAX_SIDE = 0x7fff_ffff;

function pixelsOf(pixels: unknown): { rgba: Uint8Array; width: number; height: number } {
  let given: Partial<Record<keyof PixelSource, unknown>>;
  try {
    const { data, width, height } = pixels as PixelSource;
    given = { width, height, data: viewOf(data, ["Uint8Array", "Uint8ClampedArray"]) };
  } catch (cause) {
    throw new RoundelError("bad_recipe", "the pixels cannot be read; they have to come as ImageData has them", { cause });
  }
  const { data, width, height } = given;
  if (!(data instanceof Uint8Array && isSide(width) && isSide(height))) throw new RoundelError("bad_recipe", "the pixels have to come as ImageData has them");
  return { rgba: data, width, height };
}

function isSide(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_SIDE;
}

function finished(made: unknown, source: Rendered["source"]): Rendered {
  const { thumbhash, ...rest } = made as Omit<Rendered, "thumbhash" | "source"> & { thumbhash: Uint8Array };
  const rendered: Rendered = { ...rest, thumbhash: btoa(String.fromCharCode(...thumbhash)), source };
  vouch(rendered);
  return rendered;
}

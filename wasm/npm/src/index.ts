/**
 * Roundel on the thread of the caller: `await ready()`, then `inspect` and `render`.
 * Off the main thread: `roundel/studio`. To a Roundel worker: `roundel/upload`.
 *
 * @example
 * import { ready, inspect, render } from "roundel";
 * await ready();
 * const avatar = render(photoBytes, { width: 128, height: 128 });
 */
import { wasmSource } from "#wasm-source";
import * as bindings from "./bindings.js";
import { isFailure, outOfMemory, RoundelError, stumbled } from "./error.ts";
import type { DefaultPicture, ImageInfo, Limits, PixelSource, Recipe, Rendered } from "./types.ts";

export { RoundelError, type RoundelErrorCode } from "./error.ts";
export type { Crop, DefaultPicture, ImageInfo, Limits, PixelSource, Recipe, Rendered } from "./types.ts";

/** What `ready` accepts: a compiled module, its bytes, its address or a response that carries it. */
export type WasmSource = WebAssembly.Module | BufferSource | URL | string | Response;

type Source = WasmSource | Promise<WasmSource>;

let loading: Promise<void> | undefined;
let module: WebAssembly.Module | undefined;

/**
 * Loads the wasm module, once; later calls wait for the same load. A load that failed is tried again by the next call.
 *
 * @param source where the module is; by default `roundel.wasm` beside this file.
 */
export function ready(source?: Source): Promise<void> {
  loading ??= load(source).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(source: Source | undefined): Promise<void> {
  module = await compile(await (source ?? wasmSource()));
  await bindings.default({ module_or_path: module });
}

async function compile(source: WasmSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (ArrayBuffer.isView(source) || source instanceof ArrayBuffer) return WebAssembly.compile(source);
  const response = source instanceof Response ? source : await fetch(source);
  if (!response.ok) throw new Error(`the wasm module of Roundel could not be loaded: status ${response.status}`);
  // Compiling while it streams needs the right content type; servers without it still work, somewhat slower.
  const streams = response.headers.get("content-type") === "application/wasm" && "compileStreaming" in WebAssembly;
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

/**
 * Reads what a picture file says of itself, without decoding a pixel.
 *
 * @throws {RoundelError}
 */
export function inspect(bytes: Uint8Array): ImageInfo {
  return call(() => bindings.inspect(checked(bytes)) as ImageInfo);
}

/**
 * Makes a picture as the recipe says. The same bytes and recipe give the same picture in every runtime.
 *
 * @throws {RoundelError}
 */
export function render(bytes: Uint8Array, recipe?: Recipe, limits?: Limits): Rendered {
  return call(() => finished(bindings.render(checked(bytes), recipe, limits), "roundel"));
}

/**
 * Whether a JPEG, PNG or WebP file holds a picture and nothing else: no metadata, no comment, nothing behind its end. All that `render` makes is.
 */
export function isClean(bytes: Uint8Array): boolean {
  return call(() => bindings.isClean(checked(bytes)));
}

/**
 * Makes a picture as the recipe says of pixels that something else decoded, a canvas for instance: the way for formats that the browser
 * decodes and Roundel does not. `roundel/studio` goes it by itself.
 *
 * @throws {RoundelError}
 */
export function renderPixels(pixels: PixelSource, recipe?: Recipe): Rendered {
  return call(() => {
    const { data, width, height } = pixels;
    if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) throw new RoundelError("bad_recipe", "the pixels have to come as ImageData has them");
    const rgba = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return finished(bindings.renderPixels(rgba, width, height, recipe), "browser");
  });
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
  return call(() => finished(bindings.defaultPicture(options), "roundel"));
}

function finished(made: unknown, source: Rendered["source"]): Rendered {
  const { thumbhash, ...rest } = made as Omit<Rendered, "thumbhash" | "source"> & { thumbhash: Uint8Array };
  return { ...rest, thumbhash: btoa(String.fromCharCode(...thumbhash)), source };
}

function checked(bytes: Uint8Array): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  throw new RoundelError("unsupported_format", "the photo has to come as a Uint8Array of the file's bytes");
}

function call<T>(work: () => T): T {
  if (module === undefined) throw new Error("Roundel is not loaded yet: await ready() first");
  try {
    return work();
  } catch (caught) {
    if (caught instanceof RoundelError) throw caught;
    if (isFailure(caught)) throw new RoundelError(caught.code, caught.message);
    if (caught instanceof WebAssembly.RuntimeError || caught instanceof RangeError) {
      const hasPanicked = bindings.panicked();
      // A trap leaves the memory of the instance in an unknown state: go on with a fresh one.
      bindings.__wbg_reset_state();
      throw hasPanicked ? stumbled(caught) : outOfMemory(caught);
    }
    throw caught;
  }
}

/**
 * Roundel on the thread of the caller, without the wasm module: whoever loads it says where it is. For servers and bundlers that have their own way
 * with wasm files; everything else is as in the main entry.
 *
 * @example
 * import { ready, render } from "roundel/slim";
 * await ready(new URL("/assets/roundel.wasm", location.href)); // a copy of `roundel/roundel.wasm`
 * const avatar = render(photoBytes, { width: 128, height: 128 });
 */
import { load, type WasmSource } from "./module.ts";

export { RoundelError, type RoundelErrorCode } from "./error.ts";
export type { WasmSource } from "./module.ts";
export { defaultPicture, inspect, isClean, render, renderPixels } from "./pictures.ts";
export type { Crop, DefaultPicture, ImageInfo, Limits, PixelSource, Recipe, Rendered } from "./types.ts";

/**
 * Loads the wasm module, once; later calls wait for the same load. A load that failed is tried again by the next call.
 *
 * @param source where the module is: its address, its bytes, a response that carries it, or a compiled one.
 */
export function ready(source: WasmSource | Promise<WasmSource>): Promise<void> {
  if (source !== undefined && source !== null) return load(source);
  return Promise.reject(new TypeError("roundel/slim brings no wasm module: call ready() with its address, its bytes or a WebAssembly.Module"));
}

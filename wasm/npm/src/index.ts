/**
 * Roundel on the thread of the caller: `await ready()`, then `inspect` and `render`.
 * Off the main thread: `roundel/studio`. To a Roundel worker: `roundel/upload`.
 *
 * @example
 * import { ready, inspect, render } from "roundel";
 * await ready();
 * const avatar = render(photoBytes, { width: 128, height: 128 });
 */
import { load, type WasmSource } from "./module.ts";
import { wasmSource } from "./wasm-source.ts";

export * from "./slim.ts";

/**
 * Loads the wasm module, once; later calls wait for the same load. A load that failed is tried again by the next call.
 *
 * @param source where the module is; by default `roundel.wasm` beside this file.
 */
export function ready(source?: WasmSource | Promise<WasmSource>): Promise<void> {
  return load(source ?? wasmSource);
}

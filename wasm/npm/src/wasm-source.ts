/** Where the wasm module is if nobody says otherwise: beside this file, on the same origin or on disk. */
import type { WasmSource } from "./module.ts";
import type { WasmModule } from "./platform.ts";

let provided: WasmSource | undefined;

/** For runtimes that compile no bytes and bring the module ready-made. */
export function provide(module: WasmModule): void {
  provided = module;
}

export function wasmSource(): WasmSource {
  return provided ?? new URL("./roundel.wasm", import.meta.url);
}

// workerd compiles no bytes at run time: the module has to come as an import, ready-made.
// @ts-expect-error TypeScript has no type for a wasm import.
import module from "./roundel.wasm";

/** Where the wasm module is, for Workers runtimes: compiled with the worker. */
export function wasmSource(): Promise<WebAssembly.Module> {
  return Promise.resolve(module as WebAssembly.Module);
}

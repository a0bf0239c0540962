// workerd compiles no bytes at run time: the module has to come as an import, ready-made.
// @ts-expect-error TypeScript has no type for a wasm import.
import module from "./roundel.wasm";
import { provide } from "./wasm-source.ts";

provide(module as WebAssembly.Module);

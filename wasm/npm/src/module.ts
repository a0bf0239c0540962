/** The one instance of the wasm module: loading it, calling it, and a fresh one where a call ended in a trap. */
import * as bindings from "./bindings.js";
import { isFailure, outOfMemory, RoundelError, stumbled } from "./error.ts";
import type { FetchResponse, Url, WasmModule } from "./platform.ts";

/** What `ready` accepts: a compiled module, its bytes, its address or a response that carries it. */
export type WasmSource = WasmModule | ArrayBufferView<ArrayBuffer> | ArrayBuffer | Url | FetchResponse | string;

/** A source, or what gets it when it is needed. */
export type LateSource = WasmSource | Promise<WasmSource> | (() => WasmSource | Promise<WasmSource>);

let loading: Promise<void> | undefined;
let isLoaded = false;
let needsFreshInstance = false;

/** Loads the module, once; later calls wait for the same load. A load that failed is tried again by the next call. */
export function load(source: LateSource): Promise<void> {
  loading ??= start(source).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** Whether a load has come to its end. */
export function hasLoaded(): boolean {
  return isLoaded;
}

async function start(source: LateSource): Promise<void> {
  const module = await compile(await (typeof source === "function" ? source() : source));
  await bindings.default({ module_or_path: module });
  isLoaded = true;
}

async function compile(source: WasmSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (ArrayBuffer.isView(source) || source instanceof ArrayBuffer) return WebAssembly.compile(source);
  if (source instanceof Response) return compileResponse(source);
  const file = localFile(source);
  return file ? WebAssembly.compile(await file.read()) : compileResponse(await fetch(source));
}

async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) throw new Error(`the wasm module of Roundel could not be loaded: status ${response.status}`);
  // Compiling while it streams needs the right content type; servers without it still work, somewhat slower.
  const streams = response.headers.get("content-type") === "application/wasm" && "compileStreaming" in WebAssembly;
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

/** What Node and its like offer; asked for this way, no bundler for browsers meets an import that it cannot follow. */
type Runtime = { process?: { getBuiltinModule?(name: string): { readFile(path: URL): Promise<Uint8Array<ArrayBuffer>> } | undefined } };

/** A file on disk, where the runtime can read one: `fetch` of Node knows no `file:`. */
function localFile(address: URL | string): { read(): Promise<Uint8Array<ArrayBuffer>> } | undefined {
  if (!String(address).startsWith("file:")) return undefined;
  const files = (globalThis as Runtime).process?.getBuiltinModule?.("node:fs/promises");
  return files && { read: () => files.readFile(new URL(address)) };
}

/**
 * Calls the module.
 *
 * @throws {RoundelError}
 */
export function call<T>(work: () => T): T {
  if (!isLoaded) throw new Error("Roundel is not loaded yet: await ready() first");
  if (needsFreshInstance) renew();
  try {
    return work();
  } catch (caught) {
    if (caught instanceof RoundelError) throw caught;
    if (isFailure(caught)) throw new RoundelError(caught.code, caught.message);
    if (caught instanceof WebAssembly.RuntimeError || caught instanceof RangeError) {
      const hasPanicked = bindings.panicked();
      // A trap leaves the memory of the instance in an unknown state: go on with a fresh one.
      renew();
      throw hasPanicked ? stumbled(caught) : outOfMemory(caught);
    }
    throw caught;
  }
}

/** Where there is no memory for a fresh instance either, the next call tries again. */
function renew(): void {
  needsFreshInstance = true;
  try {
    bindings.__wbg_reset_state();
    needsFreshInstance = false;
  } catch (error) {
    throw outOfMemory(error);
  }
}

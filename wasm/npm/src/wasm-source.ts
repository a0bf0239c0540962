/** Where the wasm module is, for browsers and bundlers: beside this file, fetched from the same origin. */
export function wasmSource(): Promise<Response> {
  return fetch(new URL("./roundel.wasm", import.meta.url));
}

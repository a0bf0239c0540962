/** Where the wasm module is, for Node: beside this file, on disk. */
export async function wasmSource(): Promise<Uint8Array<ArrayBuffer>> {
  const { readFile } = await import("node:fs/promises");
  return new Uint8Array(await readFile(new URL("./roundel.wasm", import.meta.url)));
}

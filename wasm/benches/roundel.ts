/** The package as its users have it, and fresh instances of its module to look into. */
import { readFileSync } from "node:fs";
import { buildPackage } from "../../infra/build/package.ts";
import { inRoot } from "../../infra/setup/paths.ts";
import type { Recipe } from "../npm/src/types.ts";

export type Roundel = typeof import("../npm/src/index.ts");

const DIST = inRoot("wasm", "npm", "dist");

export const MODULE = `${DIST}/roundel.wasm`;

/** Built where it is not, and ready. */
export async function roundel(): Promise<Roundel> {
  await buildPackage();
  const loaded = (await import("roundel")) as Roundel;
  await loaded.ready();
  return loaded;
}

/** What wasm-bindgen makes, below the public face of the package: it gives the memory as well. */
type Bindings = {
  default(options: { module_or_path: WebAssembly.Module }): Promise<{ memory: WebAssembly.Memory }>;
  render(bytes: Uint8Array, recipe: Recipe): unknown;
};

let instances = 0;

/**
 * Bytes by which the memory of a new instance grows over one picture, less those of the input, which has to be in it. The memory of an
 * instance never shrinks, so this is the peak, in steps of 64 KiB.
 *
 * @returns undefined where the picture is refused
 */
export async function peakBytes(photo: Uint8Array, recipe: Recipe): Promise<number | undefined> {
  // Each query string is a module of its own, and so has an instance of its own.
  const bindings = (await import(`${DIST}/bindings.js?instance=${++instances}`)) as Bindings;
  const { memory } = await bindings.default({ module_or_path: await WebAssembly.compile(new Uint8Array(readFileSync(MODULE))) });
  const before = memory.buffer.byteLength;
  try {
    bindings.render(photo, recipe);
  } catch {
    return undefined;
  }
  return memory.buffer.byteLength - before - photo.length;
}

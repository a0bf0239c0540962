/** What a page has to load: the compiled modules, as they are and as servers send them. */
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { whenChanged } from "../../infra/build/changed.ts";
import { compileModule, MODULE_INPUTS } from "../../infra/build/package.ts";
import { inRoot } from "../../infra/setup/paths.ts";
import { say } from "../../infra/setup/process.ts";
import type { Peer } from "./peers/peer.ts";
import { MODULE } from "./roundel.ts";

/** Bytes. */
export type Size = { name: string; raw: number; gzip: number; brotli: number };

export type OurSizes = { full: Size; jpegOnly: Size };

async function sizeOf(name: string, files: string[]): Promise<Size> {
  const sizes = await Promise.all(
    files.map(async (file) => {
      const content = readFileSync(file);
      const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
      const [zipped, brotli] = await Promise.all([promisify(gzip)(content, { level: 9 }), promisify(brotliCompress)(content, { params })]);
      return { raw: content.length, gzip: zipped.length, brotli: brotli.length };
    }),
  );
  const total = (kind: "raw" | "gzip" | "brotli"): number => sizes.reduce((sum, size) => sum + size[kind], 0);
  return { name, raw: total("raw"), gzip: total("gzip"), brotli: total("brotli") };
}

export async function ourSizes(): Promise<OurSizes> {
  const folder = inRoot("target", "bench", "jpeg-only");
  const module = `${folder}/bindings_bg.wasm`;
  await whenChanged(module, MODULE_INPUTS, async () => {
    say("building the module without the formats beside JPEG, to see its size");
    await compileModule(folder, ["--no-default-features"]);
  });
  return { full: await sizeOf("roundel", [MODULE]), jpegOnly: await sizeOf("roundel, JPEG only", [module]) };
}

export function peerSizes(peers: Peer[]): Promise<Size[]> {
  return Promise.all(peers.flatMap(({ name, modules }) => (modules === undefined ? [] : [sizeOf(name, modules)])));
}

/** libvips and libjpeg-turbo in WebAssembly: what sharp does, but for the machine it runs on. */
import Vips from "wasm-vips";
import { ofPackage, QUALITY, SIDE, versionOf, type Peer } from "./peer.ts";

export async function wasmVips(): Promise<Peer> {
  // Without the modules for AVIF, JPEG XL and SVG, which nothing here needs.
  const vips = await Vips({ dynamicLibraries: [] });
  vips.concurrency(1);
  vips.Cache.max(0);
  return {
    name: "wasm-vips",
    version: versionOf("wasm-vips"),
    reads: ["jpeg", "png", "webp"],
    modules: [ofPackage("wasm-vips", "lib", "vips.wasm")],
    render({ bytes }) {
      const small = vips.Image.thumbnailBuffer(bytes, SIDE, { height: SIDE, crop: vips.Interesting.centre });
      const made = small.writeToBuffer(".jpg", { Q: QUALITY, keep: vips.ForeignKeep.none });
      small.delete();
      return made;
    },
    close: () => vips.shutdown(),
  };
}

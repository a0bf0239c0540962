/** The codecs of Squoosh in WebAssembly: MozJPEG, the Rust crates png and resize. They decode at full size. */
import decodeJpeg, { init as initJpegDecoder } from "@jsquash/jpeg/decode.js";
import encodeJpeg, { init as initJpegEncoder } from "@jsquash/jpeg/encode.js";
import decodePng, { init as initPng } from "@jsquash/png/decode.js";
import resize, { initResize } from "@jsquash/resize";
import { compiled, ofPackage, QUALITY, SIDE, versionOf, type Peer } from "./peer.ts";

const FILES = {
  decoder: ofPackage("@jsquash/jpeg", "codec", "dec", "mozjpeg_dec.wasm"),
  encoder: ofPackage("@jsquash/jpeg", "codec", "enc", "mozjpeg_enc.wasm"),
  png: ofPackage("@jsquash/png", "codec", "pkg", "squoosh_png_bg.wasm"),
  resize: ofPackage("@jsquash/resize", "lib", "resize", "pkg", "squoosh_resize_bg.wasm"),
};

/** It is written for browsers, and hands pixels on in their class, which Node has not. */
class Pixels {
  readonly colorSpace = "srgb";
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;

  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data;
    this.width = width;
    this.height = height;
  }
}

export async function jsquash(): Promise<Peer> {
  (globalThis as { ImageData?: unknown }).ImageData ??= Pixels;
  await initJpegDecoder(await compiled(FILES.decoder));
  await initJpegEncoder(await compiled(FILES.encoder));
  await initPng(await compiled(FILES.png));
  await initResize(await compiled(FILES.resize));
  return {
    name: "jSquash",
    version: versionOf("@jsquash/jpeg"),
    reads: ["jpeg", "png"],
    modules: Object.values(FILES),
    async render({ format, bytes }) {
      const pixels = await (format === "png" ? decodePng(bytes.buffer) : decodeJpeg(bytes.buffer));
      // Not in linear light, which is its default: nobody else here does that, and it takes half as long again.
      const small = await resize(pixels, { width: SIDE, height: SIDE, fitMethod: "contain", linearRGB: false });
      return new Uint8Array(await encodeJpeg(small, { quality: QUALITY }));
    },
  };
}

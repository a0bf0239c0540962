/** Photon: the Rust crate image in WebAssembly, as its package for Node. It decodes at full size. */
import { crop, PhotonImage, resize, SamplingFilter } from "@silvia-odwyer/photon-node";
import { ofPackage, QUALITY, SIDE, versionOf, type Peer } from "./peer.ts";

const PACKAGE = "@silvia-odwyer/photon-node";

export const photon: Peer = {
  name: "photon",
  version: versionOf(PACKAGE),
  reads: ["jpeg", "png", "webp"],
  modules: [ofPackage(PACKAGE, "photon_rs_bg.wasm")],
  render({ bytes }) {
    const whole = PhotonImage.new_from_byteslice(bytes);
    const side = Math.min(whole.get_width(), whole.get_height());
    const [left, top] = [(whole.get_width() - side) >> 1, (whole.get_height() - side) >> 1];
    const square = crop(whole, left, top, left + side, top + side);
    const small = resize(square, SIDE, SIDE, SamplingFilter.Lanczos3);
    const made = small.get_bytes_jpeg(QUALITY);
    for (const image of [whole, square, small]) image.free();
    return made;
  },
};

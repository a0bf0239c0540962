import sharp from "sharp";
import type { Photo } from "../photos.ts";
import { QUALITY, SIDE, type Peer } from "./peer.ts";

// One thread and no memory of earlier calls, as for everyone else.
sharp.concurrency(1);
sharp.cache(false);

/** libvips and libjpeg-turbo, native. */
export const nativeSharp: Peer = {
  name: "sharp",
  version: sharp.versions.sharp ?? "?",
  reads: ["jpeg", "png", "webp"],
  render: ({ bytes }: Photo) => sharp(bytes).autoOrient().resize(SIDE, SIDE).jpeg({ quality: QUALITY }).toBuffer(),
};

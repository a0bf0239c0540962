/** How near the pictures are to the reference: ours at both efforts, and sharp's, all as PNG, so that no encoder takes part. */
import sharp, { type Sharp } from "sharp";
import type { Photo } from "./photos.ts";
import { lumaOf, psnr, reduced, type Decoded, type Luma } from "./reference.ts";
import type { Roundel } from "./roundel.ts";

const SIDE = 256;

/** Luma PSNR in decibels. */
export type Scores = { best: number; fast: number; sharp: number };

async function decoded(picture: Sharp): Promise<Decoded> {
  const { data, info } = await picture.removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels, data };
}

async function lumaOfPicture(png: Uint8Array): Promise<Luma> {
  const { width, channels, data } = await decoded(sharp(png));
  return { side: width, samples: Float64Array.from({ length: width * width }, (_, i) => lumaOf(data, i * channels)) };
}

/** @returns undefined where we refuse the photo */
export async function scores({ render }: Roundel, bytes: Uint8Array): Promise<Scores | undefined> {
  const recipe = { width: SIDE, height: SIDE, format: "png" } as const;
  let ours: Record<"best" | "fast", Uint8Array>;
  try {
    ours = { best: render(bytes, recipe).bytes, fast: render(bytes, { ...recipe, effort: "fast" }).bytes };
  } catch {
    return undefined;
  }
  const reference = reduced(await decoded(sharp(bytes).autoOrient()), SIDE);
  const score = async (png: Uint8Array): Promise<number> => psnr(await lumaOfPicture(png), reference);
  const theirs = await sharp(bytes).autoOrient().resize(SIDE, SIDE).png().toBuffer();
  return { best: await score(ours.best), fast: await score(ours.fast), sharp: await score(theirs) };
}

/** Sides of whole units of 4:2:0 blocks. */
const UNIT = 16;

/**
 * The middle square of a photo, encoded anew. Of other shapes sharp takes whole pixels of what it has reduced already, and ends up beside
 * the middle by a part of a pixel; that costs it decibels which say nothing of its filter.
 */
export async function squareOf({ bytes, format }: Photo): Promise<Uint8Array> {
  const { width, height, isProgressive } = await sharp(bytes).metadata();
  const side = Math.min(width, height) - (Math.min(width, height) % UNIT);
  const square = sharp(bytes).extract({ left: (width - side) >> 1, top: (height - side) >> 1, width: side, height: side });
  const encoded = format === "jpeg" ? square.jpeg({ quality: 95, progressive: isProgressive ?? false }) : square.png({ compressionLevel: 1 });
  return new Uint8Array(await encoded.toBuffer());
}

/** Pictures as rows of RGB, to be compared. */
import sharp from "sharp";

export type Pixels = { readonly data: Uint8Array; readonly width: number; readonly height: number };

/** Decodes a file with a decoder that is not ours. */
export async function pixelsOf(file: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(file).removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** The square inside the circle of a screenshot of the stage, made small. */
export async function insideCircle(stageScreenshot: Uint8Array, sidePx: number): Promise<Pixels> {
  const { width = 0 } = await sharp(stageScreenshot).metadata();
  const { left, side } = squareInside(width, 0.9);
  const cut = await sharp(stageScreenshot).extract({ left, top: left, width: side, height: side }).png().toBuffer();
  return pixelsOf(await sharp(cut).resize(sidePx, sidePx).png().toBuffer());
}

/** The same square of a picture that fills the circle. */
export async function insideOf(file: Uint8Array, sidePx: number): Promise<Pixels> {
  const { width = 0 } = await sharp(file).metadata();
  const { left, side } = squareInside(width, 1);
  const cut = await sharp(file).extract({ left, top: left, width: side, height: side }).png().toBuffer();
  return pixelsOf(await sharp(cut).resize(sidePx, sidePx).png().toBuffer());
}

function squareInside(width: number, circlePart: number): { left: number; side: number } {
  const side = Math.round(width * circlePart * 0.68);
  return { left: Math.round((width - side) / 2), side };
}

/** The mean difference of two pictures of the same size, 0..255. */
export function meanDifference(a: Pixels, b: Pixels): number {
  if (a.width !== b.width || a.height !== b.height) throw new RangeError(`${a.width}x${a.height} is not ${b.width}x${b.height}`);
  let sum = 0;
  for (const [index, value] of a.data.entries()) sum += Math.abs(value - (b.data[index] ?? 0));
  return sum / a.data.length;
}

/** The picture in all eight orientations, the given one first. */
export async function eightWays({ data, width, height }: Pixels): Promise<Pixels[]> {
  const ways: Pixels[] = [];
  for (const mirrored of [false, true]) {
    for (const degrees of [0, 90, 180, 270]) {
      const raw = { raw: { width, height, channels: 3 as const } };
      const turned = await sharp(await sharp(data, raw).flop(mirrored).png().toBuffer()).rotate(degrees).png().toBuffer();
      ways.push(await pixelsOf(turned));
    }
  }
  return ways;
}

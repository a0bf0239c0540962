/**
 * How large our JPEG files are beside those of sharp (its defaults, which are libjpeg's with optimised Huffman tables) at the same fidelity. Each photo of
 * a folder is made 256 x 256 by sharp, losslessly; both encoders take that picture. Fidelity is the structural similarity (Wang, Bovik, Sheikh and
 * Simoncelli, 2004) of luma with the picture, by a Gaussian window of 1.5 pixels.
 *
 *     node wasm/benches/jpeg-quality.ts [FOLDER] [--quality 80]
 *
 * Default folder: ../shared/photos. Prints a table, and the geometric mean of our bytes at sharp's SSIM over sharp's bytes; fails above 1.05.
 * From quality 90 up ours have full colour resolution, and sharp is asked for it too.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { callerDirectory, inRoot } from "../../infra/setup/paths.ts";
import { main, run, SetupError } from "../../infra/setup/process.ts";

const SIDE = 256;
const MOST_RATIO = 1.05;
const SIGMA = 1.5;
const RADIUS = 5;

type Luma = Float64Array;
type Measured = { bytes: number; ssim: number };

/** ITU-T T.871 luma of packed red, green, blue. */
function lumaOf(rgb: Uint8Array): Luma {
  return Float64Array.from({ length: rgb.length / 3 }, (_, i) => 0.299 * (rgb[3 * i] ?? 0) + 0.587 * (rgb[3 * i + 1] ?? 0) + 0.114 * (rgb[3 * i + 2] ?? 0));
}

const window = Array.from({ length: 2 * RADIUS + 1 }, (_, i) => Math.exp(-((i - RADIUS) ** 2) / (2 * SIGMA * SIGMA)));
const windowSum = window.reduce((sum, weight) => sum + weight, 0);

/** Gaussian means, where the window lies within the picture. */
function means(samples: Luma): Luma {
  const inner = SIDE - 2 * RADIUS;
  const across = new Float64Array(inner * SIDE);
  const result = new Float64Array(inner * inner);
  const sum = (from: Luma, start: number, step: number): number => window.reduce((total, weight, i) => total + weight * (from[start + i * step] ?? 0), 0) / windowSum;
  for (let y = 0; y < SIDE; y++) for (let x = 0; x < inner; x++) across[y * inner + x] = sum(samples, y * SIDE + x, 1);
  for (let y = 0; y < inner; y++) for (let x = 0; x < inner; x++) result[y * inner + x] = sum(across, y * inner + x, inner);
  return result;
}

function ssim(a: Luma, b: Luma): number {
  const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  const product = (x: Luma, y: Luma): Luma => means(x.map((value, i) => value * (y[i] ?? 0)));
  const [meanA, meanB, aa, bb, ab] = [means(a), means(b), product(a, a), product(b, b), product(a, b)];
  let sum = 0;
  for (let i = 0; i < meanA.length; i++) {
    const [ma, mb] = [meanA[i] ?? 0, meanB[i] ?? 0];
    const [varianceA, varianceB, covariance] = [(aa[i] ?? 0) - ma * ma, (bb[i] ?? 0) - mb * mb, (ab[i] ?? 0) - ma * mb];
    sum += ((2 * ma * mb + c1) * (2 * covariance + c2)) / ((ma * ma + mb * mb + c1) * (varianceA + varianceB + c2));
  }
  return sum / meanA.length;
}

async function measured(file: Uint8Array, original: Luma): Promise<Measured> {
  const { data } = await sharp(file).toColorspace("srgb").removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { bytes: file.length, ssim: ssim(original, lumaOf(data)) };
}

/** Bytes at a similarity, between the two measured files around it: their logarithm grows evenly. */
function bytesAt(wanted: number, files: Measured[]): number {
  const sorted = files.toSorted((a, b) => a.ssim - b.ssim);
  const above = sorted.findIndex((file) => file.ssim >= wanted);
  const [low, high] = [sorted[above - 1], sorted[above]];
  if (low === undefined || high === undefined) return Number.NaN;
  const part = (wanted - low.ssim) / (high.ssim - low.ssim);
  return Math.exp(Math.log(low.bytes) * (1 - part) + Math.log(high.bytes) * part);
}

/** Photos of the same scene (turned, or in another file format) count once. */
function isNew(luma: Luma, seen: Luma[]): boolean {
  const difference = (other: Luma): number => luma.reduce((sum, value, i) => sum + Math.abs(value - (other[i] ?? 0)), 0) / luma.length;
  return seen.every((other) => difference(other) > 4);
}

await main(async () => {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { quality: { type: "string", default: "80" } } });
  const quality = Number(values.quality);
  const folder = positionals[0] === undefined ? inRoot("..", "shared", "photos") : resolve(callerDirectory(), positionals[0]);
  if (!existsSync(folder)) throw new SetupError(`there is no folder ${folder}; give one with photos`);
  if (!Number.isInteger(quality) || quality < 5 || quality > 95) throw new SetupError("--quality is a number within 5..95");

  const place = mkdtempSync(join(tmpdir(), "roundel-quality-"));
  try {
    const pictures: { name: string; luma: Luma; png: string; theirs: Measured }[] = [];
    for (const name of readdirSync(folder).filter((file) => /\.(jpe?g|png|webp)$/i.test(file)).sort()) {
      const picture = sharp(join(folder, name)).autoOrient().resize(SIDE, SIDE).flatten({ background: "#ffffff" }).toColorspace("srgb");
      const { data } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true });
      const luma = lumaOf(data);
      if (!isNew(luma, pictures.map((seen) => seen.luma))) continue;
      const stored = sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } });
      const png = join(place, `${pictures.length}.png`);
      writeFileSync(png, await stored.clone().png().toBuffer());
      pictures.push({ name, luma, png, theirs: await measured(await stored.jpeg({ quality, chromaSubsampling: quality >= 90 ? "4:4:4" : "4:2:0" }).toBuffer(), luma) });
    }

    const qualities = [-4, -2, 0, 1, 2, 3, 5, 8].map((step) => quality + step).filter((each) => each >= 1 && each <= 100 && each >= 90 === quality >= 90);
    await run("cargo", ["run", "--quiet", "--package", "roundel", "--example", "qualities", "--", place, qualities.join(","), ...pictures.map((picture) => picture.png)]);

    const rows = [];
    const ratios = [];
    for (const [index, { name, luma, theirs }] of pictures.entries()) {
      const file = (each: number): Buffer => readFileSync(join(place, `${index}-${each}.jpg`));
      const files = await Promise.all(qualities.map((each) => measured(file(each), luma)));
      const ours = await measured(file(quality), luma);
      const ratio = bytesAt(theirs.ssim, files) / theirs.bytes;
      ratios.push(ratio);
      rows.push({ photo: name, "our bytes": ours.bytes, "sharp's": theirs.bytes, "our SSIM": ours.ssim.toFixed(4), "sharp's SSIM": theirs.ssim.toFixed(4), "ours at sharp's SSIM / sharp's": ratio.toFixed(3) });
    }
    console.log(`${SIDE} x ${SIDE} JPEG at quality ${quality}, sharp ${sharp.versions.sharp}`);
    console.table(rows);
    const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
    console.log(`geometric mean of ${ratios.length} photos: ${mean.toFixed(3)} (at most ${MOST_RATIO})`);
    if (!(mean <= MOST_RATIO)) process.exitCode = 1;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});

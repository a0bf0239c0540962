/**
 * `node wasm/benches/webp.ts [FOLDER]`: lossy WebP pictures at quality 80 beside those of libwebp (in sharp, effort 4, as `cwebp` does by
 * default), made of the same pixels: the photos of the folder, by default those of ../shared/photos, at 256 x 256 and 512 x 512. Prints bytes,
 * SSIM of luma, the bytes that ours take at the score of theirs, and CPU times.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { buildPackage } from "../../infra/build/package.ts";
import { callerDirectory, inRoot } from "../../infra/setup/paths.ts";
import { main } from "../../infra/setup/process.ts";

const QUALITY = 80;
const SIDES = [256, 512];
const RUNS = 5;
/** Of the windows that SSIM compares, in pixels. */
const WINDOW = 8;

type Roundel = typeof import("../npm/src/index.ts");

async function luma(file: Uint8Array, side: number): Promise<Float64Array> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const samples = new Float64Array(side * side);
  for (let i = 0; i < samples.length; i++) {
    const [r, g, b] = [0, 1, 2].map((channel) => data[i * info.channels + channel] ?? 0);
    samples[i] = 0.299 * (r ?? 0) + 0.587 * (g ?? 0) + 0.114 * (b ?? 0);
  }
  return samples;
}

/** Sums over all windows, by way of a table of sums. */
function windows(side: number, value: (i: number) => number): Float64Array {
  const stride = side + 1;
  const sums = new Float64Array(stride * stride);
  for (let y = 0; y < side; y++) {
    for (let x = 0, row = 0; x < side; x++) {
      row += value(y * side + x);
      sums[(y + 1) * stride + x + 1] = (sums[y * stride + x + 1] ?? 0) + row;
    }
  }
  const count = side - WINDOW + 1;
  return Float64Array.from({ length: count * count }, (_, i) => {
    const [x, y] = [i % count, Math.floor(i / count)];
    const at = (dx: number, dy: number): number => sums[(y + dy) * stride + x + dx] ?? 0;
    return at(WINDOW, WINDOW) - at(0, WINDOW) - at(WINDOW, 0) + at(0, 0);
  });
}

/** Mean structural similarity, Wang et al. 2004, over flat windows. */
function ssim(a: Float64Array, b: Float64Array, side: number): number {
  const [of, with_] = [(i: number) => a[i] ?? 0, (i: number) => b[i] ?? 0];
  const [sumA, sumB] = [windows(side, of), windows(side, with_)];
  const [squareA, squareB] = [windows(side, (i) => of(i) ** 2), windows(side, (i) => with_(i) ** 2)];
  const product = windows(side, (i) => of(i) * with_(i));
  const [c1, c2, n] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2, WINDOW ** 2];
  let total = 0;
  for (let i = 0; i < sumA.length; i++) {
    const [meanA, meanB] = [(sumA[i] ?? 0) / n, (sumB[i] ?? 0) / n];
    const [varianceA, varianceB] = [(squareA[i] ?? 0) / n - meanA ** 2, (squareB[i] ?? 0) / n - meanB ** 2];
    const covariance = (product[i] ?? 0) / n - meanA * meanB;
    total += ((2 * meanA * meanB + c1) * (2 * covariance + c2)) / ((meanA ** 2 + meanB ** 2 + c1) * (varianceA + varianceB + c2));
  }
  return total / sumA.length;
}

/** Milliseconds of processor time, threads included: the least of some runs. */
async function cpuMs(work: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

await main(async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  const folder = positionals[0] === undefined ? inRoot("..", "shared", "photos") : resolve(callerDirectory(), positionals[0]);
  await buildPackage();
  const { ready, render } = (await import("roundel")) as Roundel;
  await ready();
  sharp.concurrency(1);
  sharp.cache(false);

  const rows = [];
  const ratios: { bytes: number[]; atTheirs: number[] } = { bytes: [], atTheirs: [] };
  for (const name of readdirSync(folder).filter((file) => /\.(jpe?g|png|webp)$/i.test(file)).sort()) {
    for (const side of SIDES) {
      const size = { width: side, height: side };
      const png = render(new Uint8Array(readFileSync(join(folder, name))), { ...size, format: "png" }).bytes;
      const wanted = await luma(png, side);
      const ours = (quality: number): Uint8Array => render(png, { ...size, format: "webp", quality }).bytes;
      const theirs = (): Promise<Buffer> => sharp(png).webp({ quality: QUALITY, effort: 4 }).toBuffer();
      const [mine, other] = [ours(QUALITY), new Uint8Array(await theirs())];
      const score = async (file: Uint8Array): Promise<number> => ssim(wanted, await luma(file, side), side);
      const [myScore, otherScore] = [await score(mine), await score(other)];
      let atTheirs = mine;
      for (let quality = 70; quality < 96; quality++) {
        atTheirs = ours(quality);
        if ((await score(atTheirs)) >= otherScore) break;
      }
      ratios.bytes.push(mine.length / other.length);
      ratios.atTheirs.push(atTheirs.length / other.length);
      const [myMs, otherMs] = [await cpuMs(() => ours(QUALITY)), await cpuMs(theirs)];
      rows.push({ photo: name, side, "roundel bytes": mine.length, "libwebp bytes": other.length, "roundel SSIM": myScore.toFixed(4), "libwebp SSIM": otherScore.toFixed(4), "bytes at its SSIM": atTheirs.length, "roundel ms": myMs.toFixed(1), "libwebp ms": otherMs.toFixed(1) });
    }
  }
  console.table(rows);
  const mean = (values: number[]): string => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length).toFixed(3);
  console.log(`bytes beside libwebp, geometric mean: ${mean(ratios.bytes)} at quality ${QUALITY}, ${mean(ratios.atTheirs)} at equal SSIM`);
});

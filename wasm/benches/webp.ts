/**
 * `node wasm/benches/webp.ts [FOLDER] [--quality 80]`: lossy WebP pictures beside those of libwebp (in sharp, effort 4, as `cwebp` does by
 * default), made of the same pixels: the photos of the folder, by default those of ../shared/photos, at 256 x 256 and 512 x 512, and squares cut out
 * of the larger ones. Prints bytes, SSIM of luma and of all planes, the bytes that ours take at these scores of theirs, and CPU times.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { buildPackage } from "../../infra/build/package.ts";
import { callerDirectory, inRoot } from "../../infra/setup/paths.ts";
import { main } from "../../infra/setup/process.ts";

const SIDES = [256, 512];
/** Of a photo so large, in pixels, squares of half this side are cut out. */
const LARGE = 1024;
const RUNS = 9;
/** Pictures that are others turned. */
const TURNED = /^exif-[2-8]\./;
/** Of the windows that SSIM compares, in pixels. */
const WINDOW = 8;

type Roundel = typeof import("../npm/src/index.ts");

/** Luma, and the two differences of colour, as JPEG has them. */
type Planes = [Float64Array, Float64Array, Float64Array];

async function planes(file: Uint8Array, side: number): Promise<Planes> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const all: Planes = [new Float64Array(side * side), new Float64Array(side * side), new Float64Array(side * side)];
  for (let i = 0; i < side * side; i++) {
    const [r, g, b] = [0, 1, 2].map((channel) => data[i * info.channels + channel] ?? 0) as [number, number, number];
    const y = 0.299 * r + 0.587 * g + 0.114 * b;
    [all[0][i], all[1][i], all[2][i]] = [y, (b - y) / 1.772, (r - y) / 1.402];
  }
  return all;
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

/** SSIM of luma, and of all planes, of which luma weighs six times as much as each of the others. */
type Score = { luma: number; color: number };

function scoreOf(wanted: Planes, got: Planes, side: number): Score {
  const [y, cb, cr] = wanted.map((plane, i) => ssim(plane, got[i] as Float64Array, side)) as [number, number, number];
  return { luma: y, color: (6 * y + cb + cr) / 8 };
}

/** Bytes at a score, between those at two whole qualities; the least and the greatest are not gone beyond. */
function bytesAt(points: { score: number; bytes: number }[], wanted: number): number {
  const at = points.findIndex(({ score }) => score >= wanted);
  const [below, above] = [points[Math.max(at, 1) - 1], points[at < 0 ? points.length - 1 : Math.max(at, 1)]];
  if (!below || !above || at <= 0 || above.score === below.score) return above?.bytes ?? Number.NaN;
  return below.bytes + ((above.bytes - below.bytes) * (wanted - below.score)) / (above.score - below.score);
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

/** The same pixels for both encoders, as PNG files: the photo at each side, and four parts of it where it is large enough. */
function* sources({ inspect, render }: Roundel, photo: Uint8Array): Generator<{ part: string; side: number; png: Uint8Array }> {
  for (const side of SIDES) yield { part: "whole", side, png: render(photo, { width: side, height: side, format: "png" }).bytes };
  const { width, height } = inspect(photo);
  if (Math.min(width, height) < LARGE) return;
  const square = render(photo, { width: LARGE, height: LARGE, format: "png" }).bytes;
  for (const [x, y] of [[0, 0], [1, 0], [0, 1], [1, 1]] as const) {
    const crop = { x: (x * LARGE) / 2, y: (y * LARGE) / 2, width: LARGE / 2, height: LARGE / 2 };
    yield { part: `${x}, ${y}`, side: 256, png: render(square, { width: 256, height: 256, crop, format: "png" }).bytes };
  }
}

await main(async () => {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { quality: { type: "string", default: "80" } } });
  const quality = Number(values.quality);
  const folder = positionals[0] === undefined ? inRoot("..", "shared", "photos") : resolve(callerDirectory(), positionals[0]);
  await buildPackage();
  const roundel = (await import("roundel")) as Roundel;
  await roundel.ready();
  sharp.concurrency(1);
  sharp.cache(false);

  const rows = [];
  const ratios: Record<"bytes" | "luma" | "color" | "ms", number[]> = { bytes: [], luma: [], color: [], ms: [] };
  for (const name of readdirSync(folder).filter((file) => /\.(jpe?g|png|webp)$/i.test(file) && !TURNED.test(file)).sort()) {
    for (const { part, side, png } of sources(roundel, new Uint8Array(readFileSync(join(folder, name))))) {
      const wanted = await planes(png, side);
      const ours = (at: number): Uint8Array => roundel.render(png, { width: side, height: side, format: "webp", quality: at }).bytes;
      const theirs = (): Promise<Buffer> => sharp(png).webp({ quality, effort: 4 }).toBuffer();
      const score = async (file: Uint8Array): Promise<Score> => scoreOf(wanted, await planes(file, side), side);
      const [mine, other] = [ours(quality), new Uint8Array(await theirs())];
      const [myScore, otherScore] = [await score(mine), await score(other)];
      const points: (Score & { bytes: number })[] = [];
      for (let at = Math.max(1, quality - 10); at <= Math.min(99, quality + 10); at += 2) {
        const file = ours(at);
        points.push({ ...(await score(file)), bytes: file.length });
      }
      const at = (by: keyof Score): number => bytesAt(points.map((point) => ({ score: point[by], bytes: point.bytes })), otherScore[by]);
      const [myMs, otherMs] = [await cpuMs(() => ours(quality)), await cpuMs(theirs)];
      ratios.bytes.push(mine.length / other.length);
      ratios.luma.push(at("luma") / other.length);
      ratios.color.push(at("color") / other.length);
      ratios.ms.push(myMs / otherMs);
      rows.push({ photo: name, part, side, "roundel bytes": mine.length, "libwebp bytes": other.length, "roundel SSIM": myScore.luma.toFixed(4), "libwebp SSIM": otherScore.luma.toFixed(4), "bytes at its SSIM": Math.round(at("luma")), "of all planes": Math.round(at("color")), "roundel ms": myMs.toFixed(1), "libwebp ms": otherMs.toFixed(1) });
    }
  }
  console.table(rows);
  const mean = (values: number[]): string => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length).toFixed(3);
  console.log(`beside libwebp at quality ${quality}, geometric mean of ${rows.length} pictures: bytes ${mean(ratios.bytes)}, at equal SSIM of luma ${mean(ratios.luma)}, of all planes ${mean(ratios.color)}; CPU time ${mean(ratios.ms)}`);
});

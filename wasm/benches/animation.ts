/**
 * `node wasm/benches/animation.ts [FILE] [--side 128]`: an animated picture to animated WebP and GIF, beside sharp, which does it with libwebp and
 * cgif; by default anim.gif of ../shared/photos to 128 x 128. Prints bytes, CPU times (medians, in turn), frames, and how near each file
 * is to the frames that it was made of: luma PSNR of all frames against the source's, each reduced by the program that made the file, as lossless WebP.
 */
import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { parseArgs } from "node:util";
import sharp, { type Sharp } from "sharp";
import { callerDirectory, inRoot } from "../../infra/setup/paths.ts";
import { main } from "../../infra/setup/process.ts";
import { FULL, timed } from "./cpu-time.ts";
import { lumaOf } from "./reference.ts";
import { roundel } from "./roundel.ts";
import { decimals, markdown } from "./tables.ts";

type Moving = { data: Buffer; channels: number; pages: number; delays: number[] };

async function framesOf(file: Uint8Array): Promise<Moving> {
  const { data, info } = await sharp(file, { animated: true }).raw().toBuffer({ resolveWithObject: true });
  const { delay, pages = 1 } = await sharp(file, { animated: true }).metadata();
  return { data, channels: info.channels, pages, delays: delay ?? [1] };
}

/** For each frame of the reference the one that is to be seen in its place: files leave frames out that are like the one before. */
function* pairs(a: Moving, b: Moving): Generator<[number, number]> {
  let [page, ends] = [0, a.delays[0] ?? 0];
  let begins = 0;
  for (let other = 0; other < b.pages; other++) {
    while (begins >= ends && page + 1 < a.pages) ends += a.delays[++page] ?? 0;
    yield [page, other];
    begins += b.delays[other] ?? 0;
  }
}

/** Of luma over black, in dB. */
async function psnr(file: Uint8Array, reference: Uint8Array, side: number): Promise<number> {
  const [a, b] = [await framesOf(file), await framesOf(reference)];
  const luma = ({ data, channels }: Moving, i: number): number => (lumaOf(data, i * channels) * (channels === 4 ? (data[i * channels + 3] ?? 0) : 255)) / 255;
  const area = side * side;
  let error = 0;
  for (const [page, other] of pairs(a, b)) {
    for (let i = 0; i < area; i++) error += (luma(a, page * area + i) - luma(b, other * area + i)) ** 2;
  }
  return 10 * Math.log10((255 ** 2 * area * b.pages) / error);
}

await main(async () => {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { side: { type: "string", default: "128" } } });
  const path = positionals[0] === undefined ? inRoot("..", "shared", "photos", "anim.gif") : resolve(callerDirectory(), positionals[0]);
  const side = Number(values.side);
  const bytes = new Uint8Array(readFileSync(path));
  const { render } = await roundel();
  sharp.concurrency(1);
  sharp.cache(false);

  const size = { width: side, height: side, animate: true };
  const resized = (): Sharp => sharp(bytes, { animated: true }).resize(side, side);
  const makers: Record<string, { name: string; make: () => Uint8Array | Promise<Uint8Array>; isOurs: boolean }[]> = {
    webp: [
      { name: "roundel", isOurs: true, make: () => render(bytes, { ...size, format: "webp" }).bytes },
      { name: "sharp", isOurs: false, make: () => resized().webp().toBuffer() },
    ],
    gif: [
      { name: "roundel", isOurs: true, make: () => render(bytes, { ...size, format: "gif" }).bytes },
      { name: "sharp", isOurs: false, make: () => resized().gif().toBuffer() },
    ],
  };
  const references = [await resized().webp({ lossless: true }).toBuffer(), render(bytes, { ...size, format: "webp", quality: 100 }).bytes] as const;
  for (const [format, contenders] of Object.entries(makers)) {
    const timings = await timed(contenders.map(({ name, make }) => ({ name, work: make })), FULL);
    const rows = [];
    for (const { name, make, isOurs } of contenders) {
      const file = await make();
      const { pages } = await framesOf(file);
      rows.push([name, String(file.length), decimals(timings[name]?.ms, 1), String(pages), decimals(await psnr(file, references[isOurs ? 1 : 0], side), 1)]);
    }
    const [ours, theirs] = rows;
    const ratio = (column: number): string | undefined => decimals(Number(ours?.[column]) / Number(theirs?.[column]), 2);
    const table = { title: `${basename(path)} to ${side} x ${side}, animated ${format} as it comes by default`, columns: ["", "bytes", "CPU ms", "frames", "dB"], rows: [...rows, ["ratio", ratio(1), ratio(2), undefined, undefined]] };
    console.log(markdown({ ...table, notes: [] }));
  }
});

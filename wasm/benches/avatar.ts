/**
 * `npm run bench`: how long a photo takes to become a 256 x 256 JPEG, in WebAssembly in Node, beside native sharp (one thread), in
 * the same process, one after the other, medians. CPU time, because sharp works on threads of its own. `npm run bench -- FOLDER` takes
 * the photos of that folder; by default those of ../shared/photos, or one made on the spot.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { cpus } from "node:os";
import { basename, join, resolve } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { buildPackage } from "../../infra/build/package.ts";
import { callerDirectory, inRoot } from "../../infra/setup/paths.ts";
import { main } from "../../infra/setup/process.ts";

const RUNS = 11;
const SMALLEST_BYTES = 500_000;

type Photo = { name: string; bytes: Uint8Array<ArrayBuffer> };
type Roundel = typeof import("../npm/src/index.ts");

/** 4032 x 3024 with detail at every scale, so that there is something to decode. */
async function madePhoto(): Promise<Photo> {
  const [width, height] = [4032, 3024];
  const data = new Uint8Array(width * height * 3);
  let state = 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    data[i] = 128 + 60 * Math.sin(x / 97) * Math.cos(y / 71) + 30 * Math.sin((x * y) / 40_000) + (state >>> 28);
  }
  const bytes = await sharp(data, { raw: { width, height, channels: 3 } }).jpeg({ quality: 90 }).toBuffer();
  return { name: "made 4032x3024", bytes: new Uint8Array(bytes) };
}

async function photos(folder: string | undefined): Promise<Photo[]> {
  const place = folder === undefined ? inRoot("..", "shared", "photos") : resolve(callerDirectory(), folder);
  if (folder === undefined && !existsSync(place)) return [await madePhoto()];
  return readdirSync(place)
    .filter((name) => /\.(jpe?g|png)$/i.test(name) && statSync(join(place, name)).size >= SMALLEST_BYTES)
    .sort()
    .map((name) => ({ name: basename(name), bytes: new Uint8Array(readFileSync(join(place, name))) }));
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Milliseconds of processor time that the whole process spends in the work, threads included. */
async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

await main(async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  await buildPackage();
  const { ready, render } = (await import("roundel")) as Roundel;
  await ready();
  sharp.concurrency(1);
  sharp.cache(false);

  const rows = [];
  for (const { name, bytes } of await photos(positionals[0])) {
    const ours = (): unknown => render(bytes);
    const fast = (): unknown => render(bytes, { effort: "fast" });
    const theirs = (): unknown => sharp(bytes).autoOrient().resize(256, 256).jpeg().toBuffer();
    await ours();
    await fast();
    await theirs();
    const times: { ours: number[]; fast: number[]; theirs: number[] } = { ours: [], fast: [], theirs: [] };
    for (let run = 0; run < RUNS; run++) {
      times.ours.push(await cpuMs(ours));
      times.fast.push(await cpuMs(fast));
      times.theirs.push(await cpuMs(theirs));
    }
    const [mine, quick, sharps] = [median(times.ours), median(times.fast), median(times.theirs)];
    rows.push({ photo: name, "MB in": (bytes.length / 1e6).toFixed(1), "roundel ms": mine.toFixed(0), "fast ms": quick.toFixed(0), "sharp ms": sharps.toFixed(0), ratio: (mine / sharps).toFixed(2), "ratio, fast": (quick / sharps).toFixed(2) });
  }
  console.log(`256 x 256 JPEG, CPU time, median of ${RUNS}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}, Node ${process.versions.node}, sharp ${sharp.versions.sharp}`);
  console.table(rows);

  const wasm = readFileSync(inRoot("wasm", "npm", "dist", "roundel.wasm"));
  console.table([{ file: "roundel.wasm", kB: (wasm.length / 1e3).toFixed(0), "brotli kB": (brotliCompressSync(wasm).length / 1e3).toFixed(0) }]);
});

/**
 * `node wasm/benches/png.ts [FOLDER]`: PNG pictures beside those that sharp makes by default (libpng, zlib-ng at level 6, no filter), of the same
 * pixels: photos of the folder, by default those of ../shared/photos, and drawings, at 256 x 256. Ours reads a BMP and sharp raw pixels, so that the time
 * is that of encoding, and with ours of all else that `render` does, resampling and hashes. Fails where one of ours is larger.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { callerDirectory, inRoot } from "../../infra/setup/paths.ts";
import { main } from "../../infra/setup/process.ts";
import { FULL, timed } from "./cpu-time.ts";
import { roundel } from "./roundel.ts";
import { asBmp, drawings, photographs } from "./squares.ts";

const SIDE = 256;

await main(async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  const folder = positionals[0] === undefined ? inRoot("..", "shared", "photos") : resolve(callerDirectory(), positionals[0]);
  const { render } = await roundel();
  sharp.concurrency(1);
  sharp.cache(false);

  const rows = [];
  const ratios: number[] = [];
  for (const square of [...(existsSync(folder) ? await photographs(folder, SIDE) : []), ...(await drawings(SIDE))]) {
    const { name, side, channels, data } = square;
    const bmp = asBmp(square);
    const ours = (): Uint8Array => render(bmp, { width: side, height: side, format: "png" }).bytes;
    // What is transparent has no colour of its own after our resampling: the pixels that ours holds are those that both have to store.
    const pixels = await sharp(ours()).ensureAlpha().raw().toBuffer();
    const stored = sharp(channels === 4 ? pixels : data, { raw: { width: side, height: side, channels } });
    const theirs = (): Promise<Buffer> => stored.clone().png().toBuffer();
    const [mine, other] = [ours().length, (await theirs()).length];
    const timings = await timed([{ name: "roundel", work: ours }, { name: "sharp", work: theirs }], FULL);
    ratios.push(mine / other);
    rows.push({ picture: name, "roundel bytes": mine, "sharp bytes": other, ratio: (mine / other).toFixed(3), "roundel ms": timings.roundel?.ms.toFixed(1), "sharp ms": timings.sharp?.ms.toFixed(1) });
  }
  console.table(rows);
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  console.log(`bytes beside sharp's, geometric mean of ${ratios.length}: ${mean.toFixed(3)}, most ${Math.max(...ratios).toFixed(3)}`);
  if (Math.max(...ratios) > 1) process.exitCode = 1;
});

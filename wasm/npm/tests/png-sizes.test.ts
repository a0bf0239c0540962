/** PNG pictures are never larger than those that sharp makes by default, of the same pixels; and those pixels are all there. */
import assert from "node:assert/strict";
import { before, it } from "node:test";
import sharp from "sharp";
import { ready, render } from "roundel";
import { asBmp, drawings, photographs, type Square } from "../../benches/squares.ts";
import { inRoot } from "../../../infra/setup/paths.ts";

before(() => ready());

/** A photo as cameras make it, without a file: soft shapes, an edge, and noise. */
function drawnPhoto(side: number, channels: 3 | 4, noise: number): Square {
  const data = Buffer.alloc(side * side * channels);
  let state = 1;
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [((i % side) / side) * 256, (Math.floor(i / side) / side) * 256];
    for (let channel = 0; channel < channels; channel++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const soft = 128 + 50 * Math.sin(x / (31 + 7 * channel)) * Math.cos(y / 43) + (x + y > 256 ? 40 : 0);
      data[i * channels + channel] = channel === 3 ? Math.min(255, 2 * x) : soft + (state >>> 24) * (noise / 255);
    }
  }
  return { name: `drawn photo, noise ${noise}`, side, channels, data };
}

async function check(square: Square): Promise<void> {
  const { name, side, channels, data } = square;
  const ours = render(asBmp(square), { width: side, height: side, format: "png" }).bytes;
  const raw = { raw: { width: side, height: side, channels } };
  const pixels = await sharp(ours).ensureAlpha().toColorspace("srgb").raw().toBuffer();
  if (channels === 3) assert.deepEqual(pixels, await sharp(data, raw).ensureAlpha().raw().toBuffer(), `${name}: other pixels`);
  // Transparent pixels have lost their colours on the way: sharp gets those that are left.
  const theirs = await sharp(channels === 4 ? pixels : data, raw).png().toBuffer();
  assert.ok(ours.length <= theirs.length, `${name}, ${side}: ${ours.length} bytes, sharp's has ${theirs.length}`);
}

for (const side of [31, 64, 128, 256]) {
  it(`of drawings, ${side} pixels`, async () => {
    const squares = await drawings(side);
    assert.ok(squares.length >= 10 && squares.some(({ channels }) => channels === 4));
    for (const square of squares) await check(square);
  });

  it(`of photos, ${side} pixels`, async () => {
    for (const noise of [0, 3, 20, 255]) for (const channels of [3, 4] as const) await check(drawnPhoto(side, channels, noise));
    const squares = await photographs(inRoot("wasm", "tests", "fixtures"), side);
    assert.ok(squares.length >= 20);
    for (const square of squares) await check(square);
  });
}

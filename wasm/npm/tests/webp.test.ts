/** Lossy WebP files of ours, in libwebp (sharp) and in our decoder: the same pixels, to the bit. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { ready, render } from "roundel";
import sharp from "sharp";
import { fixture } from "./golden.ts";

type Pixels = { data: Buffer; width: number; height: number };

async function decoded(file: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** The same numbers in every run. */
function numbers(): () => number {
  let state = 5;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
}

type Color = [number, number, number, number];

/** Strokes a pixel thin, as writing has them. */
const stroke = (x: number, y: number): boolean => (x * 7 + Math.floor(y / 9) * 5) % 11 < 2 && y % 9 < 7;
const random = numbers();

const drawings: Record<string, (x: number, y: number) => Color> = {
  flat: () => [200, 30, 90, 255],
  noise: () => [random(), random(), random(), 255],
  text: (x, y) => (stroke(x, y) ? [0, 0, 0, 255] : [255, 255, 255, 255]),
  stripes: (x) => (Math.floor(x / 3) % 2 === 0 ? [255, 0, 0, 255] : [0, 0, 255, 255]),
  fading: (x, y) => [x * 3, y * 3, 90, Math.min(255, x * 5)].map((sample) => sample & 255) as Color,
};

function drawn(name: string, width: number, height: number): Promise<Buffer> {
  const draw = drawings[name] as (x: number, y: number) => Color;
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) data.set(draw(i % width, Math.floor(i / width)), i * 4);
  return sharp(data, { raw: { width, height, channels: 4 } }).png().toBuffer();
}

/** Encodes and decodes at this size, in both ways. Colours are compared where nothing shines through: elsewhere they are multiplied. */
async function agree(source: Uint8Array, width: number, height: number, quality: number, what: string): Promise<void> {
  const file = render(source, { width, height, format: "webp", quality }).bytes;
  const theirs = await decoded(file);
  const ours = await decoded(render(file, { width, height, format: "png" }).bytes);
  assert.deepEqual([theirs.width, theirs.height, ours.width, ours.height], [width, height, width, height], what);
  for (let i = 0; i < theirs.data.length; i += 4) {
    const [a, b] = [theirs, ours].map(({ data }) => data.readUInt32LE(i)) as [number, number];
    assert.equal(a >>> 24, b >>> 24, `${what}: alpha of pixel ${i / 4}`);
    if (a >>> 24 === 255) assert.equal(a, b, `${what}: pixel ${i / 4}`);
  }
}

describe("lossy WebP", () => {
  before(() => ready());

  for (const name of Object.keys(drawings)) {
    it(`is decoded by libwebp as by us: ${name}`, async () => {
      for (const [width, height] of [[1, 1], [15, 17], [33, 6], [70, 47]] as const) {
        const source = await drawn(name, width, height);
        for (const quality of [1, 2, 10, 25, 40, 55, 70, 80, 90, 95, 98, 99]) {
          await agree(source, width, height, quality, `${name}, ${width} x ${height}, quality ${quality}`);
        }
      }
    });
  }

  it("is decoded by libwebp as by us: a photo at every quality", async () => {
    const photo = render(fixture("portrait.jpg"), { width: 61, height: 75, format: "png" }).bytes;
    for (let quality = 1; quality < 100; quality++) await agree(photo, 61, 75, quality, `quality ${quality}`);
  });
});

/** What the benchmark tells has to be true: its yardstick, its peers, its tables. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import sharp from "sharp";
import { inspect, ready } from "roundel";
import { fixture } from "../../npm/tests/golden.ts";
import { timed } from "../cpu-time.ts";
import { limitsTable, photoLimits } from "../limits.ts";
import { jsquash } from "../peers/jsquash.ts";
import { photon } from "../peers/photon.ts";
import { nativeSharp } from "../peers/sharp.ts";
import { wasmVips } from "../peers/wasm-vips.ts";
import type { Photo } from "../photos.ts";
import { psnr, reduced, type Decoded } from "../reference.ts";
import { peakBytes } from "../roundel.ts";
import { markdown } from "../tables.ts";

function gray(width: number, height: number, value: (x: number, y: number) => number): Decoded {
  return { width, height, channels: 1, data: Uint8Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width))) };
}

/** The reduction reads red, green and blue. */
function rgb({ width, height, data }: Decoded): Decoded {
  return { width, height, channels: 3, data: Uint8Array.from({ length: data.length * 3 }, (_, i) => data[Math.floor(i / 3)] ?? 0) };
}

describe("the reference", () => {
  it("keeps one colour, takes the middle, and keeps the slope of a ramp", () => {
    const flat = reduced(rgb(gray(50, 40, () => 77)), 8);
    assert.ok(flat.samples.every((sample) => Math.abs(sample - 77) < 1e-9));

    // Twice as wide as high: columns 40..119 of 160, ten to an output pixel.
    const ramp = reduced(rgb(gray(160, 80, (x) => x)), 8);
    const middle = ramp.samples.slice(8 * 4, 8 * 5);
    for (const x of [3, 4]) assert.ok(Math.abs((middle[x] ?? 0) - (40 + 10 * x + 4.5)) < 0.3, `${middle[x]}`);
  });

  it("agrees with the Lanczos of libvips, where nothing is reduced before", async () => {
    const picture = gray(512, 512, (x, y) => 128 + 60 * Math.sin(x / 5) + 60 * Math.cos((x + 3 * y) / 17));
    const { data } = await sharp(rgb(picture).data, { raw: { width: 512, height: 512, channels: 3 } }).resize(256, 256).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const theirs = { side: 256, samples: Float64Array.from({ length: 256 * 256 }, (_, i) => data[3 * i] ?? 0) };
    const score = psnr(theirs, reduced(rgb(picture), 256));
    assert.ok(score > 50 && score < 70, `${score}`);
  });

  it("counts decibels as everyone does", () => {
    const of = (value: number): { side: number; samples: Float64Array } => ({ side: 2, samples: new Float64Array(4).fill(value) });
    assert.equal(psnr(of(5), of(5)), Infinity);
    assert.ok(Math.abs(psnr(of(10), of(9)) - 48.13) < 0.01);
  });
});

describe("a peer", () => {
  const loaded = [Promise.resolve(nativeSharp), jsquash(), Promise.resolve(photon), wasmVips()];
  after(async () => {
    for (const peer of await Promise.all(loaded)) peer.close?.();
  });

  for (const [at, name] of ["sharp", "jSquash", "photon", "wasm-vips"].entries()) {
    it(`${name} makes the picture that we make`, async () => {
      await ready();
      const peer = await loaded[at];
      assert.ok(peer);
      assert.equal(peer.name, name);
      const wide = await sharp(fixture("progressive.jpg")).resize(640, 480).jpeg().toBuffer();
      const photo: Photo = { name: "wide", format: "jpeg", bytes: new Uint8Array(wide) };
      const made = new Uint8Array(await peer.render(photo));
      const { format, width, height } = inspect(made);
      assert.deepEqual({ format, width, height }, { format: "jpeg", width: 256, height: 256 });
      const pixels = async (file: Uint8Array): Promise<Buffer> => sharp(file).removeAlpha().raw().toBuffer();
      const [theirs, middle] = [await pixels(made), await pixels(await sharp(wide).extract({ left: 80, top: 0, width: 480, height: 480 }).resize(256, 256).png().toBuffer())];
      const difference = theirs.reduce((sum, value, i) => sum + Math.abs(value - (middle[i] ?? 0)), 0) / theirs.length;
      assert.ok(difference < 4, `mean difference ${difference}`);
    });
  }
});

it("measures processor time, and leaves out who refuses", async () => {
  const busy = (turns: number): (() => number) => () => Array.from({ length: turns }, (_, i) => Math.sqrt(i)).reduce((a, b) => a + b, 0);
  const refuses = (): never => {
    throw new Error("no");
  };
  const timings = await timed(
    [{ name: "short", work: busy(50_000) }, { name: "long", work: busy(1_000_000) }, { name: "none", work: refuses }],
    { runs: 3, slowRuns: 1, slowMs: 100_000 },
  );
  assert.deepEqual([timings.short?.runs, timings.none], [3, undefined]);
  assert.ok((timings.long?.ms ?? 0) > 2 * (timings.short?.ms ?? Infinity));
});

it("measures the memory of an instance of its own", async () => {
  const small = await peakBytes(fixture("portrait.jpg"), { width: 32, height: 32 });
  const large = await peakBytes(fixture("portrait.jpg"), { width: 2048, height: 2048, format: "png" });
  assert.ok(small !== undefined && large !== undefined && large > small + 2048 * 2048 * 3, `${small}, ${large}`);
  assert.equal(await peakBytes(new Uint8Array(100), {}), undefined);
});

it("prints tables that tell what does not hold", () => {
  const table = limitsTable("Limits", photoLimits([{ name: "a.jpg", role: "baseline", ratio: 0.51 }, { name: "b.jpg", role: "master", ratio: 0.5 }], undefined));
  assert.deepEqual(table.rows.map((row) => row.slice(1)), [["at most 0.5", "0.51", "**no**"], ["at most 0.5", "0.50", "yes"]]);
  assert.equal(markdown({ title: "T", columns: ["a", "b"], rows: [["x", 1], ["yy", undefined]] }), "**T**\n\n| a   |   b |\n| --- | --: |\n| x   |   1 |\n| yy  |   – |\n");
});

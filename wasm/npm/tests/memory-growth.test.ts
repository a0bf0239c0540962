/** How much linear memory a large photo takes beyond its own bytes. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { it } from "node:test";
import sharp from "sharp";

type Bindings = typeof import("../src/bindings.d.ts");

const MIB = 1 << 20;

it("of a baseline JPEG of 12 megapixels, only some rows are in memory at a time", async () => {
  const bindings = (await import("../dist/bindings.js" as string)) as Bindings;
  const module = await WebAssembly.compile(await readFile(new URL("../dist/roundel.wasm", import.meta.url)));
  const noise = { type: "gaussian", mean: 128, sigma: 12 } as const;
  const [width, height] = [4032, 3024];
  const photo = new Uint8Array(await sharp({ create: { width, height, channels: 3, background: "black", noise } }).jpeg({ quality: 85 }).toBuffer());
  assert.ok(photo.length > 2 * MIB, `only ${photo.length} bytes`);

  for (const recipe of [{}, { effort: "fast" }, { rotate: 90, crop: { x: 500, y: 700, width: 2001, height: 2003 } }]) {
    const { memory } = await bindings.default({ module_or_path: module });
    const before = memory.buffer.byteLength;
    bindings.render(photo, recipe, undefined);
    const grown = memory.buffer.byteLength - before - photo.length;
    assert.ok(grown < 4 * MIB, `${JSON.stringify(recipe)}: ${(grown / MIB).toFixed(1)} MiB`);
    // The next one gets a fresh instance: memory never shrinks.
    bindings.__wbg_reset_state();
  }
});

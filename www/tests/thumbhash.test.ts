import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { ready, render } from "roundel";
import sharp from "sharp";
import { thumbhashPixels } from "../src/thumbhash.ts";

const photo = await readFile(new URL("../../wasm/tests/fixtures/portrait.jpg", import.meta.url));

test("the placeholder has the colours of the picture where the picture has them", async () => {
  await ready();
  for (const [width, height] of [[256, 256], [300, 100]] as const) {
    const { thumbhash, bytes } = render(photo, { width, height, quality: 95 });
    const pixels = thumbhashPixels(thumbhash);
    assert.ok(pixels);
    const wanted = await sharp(bytes).resize(pixels.width, pixels.height, { fit: "fill" }).blur(3).removeAlpha().raw().toBuffer();
    let sum = 0;
    for (let pixel = 0; pixel < pixels.width * pixels.height; pixel++) {
      for (let channel = 0; channel < 3; channel++) sum += Math.abs((pixels.data[pixel * 4 + channel] ?? 0) - (wanted[pixel * 3 + channel] ?? 0));
    }
    const difference = sum / (pixels.width * pixels.height * 3);
    assert.ok(difference < 14, `the mean difference is ${difference}`);
    assert.ok(Math.abs(pixels.width / pixels.height - width / height) < 0.6, `${pixels.width} x ${pixels.height}`);
  }
});

test("what is no ThumbHash has no pixels", () => {
  for (const text of ["", "!", "AAAA", "ä"]) assert.equal(thumbhashPixels(text), undefined);
  assert.ok(thumbhashPixels("AAAAAAAAAAAAAAAAAA"));
});

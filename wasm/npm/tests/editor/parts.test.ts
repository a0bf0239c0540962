/** Parts of the editor that need no page. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import sharp from "sharp";
import { Latest } from "../../src/editor/latest.ts";
import { recipeFor } from "../../src/editor/output.ts";
import { hasPosition } from "../../src/editor/position.ts";
import { previewSize, quickSize } from "../../src/editor/preview-size.ts";
import { progressOf } from "../../src/editor/progress.ts";
import { fixture } from "./harness.ts";

const PLACE = { IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 31/1 0/1", GPSLongitudeRef: "E", GPSLongitude: "13/1 24/1 0/1" } };
const CAMERA = { IFD0: { Make: "A camera", Copyright: "GPS of words" } };

test("the module can be imported where there is no page", async () => {
  const { RoundelEditor, ENGLISH } = await import("../../src/editor/index.ts");
  assert.equal(typeof RoundelEditor, "function");
  assert.equal(ENGLISH.save, "Save picture");
});

test("a position is found in every format that may carry one, and none where there is none", async () => {
  const photo = sharp(await readFile(fixture("portrait.jpg"))).resize(64);
  for (const format of ["jpeg", "png", "webp", "avif"] as const) {
    const told = await photo.clone().withExif(PLACE).toFormat(format).toBuffer();
    const silent = await photo.clone().withExif(CAMERA).toFormat(format).toBuffer();
    const bare = await photo.clone().toFormat(format).toBuffer();
    assert.deepEqual(await Promise.all([told, silent, bare].map((file) => hasPosition(new Blob([new Uint8Array(file)])))), [true, false, false], format);
  }
});

test("a position in XMP counts too", async () => {
  const xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="52,31N"/></rdf:RDF></x:xmpmeta>';
  const file = await sharp(await readFile(fixture("portrait.jpg"))).resize(64).withXmp(xmp).jpeg().toBuffer();
  assert.equal(await hasPosition(new Blob([new Uint8Array(file)])), true);
});

test("a file that is cut off anywhere, or damaged, tells nothing and does no harm", async () => {
  const file = new Uint8Array(await sharp(await readFile(fixture("portrait.jpg"))).resize(16).withExif(PLACE).jpeg().toBuffer());
  for (let length = 0; length < 400; length += 3) await hasPosition(new Blob([file.subarray(0, length)]));
  for (let at = 0; at < 300; at++) {
    const damaged = file.slice();
    damaged[at] = 0xff;
    await hasPosition(new Blob([damaged]));
  }
  for (const text of ["", "a", "GPSLatitude", "\x89PNG\r\n\x1a\n\xff\xff\xff\xffeXIf"]) assert.equal(await hasPosition(new Blob([Uint8Array.from(text, (c) => c.charCodeAt(0))])), false);
});

test("of jobs that come faster than they are done, the newest is done", async () => {
  const [worked, done, failed]: [number[], number[], unknown[]] = [[], [], []];
  const latest = new Latest<number, number>({
    work: async (job) => {
      worked.push(job);
      await new Promise((resolve) => setTimeout(resolve, 30));
      if (job === 3) throw new Error("not this one");
      return job * 10;
    },
    done: (_, result) => done.push(result),
    failed: (error) => failed.push((error as Error).message),
    settleMs: 5,
  });
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  latest.ask(1);
  await pause(15);
  latest.ask(2);
  latest.ask(3);
  await pause(120);
  latest.ask(4);
  await pause(120);
  latest.ask(5);
  await pause(15);
  latest.clear();
  await pause(80);
  assert.deepEqual(worked, [1, 3, 4, 5], "2 nobody waited for");
  assert.deepEqual(done, [40], "1 was old when it was done, 3 failed, 5 was thrown away");
  assert.deepEqual(failed, ["not this one"]);
});

test("a picture is never larger than what is cut out, an animation smaller still", () => {
  const framing = { rotate: 0, flip: false, straighten: 0, crop: { x: 1, y: 2, width: 3000, height: 1000 } } as const;
  assert.deepEqual(recipeFor(framing, { kind: "banner", width: 1920, format: "jpeg", frames: 1 }), { crop: framing.crop, width: 1920, height: 640, format: "jpeg", quality: 90 });
  const moving = recipeFor({ ...framing, flip: true, rotate: 90, straighten: -5, crop: { x: 0, y: 0, width: 700, height: 700 } }, { kind: "avatar", width: 1024, format: "jpeg", frames: 34 });
  assert.deepEqual(moving, { crop: { x: 0, y: 0, width: 700, height: 700 }, rotate: 90, flip: true, straighten: -5, width: 512, height: 512, animate: true, format: "webp", quality: 90 });
});

test("previews are as large as a screen needs, in whole pixels", () => {
  assert.deepEqual(previewSize({ width: 100, height: 50 }), { width: 100, height: 50 });
  assert.deepEqual(quickSize({ width: 4000, height: 3000 }), { width: 360, height: 270 });
  assert.deepEqual(previewSize({ width: 1, height: 10_000 }), { width: 1, height: 4096 });
  const { width, height } = previewSize({ width: 8000, height: 6000 });
  assert.ok(width * height <= 6_010_000);
});

test("progress only grows on its way", () => {
  const steps = [progressOf({ phase: "signing", loaded: 0, total: 10 }), progressOf({ phase: "uploading", loaded: 0, total: 10 }), progressOf({ phase: "uploading", loaded: 10, total: 10 }), progressOf({ phase: "publishing", loaded: 10, total: 10 })];
  for (const [index, { done }] of steps.entries()) assert.ok(done < 1 && done > (steps[index - 1]?.done ?? 0));
  assert.deepEqual(steps.map(({ late }) => late === true), [false, false, false, true]);
});

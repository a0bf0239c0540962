/** Which file comes to what in the editor, in Chromium: what docs/editor.md states of each, file by file. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { ready, render, type ImageInfo, type Recipe, type Rendered } from "roundel";
import sharp from "sharp";
import { startBrowser } from "../../infra/local/browser.ts";
import { editorPage, EditorOnPage, fixture, PAGE_SCRIPT, PAGE_STYLE, serveEditor, type EditorServer } from "../../wasm/npm/tests/editor/harness.ts";
import { keptPhoto } from "./kept-photo.ts";
import { insideCircle, insideOf, meanDifference } from "./pixels.ts";

/** What is stated of a file that is opened. */
type Opened = {
  name: string;
  file: () => Promise<Buffer>;
  info: Partial<ImageInfo>;
  crop: Recipe["crop"];
  /** Of the finished picture. */
  made: Partial<Rendered>;
  facts?: RegExp;
  /** Other pages of the test are banners, or keep what moves or is transparent. */
  page?: string;
  /** Looks at the finished picture by a decoder that is not ours. */
  look?: (bytes: Buffer) => Promise<void>;
};

/** 480 x 640, the right way up. */
const portrait = async (): Promise<Buffer> => sharp(await readFile(fixture("portrait.jpg"))).autoOrient().jpeg({ quality: 95 }).toBuffer();
const square = (x: number, y: number, side: number): Recipe["crop"] => ({ x, y, width: side, height: side });

const OPENED: Opened[] = [
  {
    name: "a photo of 49 megapixels",
    file: async () => (await keptPhoto("49mp.jpg", async () => sharp(await portrait()).resize(7000, 7000, { kernel: "linear" }).jpeg({ quality: 70 }).toBuffer())).bytes,
    info: { format: "jpeg", width: 7000, height: 7000 },
    crop: square(0, 0, 7000),
    made: { width: 1024, height: 1024, contentType: "image/jpeg" },
  },
  {
    name: "a portrait of a phone that stores it lying, with its position",
    file: async () =>
      sharp(await sharp(await portrait()).resize(900, 1200).png().toBuffer()).rotate(270).withMetadata({ orientation: 6 })
        .withExifMerge({ IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 31/1 0/1", GPSLongitudeRef: "E", GPSLongitude: "13/1 24/1 0/1" } }).jpeg().toBuffer(),
    info: { width: 900, height: 1200, orientation: 6, hasMetadata: true },
    crop: square(0, 150, 900),
    made: { width: 900, height: 900 },
    facts: /GPS position removed/,
    look: async (bytes) => {
      const { exif, orientation } = await sharp(bytes).metadata();
      assert.deepEqual([exif, orientation], [undefined, undefined]);
    },
  },
  {
    name: "a photo in Display P3",
    file: () => sharp({ create: { width: 64, height: 64, channels: 3, background: "#c04020" } }).withIccProfile("p3").jpeg({ quality: 100 }).toBuffer(),
    info: { colorSpace: "display-p3" },
    crop: square(0, 0, 64),
    made: { contentType: "image/jpeg" },
    // libvips wrote the colour of sRGB into P3: back in sRGB it has to be the same, and without a profile.
    look: async (bytes) => {
      const [red, green, blue] = await colorOf(bytes);
      assert.ok(Math.abs(red - 0xc0) < 5 && Math.abs(green - 0x40) < 5 && Math.abs(blue - 0x20) < 5, `${red}, ${green}, ${blue}`);
      assert.equal((await sharp(bytes).metadata()).icc, undefined);
    },
  },
  {
    name: "a photo in CMYK",
    file: async () => sharp(await portrait()).toColourspace("cmyk").jpeg({ quality: 95 }).toBuffer(),
    info: { colorSpace: "cmyk", width: 480, height: 640 },
    crop: square(0, 80, 480),
    made: { width: 480, height: 480 },
    look: async (bytes) => assert.equal((await sharp(bytes).metadata()).space, "srgb"),
  },
  {
    name: "a transparent PNG, as JPEG",
    file: clear,
    info: { format: "png", hasAlpha: true },
    crop: square(0, 0, 80),
    made: { width: 80, contentType: "image/jpeg" },
    look: async (bytes) => assert.deepEqual(await colorOf(bytes), [255, 255, 255]),
  },
  {
    name: "a transparent PNG, where the page asks for PNG",
    file: clear,
    page: "/png",
    info: { hasAlpha: true },
    crop: square(0, 0, 80),
    made: { contentType: "image/png" },
    look: async (bytes) => assert.equal((await sharp(bytes).stats()).isOpaque, false),
  },
  {
    name: "an animated GIF",
    file: () => readFile(fixture("anim.gif")),
    info: { format: "gif", frames: 4 },
    crop: square(5, 0, 30),
    made: { frames: 1, contentType: "image/jpeg" },
  },
  {
    name: "a picture of 1 x 1",
    file: () => drawn(1, 1),
    info: { width: 1, height: 1 },
    crop: square(0, 0, 1),
    made: { width: 1, height: 1 },
    look: async (bytes) => assert.ok((await colorOf(bytes))[0] > 140),
  },
  {
    name: "a picture of 1 x 10000",
    file: () => drawn(1, 10_000),
    info: { width: 1, height: 10_000 },
    crop: square(0, 5000, 1),
    made: { width: 1, height: 1 },
  },
  {
    name: "a picture of 1 x 10000, as a banner",
    file: () => drawn(1, 10_000),
    page: "/banner",
    info: { width: 1, height: 10_000 },
    crop: square(0, 5000, 1),
    made: { width: 1, height: 1 },
  },
];

type Refused = { name: string; file: () => Promise<Buffer>; words: RegExp; code: string };

const REFUSED: Refused[] = [
  { name: "a text file named .jpg", file: async () => Buffer.from("Dear diary,\n"), words: /not a photo that can be used here.*JPEG, PNG/, code: "unsupported_format" },
  { name: "a photo of which half is missing", file: async () => ((whole) => whole.subarray(0, whole.length / 2))(await portrait()), words: /part of this photo is missing/i, code: "truncated" },
  { name: "a PNG of which half is missing", file: async () => ((whole) => whole.subarray(0, whole.length / 2))(await sharp(await portrait()).png().toBuffer()), words: /part of this photo is missing/i, code: "truncated" },
  { name: "a photo of more than 50 megapixels", file: () => drawn(10_000, 5001), words: /too many pixels.*50 megapixels/, code: "too_many_pixels" },
];

describe("in the editor", () => {
  let server: EditorServer;
  let browser: Browser;

  before(async () => {
    const pages = { "/": editorPage(), "/png": editorPage('format="png" shape="square"'), "/banner": editorPage('kind="banner"'), "/page.js": PAGE_SCRIPT, "/page.css": PAGE_STYLE };
    [server, browser] = await Promise.all([serveEditor(pages), startBrowser(), ready()]);
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  const open = (path = "/"): Promise<EditorOnPage> => EditorOnPage.open(browser, server.origin + path, { reducedMotion: "reduce" });

  for (const { name, file: make, info, crop, made, facts, page = "/", look } of OPENED) {
    it(`${name} is opened, shown as it is rendered, and rendered as stated`, async () => {
      const file = await make();
      const editor = await open(page);
      try {
        await editor.choose("photo.jpg", file);
        const told = await editor.editor.evaluate((element) => (element as unknown as { info: ImageInfo }).info);
        assert.deepEqual({ ...told, ...info }, told);
        if (facts) await editor.part("facts").filter({ hasText: facts }).waitFor();
        if (page === "/") {
          const shown = await insideCircle(await editor.part("stage").screenshot(), 16);
          const wanted = await insideOf(render(file, { ...(await editor.recipe()), width: 256, height: 256, quality: 100 }).bytes, 16);
          const difference = meanDifference(shown, wanted);
          assert.ok(difference < 6, `the mean difference between what is shown and what is rendered is ${difference}`);
        }
        const { recipe, bytes, rendered } = await editor.save();
        assert.deepEqual(recipe.crop, crop);
        assert.deepEqual({ ...rendered, ...made }, rendered);
        assert.ok(Buffer.compare(bytes, render(file, recipe).bytes) === 0, `${bytes.length} bytes are those that render gives`);
        await look?.(bytes);
        assert.deepEqual([editor.complaints, await editor.heard("error")], [[], []]);
      } finally {
        await editor.close();
      }
    });
  }

  for (const { name, file, words, code } of REFUSED) {
    it(`${name} is refused in words, and the next photo is taken`, async () => {
      const editor = await open();
      try {
        await editor.offer("photo.jpg", await file());
        await editor.notice(words);
        assert.deepEqual(((await editor.heard("error")) as { code: string }[]).map((error) => error.code), [code]);
        await editor.choose("portrait.jpg");
        assert.ok(await editor.part("notice").isHidden());
        assert.deepEqual(editor.complaints, []);
      } finally {
        await editor.close();
      }
    });
  }
});

function drawn(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: "#a05030" } }).png({ compressionLevel: 1 }).toBuffer();
}

/** Nothing but a corner is opaque. */
function clear(): Promise<Buffer> {
  const corner = { input: { create: { width: 20, height: 20, channels: 3, background: "#0050a0" } }, left: 0, top: 0 } as const;
  return sharp({ create: { width: 80, height: 80, channels: 4, background: "#00000000" } }).composite([corner]).png().toBuffer();
}

/** Of the pixel in the middle. */
async function colorOf(file: Buffer): Promise<[red: number, green: number, blue: number]> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(info.height / 2) * info.width + Math.floor(info.width / 2)) * 3;
  return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
}

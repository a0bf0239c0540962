/** Files that are a picture and something else too: of the something else nothing is served, and nothing is kept among the pictures. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { assertGuarded, assertProblem, fixture, startHarness, type Harness } from "./harness.ts";

let harness: Harness;
before(async () => {
  harness = await startHarness();
});
after(() => harness?.stop());

const MARK = "ROUNDEL-PAYLOAD-6b1f0c";

/** A ZIP archive with one stored file. APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16. */
function zip(): Buffer {
  const [name, content] = [Buffer.from("a.js"), Buffer.from(`${MARK}()`)];
  const sums = Buffer.alloc(12);
  sums.writeUInt32LE(crc32(content), 0);
  sums.writeUInt32LE(content.length, 4);
  sums.writeUInt32LE(content.length, 8);
  const names = Buffer.from([name.length, 0, 0, 0]);
  const local = Buffer.concat([Buffer.from("PK\x03\x04\x0a\0\0\0\0\0\0\0\0\0", "latin1"), sums, names, name, content]);
  const central = Buffer.concat([Buffer.from("PK\x01\x02\x0a\0\x0a\0\0\0\0\0\0\0\0\0", "latin1"), sums, names, Buffer.alloc(14), name]);
  const end = Buffer.from("PK\x05\x06\0\0\0\0\x01\0\x01\0\0\0\0\0\0\0\0\0\0\0", "latin1");
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

const html = Buffer.from(`<!doctype html><html><body><script>${MARK}()</script></body></html>`);
const javascript = Buffer.from(`*/=1;${MARK}();/*`);
const php = Buffer.from(`<?php ${MARK}(); ?>`);
/** All of them; the archive last, which is read from its end. */
const payload = Buffer.concat([javascript, html, php, zip()]);

/** What gives one of them away, in any letters. */
const TRACES = [MARK, "<script", "<!doctype", "<?php", "PK\x03\x04", "PK\x05\x06", "Exif\0\0", "http://ns.adobe.com/xap", "tEXt", "iTXt", "zTXt", "eXIf"].map((trace) => trace.toLowerCase());

function assertClean(bytes: Uint8Array, at: string): void {
  const text = Buffer.from(bytes).toString("latin1").toLowerCase();
  for (const trace of TRACES) assert.ok(!text.includes(trace), `${at}: ${JSON.stringify(trace)}`);
}

const spliced = (file: Uint8Array, at: number, piece: Buffer): Buffer => Buffer.concat([file.subarray(0, at), piece, file.subarray(at)]);

function segment(marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

function chunk(type: string, content: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, sum]);
}

function riffChunk(type: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return Buffer.concat([Buffer.from(type), length, content, Buffer.alloc(content.length % 2)]);
}

/** A WebP file with this at its end, inside of the RIFF chunk. */
function insideRiff(file: Uint8Array, piece: Buffer): Buffer {
  const whole = Buffer.concat([file, piece]);
  whole.writeUInt32LE(whole.length - 8, 4);
  return whole;
}

const jpeg = fixture("portrait.jpg");
const png = fixture("alpha.png");
const gif = fixture("still.gif");

/** The blocks of a GIF extension. */
function gifBlocks(content: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < content.length; at += 255) {
    const block = content.subarray(at, at + 255);
    blocks.push(Buffer.from([block.length]), block);
  }
  return Buffer.concat([...blocks, Buffer.alloc(1)]);
}

/** After the start of image of JPEG, after the header of PNG (33 bytes), before the trailer of GIF. */
const hidingPlaces: Record<string, (webp: Buffer) => [extension: string, file: Buffer]> = {
  "a JPEG comment": () => ["jpg", spliced(jpeg, 2, segment(0xfe, payload))],
  "a JPEG APP1 segment": () => ["jpg", spliced(jpeg, 2, segment(0xe1, payload))],
  "a JPEG APP13 segment": () => ["jpg", spliced(jpeg, 2, segment(0xed, payload))],
  // Its length is `/*`: what comes before the payload is a comment.
  "a JPEG APP0 segment, as JavaScript begins it": () => ["jpg", spliced(jpeg, 2, segment(0xe0, Buffer.concat([Buffer.alloc(0x2f2a - 2 - payload.length), payload])))],
  "the end of a JPEG": () => ["jpg", Buffer.concat([jpeg, payload])],
  "PNG text": () => ["png", spliced(png, 33, chunk("tEXt", Buffer.concat([Buffer.from("Comment\0"), payload])))],
  "a PNG chunk of nobody's": () => ["png", spliced(png, 33, chunk("roUn", payload))],
  "the end of a PNG": () => ["png", Buffer.concat([png, payload])],
  "a GIF comment": () => ["gif", spliced(gif, gif.length - 1, Buffer.concat([Buffer.from([0x21, 0xfe]), gifBlocks(payload)]))],
  "the end of a GIF": () => ["gif", Buffer.concat([gif, payload])],
  "a WebP chunk of nobody's": (webp) => ["webp", insideRiff(webp, riffChunk("ROUN", payload))],
  "the end of a WebP": (webp) => ["webp", Buffer.concat([webp, payload])],
};

describe("a payload in a picture", () => {
  let people = 0;

  async function servedWithout(extension: string, file: Uint8Array, at: string): Promise<void> {
    const sub = `polyglot-${(people += 1)}`;
    await harness.upload(sub, extension, file);
    const { version } = await harness.publish(sub);
    const paths: [path: string, type: string][] = [
      [`/avatars/${sub}.jpg`, "image/jpeg"],
      [`/avatars/${sub}.png?size=1024`, "image/png"],
      [`/avatars/${sub}`, "image/webp"],
      [`/avatars/${sub}/${version}/64.webp`, "image/webp"],
      [`/avatars/${sub}/${version}/512.jpg`, "image/jpeg"],
    ];
    for (const [path, type] of paths) {
      const response = await harness.get(path, { headers: { accept: "image/webp,*/*" } });
      assert.equal(response.status, 200, `${at}: ${path}`);
      assert.equal(response.headers.get("content-type"), type);
      assertGuarded(response);
      assertClean(new Uint8Array(await response.arrayBuffer()), `${at}: ${path}`);
    }
    const keys = await harness.keys("assets", `avatars/${sub}/`);
    assert.ok(keys.length >= 3, keys.join());
    for (const key of keys) assertClean(await harness.object("assets", key), `${at}: ${key}`);
  }

  for (const [place, hide] of Object.entries(hidingPlaces)) {
    it(`in ${place} is not served`, async () => {
      const [extension, file] = hide(await sharp(jpeg).resize(300).webp().toBuffer());
      assert.ok(file.includes(payload.subarray(0, 200)), "it is in the upload");
      await servedWithout(extension, file, place);
    });
  }

  it("nor is where and with what it was taken", async () => {
    const exif = { IFD0: { Artist: MARK, Model: MARK, ImageDescription: MARK }, IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 31/1 12/1", GPSLongitudeRef: "E", GPSLongitude: "13/1 24/1 18/1" } };
    const photo = sharp(jpeg).withExif(exif).withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${MARK}</x:xmpmeta>`).withIccProfile("p3");
    for (const [extension, file] of [["jpg", await photo.clone().jpeg().toBuffer()], ["png", await photo.clone().png().toBuffer()], ["webp", await photo.clone().webp().toBuffer()]] as const) {
      assert.ok(file.includes(MARK), extension);
      await servedWithout(extension, file, `metadata of ${extension}`);
    }
  });
});

it("what is no picture first of all, whatever comes after, is refused and kept as no type at all", async () => {
  const cases: [extension: string, file: Buffer, code: string][] = [
    ["jpg", Buffer.concat([html, jpeg]), "unsupported_format"],
    ["jpg", Buffer.concat([zip(), jpeg]), "unsupported_format"],
    ["png", Buffer.concat([php, png]), "unsupported_format"],
    ["jpg", Buffer.from(gif), "content_type_mismatch"],
    ["gif", Buffer.from(`GIF89a/*${MARK}*/=1;`), "malformed"],
  ];
  for (const [index, [extension, file, code]] of cases.entries()) {
    const sub = `no-picture-${index}`;
    await harness.upload(sub, extension, file);
    const response = await harness.post("/avatars/publish", sub);
    await assertProblem(response, code === "malformed" ? 422 : 415, code);
    assert.deepEqual(await harness.keys("assets", `avatars/${sub}/`), []);
    // The bucket is not public; who reads it with the keys gets bytes, not a page.
    const aside = await harness.stored("uploads", `rejected/avatars/${sub}.${extension}`);
    assert.equal(aside.headers.get("content-type"), "application/octet-stream");
  }
});

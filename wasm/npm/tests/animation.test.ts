/** Animations as other programs read and write them: sharp (libwebp, libnsgif), and where they are installed Pillow and the tools of libwebp. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { inspect, ready, render, type Recipe, type Rendered } from "roundel";
import sharp from "sharp";
import { fixture } from "./golden.ts";

const SIDE = 40;

type Moving = { frames: Buffer[]; delays: number[]; loop: number };

/** All frames as RGBA, by another program. */
async function decoded(file: Uint8Array): Promise<Moving> {
  const { data, info } = await sharp(file, { animated: true }).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const { delay = [], loop = 0, pages = 1 } = await sharp(file, { animated: true }).metadata();
  const bytes = info.width * (info.height / pages) * 4;
  return { frames: Array.from({ length: pages }, (_, page) => data.subarray(page * bytes, (page + 1) * bytes)), delays: delay, loop };
}

/** The same by our own decoder, as lossless pictures at the same size: animated WebP of quality 100, whose frames sharp reads. */
async function byOurs(file: Uint8Array): Promise<Moving> {
  const { width, height } = inspect(file);
  return decoded(render(file, { width, height, animate: true, format: "webp", quality: 100 }).bytes);
}

/** Colours count as far as they are seen: what is hardly there is known by its alpha, in a few steps. */
function worst(a: Buffer, b: Buffer): { colour: number; alpha: number } {
  const most = { colour: 0, alpha: 0 };
  for (let i = 0; i < a.length; i += 4) {
    most.alpha = Math.max(most.alpha, Math.abs((a[i + 3] ?? 0) - (b[i + 3] ?? 0)));
    const seen = (b[i + 3] ?? 0) / 255;
    for (let channel = 0; channel < 3; channel++) most.colour = Math.max(most.colour, Math.round(Math.abs((a[i + channel] ?? 0) - (b[i + channel] ?? 0)) * seen));
  }
  return most;
}

const made = (name: string, recipe: Recipe): Rendered => render(fixture(name), { width: SIDE, height: SIDE, animate: true, ...recipe });

const SOURCES = ["anim.gif", "anim.webp", "animated.png", "animated-apart.png"];

before(() => ready());

describe("animated WebP of ours", () => {
  it("is the same to libwebp as to our own decoder, frame by frame", async () => {
    for (const name of SOURCES) {
      for (const quality of [20, 80, 100]) {
        const { bytes, frames } = made(name, { format: "webp", quality });
        const [theirs, ours] = [await decoded(bytes), await byOurs(bytes)];
        assert.equal(theirs.frames.length, frames, `${name} ${quality}`);
        assert.deepEqual([ours.frames.length, ours.delays, ours.loop], [frames, theirs.delays, theirs.loop]);
        theirs.frames.forEach((frame, at) => {
          const { colour, alpha } = worst(frame, ours.frames[at] ?? Buffer.alloc(0));
          // Libwebp blends translucent pixels with a division of its own.
          assert.ok(colour <= 1 && alpha === 0, `${name} ${quality}, frame ${at}: ${colour}, ${alpha}`);
        });
      }
    }
  });

  it("takes part in the quality that bytes are traded for", () => {
    const large = made("anim.gif", { format: "webp", quality: 90 });
    const small = made("anim.gif", { format: "webp", quality: 90, maxBytes: Math.floor(large.bytes.length * 0.7) });
    assert.ok(small.bytes.length <= large.bytes.length * 0.7 && small.quality < 90);
  });
});

describe("GIF of ours", () => {
  it("is the same to libnsgif as to our own decoder, and near what it was made of", async () => {
    for (const name of SOURCES) {
      const { bytes, frames, contentType } = made(name, { format: "gif" });
      assert.equal(contentType, "image/gif");
      const [theirs, ours] = [await decoded(bytes), await byOurs(bytes)];
      const wanted = await decoded(made(name, { format: "webp", quality: 100 }).bytes);
      assert.deepEqual([theirs.frames.length, ours.frames.length], [frames, frames], name);
      assert.deepEqual([theirs.delays, theirs.loop], [ours.delays, ours.loop], name);
      theirs.frames.forEach((frame, at) => assert.deepEqual(worst(frame, ours.frames[at] ?? Buffer.alloc(0)), { colour: 0, alpha: 0 }, `${name}, frame ${at}`));
      if (frames !== wanted.frames.length) continue;
      theirs.frames.forEach((frame, at) => {
        const exact = wanted.frames[at] ?? Buffer.alloc(0);
        let [error, count] = [0, 0];
        for (let i = 0; i < frame.length; i += 4) {
          assert.equal((frame[i + 3] ?? 0) > 0, (exact[i + 3] ?? 0) >= 128, `${name}, frame ${at}, pixel ${i / 4}`);
          if (frame[i + 3] === 0) continue;
          count += 3;
          for (let channel = 0; channel < 3; channel++) error += ((frame[i + channel] ?? 0) - (exact[i + channel] ?? 0)) ** 2;
        }
        assert.ok(error <= 120 * count, `${name}, frame ${at}: ${error / count}`);
      });
    }
  });

  it("of a still too, and of what has few colours exactly", async () => {
    const still = render(fixture("portrait.jpg"), { width: 64, height: 64, format: "gif" });
    assert.deepEqual([still.frames, inspect(still.bytes).frames, inspect(still.bytes).format], [1, 1, "gif"]);
    const few = render(await sharp({ create: { width: 9, height: 9, channels: 3, background: "#123456" } }).png().toBuffer(), { width: 9, height: 9, format: "gif" });
    const { frames } = await decoded(few.bytes);
    assert.deepEqual([...(frames[0]?.subarray(0, 4) ?? [])], [0x12, 0x34, 0x56, 255]);
  });

  it("fits into the bytes that it may have, or says that it cannot", () => {
    const full = render(fixture("portrait.jpg"), { width: 64, height: 64, format: "gif" });
    const fitting = render(fixture("portrait.jpg"), { width: 64, height: 64, format: "gif", maxBytes: Math.floor(full.bytes.length / 2) });
    assert.ok(fitting.bytes.length <= full.bytes.length / 2 && fitting.quality < 80);
    assert.throws(() => render(fixture("portrait.jpg"), { width: 64, height: 64, format: "gif", maxBytes: 40 }), { code: "bad_recipe" });
  });
});

/** Whether a program is there and runs. */
function runs(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("with other programs, where they are installed", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "roundel-animation-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  it("webpmux reads our WebP", { skip: !runs("webpmux", "-version") }, () => {
    for (const name of SOURCES) {
      const { bytes, frames } = made(name, { format: "webp" });
      const told = execFileSync("webpmux", ["-info", file("ours.webp", bytes)], { encoding: "utf8" });
      assert.match(told, new RegExp(`Number of frames: ${frames}\\b`), name);
      assert.match(told, new RegExp(`Canvas size: ${SIDE} x ${SIDE}`), name);
    }
  });

  it("what gif2webp makes in each of its ways, we show as libwebp does", { skip: !runs("gif2webp", "-version") }, async () => {
    const source = file("source.gif", fixture("anim.gif"));
    for (const options of [[], ["-lossy", "-q", "60"], ["-mixed"], ["-min_size"], ["-kmin", "2", "-kmax", "3"]]) {
      const path = join(folder, "theirs.webp");
      execFileSync("gif2webp", ["-quiet", ...options, source, "-o", path]);
      const bytes = new Uint8Array(readFileSync(path));
      const [theirs, ours] = [await decoded(bytes), await byOurs(bytes)];
      assert.equal(ours.frames.length, theirs.frames.length, options.join(" "));
      theirs.frames.forEach((frame, at) => {
        const { colour, alpha } = worst(frame, ours.frames[at] ?? Buffer.alloc(0));
        assert.ok(colour <= 1 && alpha <= 1, `${options.join(" ")}, frame ${at}: ${colour}, ${alpha}`);
      });
    }
  });

  it("Pillow reads our GIF", { skip: !runs("python3", "-c", "import PIL") }, async () => {
    for (const name of SOURCES) {
      const { bytes, frames } = made(name, { format: "gif" });
      const script = "import sys\nfrom PIL import Image, ImageSequence\npicture = Image.open(sys.argv[1])\nfor frame in ImageSequence.Iterator(picture): sys.stdout.buffer.write(frame.convert('RGBA').tobytes())";
      const pixels = execFileSync("python3", ["-c", script, file("ours.gif", bytes)], { maxBuffer: 1 << 26 });
      const theirs = await decoded(bytes);
      assert.equal(pixels.length, frames * SIDE * SIDE * 4, name);
      theirs.frames.forEach((frame, at) => {
        const { colour, alpha } = worst(pixels.subarray(at * frame.length, (at + 1) * frame.length), frame);
        assert.deepEqual([colour, alpha], [0, 0], `${name}, frame ${at}`);
      });
    }
  });
});

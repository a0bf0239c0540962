/** Photos that Chromium decodes for Roundel: their colours, their transparency, which way is up, and what is said where nobody decodes them. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { startBrowser } from "../../../infra/local/browser.ts";
import type { Recipe } from "../src/types.ts";
import { startPlainServer, type PlainServer } from "./plain-server.ts";

type StudioModule = typeof import("../src/studio.ts");
type Package = typeof import("../src/index.ts");

type Pixels = { width: number; height: number; channels: number; data: Buffer };

/** A colour of Display P3 in sRGB; CSS Color 4, section 10, and its sample code. */
function fromDisplayP3(color: number[]): number[] {
  const linear = color.map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  const [red = 0, green = 0, blue = 0] = linear;
  const converted = [1.2249402 * red - 0.2249402 * green, -0.0420570 * red + 1.0420570 * green, -0.0196376 * red - 0.0786361 * green + 1.0982735 * blue];
  return converted.map((value) => Math.max(0, Math.min(1, value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055)) * 255);
}

describe("a photo that the browser decodes", () => {
  let browser: Browser;
  let server: PlainServer;
  let page: Page;
  before(async () => {
    server = await startPlainServer();
    browser = await startBrowser();
    page = await browser.newPage();
    await page.goto(server.origin);
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  const rendered = async (name: string, recipe: Recipe): Promise<{ source: string; pixels: Pixels }> => {
    const { bytes, source } = await page.evaluate(
      async ({ name, recipe }) => {
        const { createStudio } = (await import("/package/studio.js" as string)) as StudioModule;
        const studio = createStudio();
        const { bytes, source } = await studio.render(await (await fetch(`/fixtures/${name}`)).blob(), recipe);
        studio.close();
        return { bytes: [...bytes], source };
      },
      { name, recipe },
    );
    const { data, info } = await sharp(Buffer.from(bytes)).raw().toBuffer({ resolveWithObject: true });
    return { source, pixels: { ...info, data } };
  };

  const difference = (one: Pixels, color: (at: number) => number[]): number => {
    let sum = 0;
    for (let at = 0; at < one.width * one.height; at++) {
      for (const [channel, value] of color(at).entries()) sum += Math.abs((one.data[at * one.channels + channel] ?? 0) - value);
    }
    return sum / (one.width * one.height * 3);
  };
  const rgb = ({ data, channels }: Pixels) => (at: number): number[] => [...data.subarray(at * channels, at * channels + 3)];

  it("comes out in sRGB, and the right way up once", async () => {
    const size = { width: 64, height: 48, format: "png" } as const;
    const [plain, turned] = [await rendered("plain.avif", size), await rendered("exif-6-p3.avif", size)];
    assert.deepEqual([plain.source, turned.source, turned.pixels.width, turned.pixels.height], ["browser", "browser", 64, 48]);
    // The same numbers in both files; in one of them they mean Display P3, and they are stored on their side.
    const meant = difference(turned.pixels, (at) => fromDisplayP3(rgb(plain.pixels)(at)));
    const asTheyAre = difference(turned.pixels, rgb(plain.pixels));
    assert.ok(meant < 6 && asTheyAre > 1.5 * meant, `${meant} to what is meant, ${asTheyAre} to the numbers as they are`);
    // By another decoder.
    const { data, info } = await sharp(new URL("../../tests/fixtures/plain.avif", import.meta.url).pathname).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    assert.ok(difference(plain.pixels, rgb({ ...info, data })) < 4);
  });

  it("keeps its transparency where the output has one, and lies on the background elsewhere", async () => {
    const png = (await rendered("alpha.avif", { width: 64, height: 48, format: "png" })).pixels;
    assert.equal(png.channels, 4);
    const { data } = await sharp(new URL("../../tests/fixtures/alpha.avif", import.meta.url).pathname).raw().toBuffer({ resolveWithObject: true });
    const shown = await page.evaluate(async () => {
      const image = new Image();
      image.src = "/fixtures/alpha.avif";
      await image.decode();
      const pen = new OffscreenCanvas(image.width, image.height).getContext("2d");
      pen?.drawImage(image, 0, 0);
      return Array.from(pen?.getImageData(0, 0, image.width, image.height).data ?? []).filter((_, at) => at % 4 === 3);
    });
    const alphaOf = (at: number): number => shown[at] ?? 0;
    // Chromium 156.0.8078.108 stretches the transparency of every AVIF picture as if it were of limited range, 16 to 235; others read it as it is.
    const readings = [(stored: number): number => stored, (stored: number): number => Math.max(0, Math.min(255, ((stored - 16) * 255) / 219))];
    assert.equal(shown.length, 64 * 48);
    assert.ok(readings.some((reading) => shown.every((alpha, at) => Math.abs(alpha - reading(data[at * 4 + 3] ?? 0)) <= 3)));
    for (let at = 0; at < 64 * 48; at++) assert.ok(Math.abs((png.data[at * 4 + 3] ?? 0) - alphaOf(at)) <= 3, `pixel ${at}`);
    const background = [0, 0, 255];
    const jpeg = (await rendered("alpha.avif", { width: 64, height: 48, quality: 100, background: "#0000ff" })).pixels;
    const mixed = (at: number): number[] => background.map((value, channel) => ((data[at * 4 + channel] ?? 0) * alphaOf(at) + value * (255 - alphaOf(at))) / 255);
    assert.equal(jpeg.channels, 3);
    assert.ok(difference(jpeg, mixed) < 8, String(difference(jpeg, mixed)));
  });

  it("is refused in words where nobody decodes it, in the studio and on the page's thread", async () => {
    const told = await page.evaluate(async () => {
      const { createStudio } = (await import("/package/studio.js" as string)) as StudioModule;
      const { ready, render } = (await import("/package/index.js" as string)) as Package;
      await ready();
      const studio = createStudio();
      const words = (error: unknown): string => `${(error as { code?: string }).code}: ${(error as Error).message}`;
      const bytes = async (name: string): Promise<Uint8Array> => new Uint8Array(await (await fetch(`/fixtures/${name}`)).arrayBuffer());
      const heic = await bytes("p3.heic");
      const avif = await bytes("plain.avif");
      const told = [
        await studio.render(heic).catch(words),
        await studio.render(avif.slice(0, avif.length / 2)).catch(words),
        await studio.render(new Blob(['<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'], { type: "image/svg+xml" })).catch(words),
        await studio.render(new Blob([])).catch(words),
      ];
      try {
        render(avif);
      } catch (error) {
        told.push(words(error));
      }
      told.push((await studio.render(avif)).source);
      studio.close();
      return told.map(String);
    });
    assert.match(told[0] ?? "", /^unsupported_format: .*HEIC/);
    assert.match(told[1] ?? "", /^(unsupported_format|truncated|malformed): /);
    for (const words of told.slice(2, 4)) assert.match(words, /^unsupported_format: ./);
    assert.match(told[4] ?? "", /^unsupported_format: .*AVIF/);
    assert.equal(told[5], "browser");
  });
});

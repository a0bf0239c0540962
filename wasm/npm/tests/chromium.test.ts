/** The package in Chromium, as plain modules under the strictest policy that it promises to live with. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { startBrowser } from "../../../infra/local/browser.ts";
import { goldenCases, goldenDefaultPictures } from "./golden.ts";
import { startPlainServer, type PlainServer } from "./plain-server.ts";

// The code in `page.evaluate` runs in the browser; these are the modules that it finds there.
type Package = typeof import("../src/index.ts");
type StudioModule = typeof import("../src/studio.ts");

describe("in Chromium", () => {
  const complaints: string[] = [];
  let browser: Browser;
  let page: Page;
  let server: PlainServer;

  before(async () => {
    server = await startPlainServer();
    browser = await startBrowser();
    page = await browser.newPage();
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(server.origin);
  });

  after(async () => {
    await browser?.close();
    server?.close();
  });

  it("gives the golden bytes on the page's own thread", async () => {
    const cases = goldenCases.map(({ input, recipe }) => ({ input, recipe }));
    const made = await page.evaluate(async (cases) => {
      const { ready, render } = (await import("/package/index.js" as string)) as Package;
      await ready();
      const photos = new Map<string, Uint8Array>();
      const made = [];
      for (const { input, recipe } of cases) {
        const photo = photos.get(input) ?? new Uint8Array(await (await fetch(`/fixtures/${input}`)).arrayBuffer());
        photos.set(input, photo);
        const { sha256, thumbhash } = render(photo, recipe);
        made.push({ input, recipe, sha256, thumbhash });
      }
      return made;
    }, cases);
    assert.deepEqual(made, goldenCases);
  });

  it("draws the golden default pictures", async () => {
    const hashes = await page.evaluate(async (options) => {
      const { ready, defaultPicture } = (await import("/package/index.js" as string)) as Package;
      await ready();
      return options.map((one) => defaultPicture(one).sha256);
    }, goldenDefaultPictures.map(({ options }) => options));
    assert.deepEqual(hashes, goldenDefaultPictures.map(({ sha256 }) => sha256));
  });

  it("gives the same in a Web Worker, from a file and from bytes, and leaves the caller its bytes", async () => {
    const made = await page.evaluate(async () => {
      const { createStudio } = (await import("/package/studio.js" as string)) as StudioModule;
      const studio = createStudio();
      const blob = await (await fetch("/fixtures/portrait.jpg")).blob();
      const bytes = new Uint8Array(await blob.arrayBuffer());
      const info = await studio.inspect(blob);
      const hashes = [await studio.render(blob, {}), await studio.render(bytes), await studio.render(new File([blob], "me.jpg"), { width: 48, height: 48 })].map(({ sha256 }) => sha256);
      studio.close();
      return { info, hashes, left: bytes.length, size: blob.size };
    });
    const wanted = (recipe: object): string | undefined => goldenCases.find((one) => one.input === "portrait.jpg" && JSON.stringify(Object.entries(one.recipe).sort()) === JSON.stringify(Object.entries(recipe).sort()))?.sha256;
    assert.deepEqual(made.hashes, [wanted({}), wanted({}), wanted({ width: 48, height: 48 })]);
    assert.equal(made.info.width, 480);
    assert.equal(made.left, made.size);
  });

  it("aborts a job that runs, one that waits and one that never began, and goes on", async () => {
    const story = await page.evaluate(async () => {
      const { createStudio } = (await import("/package/studio.js" as string)) as StudioModule;
      const studio = createStudio();
      const blob = await (await fetch("/fixtures/portrait.jpg")).blob();
      const name = (error: unknown): string => (error as Error).name;
      const [running, waiting] = [new AbortController(), new AbortController()];
      const first = studio.render(blob, { width: 4096, height: 4096, format: "png" }, { signal: running.signal }).then(() => "done", name);
      const second = studio.render(blob, {}, { signal: waiting.signal }).then(() => "done", name);
      const third = studio.render(blob).then(({ width }) => `width ${width}`, name);
      waiting.abort();
      setTimeout(() => running.abort(new DOMException("enough", "TimeoutError")), 20);
      const fourth = studio.render(blob, {}, { signal: AbortSignal.abort() }).then(() => "done", name);
      const all = await Promise.all([first, second, third, fourth]);
      const last = studio.render(blob).then(() => "done", name);
      studio.close();
      return [...all, await last, await studio.render(blob).then(() => "done", name)];
    });
    assert.deepEqual(story, ["TimeoutError", "AbortError", "width 256", "AbortError", "AbortError", "AbortError"]);
  });

  it("passes typed errors from the Web Worker, and goes on", async () => {
    const story = await page.evaluate(async () => {
      const { createStudio, RoundelError } = (await import("/package/studio.js" as string)) as StudioModule;
      const studio = createStudio();
      const blob = await (await fetch("/fixtures/portrait.jpg")).blob();
      const code = (error: unknown): string => (error instanceof RoundelError ? error.code : `no RoundelError: ${String(error)}`);
      const outcomes = [
        await studio.render(new Blob(["hello"])).catch(code),
        await studio.render(blob.slice(0, 9000)).catch(code),
        await studio.render(blob, { width: 0 }).catch(code),
        await studio.render(blob, { width: (() => 1) as unknown as number }).catch(code),
        (await studio.render(blob)).width,
      ];
      studio.close();
      return outcomes;
    });
    assert.deepEqual(story, ["unsupported_format", "truncated", "bad_recipe", "bad_recipe", 256]);
  });

  it("has the browser decode what Roundel does not, and treats it as any other photo", async () => {
    const made = await page.evaluate(async () => {
      const { createStudio } = (await import("/package/studio.js" as string)) as StudioModule;
      const studio = createStudio();
      const file = async (name: string): Promise<Blob> => (await fetch(`/fixtures/${name}`)).blob();
      const samples = async (picture: Blob): Promise<Uint8ClampedArray> => {
        const bitmap = await createImageBitmap(picture);
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
        context?.drawImage(bitmap, 0, 0);
        return context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? new Uint8ClampedArray();
      };
      // Both show the same 90 x 120 pixels; the AVIF file is stored on its side.
      const [avif, jpeg] = [await file("exif-6.avif"), await file("exif-1.jpg")];
      const recipes = [{ width: 90, height: 120 }, { width: 60, height: 40, crop: { x: 10, y: 20, width: 60, height: 40 } }, { width: 40, height: 60, rotate: 90, flip: true, crop: { x: 60, y: 5, width: 40, height: 60 } }] as const;
      const differences: number[] = [];
      const sources: string[] = [];
      for (const recipe of recipes) {
        const [a, b] = [await studio.render(avif, { ...recipe, format: "png" }), await studio.render(jpeg, { ...recipe, format: "png" })];
        sources.push(a.source, b.source);
        const [seen, wanted] = [await samples(new Blob([a.bytes.slice()])), await samples(new Blob([b.bytes.slice()]))];
        differences.push(seen.length === wanted.length ? seen.reduce((sum, sample, index) => sum + Math.abs(sample - (wanted[index] ?? 0)), 0) / seen.length : Infinity);
      }
      // 17.2 megapixels in four colours: red, green, blue, yellow. The lower left part, as seen after a quarter turn.
      const large = await studio.render(await file("quarters.avif"), { width: 8, height: 8, format: "png", rotate: 90, crop: { x: 100, y: 100, width: 1800, height: 1800 } });
      const [red = 0, green = 0, blue = 0] = await samples(new Blob([large.bytes.slice()]));
      studio.close();
      return { differences, sources, corner: [red, green, blue] };
    });
    assert.deepEqual(made.sources, ["browser", "roundel", "browser", "roundel", "browser", "roundel"]);
    assert.ok(made.differences.every((difference) => difference < 6), String(made.differences));
    // After turning clockwise, what was at the lower left is at the upper left: blue.
    const [red = 0, green = 0, blue = 0] = made.corner;
    assert.ok(red < 40 && green < 40 && blue > 200, String(made.corner));
  });

  it("holds the browser's decoder to the limits as well", async () => {
    const story = await page.evaluate(async () => {
      const { createStudio, RoundelError } = (await import("/package/studio.js" as string)) as StudioModule;
      const studio = createStudio();
      const avif = new Uint8Array(await (await fetch("/fixtures/quarters.avif")).arrayBuffer());
      const tried = (photo: Uint8Array, limits: object, side = 64): Promise<string> =>
        studio.render(photo, { width: side, height: side }, { limits }).then(
          ({ source, width }) => `${source} ${width}`,
          (error: unknown) => (error instanceof RoundelError ? error.code : `no RoundelError: ${String(error)}`),
        );
      // A header that announces more than there is: nobody may try to decode it.
      const enormous = avif.slice();
      const size = new DataView(enormous.buffer);
      for (let at = 0; at + 16 < enormous.length; at++) {
        if (String.fromCharCode(...enormous.subarray(at, at + 4)) !== "ispe") continue;
        size.setUint32(at + 8, 60_000);
        size.setUint32(at + 12, 50_000);
        break;
      }
      const outcomes = {
        usual: await tried(avif, {}),
        tooMany: await tried(avif, { maxPixels: 17_219_999 }),
        justEnough: await tried(avif, { maxPixels: 17_220_000 }),
        enormous: await tried(enormous, {}),
        stillEnormous: await tried(enormous, { maxPixels: 2_999_999_999 }),
        smallCopy: await tried(avif, { memoryBudgetBytes: 100_000 }),
        noRoom: await tried(avif, { memoryBudgetBytes: 100_000 }, 160),
        misspelled: await tried(avif, { maxPixel: 1 }),
      };
      studio.close();
      return outcomes;
    });
    assert.deepEqual(story, {
      usual: "browser 64",
      tooMany: "too_many_pixels",
      justEnough: "browser 64",
      enormous: "too_many_pixels",
      stillEnormous: "too_many_pixels",
      smallCopy: "browser 64",
      noRoom: "out_of_memory_budget",
      misspelled: "bad_recipe",
    });
  });

  it("says what there is to do about a photo that nobody decodes here", async () => {
    const story = await page.evaluate(async () => {
      const { createStudio, RoundelError } = (await import("/package/studio.js" as string)) as StudioModule;
      const studio = createStudio();
      const heic = await (await fetch("/fixtures/alpha.heic")).blob();
      const failure = await studio.render(heic).catch((error: unknown) => (error instanceof RoundelError ? `${error.code}: ${error.message}` : String(error)));
      const refused = await studio.render(await (await fetch("/fixtures/exif-6.avif")).blob(), { crop: { x: 0, y: 0, width: 120, height: 90 } }).catch((error: unknown) => (error as { code?: string }).code);
      const next = (await studio.render(await (await fetch("/fixtures/portrait.jpg")).blob())).source;
      studio.close();
      return { failure, refused, next };
    });
    assert.match(String(story.failure), /^unsupported_format: .*HEIC.*browser's own decoder.*JPEG/);
    assert.deepEqual([story.refused, story.next], ["bad_recipe", "roundel"]);
  });

  it("needs nothing that the policy forbids", () => {
    assert.deepEqual(complaints, []);
  });
});

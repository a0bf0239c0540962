/** The package in Firefox and WebKit: the golden bytes, with the vector unit and without, whatever is made of canvases there. What is not installed is left out. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ready, render } from "roundel";
import sharp from "sharp";
import { seen, until, type Engine, type Tab } from "../../../infra/browsers/engine.ts";
import { startFirefox } from "../../../infra/browsers/firefox.ts";
import { candidates } from "../../../infra/browsers/installed.ts";
import { buildWithoutSimd } from "../../../infra/build/without-simd.ts";
import { editorPage, PAGE_SCRIPT, PAGE_STYLE, serveEditor } from "./editor/harness.ts";
import { goldenCases, goldenDefaultPictures } from "./golden.ts";
import { NOISE } from "./noise.ts";
import { startPlainServer, type PlainServer } from "./plain-server.ts";

// What runs in the browser finds these modules there.
type Package = typeof import("../src/index.ts");
type StudioModule = typeof import("../src/studio.ts");
type Bindings = typeof import("../src/bindings.d.ts");

const withoutThumbhash = goldenCases.map(({ input, recipe, sha256 }) => ({ input, recipe, sha256 }));
const orders = goldenCases.map(({ input, recipe }) => ({ input, recipe }));

const engines = candidates();

let server: PlainServer;

before(async () => {
  if (engines.every(({ leftOut }) => leftOut)) return;
  const dist = new URL("../dist/", import.meta.url);
  const worker = await readFile(new URL("studio-worker.js", dist), "utf8");
  server = await startPlainServer({
    folders: { scalar: pathToFileURL(`${await buildWithoutSimd()}/`), noisy: dist },
    instead: (path) => (path === "/noisy/studio-worker.js" ? { type: "text/javascript", body: `${NOISE}${worker}` } : undefined),
  });
});

type Told = { readonly source: string; readonly sha256: string; readonly png: string };

/** What a studio makes of photos as PNG, in a Web Worker: of those that it refuses, its code. */
function made(tab: Tab, names: string[], folder = "package"): Promise<(Told | string)[]> {
  return tab.run(async (names, folder) => {
    const { createStudio } = (await import(`/${folder}/studio.js`)) as StudioModule;
    const studio = createStudio();
    const told = [];
    for (const name of names) {
      const photo = await (await fetch(`/fixtures/${name}`)).blob();
      const { width, height } = await studio.inspect(photo);
      told.push(await studio.render(photo, { width, height, format: "png" }).then(
        ({ source, sha256, bytes }) => ({ source, sha256, png: [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("") }),
        (error: unknown) => `${(error as { code?: string }).code}: ${(error as Error).message}`,
      ));
    }
    studio.close();
    return told;
  }, names, folder);
}

async function samples(told: Told | string | undefined): Promise<Buffer> {
  assert.ok(typeof told === "object", `a picture, not ${String(told)}`);
  return sharp(Buffer.from(told.png, "hex")).removeAlpha().raw().toBuffer();
}

function meanDifference(a: Buffer, b: Buffer): number {
  assert.equal(a.length, b.length);
  return a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length;
}

after(() => server?.close());

for (const { name, start, leftOut } of engines) {
  describe(`the package in ${name}`, { skip: leftOut ?? false }, () => {
    let engine: Engine;

    before(async () => {
      engine = await start();
      await engine.tab.goto(server.origin);
    });

    after(() => engine?.close());

    it("gives the golden bytes on the page's own thread", async () => {
      const made = await engine.tab.run(async (orders) => {
        const { ready, render } = (await import("/package/index.js" as string)) as Package;
        await ready();
        const photos = new Map<string, Uint8Array>();
        const made = [];
        for (const { input, recipe } of orders) {
          const photo = photos.get(input) ?? new Uint8Array(await (await fetch(`/fixtures/${input}`)).arrayBuffer());
          photos.set(input, photo);
          const { sha256, thumbhash } = render(photo, recipe);
          made.push({ input, recipe, sha256, thumbhash });
        }
        return made;
      }, orders);
      assert.deepEqual(made, goldenCases);
    });

    it("gives the golden bytes without the vector unit", async () => {
      const made = await engine.tab.run(async (orders) => {
        const bindings = (await import("/scalar/bindings.js" as string)) as Bindings;
        await bindings.default({ module_or_path: await (await fetch("/scalar/roundel.wasm")).arrayBuffer() });
        const photos = new Map<string, Uint8Array>();
        const made = [];
        for (const { input, recipe } of orders) {
          const photo = photos.get(input) ?? new Uint8Array(await (await fetch(`/fixtures/${input}`)).arrayBuffer());
          photos.set(input, photo);
          const { sha256 } = bindings.render(photo, recipe, undefined) as { sha256: string };
          made.push({ input, recipe, sha256 });
        }
        return made;
      }, orders);
      assert.deepEqual(made, withoutThumbhash);
    });

    it("draws the golden default pictures", async () => {
      const hashes = await engine.tab.run(async (options) => {
        const { ready, defaultPicture } = (await import("/package/index.js" as string)) as Package;
        await ready();
        return options.map((one) => defaultPicture(one).sha256);
      }, goldenDefaultPictures.map(({ options }) => options));
      assert.deepEqual(hashes, goldenDefaultPictures.map(({ sha256 }) => sha256));
    });

    it("gives the golden bytes in a Web Worker", async () => {
      const some = withoutThumbhash.filter(({ input }) => input === "portrait.jpg");
      assert.ok(some.length > 50);
      const made = await engine.tab.run(async (orders) => {
        const { createStudio } = (await import("/package/studio.js" as string)) as StudioModule;
        const studio = createStudio();
        const photo = await (await fetch("/fixtures/portrait.jpg")).blob();
        const made = [];
        for (const { input, recipe } of orders) made.push({ input, recipe, sha256: (await studio.render(photo, recipe)).sha256 });
        studio.close();
        return made;
      }, some.map(({ input, recipe }) => ({ input, recipe })));
      assert.deepEqual(made, some);
    });

    it("has the browser decode what Roundel does not, and turns it upright where the browser does not", async () => {
      const [avif, jpeg] = await made(engine.tab, ["exif-6.avif", "exif-1.jpg"]);
      assert.deepEqual([avif, jpeg].map((told) => (typeof told === "object" ? told.source : told)), ["browser", "roundel"]);
      const difference = meanDifference(await samples(avif), await samples(jpeg));
      assert.ok(difference < 6, `the mean difference is ${difference}`);
    });

    it("gives the same where canvases give noise, and refuses what it could only read from one", async () => {
      const [quiet] = await made(engine.tab, ["portrait.jpg"]);
      const [noisy, refused] = await made(engine.tab, ["portrait.jpg", "plain.avif"], "noisy");
      assert.ok(typeof quiet === "object" && typeof noisy === "object");
      assert.equal(noisy.sha256, quiet.sha256);
      assert.match(String(refused), /^unsupported_format: .*noise.*JPEG/);
    });

    it("needs nothing that the strictest policy forbids", async () => {
      assert.deepEqual(await engine.tab.complaints(), []);
    });

    it("plays an animation in the editor's previews, over and over", { skip: name === "WebKit" && "WebKitGTK has no ImageDecoder, the still stays" }, async () => {
      const editor = await serveEditor({ "/": editorPage("animation"), "/page.css": PAGE_STYLE, "/page.js": PAGE_SCRIPT });
      const { tab } = engine;
      try {
        await tab.goto(editor.origin);
        await seen(tab, ["roundel-editor", '[part~="choose"]']);
        await tab.choose(["roundel-editor", '[part~="file"]'], fileURLToPath(new URL("../../tests/fixtures/anim.gif", import.meta.url)));
        await seen(tab, ["roundel-editor", ".switch"]);
        await tab.run(() => document.querySelector("roundel-editor")?.shadowRoot?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click());
        // It has four frames: what comes after nine changes is of the third round, or a later one.
        await until(tab, "the third round", async () => {
          const canvas = document.querySelector("roundel-editor")?.shadowRoot?.querySelector<HTMLCanvasElement>("canvas.preview");
          const frames: string[] = [];
          for (const end = performance.now() + 5000; performance.now() < end && frames.length < 10; await new Promise((resolve) => setTimeout(resolve, 20))) {
            const shown = canvas?.toDataURL() ?? "";
            if (shown !== frames.at(-1)) frames.push(shown);
          }
          return frames.length === 10;
        });
      } finally {
        editor.close();
        await tab.goto(server.origin);
      }
    });
  });
}

const firefox = engines.find(({ name }) => name === "Firefox");

describe("the package in a Firefox that resists fingerprinting", { skip: firefox?.leftOut ?? false }, () => {
  let engine: Engine;

  before(async () => {
    engine = await startFirefox({ preferences: { "privacy.resistFingerprinting": true } });
    await engine.tab.goto(server.origin);
  });

  after(() => engine?.close());

  it("makes the golden bytes of what Roundel decodes, and refuses the rest rather than to make noise of it", async () => {
    const read = await engine.tab.run(() => {
      const pen = new OffscreenCanvas(16, 16).getContext("2d");
      pen?.fillRect(0, 0, 16, 16);
      return [...(pen?.getImageData(0, 0, 16, 16).data ?? [])];
    });
    assert.ok(read.some((sample, at) => sample !== (at % 4 === 3 ? 255 : 0)), "its canvases do give noise");
    const [jpeg, avif] = await made(engine.tab, ["exif-1.jpg", "exif-6.avif"]);
    await ready();
    const wanted = render(await readFile(new URL("../../tests/fixtures/exif-1.jpg", import.meta.url)), { width: 90, height: 120, format: "png" });
    assert.equal(typeof jpeg === "object" && jpeg.sha256, wanted.sha256);
    assert.match(String(avif), /^unsupported_format: .*noise.*JPEG/);
  });
});

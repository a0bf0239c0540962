/** The studio in Chromium: its Web Worker, its queue, and what becomes of it all when something fails. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { startBrowser } from "../../../infra/local/browser.ts";
import { goldenCases } from "./golden.ts";
import { withLittleMemory } from "./little-memory.ts";
import { startPlainServer, STRICT_POLICY, type Answer, type PlainServer } from "./plain-server.ts";

const golden = goldenCases.find(({ input, recipe }) => input === "portrait.jpg" && Object.keys(recipe).length === 0)?.sha256 ?? assert.fail();

/** Says that it runs, and breaks at the first job. */
const BREAKING_WORKER = 'postMessage({ hello: true }); onmessage = () => { throw new Error("broken on purpose"); };';

declare global {
  // What the modules of the page find there.
  var studioModule: typeof import("../src/studio.ts");
  var blob: Blob;
  var told: (promise: Promise<unknown>) => Promise<string>;
}

describe("the studio in Chromium", () => {
  let browser: Browser;
  let server: PlainServer;
  let page: Page;
  /** Addresses of the Web Workers that the page started, and paths that it asked for. */
  let started: string[];
  let asked: string[];
  /** How often a path answers 404 before it is there. */
  const missing = new Map<string, number>();

  const instead = (path: string): Answer | undefined => {
    asked?.push(path);
    const left = missing.get(path) ?? 0;
    if (left > 0) {
      missing.set(path, left - 1);
      return { status: 404 };
    }
    if (path === "/little.wasm") return { type: "application/wasm", body: withLittleMemory(readFileSync(new URL("../dist/roundel.wasm", import.meta.url))) };
    if (path === "/breaking.js") return { type: "text/javascript", body: BREAKING_WORKER };
    return undefined;
  };

  before(async () => {
    server = await startPlainServer({ instead, policy: (path) => (path === "/no-workers" ? `${STRICT_POLICY}; worker-src 'none'` : STRICT_POLICY) });
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  const open = async (path: string): Promise<void> => {
    await page?.close();
    page = await browser.newPage();
    started = [];
    asked = [];
    page.on("worker", (worker) => started.push(worker.url()));
    await page.goto(`${server.origin}${path}`);
    await page.evaluate(async () => {
      globalThis.studioModule = (await import("/package/studio.js" as string)) as typeof globalThis.studioModule;
      globalThis.blob = await (await fetch("/fixtures/portrait.jpg")).blob();
      globalThis.told = (promise) => promise.then((done) => (done as { sha256?: string }).sha256 ?? "done", (error: { name: string; code?: unknown; message: string }) => (typeof error.code === "string" ? error.code : `${error.name}: ${error.message}`));
    });
  };
  beforeEach(() => open("/"));

  it("starts one Web Worker, from a file of its own origin, for the first job, and ends it with close", async () => {
    await page.evaluate(() => void Object.assign(globalThis, { studio: studioModule.createStudio() }));
    assert.deepEqual([started, asked.filter((path) => /worker|wasm/.test(path))], [[], []]);
    const made = await page.evaluate(async () => {
      const { studio } = globalThis as unknown as { studio: ReturnType<typeof studioModule.createStudio> };
      return Promise.all([told(studio.render(blob)), told(studio.inspect(blob)), told(studio.render(new Uint8Array(await blob.arrayBuffer())))]);
    });
    assert.deepEqual(made, [golden, "done", golden]);
    assert.deepEqual(started, [`${server.origin}/package/studio-worker.js`]);
    assert.equal(page.workers().length, 1);
    await page.evaluate(() => (globalThis as unknown as { studio: ReturnType<typeof studioModule.createStudio> }).studio.close());
    for (let tries = 0; page.workers().length > 0 && tries < 100; tries++) await page.waitForTimeout(20);
    assert.equal(page.workers().length, 0);
  });

  it("does its jobs in their order, and lets go of a waiting one at once", async () => {
    const story = await page.evaluate(async () => {
      const studio = studioModule.createStudio();
      const story: string[] = [];
      const controller = new AbortController();
      const jobs = [
        studio.render(blob, { width: 2048, height: 2048, format: "png" }).then(() => story.push("first")),
        studio.render(blob, {}, { signal: controller.signal }).catch((error: Error) => story.push(error.name)),
        studio.inspect(blob).then(() => story.push("third")),
        studio.render(blob).then(() => story.push("fourth")),
      ];
      controller.abort();
      await Promise.all(jobs);
      studio.close();
      return story;
    });
    assert.deepEqual(story, ["AbortError", "first", "third", "fourth"]);
    assert.equal(started.length, 1);
  });

  it("replaces the Web Worker of a running job that is aborted", async () => {
    const story = await page.evaluate(async () => {
      const studio = studioModule.createStudio();
      await studio.inspect(blob);
      const controller = new AbortController();
      const began = performance.now();
      const running = told(
        studio.render(blob, { width: 4096, height: 4096, format: "png" }, { signal: controller.signal, onProgress: ({ phase }) => phase === "working" && controller.abort(new Error("enough")) }),
      );
      const next = told(studio.render(blob));
      const outcome = await running;
      const waited = performance.now() - began;
      const story = [outcome, await next];
      studio.close();
      return { story, waited };
    });
    assert.deepEqual(story.story, ["Error: enough", golden]);
    assert.equal(started.length, 2);
    assert.ok(story.waited < 1000, `${story.waited} ms`);
  });

  it("tells how far a job is, and does not stumble over who listens", async () => {
    const heard = await page.evaluate(async () => {
      const studio = studioModule.createStudio();
      const listening = async (photo: Blob | Uint8Array, recipe = {}): Promise<string> => {
        const heard: string[] = [];
        await told(studio.render(photo, recipe, { onProgress: ({ phase }) => heard.push(phase) }));
        return heard.join();
      };
      const all = [await listening(blob), await listening(new Uint8Array(await blob.arrayBuffer())), await listening(new Blob([blob]), { width: 0 })];
      // The file that was read last is there.
      all.push(await listening(blob), await listening(blob));
      const uncaught = new Promise<string>((resolve) => addEventListener("error", (event) => (event.preventDefault(), resolve(event.message))));
      const made = await told(studio.render(blob, {}, { onProgress: ({ phase }) => { if (phase === "working") throw new Error("a listener's own"); } }));
      const message = await uncaught;
      studio.close();
      return [...all, made, message];
    });
    assert.deepEqual(heard, ["queued,started,loading,reading,working,done", "queued,started,working,done", "queued,started,reading,working", "queued,started,reading,working,done", "queued,started,working,done", golden, "Uncaught Error: a listener's own"]);
  });

  it("leaves the caller its bytes, unless they are given away", async () => {
    const left = await page.evaluate(async () => {
      const studio = studioModule.createStudio();
      const file = new Uint8Array(await blob.arrayBuffer());
      const amid = new Uint8Array(file.length + 50);
      amid.set(file, 20);
      const part = amid.subarray(20, 20 + file.length);
      const kept = [await told(studio.render(file)), await told(studio.render(part)), file.length === blob.size, amid.length === blob.size + 50];
      const given = [await told(studio.render(part, {}, { transfer: true })), amid.length, await told(studio.render(file, {}, { transfer: true })), file.length, await told(studio.render(file))];
      studio.close();
      return [...kept, ...given];
    });
    assert.deepEqual(left, [golden, golden, true, true, golden, 0, golden, 0, "unsupported_format"]);
  });

  it("goes on after a trap in the module, with a fresh instance", async () => {
    const story = await page.evaluate(async () => {
      const studio = studioModule.createStudio({ wasm: "/little.wasm" });
      const small = await (await fetch("/fixtures/exif-6.jpg")).blob();
      const recipe = { width: 32, height: 32 };
      const story = [];
      for (let round = 0; round < 2; round++) story.push(await told(studio.inspect(small)), await told(studio.render(blob)), (await studio.render(small, recipe)).width);
      studio.close();
      return story;
    });
    assert.deepEqual(story, ["done", "out_of_memory_budget", 32, "done", "out_of_memory_budget", 32]);
    assert.equal(started.length, 1);
    assert.ok(!asked.includes("/package/roundel.wasm"));
  });

  it("takes the module from whoever has it: as an address, as bytes, compiled", async () => {
    const made = await page.evaluate(async () => {
      const bytes = new Uint8Array(await (await fetch("/package/roundel.wasm")).arrayBuffer());
      const made = [];
      for (const wasm of ["package/roundel.wasm", new URL("/package/roundel.wasm", location.href), bytes, await WebAssembly.compile(bytes)]) {
        const studio = studioModule.createStudio({ wasm });
        made.push(await told(studio.render(blob)), await told(studio.render(blob)));
        studio.close();
      }
      return [...made, bytes.length > 0];
    });
    assert.deepEqual(made, [...Array.from({ length: 8 }, () => golden), true]);
  });

  it("replaces a Web Worker that breaks", async () => {
    const story = await page.evaluate(async () => {
      const addresses = ["/breaking.js", "/package/studio-worker.js"];
      const studio = studioModule.createStudio({ worker: () => new Worker(addresses.shift() ?? "", { type: "module" }) });
      const story = await Promise.all([told(studio.render(blob)), told(studio.render(blob))]);
      studio.close();
      return story;
    });
    assert.match(story[0] ?? "", /broken on purpose/);
    assert.equal(story[1], golden);
  });

  it("tries again to load the module", async () => {
    missing.set("/package/roundel.wasm", 1);
    const story = await page.evaluate(async () => {
      const studio = studioModule.createStudio();
      const story = [await told(studio.render(blob)), await told(studio.render(blob))];
      studio.close();
      return story;
    });
    assert.match(story[0] ?? "", /status 404/);
    assert.equal(story[1], golden);
  });

  it("works on the page's thread while its Web Worker is missing, and in one as soon as it is there", async () => {
    missing.set("/package/studio-worker.js", 1);
    const made = await page.evaluate(async () => {
      const studio = studioModule.createStudio();
      const bytes = new Uint8Array(await blob.arrayBuffer());
      const made = [await told(studio.render(bytes, {}, { transfer: true })), await told(studio.render(blob))];
      studio.close();
      return made;
    });
    assert.deepEqual(made, [golden, golden]);
    assert.equal(asked.filter((path) => path === "/package/studio-worker.js").length, 2);
    assert.ok(started.length >= 1);
  });

  it("works on the page's thread under a policy that forbids Web Workers, in order, and lets jobs be called off", async () => {
    await open("/no-workers");
    const story = await page.evaluate(async () => {
      const studio = studioModule.createStudio();
      const story: string[] = [];
      const [running, waiting] = [new AbortController(), new AbortController()];
      const jobs = [
        told(studio.render(blob, { width: 1024, height: 1024 }, { signal: running.signal })).then((how) => story.push(`first ${how}`)),
        told(studio.render(blob, {}, { signal: waiting.signal })).then((how) => story.push(`second ${how}`)),
        told(studio.render(blob)).then((how) => story.push(`third ${how}`)),
        told(studio.render(blob, { width: 0 })).then((how) => story.push(`fourth ${how}`)),
      ];
      running.abort(new Error("enough"));
      waiting.abort(new Error("enough"));
      await Promise.all(jobs);
      const avif = await studio.render(await (await fetch("/fixtures/exif-6.avif")).blob());
      studio.close();
      return [...story, avif.source, await told(studio.render(blob))];
    });
    assert.deepEqual(story, ["first Error: enough", "second Error: enough", `third ${golden}`, "fourth bad_recipe", "browser", "AbortError: the studio is closed"]);
    assert.equal(page.workers().length, 0);
  });
});

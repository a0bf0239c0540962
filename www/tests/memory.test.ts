/** Ten photos of 12 megapixels, one after the other, in Chromium: the memory of the page does not grow, as the browser itself counts it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import type { Browser, CDPSession } from "playwright-core";
import sharp from "sharp";
import { startBrowser } from "../../infra/local/browser.ts";
import { editorPage, EditorOnPage, fixture, PAGE_SCRIPT, PAGE_STYLE, serveEditor } from "../../wasm/npm/tests/editor/harness.ts";
import { keptPhoto } from "./kept-photo.ts";

/** Until the module has its memory, and functions are compiled. */
const WARM_UP = 3;
const PHOTOS = 10;

/** The preview of one such photo has 24 MB; ten of anything that is kept would be well beyond. */
const MAX_GROWTH_MB = 24;

type Dump = { pid: number; args: { dumps?: { process_totals?: { private_footprint_bytes?: string } } } };

/** The private memory of all processes of the browser in MB, after a collection of garbage: the page's, its Web Workers', and what the browser keeps of files for it. */
async function memoryOf(session: CDPSession): Promise<number> {
  const bytes = new Map<number, number>();
  const hear = ({ value }: { value: object[] }): void => {
    for (const { pid, args } of value as Dump[]) {
      const hex = args.dumps?.process_totals?.private_footprint_bytes;
      if (hex !== undefined) bytes.set(pid, parseInt(hex, 16));
    }
  };
  session.on("Tracing.dataCollected", hear);
  await session.send("Tracing.start", { traceConfig: { includedCategories: ["disabled-by-default-memory-infra"], excludedCategories: ["*"] } });
  await session.send("Tracing.requestMemoryDump", { deterministic: true, levelOfDetail: "light" });
  const ended = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await ended;
  session.off("Tracing.dataCollected", hear);
  assert.ok(bytes.size >= 2, "the browser told of its processes");
  return [...bytes.values()].reduce((sum, one) => sum + one, 0) / 1e6;
}

/** Chooses the photo, places it, saves it, as often as it is told to. */
async function work(editor: EditorOnPage, file: string, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await editor.part("file").setInputFiles(file);
    // The photo before is on the stage until then.
    await editor.page.waitForFunction(() => (document.querySelector("roundel-editor") as { state?: string } | null)?.state === "editing");
    await editor.page.waitForFunction(() => (document.querySelector("roundel-editor")?.shadowRoot?.querySelector<HTMLCanvasElement>(".layer canvas")?.width ?? 0) > 1000);
    await editor.part("zoom-in").click();
    await editor.settled();
    await editor.part("save").click();
    await editor.part("choose-next").waitFor();
    // The test's own notes.
    await editor.page.evaluate(() => ((window as unknown as { heard: unknown[] }).heard.length = 0));
  }
}

async function growth(browser: Browser, origin: string, file: string): Promise<{ before: number; after: number }> {
  const editor = await EditorOnPage.open(browser, origin);
  const session = await browser.newBrowserCDPSession();
  try {
    await work(editor, file, WARM_UP);
    const before = await memoryOf(session);
    await work(editor, file, PHOTOS);
    const after = await memoryOf(session);
    assert.equal(editor.page.workers().length, 2, "one for the module, one for previews");
    assert.deepEqual(editor.complaints, []);
    return { before, after };
  } finally {
    await session.detach();
    await editor.close();
  }
}

test("ten photos of 12 megapixels, one after the other, do not grow the page", async (context) => {
  const { path } = await keptPhoto("12mp.jpg", async () => sharp(await readFile(fixture("portrait.jpg"))).resize(4032, 3024, { fit: "fill", kernel: "linear" }).jpeg({ quality: 80 }).toBuffer());
  const server = await serveEditor({ "/": editorPage(), "/page.js": PAGE_SCRIPT, "/page.css": PAGE_STYLE });
  const browser = await startBrowser();
  try {
    const { before, after } = await growth(browser, server.origin, path);
    context.diagnostic(`${before.toFixed(0)} MB before, ${after.toFixed(0)} MB after`);
    assert.ok(after - before <= MAX_GROWTH_MB, `from ${before.toFixed(0)} MB to ${after.toFixed(0)} MB`);
  } finally {
    await browser.close();
    server.close();
  }
});

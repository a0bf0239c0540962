/**
 * How soon the editor shows a photo, and how long it ever keeps the page from answering: in Chromium, from the file to the first preview, the sharp one and the
 * finished picture, and the longest task of the main thread meanwhile and while the photo is dragged and zoomed.
 *
 *     node www/benches/editor.ts [runs]      after `npm run build`
 */
import type { Browser } from "playwright-core";
import { startBrowser } from "../../infra/local/browser.ts";
import { standardPhotos, type Photo } from "../../wasm/benches/photos.ts";
import { decimals, markdown, type Cell } from "../../wasm/benches/tables.ts";
import { editorPage, EditorOnPage, PAGE_SCRIPT, PAGE_STYLE, serveEditor } from "../../wasm/npm/tests/editor/harness.ts";

const DEFAULT_RUNS = 5;

/** All in milliseconds. */
type Measured = { first: number; sharp: number | undefined; finished: number; longest: number };

/** Opens a photo in a new page whose wasm module is there, as after a hand over the button, and drags it about. */
async function measure(browser: Browser, origin: string, path: string): Promise<Measured> {
  const editor = await EditorOnPage.open(browser, `${origin}/`);
  try {
    return await editor.page.evaluate(async (address) => {
      type Editor = HTMLElement & { preload(): void; open(file: Blob): Promise<void> };
      const element = document.querySelector("roundel-editor") as unknown as Editor;
      const root = element.shadowRoot as ShadowRoot;
      const file = await (await fetch(address)).blob();
      element.preload();
      await new Promise((resolve) => setTimeout(resolve, 700));
      let longest = 0;
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
      }).observe({ type: "longtask" });
      const painted = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))));
      const start = performance.now();
      const shown: Promise<number>[] = [];
      new MutationObserver(() => shown.push(painted())).observe(root.querySelector(".layer") as Element, { childList: true });
      const finished = new Promise<number>((resolve) => {
        new MutationObserver(() => resolve(performance.now())).observe(root.querySelector(".facts") as Element, { childList: true });
      });
      await element.open(file);
      const done = await finished;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const stage = root.querySelector(".stage") as HTMLElement;
      const box = stage.getBoundingClientRect();
      const at = (x: number, y: number): PointerEventInit => ({ pointerId: 1, button: 0, clientX: box.x + box.width * x, clientY: box.y + box.height * y, bubbles: true });
      stage.setPointerCapture = () => undefined;
      stage.dispatchEvent(new WheelEvent("wheel", { deltaY: -240, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, cancelable: true }));
      stage.dispatchEvent(new PointerEvent("pointerdown", at(0.5, 0.5)));
      for (let step = 0; step < 120; step++) {
        stage.dispatchEvent(new PointerEvent("pointermove", at(0.5 + 0.3 * Math.sin(step / 10), 0.5 + 0.3 * Math.cos(step / 13))));
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      stage.dispatchEvent(new PointerEvent("pointerup", at(0.5, 0.5)));
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const [first = NaN, sharp] = await Promise.all(shown);
      return { first: first - start, sharp: sharp === undefined ? undefined : sharp - start, finished: done - start, longest };
    }, path);
  } finally {
    await editor.close();
  }
}

function median(values: (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Measures each photo so many times, and gives the table. */
export async function editorTable(photos: readonly Photo[], runs: number): Promise<string> {
  const files = Object.fromEntries(photos.map(({ name, format, bytes }) => [`/photos/${name}`, { type: `image/${format}`, body: Buffer.from(bytes) }]));
  const server = await serveEditor({ "/": editorPage(), "/page.js": PAGE_SCRIPT, "/page.css": PAGE_STYLE, ...files });
  const browser = await startBrowser();
  try {
    const rows: Cell[][] = [];
    for (const { name } of photos) {
      const measured: Measured[] = [];
      for (let run = 0; run < runs; run++) measured.push(await measure(browser, server.origin, `/photos/${name}`));
      const of = (pick: (one: Measured) => number | undefined): string | undefined => decimals(median(measured.map(pick)), 0);
      rows.push([name, of(({ first }) => first), of(({ sharp }) => sharp), of(({ finished }) => finished), decimals(Math.max(...measured.map(({ longest }) => longest)), 0)]);
    }
    return markdown({
      title: "The editor, in milliseconds",
      columns: ["photo", "first preview", "sharp preview", "finished picture", "longest task"],
      rows,
      notes: [`From the file's arrival in a page that has loaded the wasm module; medians of ${runs} runs, the longest task of all of them (0: none over 50).`],
    });
  } finally {
    await browser.close();
    server.close();
  }
}

if (import.meta.main) {
  const runs = Number(process.argv[2] ?? DEFAULT_RUNS);
  const photos = (await standardPhotos()).filter(({ role }) => role !== "tiled");
  process.stdout.write(await editorTable(photos, runs));
}

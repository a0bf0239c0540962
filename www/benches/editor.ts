/**
 * How soon the editor shows a photo, and how long it ever keeps the page from answering: in Chromium, from the choice of a file on the disk to the first
 * preview, the sharp one and the finished picture, and the longest task of the main thread meanwhile and while the photo is dragged and zoomed.
 * `npm run bench -- --editor` prints it alone.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { startBrowser } from "../../infra/local/browser.ts";
import { say } from "../../infra/setup/process.ts";
import { limitsTable, type Limit } from "../../wasm/benches/limits.ts";
import { standardPhotos, type Photo } from "../../wasm/benches/photos.ts";
import { decimals, markdown, type Table } from "../../wasm/benches/tables.ts";
import { editorPage, EditorOnPage, PAGE_SCRIPT, PAGE_STYLE, serveEditor } from "../../wasm/npm/tests/editor/harness.ts";

const RUNS = 9;
const QUICK_RUNS = 3;

/** Nobody is through a file dialog sooner, in milliseconds; in this time the page gets ready. */
const DIALOG_MS = 1000;

/** What was promised of a photo of 12 megapixels, and of every task, in milliseconds. */
const MOST_UNTIL_SHOWN_MS = 150;
const MOST_BLOCKED_MS = 50;

/** All in milliseconds from the choice; `longest` is 0 where no task took 50. */
type Measured = { first: number; sharp: number | undefined; finished: number; longest: number };

type Marks = { start: number; shown: Promise<number>[]; finished: Promise<number>; longest: number };

/** A hand over the button, a dialog, a choice; then the photo is dragged about. */
async function measure(browser: Browser, origin: string, file: string): Promise<Measured> {
  const editor = await EditorOnPage.open(browser, `${origin}/`);
  const { page } = editor;
  try {
    await editor.part("choose").hover();
    await page.waitForTimeout(DIALOG_MS);
    await page.evaluate(() => {
      const root = document.querySelector("roundel-editor")?.shadowRoot as ShadowRoot;
      const painted = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))));
      const marks: Marks = { start: 0, shown: [], longest: 0, finished: Promise.resolve(0) };
      Object.assign(window, { marks });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) marks.longest = Math.max(marks.longest, duration);
      }).observe({ type: "longtask" });
      addEventListener("input", ({ timeStamp }) => (marks.start = timeStamp), { capture: true, once: true });
      new MutationObserver(() => marks.shown.push(painted())).observe(root.querySelector(".layer") as Element, { childList: true });
      marks.finished = new Promise((resolve) => {
        new MutationObserver(() => resolve(performance.now())).observe(root.querySelector(".facts") as Element, { childList: true });
      });
    });
    await editor.part("file").setInputFiles(file);
    await page.evaluate(() => (window as unknown as { marks: Marks }).marks.finished);
    // The sharp preview may come after it.
    await page.waitForTimeout(600);
    const box = (await editor.part("stage").boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const at = (x: number, y: number): [number, number] => [box.x + box.width * x, box.y + box.height * y];
    await page.mouse.move(...at(0.5, 0.5));
    await page.mouse.wheel(0, -240);
    await page.mouse.down();
    for (let step = 0; step < 60; step++) await page.mouse.move(...at(0.5 + 0.3 * Math.sin(step / 5), 0.5 + 0.3 * Math.cos(step / 6)));
    await page.mouse.up();
    await page.waitForTimeout(600);
    return await page.evaluate(async () => {
      const { marks } = window as unknown as { marks: Marks };
      const [first = NaN, sharp] = await Promise.all(marks.shown);
      return { first: first - marks.start, sharp: sharp === undefined ? undefined : sharp - marks.start, finished: (await marks.finished) - marks.start, longest: marks.longest };
    });
  } finally {
    await editor.close();
  }
}

function median(values: (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Whether the promise was made of it. */
async function isOfTwelveMegapixels({ bytes }: Photo): Promise<boolean> {
  const { width, height } = await sharp(bytes).metadata();
  return Math.round((width * height) / 1e6) === 12;
}

/** Measures each photo so many times. */
export async function editorTable(photos: readonly Photo[], runs: number): Promise<{ table: Table; limits: Limit[] }> {
  const folder = await mkdtemp(join(tmpdir(), "roundel-editor-bench-"));
  const server = await serveEditor({ "/": editorPage(), "/page.js": PAGE_SCRIPT, "/page.css": PAGE_STYLE });
  const browser = await startBrowser();
  try {
    const rows: Table["rows"] = [];
    const limits: Limit[] = [];
    let longest = 0;
    for (const photo of photos) {
      const file = join(folder, photo.name);
      await writeFile(file, photo.bytes);
      const measured: Measured[] = [];
      for (let run = 0; run < runs; run++) measured.push(await measure(browser, server.origin, file));
      const of = (pick: (one: Measured) => number | undefined): number | undefined => median(measured.map(pick));
      const blocked = Math.max(...measured.map((one) => one.longest));
      const first = of((one) => one.first);
      rows.push([photo.name, decimals(first, 0), decimals(of((one) => one.sharp), 0), decimals(of((one) => one.finished), 0), decimals(blocked, 0)]);
      longest = Math.max(longest, blocked);
      if (await isOfTwelveMegapixels(photo)) limits.push({ figure: `${photo.name}, first preview`, relation: "at most", wanted: MOST_UNTIL_SHOWN_MS, got: first, unit: "ms", digits: 0 });
    }
    limits.push({ figure: "the longest task of the main thread", relation: "at most", wanted: MOST_BLOCKED_MS, got: longest, unit: "ms", digits: 0 });
    const table: Table = {
      title: "The editor in Chromium: milliseconds from the choice of a file",
      columns: ["photo", "first preview", "sharp preview", "finished picture", "longest task"],
      rows,
      notes: [`Medians of ${runs}, painted; the longest task of all of them, dragging and zooming included (0: none took 50).`],
    };
    return { table, limits };
  } finally {
    await browser.close();
    server.close();
    await rm(folder, { recursive: true });
  }
}

export async function editorTables(isQuick: boolean): Promise<void> {
  say("measuring the editor in Chromium");
  // The picture of 49 megapixels is about memory.
  const photos = (await standardPhotos()).filter(({ role }) => role !== "tiled");
  const { table, limits } = await editorTable(photos, isQuick ? QUICK_RUNS : RUNS);
  console.log(markdown(table));
  console.log(markdown(limitsTable("Limits of the editor", limits)));
}

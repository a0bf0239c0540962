/**
 * Some browsers change what a page reads of a canvas, against fingerprinting. The editor reads none: its pictures are the same there, byte for byte. AVIF,
 * which the browser decodes, shows that the noise of this test is heard on the page and in the Web Workers.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { ready, render } from "roundel";
import { startBrowser } from "../../infra/local/browser.ts";
import { inRoot } from "../../infra/setup/paths.ts";
import { editorPage, EditorOnPage, fixture, PAGE_SCRIPT, PAGE_STYLE, serveEditor, type Answer } from "../../wasm/npm/tests/editor/harness.ts";

const NOISE = `
  for (const kind of [globalThis.CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
    if (!kind) continue;
    const { getImageData } = kind.prototype;
    kind.prototype.getImageData = function (...where) {
      const pixels = getImageData.apply(this, where);
      for (let at = 0; at < pixels.data.length; at += 4) pixels.data[at] ^= Math.random() < 0.5 ? 8 : 0;
      return pixels;
    };
  }`;

const script = (body: string): Answer => ({ type: "text/javascript", body: `${NOISE}\n${body}` });
const published = (name: string): Promise<string> => readFile(inRoot("wasm", "npm", "dist", name), "utf8");

test("where what is read of a canvas is noisy, the editor's picture is that of render all the same", async () => {
  const plain = { "/": editorPage(), "/page.css": PAGE_STYLE, "/page.js": PAGE_SCRIPT };
  const noisy = {
    ...plain,
    "/page.js": script(PAGE_SCRIPT.body.toString()),
    "/package/studio-worker.js": script(await published("studio-worker.js")),
    "/package/editor/preview-worker.js": script(await published("editor/preview-worker.js")),
  };
  const servers = await Promise.all([serveEditor(plain), serveEditor(noisy)]);
  const browser = await startBrowser();
  try {
    await ready();
    const byBrowser: Buffer[] = [];
    for (const { origin } of servers) {
      const editor = await EditorOnPage.open(browser, `${origin}/`);
      for (const name of ["portrait.jpg", "exif-6.jpg", "still.gif", "exif-6.webp"]) {
        await editor.choose(name);
        await editor.part("turn-left").click();
        await editor.settled();
        const { recipe, bytes } = await editor.save();
        assert.ok(Buffer.compare(bytes, render(await readFile(fixture(name)), recipe).bytes) === 0, name);
        await editor.part("choose-next").waitFor();
      }
      await editor.choose("plain.avif");
      byBrowser.push((await editor.save()).bytes);
      assert.deepEqual(editor.complaints, []);
      await editor.close();
    }
    assert.ok(Buffer.compare(byBrowser[0] ?? Buffer.alloc(0), byBrowser[1] ?? Buffer.alloc(0)) !== 0, "the noise is there");
  } finally {
    await browser.close();
    for (const server of servers) server.close();
  }
});

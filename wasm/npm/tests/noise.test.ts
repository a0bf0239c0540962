/** Where canvases give noise in Chromium: photos that are read from one are refused, and so is the camera. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { startBrowser, TEST_CAMERA } from "../../../infra/local/browser.ts";
import { editorPage, EditorOnPage, PAGE_SCRIPT, PAGE_STYLE, serveEditor, type EditorServer } from "./editor/harness.ts";
import { NOISE } from "./noise.ts";
import { startPlainServer, type PlainServer } from "./plain-server.ts";

type StudioModule = typeof import("../src/studio.ts");

describe("where canvases give noise", () => {
  let browser: Browser;
  let server: PlainServer;
  let editors: EditorServer;

  before(async () => {
    const worker = await readFile(new URL("../dist/studio-worker.js", import.meta.url), "utf8");
    server = await startPlainServer({ instead: (path) => (path === "/package/studio-worker.js" ? { type: "text/javascript", body: `${NOISE}${worker}` } : undefined) });
    editors = await serveEditor({ "/": editorPage(), "/page.css": PAGE_STYLE, "/page.js": PAGE_SCRIPT });
    browser = await startBrowser(TEST_CAMERA);
  });

  after(async () => {
    await browser?.close();
    server?.close();
    editors?.close();
  });

  it("a photo that Roundel decodes is the same, and one that only the browser decodes is refused in words", async () => {
    const page = await browser.newPage();
    await page.goto(server.origin);
    const told = await page.evaluate(async () => {
      const { createStudio } = (await import("/package/studio.js" as string)) as StudioModule;
      const studio = createStudio();
      const told = [];
      for (const name of ["portrait.jpg", "plain.avif"]) {
        const photo = await (await fetch(`/fixtures/${name}`)).blob();
        told.push(await studio.render(photo).then(({ source }) => source, (error: unknown) => `${(error as { code?: string }).code}: ${(error as Error).message}`));
      }
      studio.close();
      return told;
    });
    assert.equal(told[0], "roundel");
    assert.match(told[1] ?? "", /^unsupported_format: .*noise.*JPEG/);
    await page.close();
  });

  it("the camera is not asked for, and the person told why", async () => {
    const editor = await EditorOnPage.open(browser, editors.origin);
    await editor.part("use-camera").click();
    await editor.part("take-picture").waitFor();
    await editor.part("close-camera").click();
    await editor.page.evaluate(NOISE);
    await editor.part("use-camera").click();
    await editor.notice(/noise.*choose a photo/);
    await editor.close();
  });
});

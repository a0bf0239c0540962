/** What axe-core finds of `<roundel-editor>` in each of its states: nothing. And what it cannot find: sizes, order, directions. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { startBrowser, TEST_CAMERA } from "../../../../infra/local/browser.ts";
import { violations } from "./axe.ts";
import { editorPage, EditorOnPage, PAGE_SCRIPT, PAGE_STYLE, serveEditor, type EditorServer } from "./harness.ts";

describe("<roundel-editor> for everybody", () => {
  let server: EditorServer;
  let browser: Browser;
  let open: EditorOnPage | undefined;

  before(async () => {
    const pages = { "/": editorPage("animation"), "/banner": editorPage('kind="banner"'), "/rtl": editorPage("", { dir: "rtl" }), "/page.js": PAGE_SCRIPT, "/page.css": PAGE_STYLE };
    [server, browser] = await Promise.all([serveEditor(pages), startBrowser(TEST_CAMERA)]);
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });
  afterEach(async () => {
    await open?.close();
    open = undefined;
  });

  const start = async (path = "/", options: BrowserContextOptions = {}): Promise<EditorOnPage> => (open = await EditorOnPage.open(browser, server.origin + path, options));

  const looks: [string, string, BrowserContextOptions][] = [
    ["in the light", "/", { colorScheme: "light" }],
    ["in the dark", "/", { colorScheme: "dark" }],
    ["at 320 pixels", "/", { viewport: { width: 320, height: 640 }, hasTouch: true }],
    ["from right to left", "/rtl", {}],
    ["with a banner, in the dark", "/banner", { colorScheme: "dark" }],
  ];
  for (const [name, path, options] of looks) {
    it(`has no violation in any state, ${name}`, async () => {
      const editor = await start(path, { ...options, reducedMotion: "reduce" });
      const found: string[] = [];
      const look = async (state: string): Promise<void> => void found.push(...(await violations(editor.page)).map((one) => `${state}: ${one}`));
      await look("empty");
      await editor.offer("text.jpg", Buffer.from("no photo"));
      await editor.notice(/not a photo/);
      await look("refused");
      await editor.choose("portrait.jpg");
      await look("loaded");
      await editor.part("turn-left").click();
      await editor.part("zoom-in").click();
      await editor.settled();
      await look("cropping");
      await editor.page.evaluate(() => {
        addEventListener("roundel-save", (event) => {
          const failing = new Promise((_, reject) => Object.assign(window, { fail: () => reject(Object.assign(new Error(), { code: "storage_unavailable" })) }));
          (event as CustomEvent<{ waitUntil(promise: Promise<unknown>): void }>).detail.waitUntil(failing);
        }, { once: true });
      });
      await editor.part("save").click();
      await editor.part("cancel").waitFor();
      await look("uploading");
      await editor.page.waitForFunction(() => "fail" in window);
      await editor.page.evaluate(() => (window as unknown as { fail(): void }).fail());
      await editor.notice(/cannot be stored/);
      await look("failed");
      await editor.part("save").click();
      await editor.part("choose-next").waitFor();
      await look("saved");
      assert.deepEqual(found, []);
    });
  }

  it("has no violation with the camera", async () => {
    const editor = await start();
    await editor.part("use-camera").click();
    await editor.part("take-picture").waitFor();
    assert.deepEqual(await violations(editor.page), []);
    await editor.part("take-picture").click();
    await editor.part("use-picture").waitFor();
    assert.deepEqual(await violations(editor.page), []);
  });

  it("has nothing to touch that is small or off the screen, at 320 pixels", async () => {
    const editor = await start("/", { viewport: { width: 320, height: 640 }, hasTouch: true });
    const small = (): Promise<string[]> =>
      editor.editor.evaluate((element) => {
        const targets = [...(element.shadowRoot?.querySelectorAll<HTMLElement>("button, input:not([type=file]), [role=application]") ?? [])].filter((target) => target.checkVisibility());
        const wrong = targets.filter((target) => {
          const { width, height, left, right } = target.getBoundingClientRect();
          return width < 24 || height < 24 || left < 0 || right > innerWidth;
        });
        return [...wrong.map((target) => target.outerHTML), ...(document.documentElement.scrollWidth > innerWidth ? [`the page is ${document.documentElement.scrollWidth} wide`] : [])];
      });
    assert.deepEqual(await small(), []);
    await editor.choose("anim.gif");
    assert.deepEqual(await small(), []);
  });

  it("keeps everything within itself, however wide it is", async () => {
    const editor = await start("/", { viewport: { width: 1200, height: 800 } });
    await editor.choose("portrait.jpg");
    for (const width of [280, 320, 500, 671, 672, 728, 900, 1100]) {
      const outside = await editor.editor.evaluate((element, width) => {
        element.style.width = `${width}px`;
        const box = element.getBoundingClientRect();
        const parts = [...(element.shadowRoot?.querySelectorAll<HTMLElement>("button, input:not([type=file]), .stage, canvas.preview") ?? [])].filter((part) => part.checkVisibility());
        return parts.filter((part) => part.getBoundingClientRect().left < box.left - 0.5 || part.getBoundingClientRect().right > box.right + 0.5).map((part) => part.outerHTML.slice(0, 80));
      }, width);
      assert.deepEqual(outside, [], `${width} pixels wide`);
    }
  });

  it("says what happened", async () => {
    const editor = await start();
    await editor.choose("portrait.jpg");
    const said = async (words: RegExp): Promise<void> => editor.part("status").filter({ hasText: words }).waitFor({ state: "attached" });
    await said(/in the mask/);
    await editor.page.keyboard.press("+");
    await said(/^Zoom: 1.1 times$/);
    await editor.page.keyboard.press("]");
    await said(/Turned right/);
    for (let press = 0; press < 12; press++) await editor.page.keyboard.press("Shift+ArrowRight");
    await said(/ends here/);
    await editor.page.keyboard.press("Control+z");
    await said(/Undone/);
    await editor.part("flip").click();
    await said(/Mirrored/);
  });

  it("keeps the focus somewhere, whatever state comes", async () => {
    const editor = await start();
    const focused = (): Promise<string | null | undefined> => editor.page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute("part"));
    await editor.part("choose").focus();
    await editor.choose("portrait.jpg");
    assert.equal(await focused(), "stage");
    await editor.part("save").focus();
    await editor.page.keyboard.press("Enter");
    await editor.part("choose-next").waitFor();
    assert.equal(await focused(), "button choose-next");
  });

  it("moves nothing for those who want no motion", async () => {
    const editor = await start("/", { reducedMotion: "reduce" });
    await editor.choose("portrait.jpg");
    await editor.part("turn-left").click();
    const duration = await editor.part("stage").locator("canvas").evaluate((canvas) => getComputedStyle(canvas).transitionDuration);
    assert.match(duration, /^0s/);
  });
});

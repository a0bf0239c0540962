/** A photo from the camera, in Chromium with a camera that shows a test picture. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { ready, render } from "roundel";
import { startBrowser, TEST_CAMERA } from "../../../../infra/local/browser.ts";
import { editorPage, EditorOnPage, PAGE_SCRIPT, PAGE_STYLE, serveEditor, type EditorServer } from "./harness.ts";

describe("<roundel-editor> with a camera", () => {
  let server: EditorServer;
  let browser: Browser;

  before(async () => {
    [server, browser] = await Promise.all([serveEditor({ "/": editorPage(), "/page.js": PAGE_SCRIPT, "/page.css": PAGE_STYLE }), startBrowser(TEST_CAMERA), ready()]);
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  it("takes a picture, takes it again, and edits it; the camera is given back", async () => {
    const editor = await EditorOnPage.open(browser, `${server.origin}/`);
    await editor.page.evaluate(() => {
      const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (constraints) => {
        const stream = await original(constraints);
        Object.assign(window, { stream });
        return stream;
      };
    });
    const live = (): Promise<boolean> => editor.page.evaluate(() => (window as unknown as { stream: MediaStream }).stream.getTracks().some(({ readyState }) => readyState === "live"));
    // By keyboard alone.
    await editor.part("use-camera").focus();
    await editor.page.keyboard.press("Enter");
    await editor.part("take-picture").waitFor();
    assert.ok(await live());
    await editor.page.waitForFunction(() => (document.querySelector("roundel-editor")?.shadowRoot?.querySelector("video")?.videoWidth ?? 0) > 0);
    await editor.page.keyboard.press("Enter");
    await editor.part("retake").click();
    await editor.part("take-picture").click();
    await editor.part("use-picture").click();
    await editor.part("stage").locator("canvas").waitFor();
    await editor.settled();
    assert.equal(await live(), false);
    const { recipe, bytes } = await editor.save();
    const photo = await editor.page.evaluate(async () => {
      const { heard } = window as unknown as { heard: { name: string; detail: { file: Blob } }[] };
      return [...new Uint8Array((await heard.findLast(({ name }) => name === "save")?.detail.file.arrayBuffer()) ?? new ArrayBuffer())];
    });
    assert.ok(Buffer.compare(bytes, render(new Uint8Array(photo), recipe).bytes) === 0);
    assert.deepEqual(editor.complaints, []);
    await editor.close();
  });

  it("says in words why there is no picture from the camera", async () => {
    const editor = await EditorOnPage.open(browser, `${server.origin}/`);
    for (const [name, words] of [["NotAllowedError", /may not be used/], ["NotFoundError", /no camera was found/i], ["NotReadableError", /did not start/]] as const) {
      await editor.page.evaluate((name) => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", name));
      }, name);
      await editor.part("use-camera").click();
      await editor.notice(words);
      assert.ok(await editor.part("choose").isVisible());
    }
    await editor.close();
  });

  it("gives the camera back when it is closed, or leaves the page", async () => {
    const editor = await EditorOnPage.open(browser, `${server.origin}/`);
    await editor.part("use-camera").click();
    await editor.part("close-camera").click();
    await editor.part("choose").waitFor();
    await editor.part("use-camera").click();
    await editor.part("take-picture").waitFor();
    const stopped = await editor.editor.evaluate((element) => {
      const video = element.shadowRoot?.querySelector("video");
      const [track] = (video?.srcObject as MediaStream).getTracks();
      element.remove();
      return track?.readyState;
    });
    assert.equal(stopped, "ended");
    await editor.close();
  });
});

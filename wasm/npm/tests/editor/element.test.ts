/** `<roundel-editor>` in Chromium, on a plain page: what is shown is what is rendered, and what is rendered is what `render` gives. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, describe, it } from "node:test";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { ready, render, type Recipe } from "roundel";
import sharp from "sharp";
import { startBrowser } from "../../../../infra/local/browser.ts";
import { editorPage, EditorOnPage, fixture, PAGE_SCRIPT, PAGE_STYLE, serveEditor, type EditorServer } from "./harness.ts";

describe("<roundel-editor>", () => {
  let server: EditorServer;
  let browser: Browser;
  let open: EditorOnPage | undefined;

  before(async () => {
    [server, browser] = await Promise.all([
      serveEditor({
        "/": editorPage(),
        "/banner": editorPage('kind="banner"'),
        "/square": editorPage('shape="square" format="png" width="300"'),
        "/moving": editorPage("animation"),
        "/api": editorPage('api="/"'),
        "/page.js": PAGE_SCRIPT,
        "/page.css": PAGE_STYLE,
      }),
      startBrowser(),
      ready(),
    ]);
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });
  afterEach(async () => {
    const complaints = open?.complaints;
    await open?.close();
    open = undefined;
    assert.deepEqual(complaints ?? [], []);
  });

  const start = async (path = "/", options: BrowserContextOptions = {}): Promise<EditorOnPage> => (open = await EditorOnPage.open(browser, server.origin + path, options));
  const photo = async (name: string): Promise<Buffer> => readFile(fixture(name));

  /** Saves, and holds the bytes against `render` of the package in Node. */
  async function assertSaves(editor: EditorOnPage, file: Buffer, wanted: Recipe): Promise<void> {
    const { recipe, bytes } = await editor.save();
    assert.deepEqual(recipe, wanted);
    assert.ok(Buffer.compare(bytes, render(file, wanted).bytes) === 0, `${bytes.length} bytes are those that render gives`);
  }

  it("hands over what the mask shows, byte for byte what render gives", async () => {
    const editor = await start();
    const file = await photo("portrait.jpg");
    await editor.choose("portrait.jpg");
    await assertSaves(editor, file, { crop: { x: 0, y: 80, width: 480, height: 480 }, width: 480, height: 480, format: "jpeg", quality: 90 });
    assert.deepEqual(await editor.heard("error"), []);
  });

  it("gives the same where a browser makes what is read from a canvas noisy", async () => {
    const editor = await start();
    await editor.page.evaluate(() => {
      for (const kind of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
        kind.prototype.getImageData = () => {
          throw new Error("nobody reads a canvas");
        };
      }
      HTMLCanvasElement.prototype.toBlob = () => {
        throw new Error("nor its file");
      };
    });
    await editor.choose("exif-6.jpg");
    await editor.part("turn-left").click();
    await editor.settled();
    const { recipe, bytes } = await editor.save();
    assert.ok(Buffer.compare(bytes, render(await photo("exif-6.jpg"), recipe).bytes) === 0);
  });

  it("does all of it by mouse: drag, wheel, buttons, sliders", async () => {
    const editor = await start();
    const file = await photo("portrait.jpg");
    await editor.choose("portrait.jpg");
    const box = await editor.part("mask").boundingBox();
    assert.ok(box);
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await editor.page.mouse.move(x, y);
    await editor.page.mouse.wheel(0, -240);
    await editor.page.mouse.wheel(0, -240);
    await editor.page.mouse.down();
    await editor.page.mouse.move(x - box.width / 4, y - box.height / 4, { steps: 5 });
    await editor.page.mouse.up();
    const zoomed = await editor.recipe();
    assert.ok(zoomed.crop);
    // Two notches of 240 pixels zoom by e^0.72.
    assert.equal(zoomed.crop.width, Math.round(480 / Math.exp(0.72)));
    assert.ok(Math.abs(zoomed.crop.x + zoomed.crop.width / 2 - (240 + zoomed.crop.width / 4)) <= 1, "the photo went along with the pointer");
    await editor.part("flip").click();
    await editor.part("turn-right").click();
    const { recipe, bytes } = await editor.save();
    // Mirrored and then turned to the right is turned to the left and then mirrored: the recipe turns first.
    assert.equal(recipe.rotate, 270);
    assert.equal(recipe.flip, true);
    assert.ok(Buffer.compare(bytes, render(file, recipe).bytes) === 0);
  });

  it("does all of it by keyboard alone, undoing included", async () => {
    const editor = await start();
    await editor.choose("portrait.jpg");
    const { keyboard } = editor.page;
    const start0 = await editor.recipe();
    assert.equal(await editor.page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute("part")), "stage", "the focus is where the work is");
    await keyboard.press("+");
    await keyboard.press("Shift+ArrowRight");
    await keyboard.press("]");
    const turned = await editor.recipe();
    assert.deepEqual(turned.crop, { x: 640 - 102 - 436, y: 0, width: 436, height: 436 });
    assert.equal(turned.rotate, 90);
    for (let undo = 0; undo < 3; undo++) await keyboard.press("Control+z");
    assert.deepEqual(await editor.recipe(), start0);
    for (let redo = 0; redo < 3; redo++) await keyboard.press("Control+Shift+z");
    assert.deepEqual(await editor.recipe(), turned);

    // From the stage through the sliders and buttons to saving, by Tab.
    const seen: string[] = [];
    for (let step = 0; step < 20; step++) {
      await keyboard.press("Tab");
      const part = await editor.page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute("part") ?? "");
      seen.push(part);
      if (part.includes("straighten")) await keyboard.press("ArrowRight");
      if (part.includes("save")) break;
    }
    assert.ok(seen.some((part) => part.includes("flip")) && seen.some((part) => part.includes("undo")) && seen.some((part) => part.includes("reset")), seen.join());
    await keyboard.press("Enter");
    await editor.part("choose-next").waitFor();
    const [saved] = (await editor.heard("save")) as { recipe: Recipe }[];
    assert.equal(saved?.recipe.straighten, 10, "a tenth of a degree a key press");
  });

  it("pinches and drags by touch", async () => {
    const editor = await start("/", { hasTouch: true, viewport: { width: 400, height: 800 } });
    await editor.choose("portrait.jpg");
    const box = await editor.part("mask").boundingBox();
    assert.ok(box);
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const session = await editor.page.context().newCDPSession(editor.page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...touchPoints: { x: number; y: number; id: number }[]): Promise<unknown> => session.send("Input.dispatchTouchEvent", { type, touchPoints });
    await touch("touchStart", { x: x - 40, y, id: 1 }, { x: x + 40, y, id: 2 });
    await touch("touchMove", { x: x - 80, y, id: 1 }, { x: x + 80, y, id: 2 });
    await touch("touchEnd");
    const pinched = await editor.recipe();
    assert.deepEqual(pinched.crop, { x: 120, y: 200, width: 240, height: 240 }, "fingers twice as far apart show half, about their middle");
    await touch("touchStart", { x, y, id: 3 });
    await touch("touchMove", { x: x + box.width / 4, y, id: 3 });
    await touch("touchEnd");
    assert.deepEqual((await editor.recipe()).crop, { x: 60, y: 200, width: 240, height: 240 });
    await editor.part("undo").tap();
    await editor.editor.locator('[part~="redo"][aria-disabled="false"]').waitFor();
    assert.deepEqual(await editor.recipe(), pinched);
  });

  it("leaves no corner of a straightened picture free", async () => {
    const editor = await start("/square");
    const file = await photo("portrait.jpg");
    await editor.choose("portrait.jpg");
    for (const degrees of [7, -33, 45]) {
      await editor.part("straighten").last().evaluate((slider: HTMLInputElement, value) => {
        slider.value = String(value * 100);
        slider.dispatchEvent(new Event("input"));
      }, degrees);
      await editor.part("stage").focus();
      for (let press = 0; press < 6; press++) await editor.page.keyboard.press("Shift+ArrowLeft");
      for (let press = 0; press < 6; press++) await editor.page.keyboard.press("Shift+ArrowUp");
      const recipe = await editor.recipe();
      assert.equal(recipe.straighten, degrees * 100);
      const { data } = await sharp(render(file, recipe).bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
      const free = data.filter((value, index) => index % 4 === 3 && value !== 255).length;
      assert.equal(free, 0, `at ${degrees} degrees`);
    }
  });

  it("makes banners three times as wide as high", async () => {
    const editor = await start("/banner");
    await editor.choose("portrait.jpg");
    await assertSaves(editor, await photo("portrait.jpg"), { crop: { x: 0, y: 240, width: 480, height: 160 }, width: 480, height: 160, format: "jpeg", quality: 90 });
  });

  it("keeps what is transparent where the format can, and the mask may be a square", async () => {
    const editor = await start("/square");
    await editor.choose("alpha.png");
    const { rendered, bytes } = await editor.save();
    assert.equal(rendered.contentType, "image/png");
    assert.ok((await sharp(bytes).stats()).isOpaque === false);
    assert.equal(await editor.part("mask").first().evaluate((mask) => getComputedStyle(mask).borderTopLeftRadius), "4px");
  });

  it("keeps an animation where it is asked to", async () => {
    const editor = await start("/moving");
    await editor.choose("anim.gif");
    const still = await editor.save();
    assert.equal(still.rendered.frames, 1);
    await editor.part("choose-next").waitFor();
    await editor.choose("anim.gif");
    await editor.part("animate").check();
    await editor.settled();
    const moving = await editor.save();
    assert.equal(moving.rendered.contentType, "image/webp");
    assert.ok(moving.rendered.frames > 1);
    assert.ok(Buffer.compare(moving.bytes, render(await photo("anim.gif"), moving.recipe).bytes) === 0);
    await editor.part("choose-next").waitFor();
    await editor.choose("portrait.jpg");
    assert.ok(await editor.part("animate").isHidden(), "a still has none to keep");
  });

  it("tells that the position is removed where there was one, and else what was", async () => {
    const editor = await start();
    await editor.choose("portrait.jpg", await withPosition(await photo("portrait.jpg")));
    await editor.part("facts").filter({ hasText: "GPS position removed" }).waitFor();
    await editor.choose("exif-6.jpg");
    await editor.part("facts").filter({ hasText: "Metadata removed" }).waitFor();
    assert.doesNotMatch((await editor.part("facts").textContent()) ?? "", /GPS/);
  });

  it("refuses in words what is no photo, and goes on", async () => {
    const editor = await start();
    const whole = await photo("portrait.jpg");
    const wrong: [string, Buffer, RegExp, string][] = [
      ["text.jpg", Buffer.from("this is a text"), /not a photo/, "unsupported_format"],
      ["empty.jpg", Buffer.alloc(0), /empty/, "empty"],
      ["half.jpg", whole.subarray(0, whole.length / 2), /missing/, "truncated"],
      ["p3.heic", await photo("p3.heic"), /this browser cannot open/i, "unsupported_here"],
    ];
    for (const [name, buffer, words, code] of wrong) {
      await editor.offer(name, buffer);
      await editor.notice(words);
      const [last] = ((await editor.heard("error")) as { code: string }[]).slice(-1);
      assert.equal(last?.code, code);
      assert.match((await editor.part("status").textContent()) ?? "", words, "it is announced as well");
    }
    await editor.choose("portrait.jpg");
    assert.ok(await editor.part("notice").isHidden());
  });

  it("takes photos of every shape and kind", async () => {
    const editor = await start();
    const drawn = async (width: number, height: number): Promise<Buffer> => sharp({ create: { width, height, channels: 3, background: "#a05030" } }).png().toBuffer();
    const cases: [name: string, file: Buffer, crop: Recipe["crop"]][] = [
      ["1x1.png", await drawn(1, 1), { x: 0, y: 0, width: 1, height: 1 }],
      ["1x10000.png", await drawn(1, 10_000), { x: 0, y: 5000, width: 1, height: 1 }],
      ["alpha.png", await photo("alpha.png"), undefined],
      ["anim.gif", await photo("anim.gif"), undefined],
      ["exif-6.jpg", await photo("exif-6.jpg"), undefined],
      ["cmyk-exif-5.jpg", await photo("cmyk-exif-5.jpg"), undefined],
      ["gray16.png", await photo("gray16.png"), undefined],
    ];
    for (const [name, file, crop] of cases) {
      await editor.choose(name, file);
      const { recipe, bytes } = await editor.save();
      if (crop) assert.deepEqual(recipe.crop, crop, name);
      assert.ok(Buffer.compare(bytes, render(file, recipe).bytes) === 0, name);
      await editor.part("choose-next").waitFor();
    }
  });

  it("belongs to a form: the finished picture is its value", async () => {
    const editor = await start();
    await editor.choose("portrait.jpg");
    const value = await editor.page.evaluate(async () => {
      const file = new FormData(document.querySelector("form") ?? undefined).get("picture");
      return file instanceof File ? { name: file.name, type: file.type, bytes: [...new Uint8Array(await file.arrayBuffer())] } : undefined;
    });
    assert.equal(value?.name, "avatar.jpeg");
    assert.equal(value.type, "image/jpeg");
    const { recipe } = await editor.save();
    assert.ok(Buffer.compare(Buffer.from(value.bytes), render(await photo("portrait.jpg"), recipe).bytes) === 0);
    await editor.page.evaluate(() => document.querySelector("form")?.reset());
    await editor.part("choose").waitFor();
    assert.equal(await editor.page.evaluate(() => new FormData(document.querySelector("form") ?? undefined).get("picture")), null);
  });

  it("takes a photo by paste and by drop", async () => {
    const editor = await start();
    const bytes = [...(await photo("portrait.jpg"))];
    for (const kind of ["paste", "drop"]) {
      await editor.editor.evaluate((target, { kind, bytes }) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], "me.jpg", { type: "image/jpeg" }));
        const init = { bubbles: true, cancelable: true, composed: true };
        target.dispatchEvent(kind === "paste" ? new ClipboardEvent("paste", { ...init, clipboardData: data }) : new DragEvent("drop", { ...init, dataTransfer: data }));
      }, { kind, bytes });
      await editor.part("stage").locator("canvas").waitFor();
      await editor.settled();
      await editor.editor.evaluate((element) => (element as unknown as { clear(): void }).clear());
      await editor.part("choose").waitFor();
    }
  });

  it("keeps saving until what the page does with the picture is done, and tells where it failed", async () => {
    const editor = await start();
    await editor.choose("portrait.jpg");
    await editor.page.evaluate(() => {
      let tries = 0;
      addEventListener("roundel-save", (event) => {
        const { waitUntil } = (event as CustomEvent<{ waitUntil(promise: Promise<unknown>): void }>).detail;
        waitUntil(tries++ === 0 ? Promise.reject(Object.assign(new Error("for developers"), { code: "storage_unavailable" })) : Promise.resolve());
      });
    });
    await editor.part("save").click();
    await editor.notice(/cannot be stored at the moment/);
    assert.equal(await editor.part("save").textContent(), "Try again");
    await editor.part("save").click();
    await editor.part("choose-next").waitFor();
  });

  it("says that there is no connection, keeps the photo, and goes on when it is back", async () => {
    const editor = await start("/api");
    await editor.choose("portrait.jpg");
    await editor.editor.evaluate((element) => Object.assign(element, { token: "a token" }));
    const context = editor.page.context();
    await context.setOffline(true);
    await editor.notice(/you are offline/i);
    await editor.part("zoom-in").click();
    await editor.part("save").click();
    await editor.notice(/online/);
    assert.deepEqual(((await editor.heard("error")) as { code: string }[]).map(({ code }) => code), ["network"]);
    assert.equal(await editor.part("save").textContent(), "Try again");
    await context.setOffline(false);
    await editor.part("notice").waitFor({ state: "hidden" });
    assert.ok(await editor.part("stage").locator("canvas").isVisible());
  });

  it("asks to sign in where there is no token, and keeps the photo", async () => {
    const editor = await start("/api");
    await editor.choose("portrait.jpg");
    await editor.part("save").click();
    await editor.notice(/sign in again/i);
    assert.ok(await editor.part("stage").locator("canvas").isVisible());
    assert.deepEqual(((await editor.heard("error")) as { code: string }[]).map(({ code }) => code), ["unauthorized"]);
  });

  it("uploads nothing where the page says that it takes the picture itself", async () => {
    const editor = await start("/api");
    await editor.choose("portrait.jpg");
    await editor.page.evaluate(() => addEventListener("roundel-save", (event) => event.preventDefault()));
    await editor.save();
    await editor.part("choose-next").waitFor();
    assert.deepEqual(await editor.heard("error"), []);
  });

  it("says what it says in the language that it is given", async () => {
    const editor = await start();
    await editor.editor.evaluate((element) => element.setAttribute("labels", JSON.stringify({ choose: "Foto wählen", unknown: 5, save: 7 })));
    assert.equal(await editor.part("choose").textContent(), "Foto wählen");
    assert.equal(await editor.part("save").textContent(), "Save picture", "what is no text stays English");
    await editor.editor.evaluate((element) => element.setAttribute("labels", "{"));
    assert.equal(await editor.part("choose").textContent(), "Choose a photo");
  });
});

/** The photo with EXIF data that tell where it was taken. */
function withPosition(file: Buffer): Promise<Buffer> {
  return sharp(file).withExif({ IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 31/1 0/1", GPSLongitudeRef: "E", GPSLongitude: "13/1 24/1 0/1" } }).jpeg().toBuffer();
}

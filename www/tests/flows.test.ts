/** All of the page, from signing in to signing out, by one kind of hand alone each; and what it says and looks like where something is in the way. */
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { render } from "roundel";
import sharp from "sharp";
import { TEST_CAMERA } from "../../infra/local/browser.ts";
import { inRoot } from "../../infra/setup/paths.ts";
import { violations } from "../../wasm/npm/tests/editor/axe.ts";
import { assertSameBytes, choose, fixture, part, rendered, save } from "./person.ts";
import { Stage } from "./stage.ts";

const SCREENSHOTS = inRoot("target", "screenshots");
const PHOTO = { name: "portrait.jpg", mimeType: "image/jpeg" };
const NOTHING_YET = /\/profiles\/[\w-]+\)$/;

const stage = new Stage(TEST_CAMERA);

before(() => mkdir(SCREENSHOTS, { recursive: true }));

/** The page before anybody has signed in. */
async function arrive(options: BrowserContextOptions & { expected?: RegExp } = {}): Promise<Page> {
  const page = await stage.arrive({ expected: NOTHING_YET, ...options });
  await page.getByTestId("sign-in").waitFor();
  return page;
}

/** Leaves a picture of the page for people to look at, and looks for what axe-core finds. */
async function look(page: Page, state: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${state}.png`), fullPage: true });
  assert.deepEqual(await violations(page), [], state);
}

async function middleOf(what: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  await what.scrollIntoViewIfNeeded();
  const box = await what.boundingBox();
  assert.ok(box);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, width: box.width, height: box.height };
}

/** The bytes that the page sends to the storage when `act` is done. */
async function sentBy(page: Page, act: () => Promise<unknown>): Promise<Uint8Array> {
  const put = page.waitForRequest((request) => request.method() === "PUT" && new URL(request.url()).origin !== stage.stack.origin);
  await act();
  const sent = (await put).postDataBuffer();
  await page.getByTestId("result-128").waitFor();
  return sent ?? new Uint8Array();
}

test("a mouse alone does all of it", async () => {
  const page = await arrive();
  const click = async (what: Locator): Promise<void> => {
    const { x, y } = await middleOf(what);
    await page.mouse.click(x, y);
  };
  await click(page.getByTestId("sign-in"));
  await page.getByTestId("choose").waitFor();
  // Of a person who has nothing yet nothing is waited for either.
  await page.waitForLoadState("networkidle");
  const dialog = page.waitForEvent("filechooser");
  await click(page.getByTestId("choose"));
  await (await dialog).setFiles({ ...PHOTO, buffer: await readFile(fixture(PHOTO.name)) });
  await part(page, "stage").locator("canvas").waitFor();
  const { x, y, height } = await middleOf(part(page, "stage"));
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y - 4 * height, { steps: 4 });
  await page.mouse.up();
  for (const name of ["turn-right", "undo", "flip"]) await click(part(page, name));
  const sent = await sentBy(page, () => click(part(page, "save")));
  const wanted = await rendered(PHOTO.name, { flip: true, crop: { x: 0, y: 160, width: 480, height: 480 }, width: 480, height: 480, quality: 90 });
  assertSameBytes(sent, wanted, "what the mouse made of it");
  await click(page.getByTestId("sign-out"));
  await page.getByTestId("sign-in").waitFor();
});

test("fingers alone do all of it", async () => {
  const page = await arrive({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });
  const session = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...touchPoints: { x: number; y: number; id: number }[]): Promise<unknown> => session.send("Input.dispatchTouchEvent", { type, touchPoints });
  await page.getByTestId("sign-in").tap();
  await page.getByTestId("choose").waitFor();
  const dialog = page.waitForEvent("filechooser");
  await page.getByTestId("choose").tap();
  await (await dialog).setFiles({ ...PHOTO, buffer: await readFile(fixture(PHOTO.name)) });
  await part(page, "stage").locator("canvas").waitFor();
  const { x, y } = await middleOf(part(page, "stage"));
  await touch("touchStart", { x: x - 40, y, id: 1 }, { x: x + 40, y, id: 2 });
  await touch("touchMove", { x: x - 80, y, id: 1 }, { x: x + 80, y, id: 2 });
  await touch("touchEnd");
  await part(page, "turn-left").tap();
  const sent = await sentBy(page, () => part(page, "save").tap());
  const wanted = await rendered(PHOTO.name, { rotate: 270, crop: { x: 200, y: 120, width: 240, height: 240 }, width: 240, height: 240, quality: 90 });
  assertSameBytes(sent, wanted, "what the fingers made of it");
  await page.getByTestId("sign-out").tap();
  await page.getByTestId("sign-in").waitFor();
});

test("a keyboard alone does all of it, and the focus is seen wherever it is", async () => {
  const page = await arrive();
  const { keyboard } = page;
  /** By Tab, as a person gets there. */
  const reach = async (name: string): Promise<void> => {
    for (let step = 0; step < 40; step++) {
      await keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const outer = document.activeElement as HTMLElement | null;
        const inner = (outer?.shadowRoot?.activeElement ?? outer) as HTMLElement | null;
        return inner && { name: inner.getAttribute("data-testid") ?? inner.getAttribute("part") ?? inner.id, isSeen: getComputedStyle(inner).outlineStyle !== "none" || inner.tagName === "BODY" };
      });
      if (at && at.name !== "") assert.ok(at.isSeen, `the focus is seen on ${at.name}`);
      if (at?.name.split(" ").includes(name)) return;
    }
    assert.fail(`Tab leads to ${name}`);
  };
  await reach("sign-in");
  await keyboard.press("Enter");
  await page.getByTestId("choose").waitFor();
  await page.getByTestId("display-name").and(page.locator(":enabled")).waitFor();
  await reach("choose");
  const dialog = page.waitForEvent("filechooser");
  await keyboard.press("Enter");
  await (await dialog).setFiles({ ...PHOTO, buffer: await readFile(fixture(PHOTO.name)) });
  await part(page, "stage").locator("canvas").waitFor();
  // The focus is on the stage by itself.
  for (const key of ["+", "Shift+ArrowRight", "]"]) await keyboard.press(key);
  await reach("save");
  const sent = await sentBy(page, () => keyboard.press("Enter"));
  const wanted = await rendered(PHOTO.name, { rotate: 90, crop: { x: 640 - 102 - 436, y: 0, width: 436, height: 436 }, width: 436, height: 436, quality: 90 });
  assertSameBytes(sent, wanted, "what the keys made of it");
  await reach("display-name");
  await keyboard.type("Ada");
  await keyboard.press("Enter");
  await page.getByTestId("name").filter({ hasText: "Ada" }).waitFor();
  await keyboard.press("Shift+Tab");
  for (let step = 0; step < 10 && !(await page.getByTestId("sign-out").evaluate((button) => button === document.activeElement)); step++) await keyboard.press("Shift+Tab");
  await keyboard.press("Enter");
  await page.getByTestId("sign-in").waitFor();
});

test("a picture of the camera is taken, taken again, placed and saved", async () => {
  const page = await stage.signedIn({ reducedMotion: "reduce" });
  await choose(page, PHOTO.name);
  await page.locator("roundel-editor").evaluate((editor) => (editor as unknown as { clear(): void }).clear());
  await part(page, "use-camera").click();
  await part(page, "take-picture").waitFor();
  await page.waitForFunction(() => (document.querySelector("roundel-editor")?.shadowRoot?.querySelector("video")?.videoWidth ?? 0) > 0);
  await look(page, "camera");
  await part(page, "take-picture").click();
  await part(page, "retake").click();
  await part(page, "take-picture").click();
  await look(page, "camera, taken");
  await page.evaluate(() => addEventListener("roundel-save", (event) => void Object.assign(window, { saved: (event as CustomEvent<unknown>).detail }), { once: true }));
  await part(page, "use-picture").click();
  await part(page, "stage").locator("canvas").waitFor();
  const sent = await sentBy(page, () => part(page, "save").click());
  const { photo, recipe } = await page.evaluate(async () => {
    const { file, recipe } = (window as unknown as { saved: { file: Blob; recipe: object } }).saved;
    return { photo: [...new Uint8Array(await file.arrayBuffer())], recipe };
  });
  assertSameBytes(sent, render(new Uint8Array(photo), recipe).bytes, "the camera's picture");
});

test("a photo that is dropped or pasted anywhere on the page is opened, and one can go back without saving it", async () => {
  const give = async (page: Page, kind: "drop" | "paste"): Promise<void> => {
    const bytes = [...(await readFile(fixture(PHOTO.name)))];
    await page.locator("main").evaluate((target, { kind, bytes }) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], "me.jpg", { type: "image/jpeg" }));
      const init = { bubbles: true, cancelable: true };
      if (kind === "drop") target.dispatchEvent(new DragEvent("dragenter", { ...init, dataTransfer: data }));
      target.dispatchEvent(kind === "paste" ? new ClipboardEvent("paste", { ...init, clipboardData: data }) : new DragEvent("drop", { ...init, dataTransfer: data }));
    }, { kind, bytes });
  };
  const page = await arrive();
  await give(page, "drop");
  await page.getByTestId("notice").filter({ hasText: /sign in first/i }).waitFor();
  await page.getByTestId("sign-in").click();
  await page.getByTestId("choose").waitFor();
  for (const kind of ["drop", "paste"] as const) {
    await give(page, kind);
    await part(page, "stage").locator("canvas").waitFor();
    await page.getByTestId("back").click();
    await page.getByTestId("choose").waitFor();
    assert.equal(await part(page, "stage").locator("canvas").count(), 0, "nothing of it is left");
  }
});

test("without a connection the photo stays, and is saved when it is back", async () => {
  const page = await stage.signedIn({ alsoExpected: "ERR_INTERNET_DISCONNECTED", reducedMotion: "reduce" });
  await choose(page, PHOTO.name);
  await page.context().setOffline(true);
  await part(page, "notice").filter({ hasText: /you are offline/i }).waitFor();
  await part(page, "save").click();
  await part(page, "notice").filter({ hasText: /check that you are online/i }).waitFor();
  assert.equal(await part(page, "save").textContent(), "Try again");
  await look(page, "offline");
  await page.context().setOffline(false);
  await part(page, "notice").waitFor({ state: "hidden" });
  await save(page);
});

test("an upload whose address has expired gets a fresh one by itself", async () => {
  const page = await stage.signedIn({ alsoExpected: "status of 403" });
  await choose(page, PHOTO.name);
  let puts = 0;
  // As S3 answers when a signed address is too old.
  await page.route(`${stage.stack.s3.endpoint}/**`, async (route) => {
    if (route.request().method() !== "PUT" || ++puts > 1) return route.continue();
    const cors = { "access-control-allow-origin": stage.stack.origin, "content-type": "application/xml" };
    return route.fulfill({ status: 403, headers: cors, body: "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>" });
  });
  let signed = 0;
  page.on("request", (request) => (signed += request.url().endsWith("/avatars/key_upload") && request.method() === "POST" ? 1 : 0));
  await part(page, "save").click();
  await page.getByTestId("result-128").waitFor();
  assert.deepEqual({ puts, signed }, { puts: 2, signed: 2 });
});

test("a sign-in that ends while a photo is placed is told, and the next one goes on", async () => {
  const page = await stage.signedIn({ alsoExpected: "status of 401", reducedMotion: "reduce" });
  await choose(page, PHOTO.name);
  await page.route("**/avatars/key_upload", (route) => route.fulfill({ status: 401, contentType: "application/problem+json", body: JSON.stringify({ code: "unauthorized" }) }));
  await part(page, "save").click();
  await page.getByTestId("notice").filter({ hasText: /sign in again/i }).waitFor();
  await look(page, "expired");
  await page.unroute("**/avatars/key_upload");
  await page.getByTestId("sign-in").click();
  await page.getByTestId("choose").waitFor();
  await choose(page, PHOTO.name);
  await save(page);
});

test("a worker that does not answer is told, and tried again", async () => {
  const expected = /config\.json\)$|profiles/;
  const context = { expected, reducedMotion: "reduce" } as const;
  const page = await stage.arrive(context);
  await page.route("**/config.json", (route) => route.fulfill({ status: 503, body: "" }));
  await page.reload();
  await page.getByTestId("notice").filter({ hasText: /does not answer/ }).waitFor();
  await look(page, "unavailable");
  await page.unroute("**/config.json");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByTestId("sign-in").waitFor();
});

for (const [name, options] of [
  ["from right to left, in the light", { colorScheme: "light" }],
  ["from right to left, in the dark, on a phone", { colorScheme: "dark", viewport: { width: 320, height: 640 }, hasTouch: true }],
] as const) {
  test(`nothing is out of place ${name}`, async () => {
    const page = await arrive({ ...options, reducedMotion: "reduce" });
    const turn = async (state: string): Promise<void> => {
      await page.evaluate(() => (document.documentElement.dir = "rtl"));
      await look(page, `${state}, ${name}`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${state} is as wide as the screen`);
    };
    await turn("signed out");
    await page.getByTestId("sign-in").click();
    await page.getByTestId("choose").waitFor();
    await page.waitForLoadState("networkidle");
    await turn("profile");
    const [face, who] = [await middleOf(page.locator(".face.large")), await middleOf(page.getByTestId("choose"))];
    if (!("viewport" in options)) assert.ok(face.x > who.x, "the picture is on the right");
    await choose(page, PHOTO.name);
    await part(page, "facts").filter({ hasText: "kB" }).waitFor();
    await turn("editing");
    const before = await page.locator("roundel-editor").evaluate((editor) => (editor as unknown as { recipe: { crop: { y: number } } }).recipe.crop.y);
    await part(page, "stage").focus();
    await page.keyboard.press("Shift+ArrowUp");
    const after = await page.locator("roundel-editor").evaluate((editor) => (editor as unknown as { recipe: { crop: { y: number } } }).recipe.crop.y);
    assert.ok(after > before, "arrow keys mean the same");
    await save(page);
    await turn("saved");
  });
}

for (const [name, options] of [
  ["in the light", { colorScheme: "light" }],
  ["in the dark, on a phone", { colorScheme: "dark", viewport: { width: 320, height: 640 }, hasTouch: true }],
] as const) {
  test(`a refused file, an upload on its way and somebody else's page are for everybody, ${name}`, async () => {
    const page = await stage.signedIn({ ...options, reducedMotion: "reduce" });
    await choose(page, PHOTO.name);
    await part(page, "file").setInputFiles({ name: "diary.jpg", mimeType: "image/jpeg", buffer: Buffer.from("Dear diary,") });
    await part(page, "notice").filter({ hasText: /not a photo/ }).waitFor();
    await look(page, `refused, ${name}`);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route(`${stage.stack.s3.endpoint}/**`, async (route) => {
      if (route.request().method() === "PUT") await held;
      await route.continue();
    });
    await part(page, "save").click();
    await page.locator("roundel-editor .progress").filter({ hasText: "Uploading" }).waitFor();
    await look(page, `uploading, ${name}`);
    release();
    await page.getByTestId("result-128").waitFor();
    const subject = await page.evaluate(() => (JSON.parse(atob((sessionStorage.getItem("roundel.access_token") ?? "").split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") ?? "")) as { sub: string }).sub);
    await page.getByTestId("sign-out").click();
    await page.goto(`${stage.stack.origin}/?person=${subject}`);
    await page.getByTestId("result-128").waitFor();
    await look(page, `somebody else, ${name}`);
  });
}

test("who wants no motion sees none", async () => {
  const page = await stage.signedIn({ reducedMotion: "reduce" });
  await choose(page, PHOTO.name);
  const moving = await page.evaluate(() => {
    const roots = [document, ...[...document.querySelectorAll("*")].flatMap(({ shadowRoot }) => shadowRoot ?? [])];
    const isMoving = (element: Element): boolean => {
      const { transitionDuration, animationName, animationDuration } = getComputedStyle(element);
      return /[1-9]/.test(transitionDuration) || (animationName !== "none" && /[1-9]/.test(animationDuration));
    };
    return roots.flatMap((root) => [...root.querySelectorAll("*")].filter(isMoving).map((element) => element.outerHTML.slice(0, 80)));
  });
  assert.deepEqual(moving, []);
});

/** Hills in the evening: a banner that one would choose. */
const HILLS = `<svg xmlns="http://www.w3.org/2000/svg" width="1500" height="500">
  <linearGradient id="sky" x2="0" y2="1"><stop stop-color="#27566b" /><stop offset="0.6" stop-color="#e2a27c" /><stop offset="1" stop-color="#f3d9a4" /></linearGradient>
  <rect width="1500" height="500" fill="url(#sky)" /><circle cx="1080" cy="300" r="62" fill="#fbe6b4" />
  <path d="M0 340 Q300 220 640 330 T1500 280 V500 H0Z" fill="#8a6d74" /><path d="M0 410 Q380 300 820 400 T1500 350 V500 H0Z" fill="#4f4f63" /><path d="M0 460 Q500 380 900 450 T1500 420 V500 H0Z" fill="#2b3346" />
</svg>`;

test("the pictures of the README are of the real thing", async () => {
  const page = await stage.signedIn({ viewport: { width: 1000, height: 820 }, colorScheme: "light", reducedMotion: "reduce" });
  await page.getByTestId("display-name").fill("Ada Ferreira");
  await page.getByTestId("bio").fill("Draws maps of places that are not there yet.");
  await page.getByTestId("save-profile").click();
  await page.getByTestId("name").filter({ hasText: "Ada Ferreira" }).waitFor();
  const dialog = page.waitForEvent("filechooser");
  await page.getByTestId("choose-banner").click();
  await (await dialog).setFiles({ name: "hills.png", mimeType: "image/png", buffer: await sharp(Buffer.from(HILLS)).png().toBuffer() });
  await part(page, "stage").locator("canvas").waitFor();
  await part(page, "save").click();
  await page.getByTestId("banner").waitFor();
  await choose(page, PHOTO.name);
  await part(page, "straighten").last().focus();
  for (let press = 0; press < 30; press++) await page.keyboard.press("ArrowRight");
  await part(page, "stage").focus();
  for (const key of ["+", "Shift+ArrowUp"]) await page.keyboard.press(key);
  await part(page, "facts").filter({ hasText: "kB" }).waitFor();
  await page.mouse.move(0, 0);
  await part(page, "stage").evaluate((stage: HTMLElement) => stage.blur());
  await look(page, "readme editor");
  await save(page);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await look(page, "readme profile");
  await page.setViewportSize({ width: 320, height: 640 });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForFunction(() => [...document.images].every((image) => image.hidden || image.complete));
  await look(page, "readme phone");
});

/** A person's page in a real browser, with the whole stack behind it: banner, name and words, what others see, and whom it has to work for. */
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { violations } from "../../wasm/npm/tests/editor/axe.ts";
import { openPage } from "./browser.ts";
import { assertSameBytes, choose, fixture, part, rendered, save } from "./person.ts";
import { Stage } from "./stage.ts";

/** Where the pictures of the page are left, for people to look at. */
const SCREENSHOTS = fileURLToPath(new URL("../../target/screenshots/", import.meta.url));

/** Before a photo is chosen the page loads no more script than this, in bytes. */
const MAX_SCRIPT_BYTES = 60_000;

const stage = new Stage();

before(() => mkdir(SCREENSHOTS, { recursive: true }));

const addresses = (page: Page, kind: string): Promise<string[]> => page.locator(`img[data-picture="${kind}"]`).evaluateAll((images) => images.map((image) => (image as HTMLImageElement).currentSrc));

test("a banner is cut three times as wide as high, published, and shown", async () => {
  const page = await stage.signedIn();
  assert.ok(await page.getByTestId("banner").isHidden());
  const dialog = page.waitForEvent("filechooser");
  await page.getByTestId("choose-banner").click();
  await (await dialog).setFiles({ name: "portrait.jpg", mimeType: "image/jpeg", buffer: await readFile(fixture("portrait.jpg")) });
  await part(page, "stage").locator("canvas").waitFor();
  await page.keyboard.press("Shift+ArrowDown");
  await page.screenshot({ path: `${SCREENSHOTS}banner.png` });
  const put = page.waitForRequest((request) => request.method() === "PUT");
  await part(page, "save").click();
  const crop = { x: 0, y: 240 - 48, width: 480, height: 160 };
  assertSameBytes((await put).postDataBuffer() ?? new Uint8Array(), await rendered("portrait.jpg", { crop, width: 480, height: 160, quality: 90 }), "the banner");
  await page.getByTestId("banner").waitFor();
  const [address = ""] = await addresses(page, "banner");
  assert.match(address, /\/banners\/[\w-]+\/[0-9a-f]{16}\/\d+\.jpg$/);
});

test("a new picture is everywhere on the page at once, and there again after a reload", async () => {
  const page = await stage.signedIn();
  await page.waitForFunction(() => [...document.querySelectorAll<HTMLImageElement>('img[data-picture="avatar"]')].every(({ hidden }) => !hidden));
  // Each change of any of the three, with what all of them show then.
  await page.evaluate(() => {
    const images = [...document.querySelectorAll<HTMLImageElement>('img[data-picture="avatar"]')];
    const seen: string[] = [];
    Object.assign(window, { seen });
    const watch = new MutationObserver(() => seen.push(images.map(({ src }) => src.split("/").at(-2) ?? "").join()));
    for (const image of images) watch.observe(image, { attributeFilter: ["src"] });
  });
  await choose(page, "portrait.jpg");
  await save(page);
  const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
  for (const one of seen) assert.equal(new Set(one.split(",")).size, 1, `all three show the same version: ${one}`);
  const [version] = seen.at(-1)?.split(",") ?? [];
  assert.match(version ?? "", /^[0-9a-f]{16}$/);
  await page.screenshot({ path: `${SCREENSHOTS}profile.png`, fullPage: true });

  // Before it arrives there are its colours.
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/avatars/**", async (route) => {
    await held;
    await route.continue();
  });
  await page.reload();
  await page.locator(".large .placeholder").waitFor();
  assert.ok(await page.getByTestId("result-128").isHidden());
  release();
  await page.waitForFunction((wanted) => [...document.querySelectorAll<HTMLImageElement>('img[data-picture="avatar"]')].every(({ currentSrc }) => currentSrc.includes(wanted)), version ?? "");
  assert.equal(await page.locator(".large .placeholder").count(), 0);
});

test("name and words are counted, checked, saved, and seen by others", async () => {
  const page = await stage.signedIn();
  await page.getByTestId("display-name").fill("  Zoë  ");
  await page.getByTestId("bio").fill("👩‍👩‍👧\nwalks & <b>talks</b>");
  // Five scalar values make the family, one the line break.
  assert.equal(await page.getByTestId("bio-left").textContent(), `${160 - 5 - 1 - "walks & <b>talks</b>".length} left`);
  await page.getByTestId("bio").fill("x".repeat(161));
  await page.getByTestId("save-profile").click();
  await page.getByTestId("bio-wrong").filter({ hasText: "1 too many" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "bio");
  await page.getByTestId("bio").fill("walks & <b>talks</b>");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByTestId("status").filter({ hasText: "Your profile is saved." }).waitFor({ state: "attached" });
  assert.equal(await page.getByTestId("name").textContent(), "Zoë");

  const subject = await page.evaluate(() => (JSON.parse(atob((sessionStorage.getItem("roundel.access_token") ?? "").split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") ?? "")) as { sub: string }).sub);
  const other = await openPage(stage.browser, `${stage.stack.origin}/?person=${subject}`);
  try {
    await other.page.getByTestId("name").filter({ hasText: "Zoë" }).waitFor();
    assert.equal(await other.page.getByTestId("bio-shown").textContent(), "walks & <b>talks</b>");
    await other.page.getByTestId("result-128").waitFor();
    assert.ok(await other.page.getByTestId("choose").isHidden() && await other.page.getByTestId("display-name").isHidden());
    assert.deepEqual(await other.complaints(), []);
  } finally {
    await other.close();
  }
});

test("what somebody else wrote meanwhile is not written over unseen", async () => {
  const page = await stage.signedIn({ alsoExpected: "status of 412" });
  await page.getByTestId("display-name").fill("One");
  await page.getByTestId("save-profile").click();
  await page.getByTestId("name").filter({ hasText: "One" }).waitFor();
  const token = await stage.stack.issuer.accessToken();
  const written = await fetch(`${stage.stack.origin}/profile`, { method: "PUT", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify({ display_name: "Two" }) });
  assert.equal(written.status, 200);
  await page.getByTestId("display-name").fill("Three");
  await page.getByTestId("save-profile").click();
  await page.getByTestId("notice").filter({ hasText: /changed somewhere else/ }).waitFor();
  await page.getByTestId("name").filter({ hasText: "Two" }).waitFor();
  assert.equal(await page.getByTestId("display-name").inputValue(), "Three", "what was typed is still there");
  await page.getByTestId("save-profile").click();
  await page.getByTestId("name").filter({ hasText: "Three" }).waitFor();
});

test("before a photo is chosen little script is loaded, and no wasm", async () => {
  const page = await stage.signedIn();
  await page.waitForLoadState("networkidle");
  const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map((entry) => ({ name: entry.name, size: (entry as PerformanceResourceTiming).decodedBodySize })));
  const scripts = loaded.filter(({ name }) => /\.(js|wasm)$/.test(name));
  assert.ok(scripts.length > 0);
  assert.deepEqual(scripts.filter(({ name }) => name.endsWith(".wasm")), []);
  const total = scripts.reduce((sum, { size }) => sum + size, 0);
  assert.ok(total > 0 && total < MAX_SCRIPT_BYTES, `${total} bytes`);
  const wasm = page.waitForRequest((request) => request.url().endsWith(".wasm"));
  await page.getByTestId("choose").focus();
  await wasm;
});

for (const [name, options] of [
  ["in the light", { colorScheme: "light" }],
  ["in the dark, at 320 pixels", { colorScheme: "dark", viewport: { width: 320, height: 640 }, hasTouch: true }],
] as const) {
  test(`axe-core finds nothing in any view, ${name}`, async () => {
    const page = await stage.arrive({ ...options, reducedMotion: "reduce" });
    const found: string[] = [];
    const look = async (view: string): Promise<void> => {
      await page.screenshot({ path: `${SCREENSHOTS}${view} ${name}.png`, fullPage: true });
      found.push(...(await violations(page)).map((one) => `${view}: ${one}`));
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `${view} is as wide as the screen`);
    };
    await page.getByTestId("sign-in").waitFor();
    await look("signed out");
    await page.getByTestId("sign-in").click();
    await page.getByTestId("choose").waitFor();
    await page.waitForLoadState("networkidle");
    await look("profile");
    await page.getByTestId("display-name").fill("x".repeat(51));
    await page.getByTestId("save-profile").click();
    await look("profile at fault");
    await choose(page, "portrait.jpg");
    await part(page, "facts").filter({ hasText: "kB" }).waitFor();
    await look("editing");
    assert.deepEqual(found, []);
  });
}

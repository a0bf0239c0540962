/** The page in a real browser, with the whole stack behind it: from the choice of a file to the served picture. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { after, afterEach, before, test } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { ready, render } from "roundel";
import sharp from "sharp";
import { startBrowser } from "../../infra/local/browser.ts";
import { startStack, type Stack } from "../../infra/local/stack.ts";
import type { WatchedPage } from "./browser.ts";
import { assertSameBytes, choose, fixture, offer, openSignedIn, part, rendered, save } from "./person.ts";
import { eightWays, insideCircle, insideOf, meanDifference, pixelsOf } from "./pixels.ts";

let stateDirectory: string;
let stack: Stack;
let browser: Browser;
let open: WatchedPage | undefined;

before(async () => {
  stateDirectory = await mkdtemp(join(tmpdir(), "roundel-page-"));
  [stack, browser] = await Promise.all([startStack({ stateDirectory, faults: true }), startBrowser(), ready()]);
});

after(async () => {
  await browser?.close();
  await stack?.stop();
  await rm(stateDirectory, { recursive: true, force: true });
});

afterEach(async () => {
  await setFaults([]);
  await open?.close();
  open = undefined;
});

async function signedIn(options: BrowserContextOptions = {}, alsoExpected = ""): Promise<Page> {
  open = await openSignedIn(browser, stack.origin, { ...options, alsoExpected });
  return open.page;
}

/** Orders to the S3 server to fail; infra/local-s3/README.md says how they are read. */
async function setFaults(faults: { method: string; key_prefix: string; status: number }[]): Promise<void> {
  assert.ok(stack.s3.control);
  const body = JSON.stringify({ faults });
  const { ok, status } = await fetch(`${stack.s3.control}/faults`, { method: "PUT", body });
  assert.ok(ok, `the S3 server takes orders to fail, not ${status}`);
}

async function noComplaints(): Promise<void> {
  assert.deepEqual(await open?.complaints(), []);
}

test("a photo from the disk becomes the served picture, the right way up", async () => {
  const page = await signedIn();
  const policy = (await page.request.get(stack.origin)).headers()["content-security-policy"] ?? "";
  assert.match(policy, /default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';/);
  assert.equal(new URL(page.url()).search, "", "the answer of the issuer is gone from the address bar");
  await choose(page, "portrait.jpg");

  const sent = await save(page);
  const crop = { x: 0, y: 80, width: 480, height: 480 };
  const wanted = await rendered("portrait.jpg", { crop, width: 480, height: 480, quality: 90 });
  assertSameBytes(sent, wanted, "the browser sends the very bytes that render gives in Node");

  // The edge's own two steps: a master of at most 1024 pixels at quality 90, and from that each size.
  const master = render(sent, { width: 480, height: 480, quality: 90 });
  const version = master.sha256.slice(0, 16);
  for (const side of [128, 48, 24]) {
    const picture = page.getByTestId(`result-${side}`);
    const { url, shown } = await picture.evaluate((image: HTMLImageElement) => ({ url: image.currentSrc, shown: image.clientWidth }));
    const natural = Number(/(\d+)\.jpg$/.exec(url)?.[1]);
    assert.equal(shown, side);
    assert.ok(natural >= side, `${natural} pixels are shown at ${side}`);
    assert.match(url, new RegExp(`^${stack.origin}/avatars/[\\w-]+/${version}/${natural}\\.jpg$`), "it is a versioned URL of the worker");
    const served = await page.request.get(url);
    assert.equal(served.headers()["content-type"], "image/jpeg");
    const variant = render(master.bytes, { width: natural, height: natural }).bytes;
    assertSameBytes(await served.body(), variant, `the edge serves what render makes of its master at ${natural} pixels`);
    const straight = await pixelsOf(await rendered("portrait.jpg", { crop, width: natural, height: natural, format: "png" }));
    const shownPixels = await pixelsOf(await served.body());
    const [asIs = 0, ...otherwise] = (await eightWays(straight)).map((way) => meanDifference(shownPixels, way));
    assert.ok(asIs < 8, `after three JPEGs the picture of ${natural} pixels differs from the photo by ${asIs} on average`);
    assert.ok(Math.min(...otherwise) > asIs, "it is the right way up");
  }
  assert.match((await page.getByTestId("status").textContent()) ?? "", /saved/i);

  await page.reload();
  await page.waitForFunction((version) => document.querySelector<HTMLImageElement>("[data-testid=result-128]")?.currentSrc.includes(version), version);
  assert.ok(await page.getByTestId("choose").isVisible(), "a reload keeps the sign-in");
  await noComplaints();
});

test("photos of every format that Roundel reads are taken, and what is sent is what render makes", async () => {
  const page = await signedIn({ reducedMotion: "reduce" });
  await page.getByTestId("choose").hover();
  const accepted = (await part(page, "file").getAttribute("accept")) ?? "";
  assert.deepEqual(accepted.split(","), ["image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp", "image/avif"], "Chromium decodes AVIF and no HEIC");
  const photos: [name: string, x: number, y: number, side: number][] = [
    ["lossy.webp", 26, 0, 151],
    ["exif-6.webp", 0, 15, 90],
    ["anim.webp", 5, 0, 30],
    ["still.gif", 8, 0, 45],
    ["anim.gif", 5, 0, 30],
    ["animated.png", 8, 0, 32],
    ["24.bmp", 3, 0, 7],
  ];
  for (const [name, x, y, side] of photos) {
    await choose(page, name);
    await page.mouse.move(0, 0);
    const crop = { x, y, width: side, height: side };
    const shown = await insideCircle(await part(page, "stage").screenshot(), 16);
    const straight = await insideOf(await rendered(name, { crop, width: 256, height: 256, quality: 100 }), 16);
    const [asIs = 0, ...otherwise] = (await eightWays(straight)).map((way) => meanDifference(shown, way));
    assert.ok(asIs < 12 && asIs <= Math.min(...otherwise), `${name} is shown as it is saved: ${asIs}, ${otherwise.join()}`);
    assertSameBytes(await save(page), await rendered(name, { crop, width: side, height: side, quality: 90 }), name);
  }
  await noComplaints();
});

test("AVIF is opened by the browser, and HEIC refused with words where it cannot be", async () => {
  const page = await signedIn();
  await choose(page, "plain.avif");
  const sent = await pixelsOf(await save(page));
  const wanted = await pixelsOf(await sharp(await readFile(fixture("plain.avif"))).resize(sent.width, sent.height, { fit: "cover" }).png().toBuffer());
  const difference = meanDifference(sent, wanted);
  assert.ok(difference < 6, `the mean difference to the photo is ${difference}`);

  await offer(page, "p3.heic");
  await part(page, "notice").filter({ hasText: /this browser cannot open/i }).waitFor();
  await choose(page, "portrait.jpg");
  await save(page);
  await noComplaints();
});

test("the keyboard alone zooms, moves, turns and saves", async () => {
  const page = await signedIn();
  await choose(page, "portrait.jpg");
  const stage = part(page, "stage");
  await stage.focus();
  await page.keyboard.press("+");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("]");
  assert.match((await part(page, "zoom").getAttribute("aria-valuetext")) ?? "", /^1\.1 times$/);
  await part(page, "save").focus();
  const put = page.waitForRequest((request) => request.method() === "PUT");
  await page.keyboard.press("Enter");
  const sent = (await put).postDataBuffer() ?? new Uint8Array();
  await page.getByTestId("result-24").waitFor();
  // 480 / 1.1 = 436 pixels a side. The photo went right by a tenth of that, and stopped where its left edge met the mask:
  // x 0, y 102 of 480 x 640. A quarter turn to the right makes it 640 x 480, and the left edge the upper one.
  const crop = { x: 640 - 102 - 436, y: 0, width: 436, height: 436 };
  const wanted = await rendered("portrait.jpg", { rotate: 90, crop, width: 436, height: 436, quality: 90 });
  assertSameBytes(sent, wanted, "the picture is cut as the keys said");
  await noComplaints();
});

test("what is shown is what is rendered, in every orientation a camera stores and after a turn", async () => {
  const page = await signedIn({ reducedMotion: "reduce" });
  for (const name of [1, 2, 3, 4, 5, 6, 7, 8].map((orientation) => `exif-${orientation}.jpg`).concat("portrait.jpg")) {
    await choose(page, name);
    for (const rotate of [0, 270] as const) {
      if (rotate === 270) await part(page, "turn-left").click();
      await page.mouse.move(0, 0);
      const shown = await insideCircle(await part(page, "stage").screenshot(), 32);
      const wanted = await insideOf(await rendered(name, { rotate, width: 256, height: 256, format: "png" }), 32);
      const [asIs = 0, ...otherwise] = (await eightWays(wanted)).map((way) => meanDifference(shown, way));
      assert.ok(asIs < 5, `${name} turned by ${rotate} is shown with a mean difference of ${asIs}`);
      assert.ok(Math.min(...otherwise) > asIs, `${name} turned by ${rotate} looks rather like another orientation`);
    }
  }
  await noComplaints();
});

test("dragging moves the photo with the pointer", async () => {
  const page = await signedIn();
  await choose(page, "portrait.jpg");
  const box = await part(page, "stage").boundingBox();
  assert.ok(box);
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await page.mouse.move(middle.x, middle.y);
  await page.mouse.down();
  await page.mouse.move(middle.x, middle.y - 4 * box.height, { steps: 4 });
  await page.mouse.up();
  const sent = await save(page);
  const crop = { x: 0, y: 160, width: 480, height: 480 };
  const wanted = await rendered("portrait.jpg", { crop, width: 480, height: 480, quality: 90 });
  assertSameBytes(sent, wanted, "dragged up as far as it goes, its lower end is in the circle");
  await noComplaints();
});

test("what is no photo is refused in words, and the page goes on", async () => {
  const page = await signedIn();
  const whole = await readFile(fixture("portrait.jpg"));
  const wrong: [string, Buffer, RegExp][] = [
    ["text.jpg", Buffer.from("this is a text"), /not a photo/],
    ["empty.jpg", Buffer.alloc(0), /empty/],
    ["half.jpg", whole.subarray(0, whole.length / 2), /missing|damaged/],
    ["header.png", hugePng(), /too many pixels/],
  ];
  for (const [name, buffer, words] of wrong) {
    await offer(page, name, buffer);
    await part(page, "notice").filter({ hasText: words }).waitFor();
    assert.match((await part(page, "status").textContent()) ?? "", words, "it is announced as well");
  }
  await choose(page, "portrait.jpg");
  assert.ok(await part(page, "notice").isHidden());
  await save(page);
  await noComplaints();
});

test("the editor has the page's colours", async () => {
  const page = await signedIn();
  const wanted = await page.getByTestId("choose").evaluate((button) => getComputedStyle(button).backgroundColor);
  await choose(page, "portrait.jpg");
  await page.mouse.move(0, 0);
  await page.waitForFunction((color) => getComputedStyle(document.querySelector("roundel-editor")?.shadowRoot?.querySelector('[part~="save"]') as Element).backgroundColor === color, wanted);
  await noComplaints();
});

test("cancelling ends the upload and keeps the photo", async () => {
  const page = await signedIn();
  await choose(page, "portrait.jpg");
  // The upload is held where it leaves the browser, so that there is time to cancel it.
  await page.route(`${stack.s3.endpoint}/**`, (route) => (route.request().method() === "PUT" ? undefined : route.continue()));
  const ended = page.waitForEvent("requestfailed", (request) => request.method() === "PUT");
  await part(page, "save").click();
  await page.locator("roundel-editor .progress").filter({ hasText: "Uploading" }).waitFor();
  await part(page, "cancel").click();
  assert.match((await ended).failure()?.errorText ?? "", /ABORTED/);
  await part(page, "save").waitFor();
  await part(page, "status").filter({ hasText: "Cancelled" }).waitFor({ state: "attached" });
  await page.unroute(`${stack.s3.endpoint}/**`);
  await save(page);
  await noComplaints();
});

test("a storage that fails is told in words, the photo stays, and saving again works", async () => {
  const page = await signedIn({}, "status of 50[0-9]");
  await choose(page, "portrait.jpg");
  const failing: [string, RegExp][] = [
    ["PUT", /save the picture again/],
    ["GET", /cannot be stored at the moment/],
  ];
  for (const [method, words] of failing) {
    // The bucket itself too, which is listed: of a photo that counts already nothing else is read.
    await setFaults([{ method, key_prefix: stack.s3.uploadsBucket, status: 503 }]);
    await part(page, "save").click();
    await part(page, "notice").filter({ hasText: words }).waitFor();
    assert.ok(await part(page, "stage").locator("canvas").isVisible(), "the photo is still on the stage");
  }
  await setFaults([]);
  await save(page);
  await noComplaints();
});

test("a sign-in that the worker refuses leads back to signing in, with words", async () => {
  const page = await signedIn({}, "status of 401");
  await page.evaluate(() => {
    const [head, payload] = (sessionStorage.getItem("roundel.access_token") ?? "").split(".");
    sessionStorage.setItem("roundel.access_token", `${head}.${payload}.${"A".repeat(342)}`);
  });
  await page.reload();
  await page.getByTestId("choose").waitFor();
  await choose(page, "portrait.jpg");
  await part(page, "save").click();
  await page.getByTestId("notice").filter({ hasText: /sign in again/i }).waitFor();
  await page.getByTestId("sign-in").click();
  await page.getByTestId("choose").waitFor();
  await choose(page, "portrait.jpg");
  await save(page);
  await page.getByTestId("sign-out").click();
  await page.getByTestId("sign-in").waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.getItem("roundel.access_token")), null);
  await noComplaints();
});

test("a sign-in that is about to end is renewed before a photo is placed, not after", async () => {
  const page = await signedIn();
  const short = await stack.issuer.accessToken({ expiresInSeconds: 30 });
  await page.evaluate((token) => sessionStorage.setItem("roundel.access_token", token), short);
  await page.reload();
  await page.getByTestId("choose").waitFor();
  await page.getByTestId("choose").click();
  await page.getByTestId("notice").filter({ hasText: /sign in again/i }).waitFor();
  assert.ok(await page.getByTestId("sign-in").isVisible());
  await noComplaints();
});

test("on a small phone nothing sticks out and everything can be touched", async () => {
  const page = await signedIn({ viewport: { width: 320, height: 640 }, hasTouch: true, colorScheme: "dark" });
  const fits = async () => {
    const found = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      small: [document, ...[...document.querySelectorAll("roundel-editor")].flatMap(({ shadowRoot }) => shadowRoot ?? [])]
        .flatMap((root) => [...root.querySelectorAll<HTMLElement>("button, input[type=range], [role=application]")])
        .filter((target) => target.checkVisibility())
        .map((target) => ({ id: target.id, ...target.getBoundingClientRect().toJSON() }))
        .filter(({ width, height, left, right }) => width < 44 || height < 44 || left < 0 || right > innerWidth),
    }));
    assert.deepEqual(found, { width: 320, small: [] });
  };
  await fits();
  await choose(page, "portrait.jpg");
  await fits();
  await save(page);
  await fits();
  await noComplaints();
});

/** A PNG that announces 64250 x 64250 pixels in 57 bytes. */
function hugePng(): Buffer {
  const header = Buffer.from("89504e470d0a1a0a0000000d494844520000fafa0000fafa080200000000000000", "hex");
  const end = Buffer.from("000000004944415435af061e" + "0000000049454e44ae426082", "hex");
  header.writeUInt32BE(crc32(header.subarray(12, 29)), 29);
  return Buffer.concat([header, end]);
}

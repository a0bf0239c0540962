/** An animated picture on the page: kept by who wants it, shown in motion to who wants that, and at rest to all others. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { render } from "roundel";
import sharp from "sharp";
import { assertSameBytes, choose, fixture, offer, part, save } from "./person.ts";
import { Stage } from "./stage.ts";

const stage = new Stage();

const address = (page: Page): Promise<string> => page.getByTestId("result-128").evaluate((image: HTMLImageElement) => image.currentSrc);

/** Waits until the picture on the page is of this format; gives its address. */
async function shown(page: Page, format: "webp" | "jpg"): Promise<string> {
  await page.waitForFunction((ending) => document.querySelector<HTMLImageElement>("[data-testid=result-128]")?.currentSrc.endsWith(ending), `.${format}`);
  return address(page);
}

async function framesAt(page: Page, url: string): Promise<number> {
  const { pages = 1 } = await sharp(await (await page.request.get(url)).body()).metadata();
  return pages;
}

test("an animation is kept where that is wanted, and moves after it is saved", async () => {
  const page = await stage.signedIn({ reducedMotion: "no-preference" });
  await choose(page, "anim.gif");
  await part(page, "animate").check();
  const sent = await save(page);
  const wanted = render(new Uint8Array(await readFile(fixture("anim.gif"))), { crop: { x: 5, y: 0, width: 30, height: 30 }, width: 30, height: 30, animate: true, format: "webp", quality: 90 });
  assertSameBytes(sent, wanted.bytes, "the animation that the browser sends is the one that render makes in Node");

  const url = await shown(page, "webp");
  assert.equal(await framesAt(page, url), 4);
  assert.equal(await framesAt(page, `${url}?still=1`), 1);
  await page.reload();
  assert.equal(await shown(page, "webp"), url, "the profile says that it moves");

  // Who changes their mind sees it at once.
  await page.emulateMedia({ reducedMotion: "reduce" });
  assert.equal(await framesAt(page, await shown(page, "jpg")), 1);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await shown(page, "webp");
});

test("who wants less motion sees the still everywhere", async () => {
  const page = await stage.signedIn({ reducedMotion: "reduce" });
  await choose(page, "anim.webp");
  await part(page, "animate").check();
  await save(page);
  const url = await shown(page, "jpg");
  assert.equal(await framesAt(page, url), 1);
  const pictures = await page.locator("img[data-picture=avatar]").evaluateAll((images) => images.map((image) => `${(image as HTMLImageElement).srcset} ${(image as HTMLImageElement).src}`));
  assert.ok(pictures.length > 2 && pictures.every((addresses) => !addresses.includes(".webp")), pictures.join());
  assert.equal(await framesAt(page, url.replace(/\.jpg$/, ".webp")), 5, "it moves for others");
});

test("left alone, the switch keeps the first frame, and a still or a banner has no switch", async () => {
  const page = await stage.signedIn({ reducedMotion: "no-preference" });
  await choose(page, "anim.gif");
  assert.equal(await part(page, "animate").isChecked(), false);
  await save(page);
  assert.equal(await framesAt(page, (await shown(page, "jpg")).replace(/\.jpg$/, ".webp")), 1);
  await choose(page, "still.gif");
  assert.ok(await part(page, "animate").isHidden());
  await save(page);
  await page.getByTestId("choose-banner").click();
  await offer(page, "anim.gif");
  await part(page, "stage").waitFor();
  assert.ok(await part(page, "animate").isHidden());
});

test("an animation that is too long is explained", async () => {
  const page = await stage.signedIn({ reducedMotion: "reduce" });
  // One pixel, black and white in turn.
  const frame = (i: number): string => `\x21\xf9\x04\0\x0a\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02${i % 2 ? "\x4c" : "\x44"}\x01\0`;
  const file = `GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff${Array.from({ length: 501 }, (_, i) => frame(i)).join("")};`;
  await offer(page, "long.gif", Buffer.from(file, "latin1"));
  await part(page, "stage").waitFor();
  assert.ok(await part(page, "animate").isHidden());
  await page.getByText("The animation has 501 frames, more than 500").waitFor();
});

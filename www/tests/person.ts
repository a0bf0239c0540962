/** A person at the page: signs in, chooses a photo, saves. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { render, type Recipe } from "roundel";
import { openPage, type WatchedPage } from "./browser.ts";

export const fixture = (name: string): URL => new URL(`../../wasm/tests/fixtures/${name}`, import.meta.url);

/** Of a person who has neither profile nor picture yet there is nothing, and the browser's console says so. */
const NOTHING_YET = "/profiles/[\\w-]+\\)$";

/** Opens the page and signs in. `alsoExpected` are answers of the server that a test provokes. */
export async function openSignedIn(browser: Browser, origin: string, { alsoExpected = "", ...options }: BrowserContextOptions & { alsoExpected?: string } = {}): Promise<WatchedPage> {
  const expected = new RegExp(alsoExpected ? `${NOTHING_YET}|${alsoExpected}` : NOTHING_YET);
  const open = await openPage(browser, origin, { ...options, expected });
  await open.page.getByTestId("sign-in").click();
  await open.page.getByTestId("choose").waitFor();
  return open;
}

const TYPES: Record<string, string | undefined> = { ".png": "image/png", ".webp": "image/webp", ".gif": "image/gif", ".bmp": "image/bmp", ".avif": "image/avif", ".heic": "image/heic" };

/** A part of the editor, by the name that a style sheet would use. */
export const part = (page: Page, name: string): Locator => page.locator(`roundel-editor [part~="${name}"]`);

export async function offer(page: Page, name: string, buffer?: Buffer): Promise<void> {
  const file = { name, mimeType: TYPES[extname(name)] ?? "image/jpeg", buffer: buffer ?? (await readFile(fixture(name))) };
  if (await part(page, "stage").isVisible() || await part(page, "choose").isVisible()) {
    await part(page, "file").setInputFiles(file);
    return;
  }
  const dialog = page.waitForEvent("filechooser");
  await page.getByTestId("choose").click();
  await (await dialog).setFiles(file);
}

export async function choose(page: Page, name: string): Promise<void> {
  await offer(page, name);
  await part(page, "save").waitFor();
  await part(page, "stage").locator("canvas").waitFor();
}

/** Saves, and gives the bytes that the page sent to the storage. */
export async function save(page: Page): Promise<Uint8Array> {
  const put = page.waitForRequest((request) => request.method() === "PUT");
  await part(page, "save").click();
  const sent = (await put).postDataBuffer();
  assert.ok(sent, "the upload has a body");
  await page.getByTestId("result-128").waitFor();
  return sent;
}

export async function rendered(name: string, recipe: Recipe): Promise<Uint8Array> {
  return render(await readFile(fixture(name)), recipe).bytes;
}

/** Says how two files differ in a line, not byte by byte. */
export function assertSameBytes(actual: Uint8Array, wanted: Uint8Array, message: string): void {
  const told = `${message}: ${actual.length} bytes and ${wanted.length} were to be the same`;
  assert.ok(Buffer.compare(actual, wanted) === 0, told);
}


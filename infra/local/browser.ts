/** A real browser for the tests and benchmarks: the Chromium of the machine, driven by Playwright. */
import { chromium, type Browser } from "playwright-core";
import { ensureChromium } from "../setup/chromium.ts";

/** A camera that shows a moving test picture, and that no page has to ask a person for. */
export const TEST_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

/** Starts a browser with a new, empty profile that talks to nobody on its own. */
export async function startBrowser(alsoArguments: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: await ensureChromium(),
    headless: true,
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      ...alsoArguments,
    ],
  });
}

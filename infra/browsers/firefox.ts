/** The Firefox of the machine, by WebDriver BiDi, which it speaks itself: no driver program is in between. */
import { launch, type ElementHandle, type KeyInput, type Page } from "puppeteer-core";
import { ensureFirefox } from "../setup/firefox.ts";
import type { Engine, Place, Tab } from "./engine.ts";

export type FirefoxOptions = {
  /** As in `about:config`. */
  preferences?: Record<string, string | number | boolean>;
};

/** A camera that shows a moving test picture, and that no page has to ask a person for. */
export const FIREFOX_TEST_CAMERA = { "media.navigator.streams.fake": true, "media.navigator.permission.disabled": true };

const VIEWPORT = { width: 1024, height: 800 };

export async function startFirefox({ preferences = {} }: FirefoxOptions = {}): Promise<Engine> {
  const browser = await launch({
    browser: "firefox",
    executablePath: await ensureFirefox(),
    headless: true,
    defaultViewport: VIEWPORT,
    extraPrefsFirefox: preferences,
  });
  const page = await browser.newPage();
  return { name: (await browser.version()).replace("/", " "), tab: tabOf(page), close: () => browser.close() };
}

function tabOf(page: Page): Tab {
  const said: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warn") said.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => said.push(`uncaught: ${String(error)}`));

  async function find(place: Place): Promise<ElementHandle<Element>> {
    const found = await page.$(place.join(" >>> "));
    if (!found) throw new Error(`there is no ${place.join(" > ")}`);
    return found;
  }

  return {
    goto: async (address) => void (await page.goto(address)),
    run: (body, ...given) => page.evaluate(body as (...given: unknown[]) => unknown, ...given) as never,
    click: async (place) => (await find(place)).click(),
    async drag(place, by) {
      const { x, y } = await (await find(place)).clickablePoint();
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x + by.x, y + by.y, { steps: 4 });
      await page.mouse.up();
    },
    async press(key, { shift = false } = {}) {
      if (shift) await page.keyboard.down("Shift");
      await page.keyboard.press(key as KeyInput);
      if (shift) await page.keyboard.up("Shift");
    },
    choose: async (place, path) => (await find(place) as ElementHandle<HTMLInputElement>).uploadFile(path),
    resize: (size) => page.setViewport(size),
    screenshot: () => page.screenshot(),
    complaints: async () => [...said],
  };
}

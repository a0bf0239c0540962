/** WebKitGTK's own small browser, by WebDriver, on an X server without a screen. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Builder, By, Capabilities, Key as Named, type WebDriver, type WebElement } from "selenium-webdriver";
import { startChild, type Child } from "../local/child.ts";
import { freePort } from "../local/ports.ts";
import { ensureWebKit } from "../setup/webkit.ts";
import type { Engine, Key, Place, Tab } from "./engine.ts";

const START_TIMEOUT_MS = 30_000;
const SCRIPT_TIMEOUT_MS = 240_000;

const MAX_LOOKS = 10;
const LOOK_MS = 500;

const KEYS: Readonly<Record<string, string | undefined>> = {
  Enter: Named.ENTER,
  Escape: Named.ESCAPE,
  Tab: Named.TAB,
  ArrowLeft: Named.ARROW_LEFT,
  ArrowRight: Named.ARROW_RIGHT,
  ArrowUp: Named.ARROW_UP,
  ArrowDown: Named.ARROW_DOWN,
};

export async function startWebKit(): Promise<Engine> {
  const { driver: program, browser, screen } = await ensureWebKit();
  const folder = await mkdtemp(join(tmpdir(), "roundel-webkit-"));
  const children: Child[] = [];
  const begin = (name: string, program: string, args: string[], env: Record<string, string> = {}): Child => {
    const child = startChild({ name, program, args, env: { ...process.env, ...env }, cwd: folder, logFile: join(folder, `${name}.log`) });
    children.push(child);
    return child;
  };
  let driver: WebDriver | undefined;
  const close = async (): Promise<void> => {
    await driver?.quit().catch(() => undefined);
    for (const child of children.reverse()) await child.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    // It takes the first free number and tells it on the given descriptor: standard output.
    const server = begin("xvfb", screen, ["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]);
    const [, display = ""] = await server.printed(/^(\d+)$/m, START_TIMEOUT_MS);
    const port = await freePort(0, "");
    // Neither the person's own screen nor their profile: a home of its own.
    begin("webkit", program, ["--host=127.0.0.1", `--port=${port}`], { DISPLAY: `:${display}`, GDK_BACKEND: "x11", HOME: folder, XDG_CACHE_HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder });
    await answers(port);
    const options = { binary: browser, args: ["--automation"] };
    const capabilities = new Capabilities({ browserName: "MiniBrowser", "webkitgtk:browserOptions": options });
    driver = await new Builder().disableEnvironmentOverrides().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build();
    await driver.manage().setTimeouts({ script: SCRIPT_TIMEOUT_MS });
    const version = (await driver.getCapabilities()).getBrowserVersion() ?? "";
    return { name: `WebKitGTK ${version}`, tab: tabOf(driver), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function answers(port: number): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(`http://127.0.0.1:${port}/status`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("WebKitWebDriver did not answer");
}

type Outcome = { readonly said: string[] } & ({ readonly result: unknown } | { readonly failure: string });

/**
 * Notes what goes wrong on a page from the first script on that a test runs there, and gives what is new: WebDriver tells nothing of the console, and
 * WebKit writes nothing of it for a private window.
 */
function overhear(): string[] {
  const page = window as Window & { said?: string[] };
  if (!page.said) {
    const said: string[] = [];
    page.said = said;
    for (const kind of ["error", "warn"] as const) {
      const tell = console[kind].bind(console);
      console[kind] = (...words: unknown[]) => {
        said.push(`${kind}: ${words.map(String).join(" ")}`);
        tell(...words);
      };
    }
    addEventListener("error", ({ message }) => said.push(`uncaught: ${message}`));
    addEventListener("unhandledrejection", ({ reason }) => said.push(`uncaught: ${String(reason)}`));
    addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => said.push(`${effectiveDirective} forbade ${blockedURI}`));
  }
  return page.said.splice(0);
}

function tabOf(driver: WebDriver): Tab {
  const said: string[] = [];

  async function run<Given extends unknown[], Result>(body: (...given: Given) => Result | Promise<Result>, ...given: Given): Promise<Result> {
    // That a promise is waited for is of the protocol; that a rejected one tells its words is not.
    const script = `const [overhear, body, given, done] = [${overhear.toString()}, ${body.toString()}, arguments[0], arguments[1]];
      overhear();
      Promise.resolve().then(() => body(...given)).then((result) => done({ result, said: overhear() }), (error) => done({ failure: String(error), said: overhear() }));`;
    const outcome = await driver.executeAsyncScript<Outcome>(script, given);
    said.push(...outcome.said);
    if ("failure" in outcome) throw new Error(outcome.failure);
    return outcome.result as Result;
  }

  async function find([selector, ...inShadow]: Place): Promise<WebElement> {
    let found = await driver.findElement(By.css(selector));
    for (const inner of inShadow) {
      const root = await found.getShadowRoot();
      found = await root.findElement(By.css(inner));
    }
    return found;
  }

  return {
    goto: (address) => driver.get(address),
    run,
    click: async (place) => (await find(place)).click(),
    async drag(place, { x, y }) {
      const origin = await find(place);
      const mouse = driver.actions({ async: true }).move({ origin }).press();
      await mouse.move({ origin, x: Math.round(x / 2), y: Math.round(y / 2) }).move({ origin, x, y }).release().perform();
    },
    async press(key: Key, { shift = false } = {}) {
      const pressed = KEYS[key] ?? key;
      const keys = driver.actions({ async: true });
      await (shift ? keys.keyDown(Named.SHIFT).sendKeys(pressed).keyUp(Named.SHIFT) : keys.sendKeys(pressed)).perform();
    },
    choose: async (place, path) => (await find(place)).sendKeys(path),
    async resize({ width, height }) {
      const window = driver.manage().window();
      const frame = await window.getRect();
      const inside = await run(() => ({ width: innerWidth, height: innerHeight }));
      await window.setRect({ ...frame, width: frame.width + width - inside.width, height: frame.height + height - inside.height });
    },
    async screenshot() {
      // What is on the screen is some frames behind what scripts see: it is looked at until it stands still.
      let [last, shot] = ["", await driver.takeScreenshot()];
      for (let looks = 0; shot !== last && looks < MAX_LOOKS; looks++) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        [last, shot] = [shot, await driver.takeScreenshot()];
      }
      return Buffer.from(shot, "base64");
    },
    async complaints() {
      await run(() => undefined);
      return [...said];
    },
  };
}

/**
 * A browser of another engine than Chromium, as the tests use it: as a person with a mouse and a keyboard would. Playwright drives only builds of its own
 * of Firefox and WebKit; these are the ones that people have.
 */

/** Where something is on a page: a selector, then one more for each shadow tree that it is in. */
export type Place = readonly [selector: string, ...inShadow: string[]];

export type Key = "Enter" | "Escape" | "Tab" | "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | (string & {});

/** A window with an empty profile. */
export type Tab = {
  goto(address: string): Promise<void>;
  /** Runs a function in the page, with plain data in and out. */
  run<Given extends unknown[], Result>(body: (...given: Given) => Result | Promise<Result>, ...given: Given): Promise<Result>;
  /** Clicks in its middle, with the mouse. */
  click(place: Place): Promise<void>;
  /** Drags with the mouse from its middle, in CSS pixels. */
  drag(place: Place, by: { x: number; y: number }): Promise<void>;
  /** Presses a key where the focus is, with Shift held or not. */
  press(key: Key, options?: { shift?: boolean }): Promise<void>;
  /** Gives a file to an input as its dialog would. */
  choose(place: Place, path: string): Promise<void>;
  /** Makes the window as large, in CSS pixels, as near as it can be made. */
  resize(size: { width: number; height: number }): Promise<void>;
  /** A PNG of what is in the window. */
  screenshot(): Promise<Uint8Array>;
  /** Errors and warnings on the console, uncaught errors and what the content security policy forbade. */
  complaints(): Promise<string[]>;
};

export type Engine = {
  /** With its version. */
  readonly name: string;
  readonly tab: Tab;
  close(): Promise<void>;
};

const PATIENCE_MS = 60_000;

/** Waits until a function in the page gives something, and gives it. */
export async function until<Given extends unknown[], Result>(tab: Tab, what: string, body: (...given: Given) => Result | Promise<Result>, ...given: Given): Promise<NonNullable<Result>> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const result = await tab.run(body, ...given);
    if (result) return result;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not come within ${PATIENCE_MS / 1000} s`);
}

/** Whether something is on the page and not hidden. */
export function isSeen(tab: Tab, place: Place): Promise<boolean> {
  return tab.run((...selectors: string[]) => {
    let found: Element | null = null;
    for (const selector of selectors) found = (found === null ? document : found.shadowRoot)?.querySelector(selector) ?? null;
    return found?.checkVisibility() === true;
  }, ...place);
}

/** Waits until something is on the page and not hidden. */
export async function seen(tab: Tab, place: Place): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSeen(tab, place))) {
    if (Date.now() > deadline) throw new Error(`${place.join(" > ")} was not seen within ${PATIENCE_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

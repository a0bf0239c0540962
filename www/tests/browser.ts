/** A page in a real browser, watched: what it says on its console and what its content security policy forbade. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

export type WatchedPage = {
  readonly page: Page;
  /** Errors on the console, uncaught errors and violations of the policy, in the order in which they came. */
  readonly complaints: () => Promise<string[]>;
  readonly close: () => Promise<void>;
};

/** Opens `address` with an empty profile. `expected` are answers of the server that a test provokes. */
export async function openPage(
  browser: Browser,
  address: string,
  { expected, ...options }: BrowserContextOptions & { expected?: RegExp } = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    const said = `${message.type()}: ${message.text()} (${new URL(message.location().url || address).pathname})`;
    if (!expected?.test(said)) complaints.push(said);
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  await page.addInitScript(() => {
    const forbidden: string[] = [];
    Object.assign(window, { forbidden });
    addEventListener("securitypolicyviolation", (event) => {
      forbidden.push(`${event.effectiveDirective} forbade ${event.blockedURI}`);
    });
  });
  await page.goto(address);
  return {
    page,
    complaints: async () => [...complaints, ...(await page.evaluate(() => (window as unknown as { forbidden: string[] }).forbidden))],
    close: () => context.close(),
  };
}

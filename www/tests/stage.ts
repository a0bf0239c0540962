/** What the tests of the page stand on: the whole stack, a browser, and one page at a time, which nothing may complain in. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { ready } from "roundel";
import { startBrowser } from "../../infra/local/browser.ts";
import { startStack, type Stack } from "../../infra/local/stack.ts";
import { openPage, type WatchedPage } from "./browser.ts";
import { openSignedIn } from "./person.ts";

export class Stage {
  #stack: Stack | undefined;
  #browser: Browser | undefined;
  #open: WatchedPage | undefined;

  /**
   * For all tests of the file that makes it.
   *
   * @param browserArguments beside those that the browser always has
   */
  constructor(browserArguments: string[] = []) {
    let stateDirectory: string;
    before(async () => {
      stateDirectory = await mkdtemp(join(tmpdir(), "roundel-page-"));
      [this.#stack, this.#browser] = await Promise.all([startStack({ stateDirectory }), startBrowser(browserArguments), ready()]);
    });
    after(async () => {
      await this.#browser?.close();
      await this.#stack?.stop();
      await rm(stateDirectory, { recursive: true, force: true });
    });
    afterEach(async () => {
      const complaints = await this.#open?.complaints();
      await this.#open?.close();
      this.#open = undefined;
      assert.deepEqual(complaints ?? [], []);
    });
  }

  get stack(): Stack {
    return this.#stack ?? assert.fail("the stack starts before the first test");
  }

  get browser(): Browser {
    return this.#browser ?? assert.fail("the browser starts before the first test");
  }

  /** The page before anybody has signed in. */
  async arrive(options: BrowserContextOptions & { expected?: RegExp } = {}): Promise<Page> {
    this.#open = await openPage(this.browser, this.stack.origin, options);
    return this.#open.page;
  }

  async signedIn(options: BrowserContextOptions & { alsoExpected?: string } = {}): Promise<Page> {
    this.#open = await openSignedIn(this.browser, this.stack.origin, options);
    return this.#open.page;
  }
}

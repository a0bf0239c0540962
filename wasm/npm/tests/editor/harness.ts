/** `<roundel-editor>` on a plain page in Chromium: no bundler, no framework, and the strictest policy that the package promises to live with. */
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, normalize } from "node:path";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import type { Recipe, Rendered } from "../../src/types.ts";

const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'; base-uri 'none'";
const TYPES: Record<string, string | undefined> = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html", ".css": "text/css" };
const DIST = new URL("../../dist/", import.meta.url);

export const fixture = (name: string): URL => new URL(`../../../tests/fixtures/${name}`, import.meta.url);

/** What an answer of the test's own is. */
export type Answer = { readonly type: string; readonly body: string | Buffer };

export type EditorServer = { readonly origin: string; close(): void };

/** Serves the package as plain files under `/package/`, and what `pages` has. */
export async function serveEditor(pages: Readonly<Record<string, Answer>>): Promise<EditorServer> {
  const server: Server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://local").pathname);
    response.setHeader("content-security-policy", POLICY);
    const send = ({ type, body }: Answer): void => void response.writeHead(200, { "content-type": type }).end(body);
    const page = pages[path];
    if (page) return send(page);
    if (path === "/favicon.ico") return void response.writeHead(204).end();
    if (!path.startsWith("/package/")) return void response.writeHead(404).end();
    const name = path.slice("/package/".length);
    readFile(new URL(name, DIST)).then(
      // Without a bundler nobody reads the `imports` of package.json: its browser entry is written in.
      (body) => send({ type: TYPES[extname(name)] ?? "text/plain", body: name === "index.js" ? body.toString().replace('"#wasm-source"', '"./wasm-source.js"') : body }),
      () => void response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => void server.close() };
}

/** A page with one editor, which notes the events that it hears. */
export function editorPage(attributes = "", { dir = "ltr" } = {}): Answer {
  const body = `<!doctype html><html lang="en" dir="${dir}"><head><meta name="viewport" content="width=device-width"><title>An editor</title>
    <link rel="stylesheet" href="/page.css"><script type="module" src="/page.js"></script></head>
    <body><main><h1>An editor</h1><form id="form"><roundel-editor name="picture" ${attributes}></roundel-editor></form></main></body></html>`;
  return { type: "text/html", body };
}

export const PAGE_STYLE: Answer = {
  type: "text/css",
  body: ":root { color-scheme: light dark } body { margin: 1rem; font-family: sans-serif } @media (prefers-color-scheme: dark) { body { background: #121517; color: #eee } }",
};

export const PAGE_SCRIPT: Answer = {
  type: "text/javascript",
  body: `import "/package/editor/index.js";
    window.heard = [];
    for (const name of ["state", "change", "save", "publish", "error"]) {
      addEventListener("roundel-" + name, (event) => window.heard.push({ name, detail: event.detail }));
    }`,
};

type Heard = { name: string; detail: unknown };

/** What happens on a page, and how to get at the editor's parts. */
export class EditorOnPage {
  readonly page: Page;
  readonly editor: Locator;
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    this.editor = page.locator("roundel-editor");
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(error.message));
  }

  static async open(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<EditorOnPage> {
    const context = await browser.newContext(options);
    const opened = new EditorOnPage(await context.newPage());
    await opened.page.goto(address);
    await opened.part("choose").waitFor();
    return opened;
  }

  /** A part of the editor, by the name that a style sheet would use. */
  part(name: string): Locator {
    return this.editor.locator(`[part~="${name}"]`);
  }

  async offer(name: string, buffer?: Buffer): Promise<void> {
    await this.part("file").setInputFiles({ name, mimeType: "image/jpeg", buffer: buffer ?? (await readFile(fixture(name))) });
  }

  /** Chooses a photo and waits until it is there, with its finished picture. */
  async choose(name: string, buffer?: Buffer): Promise<void> {
    await this.offer(name, buffer);
    await this.part("stage").locator("canvas").waitFor();
    await this.settled();
  }

  /** Waits until the finished picture of what is shown is there. */
  async settled(): Promise<void> {
    await this.part("facts").filter({ hasText: "kB" }).waitFor();
  }

  async notice(words: RegExp): Promise<void> {
    await this.part("notice").filter({ hasText: words }).waitFor();
  }

  async recipe(): Promise<Recipe> {
    return this.editor.evaluate((editor) => (editor as unknown as { recipe: Recipe }).recipe);
  }

  /** What the editor hands over when it is saved. */
  async save(): Promise<{ recipe: Recipe; bytes: Buffer; rendered: Omit<Rendered, "bytes"> }> {
    const before = (await this.heard("save")).length;
    await this.part("save").click();
    await this.page.waitForFunction((count) => (window as unknown as { heard: Heard[] }).heard.filter(({ name }) => name === "save").length > count, before);
    const saved = await this.page.evaluate(() => {
      const last = (window as unknown as { heard: { name: string; detail: { rendered: Rendered; recipe: Recipe } }[] }).heard.findLast(({ name }) => name === "save");
      if (!last) throw new Error("nothing was saved");
      const { bytes, ...rendered } = last.detail.rendered;
      return { recipe: last.detail.recipe, bytes: [...bytes], rendered };
    });
    return { ...saved, bytes: Buffer.from(saved.bytes) };
  }

  /** The details of the events of a name, as far as they can be copied. */
  async heard(name: string): Promise<unknown[]> {
    return this.page.evaluate((wanted) => (window as unknown as { heard: Heard[] }).heard.filter((one) => one.name === wanted).map(({ detail }) => JSON.parse(JSON.stringify(detail)) as unknown), name);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

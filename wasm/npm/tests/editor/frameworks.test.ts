/** `<roundel-editor>` in React 19, Vue 3 and Svelte 5: attributes, properties and events as each of them writes them, in the examples of `wasm/npm/packaging`. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { build, type Plugin } from "esbuild";
import type { Browser } from "playwright-core";
import { compile } from "svelte/compiler";
import { compileScript, parse } from "vue/compiler-sfc";
import { inRoot } from "../../../../infra/setup/paths.ts";
import { startBrowser } from "../../../../infra/local/browser.ts";
import { EditorOnPage, PAGE_STYLE, serveEditor, type Answer, type EditorServer } from "./harness.ts";

/** A file of Vue as a module; its template becomes a function within it. */
const VUE: Plugin = {
  name: "vue",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.vue$/ }, async ({ path }) => {
      const { descriptor, errors } = parse(await readFile(path, "utf8"), { filename: path });
      assert.deepEqual(errors, []);
      const isCustomElement = (tag: string): boolean => tag === "roundel-editor";
      return { contents: compileScript(descriptor, { id: "picture", inlineTemplate: true, templateOptions: { compilerOptions: { isCustomElement } } }).content };
    }),
};

const SVELTE: Plugin = {
  name: "svelte",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { js, warnings } = compile(await readFile(path, "utf8"), { filename: path, generate: "client" });
      assert.deepEqual(warnings, []);
      return { contents: js.code };
    }),
};

const FRAMEWORKS: [name: string, entry: string, plugins: Plugin[]][] = [
  ["React 19", "react/Picture.jsx", []],
  ["Vue 3", "vue/main.js", [VUE]],
  ["Svelte 5", "svelte/main.js", [SVELTE]],
];

const page = (script: string): Answer => ({
  type: "text/html",
  body: `<!doctype html><html lang="en"><head><title>A framework</title><link rel="stylesheet" href="/page.css">
    <script type="module" src="/package/editor/index.js"></script><script type="module" src="${script}"></script></head><body><div id="root"></div></body></html>`,
});

async function bundled(entry: string, plugins: Plugin[]): Promise<Answer> {
  const { outputFiles } = await build({
    entryPoints: [inRoot("wasm", "npm", "packaging", entry)],
    ...{ bundle: true, write: false, format: "esm", jsx: "automatic", plugins, conditions: ["browser"] },
    define: { "process.env.NODE_ENV": '"production"', __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false", __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false" },
  });
  return { type: "text/javascript", body: outputFiles[0]?.text ?? "" };
}

describe("<roundel-editor> in frameworks", () => {
  let server: EditorServer;
  let browser: Browser;

  before(async () => {
    const pages: Record<string, Answer> = { "/page.css": PAGE_STYLE };
    for (const [name, entry, plugins] of FRAMEWORKS) {
      pages[`/${entry}.js`] = await bundled(entry, plugins);
      pages[encodeURI(`/${name}`)] = page(`/${entry}.js`);
    }
    [server, browser] = await Promise.all([serveEditor(pages), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  for (const [name] of FRAMEWORKS) {
    it(`takes its attributes and properties, and tells its events, in ${name}`, async () => {
      const editor = await EditorOnPage.open(browser, encodeURI(`${server.origin}/${name}`));
      await editor.part("choose").filter({ hasText: "Choisir une photo" }).waitFor();
      assert.equal(await editor.editor.evaluate((element) => typeof (element as unknown as { token: unknown }).token), "function");
      await editor.choose("portrait.jpg");
      await editor.page.locator("h1").filter({ hasText: "480 x 480" }).waitFor();
      await editor.page.locator("#banner").click();
      await editor.part("choose").waitFor();
      await editor.choose("portrait.jpg");
      await editor.page.locator("h1").filter({ hasText: "480 x 160" }).waitFor();
      assert.deepEqual(editor.complaints, []);
      await editor.close();
    });
  }
});

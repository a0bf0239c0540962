/** `<roundel-editor>` in React 19: attributes, properties and events as JSX has them. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { inRoot } from "../../../../infra/setup/paths.ts";
import { startBrowser } from "../../../../infra/local/browser.ts";
import { EditorOnPage, PAGE_STYLE, serveEditor, type EditorServer } from "./harness.ts";

/** As docs/editor.md shows it, and with what the test looks at. */
const COMPONENT = `
  import { useCallback, useState } from "react";
  import { createRoot } from "react-dom/client";

  function Picture() {
    const [recipe, setRecipe] = useState(null);
    const [kind, setKind] = useState("avatar");
    const withToken = useCallback((editor) => { if (editor) editor.token = () => "a token"; }, []);
    return (
      <main>
        <h1>{recipe ? recipe.width + " x " + recipe.height : "nothing yet"}</h1>
        <button id="banner" onClick={() => setKind("banner")}>Banner</button>
        <roundel-editor ref={withToken} kind={kind} labels={{ choose: "Choisir une photo" }} onroundel-change={(event) => setRecipe(event.detail.recipe)} />
      </main>
    );
  }
  createRoot(document.getElementById("root")).render(<Picture />);
`;

describe("<roundel-editor> in React", () => {
  let server: EditorServer;
  let browser: Browser;

  before(async () => {
    const { outputFiles } = await build({
      stdin: { contents: COMPONENT, loader: "jsx", resolveDir: inRoot() },
      bundle: true,
      write: false,
      format: "esm",
      jsx: "automatic",
      define: { "process.env.NODE_ENV": '"production"' },
    });
    const html = `<!doctype html><html lang="en"><head><title>React</title><link rel="stylesheet" href="/page.css">
      <script type="module" src="/package/editor/index.js"></script><script type="module" src="/react.js"></script></head><body><div id="root"></div></body></html>`;
    server = await serveEditor({ "/": { type: "text/html", body: html }, "/react.js": { type: "text/javascript", body: outputFiles[0]?.text ?? "" }, "/page.css": PAGE_STYLE });
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  it("takes its attributes and properties, and tells its events", async () => {
    const editor = await EditorOnPage.open(browser, `${server.origin}/`);
    assert.equal(await editor.part("choose").textContent(), "Choisir une photo", "an object is given as a property");
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
});

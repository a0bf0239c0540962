/** What `npm pack` leaves, as somebody who installs it finds it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { inRoot } from "../../../infra/setup/paths.ts";
import { goldenCases } from "./golden.ts";

describe("the packed package", () => {
  const consumer = mkdtempSync(join(tmpdir(), "roundel-consumer-"));
  const installed = join(consumer, "node_modules", "roundel");
  const inConsumer = (program: string, ...args: string[]): string => execFileSync(program, args, { cwd: consumer, encoding: "utf8" });
  let files: string[];

  before(() => {
    const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", consumer], { cwd: inRoot(), encoding: "utf8" });
    const [description] = Object.values(JSON.parse(packed) as Record<string, { filename: string; files: { path: string }[] }>);
    assert.ok(description);
    files = description.files.map(({ path }) => path);
    mkdirSync(installed, { recursive: true });
    execFileSync("tar", ["-xzf", join(consumer, description.filename), "-C", installed, "--strip-components=1"]);
    writeFileSync(join(consumer, "package.json"), '{ "type": "module", "private": true }');
  });
  after(() => rmSync(consumer, { recursive: true }));

  it("holds what is published and nothing of the workshop", () => {
    assert.ok(files.includes("wasm/npm/dist/roundel.wasm"));
    const others = files.filter((file) => !/^(wasm\/npm\/dist\/(editor\/([\w-]+\/)?)?[\w.-]+\.(js|d\.ts|js\.map|wasm)|package\.json|README\.md|LICENSE-(MIT|APACHE))$/.test(file));
    assert.deepEqual(others, []);
  });

  it("works in Node", () => {
    const wanted = goldenCases.find(({ input, recipe }) => input === "portrait.jpg" && Object.keys(recipe).length === 0)?.sha256;
    writeFileSync(
      join(consumer, "use.js"),
      `import { readFileSync } from "node:fs";
       import { ready, render, RoundelError } from "roundel";
       import { createStudio } from "roundel/studio";
       import { uploadAvatar } from "roundel/upload";
       import "roundel/editor";
       await ready();
       if (typeof createStudio !== "function" || typeof uploadAvatar !== "function" || !(new RoundelError("malformed", "") instanceof Error)) throw new Error("an export is missing");
       console.log(render(new Uint8Array(readFileSync(process.argv[2]))).sha256);`,
    );
    assert.equal(inConsumer("node", "use.js", inRoot("wasm", "tests", "fixtures", "portrait.jpg")).trim(), wanted);
  });

  it("has types that refuse what must not compile", () => {
    writeFileSync(
      join(consumer, "use.ts"),
      `import { defaultPicture, inspect, ready, render, renderPixels, type ImageInfo, type Recipe, type Rendered } from "roundel";
       import { createStudio } from "roundel/studio";
       import { uploadAvatar, UploadError } from "roundel/upload";
       import { RoundelEditor, type Labels } from "roundel/editor";
       const recipe: Recipe = { width: 128, crop: { x: 0, y: 0, width: 10, height: 10 }, rotate: 90 };
       await ready();
       const info: ImageInfo = inspect(new Uint8Array());
       const made: Rendered = render(new Uint8Array(), recipe);
       const nobody: Rendered = defaultPicture({ kind: "initials", name: "Ada Lovelace", seed: "7" });
       const drawn: Rendered = renderPixels(new ImageData(1, 1), recipe);
       const again: Promise<Rendered> = createStudio().render(new Blob(), recipe, { signal: AbortSignal.timeout(1) });
       const published: Promise<{ url: string }> = uploadAvatar({ api: location.origin, token: "t", rendered: made });
       const editor: RoundelEditor | null = document.querySelector("roundel-editor");
       const words: Partial<Labels> = { save: "Sauver" };
       editor?.addEventListener("roundel-change", ({ detail }) => detail.recipe.crop?.width.toFixed());
       // @ts-expect-error no such kind
       if (editor) editor.kind = "poster";
       // @ts-expect-error not one of the four
       const turned: Recipe = { rotate: 45 };
       // @ts-expect-error a misspelled member
       const misspelled: Recipe = { heigth: 1 };
       // @ts-expect-error a file is for the studio
       render(new Blob());
       export { again, words, drawn, info, misspelled, nobody, published, turned, UploadError };`,
    );
    const options = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2023,dom", "--types", "", "use.ts"];
    for (const resolution of [["--module", "esnext", "--moduleResolution", "bundler"], ["--module", "nodenext"]]) inConsumer(inRoot("node_modules", ".bin", "tsc"), ...resolution, ...options);
  });

  it("can be bundled for the browser, with the browser's way to the module", () => {
    const bundled = inConsumer(inRoot("node_modules", ".bin", "esbuild"), join(installed, "wasm/npm/dist/index.js"), "--bundle", "--format=esm", "--platform=browser");
    assert.match(bundled, /new URL\("\.\/roundel\.wasm", import\.meta\.url\)/);
    assert.doesNotMatch(bundled, /node:fs/);
  });
});

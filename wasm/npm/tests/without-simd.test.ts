/** The crate compiled without the vector unit of WebAssembly gives the same bytes as with it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { it } from "node:test";
import { buildWithoutSimd } from "../../../infra/build/without-simd.ts";
import { fixture, goldenCases } from "./golden.ts";

type Bindings = typeof import("../src/bindings.d.ts");

/** Whether the compiler used the vector unit anywhere: it writes down what a module needs (WebAssembly tool conventions, "target features section"). */
function usesVectors(module: WebAssembly.Module): boolean {
  const [section, ...others] = WebAssembly.Module.customSections(module, "target_features");
  assert.ok(section && others.length === 0, "the module does not say what it needs");
  return Buffer.from(section).includes("+\x07simd128");
}

it("gives the golden bytes without the vector unit", async () => {
  const folder = await buildWithoutSimd();
  const module = await WebAssembly.compile(await readFile(`${folder}/roundel.wasm`));
  const shipped = await WebAssembly.compile(await readFile(new URL("../dist/roundel.wasm", import.meta.url)));
  assert.deepEqual([usesVectors(module), usesVectors(shipped)], [false, true]);

  const bindings = (await import(`${folder}/bindings.js`)) as Bindings;
  await bindings.default({ module_or_path: module });
  const made = goldenCases.map(({ input, recipe }) => {
    const { sha256, thumbhash } = bindings.render(fixture(input), recipe, undefined) as { sha256: string; thumbhash: Uint8Array };
    return { input, recipe, sha256, thumbhash: Buffer.from(thumbhash).toString("base64") };
  });
  assert.deepEqual(made, goldenCases);
});

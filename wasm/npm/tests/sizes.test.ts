/**
 * What each entry weighs in a bundle: `wasm/npm/packaging/sizes.json` says how much it may, in bytes. The code is bundled and minified by esbuild, each
 * entry for itself; the module is as it is published. A budget that is much too large is refused as well: it would guard nothing.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { it } from "node:test";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { inRoot } from "../../../infra/setup/paths.ts";

type Size = { raw: number; gzip: number; brotli: number };

/** Of a budget, so much may be unused. */
const MAX_UNUSED = 0.15;

const dist = inRoot("wasm", "npm", "dist");
const budgets = JSON.parse(readFileSync(inRoot("wasm", "npm", "packaging", "sizes.json"), "utf8")) as Record<string, Size>;

function measured(bytes: Uint8Array): Size {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes, { params }).length };
}

/** All that is loaded before the entry can run; what it imports later, if ever, is not. */
async function bundled(entry: string): Promise<Uint8Array> {
  const { outputFiles, metafile } = await build({
    ...{ entryPoints: { entry: `${dist}/${entry}` }, outdir: "out", absWorkingDir: dist },
    ...{ bundle: true, splitting: true, minify: true, format: "esm", write: false, metafile: true, logLevel: "error" },
  });
  const needed = new Set(["out/entry.js"]);
  for (const file of needed) for (const { path, kind } of metafile.outputs[file]?.imports ?? []) if (kind === "import-statement") needed.add(path);
  const contents = outputFiles.filter(({ path }) => needed.has(relative(dist, path).replaceAll("\\", "/"))).map((file) => file.contents);
  assert.equal(contents.length, needed.size);
  return Buffer.concat(contents);
}

for (const entry of ["index.js", "slim.js", "studio.js", "studio-worker.js", "upload.js", "editor/index.js", "roundel.wasm"]) {
  it(`${entry} keeps to its budget`, async () => {
    const size = measured(entry.endsWith(".wasm") ? readFileSync(`${dist}/${entry}`) : await bundled(entry));
    const budget = budgets[entry] ?? assert.fail(`sizes.json has no budget for ${entry}: it is ${JSON.stringify(size)}`);
    for (const kind of ["raw", "gzip", "brotli"] as const) {
      assert.ok(size[kind] <= budget[kind], `${entry}: ${size[kind]} bytes ${kind}, budget ${budget[kind]}; it is ${JSON.stringify(size)}`);
      assert.ok(size[kind] >= budget[kind] * (1 - MAX_UNUSED), `${entry}: only ${size[kind]} bytes ${kind} of a budget of ${budget[kind]}: lower it`);
    }
  });
}

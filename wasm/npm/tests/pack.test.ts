/** What `npm pack` leaves, as somebody who installs it finds it. `packaging.test.ts` puts it to use. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { inRoot } from "../../../infra/setup/paths.ts";
import { installPacked, type Packed } from "./packed.ts";

type Target = string | Record<string, string>;
type Manifest = { exports: Record<string, Target>; sideEffects: string[]; dependencies?: object; files: string[] };

const manifest = JSON.parse(readFileSync(inRoot("package.json"), "utf8")) as Manifest;

/** The editor is a part of its own: where its source is not in the checkout, its entry leads nowhere yet. */
const hasEditor = existsSync(inRoot("wasm", "npm", "src", "editor", "index.ts"));
const entries = Object.entries(manifest.exports).filter(([entry]) => hasEditor || entry !== "./editor");
const targets = entries.flatMap(([, target]) => (typeof target === "string" ? [target] : Object.values(target)));
/** What is imported as JavaScript. */
const modules = entries.flatMap(([entry, target]) => (typeof target === "object" ? [entry.replace(".", "roundel")] : []));

describe("the packed package", () => {
  let packed: Packed;
  const inConsumer = (program: string, ...args: string[]): string => execFileSync(program, args, { cwd: packed.folder, encoding: "utf8" });
  const inDist = (extension: string): string[] => readdirSync(join(packed.installed, "wasm/npm/dist"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(extension)).map((name) => join(packed.installed, "wasm/npm/dist", name));

  before(() => {
    packed = installPacked();
  });
  after(() => packed.remove());

  it("holds what is published and nothing of the workshop", () => {
    const wanted = /^(wasm\/npm\/dist\/(editor\/([\w-]+\/)*)?[\w.-]+\.(js|d\.ts|js\.map|wasm)|package\.json|(wasm\/npm\/)?README\.md|LICENSE-(MIT|APACHE))$/;
    assert.deepEqual(packed.files.filter((file) => !wanted.test(file)), []);
    assert.deepEqual(targets.filter((target) => !packed.files.includes(target.slice(2))), []);
    for (const name of ["LICENSE-MIT", "LICENSE-APACHE", "README.md", "wasm/npm/README.md"]) assert.ok(packed.files.includes(name), name);
    assert.equal(packed.files.filter((file) => file.endsWith(".wasm")).length, 1);
    // Modules of types alone are declarations, and nothing else.
    assert.deepEqual(inDist(".js").filter((file) => /^export \{\};\s*(\/\/#.*)?$/.test(readFileSync(file, "utf8").trim())), []);
    assert.equal(manifest.dependencies, undefined);
  });

  it("names the files that do something when they are imported", () => {
    const patterns = manifest.sideEffects.map((pattern) => new RegExp(`^${pattern.slice(2).replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`));
    const acts = (file: string): boolean => patterns.some((pattern) => pattern.test(file));
    for (const file of ["index.workerd.js", "studio.workerd.js", "upload.workerd.js", "provide.workerd.js", "studio-worker.js", "editor/index.js"]) assert.ok(acts(`wasm/npm/dist/${file}`), file);
    for (const file of ["index.js", "slim.js", "studio.js", "upload.js", "pictures.js", "bindings.js"]) assert.ok(!acts(`wasm/npm/dist/${file}`), file);
    // What nobody uses is left out of a bundle, the module of wasm-bindgen and all.
    writeFileSync(join(packed.folder, "unused.js"), modules.filter((name) => !/worker|editor/.test(name)).map((name, index) => `import * as unused${index} from "${name}";\n`).join(""));
    const bundled = inConsumer(inRoot("node_modules", ".bin", "esbuild"), "unused.js", "--bundle", "--format=esm", "--minify");
    assert.equal(bundled.trim(), "");
    writeFileSync(join(packed.folder, "worker-alone.js"), 'import "roundel/studio-worker";');
    assert.match(inConsumer(inRoot("node_modules", ".bin", "esbuild"), "worker-alone.js", "--bundle", "--format=esm"), /onmessage/);
    writeFileSync(join(packed.folder, "ready-alone.js"), 'import { ready } from "roundel"; ready();');
    const forWorkerd = inConsumer(inRoot("node_modules", ".bin", "esbuild"), "ready-alone.js", "--bundle", "--format=esm", "--conditions=workerd", "--external:*.wasm");
    assert.match(forWorkerd, /import \w+ from ".*roundel\.wasm"/);
  });

  it("can be imported where there is no window, by each of its entries, without a look for one", () => {
    assert.ok(modules.length >= 5);
    writeFileSync(
      join(packed.folder, "server.js"),
      `for (const name of ["window", "document", "self", "location", "localStorage"]) {
         Object.defineProperty(globalThis, name, { configurable: true, get() { throw new Error(name + " was touched"); } });
       }
       globalThis.fetch = () => { throw new Error("something was fetched"); };
       for (const name of ${JSON.stringify(modules)}) await import(name);
       console.log("imported");`,
    );
    assert.equal(inConsumer(process.execPath, "--disable-warning=ExperimentalWarning", "server.js").trim(), "imported");
    writeFileSync(join(packed.folder, "server.cjs"), `Promise.all(${JSON.stringify(modules)}.map((name) => import(name))).then(() => console.log(typeof require("roundel").render));`);
    assert.equal(inConsumer(process.execPath, "--disable-warning=ExperimentalWarning", "server.cjs").trim(), "function");
  });

  describe("has types", () => {
    const tsc = (files: string[], ...args: string[]): string => inConsumer(inRoot("node_modules", ".bin", "tsc"), "--noEmit", "--strict", "--target", "es2022", "--skipLibCheck", "false", "--exactOptionalPropertyTypes", ...args, ...files);
    const RESOLUTIONS = [["--module", "esnext", "--moduleResolution", "bundler"], ["--module", "nodenext"], ["--module", "node16"]];
    before(() => {
      packed.project("types");
      mkdirSync(join(packed.folder, "node_modules", "@types"));
      for (const name of ["@types/node", "undici-types"]) symlinkSync(inRoot("node_modules", name), join(packed.folder, "node_modules", name));
    });

    for (const resolution of RESOLUTIONS) {
      const name = resolution.at(-1) ?? "";
      it(`that hold in a page, and refuse what must not compile, by ${name}`, () => void tsc(["types/use.ts", "types/refused.ts"], ...resolution, "--lib", "es2022,dom", "--types", ""));
      it(`that hold in Node without those of the DOM, by ${name}`, () => void tsc(["types/server.ts"], ...resolution, "--lib", "es2022", "--types", "node"));
    }
    it("that hold where nothing else has any", () => {
      writeFileSync(join(packed.folder, "bare.ts"), modules.filter((name) => !name.endsWith("editor")).map((name) => `import "${name}";\n`).join(""));
      tsc(["bare.ts"], "--module", "nodenext", "--lib", "es2022", "--types", "");
    });
  });

  it("has source maps that lead to its sources, and to no folder of a machine", () => {
    const scripts = inDist(".js").filter((file) => !file.endsWith("bindings.js"));
    assert.ok(scripts.length > 10);
    let names = 0;
    for (const file of scripts) {
      const code = readFileSync(file, "utf8");
      const named = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(code)?.[1] ?? assert.fail(`${file} names no map`);
      const payload = JSON.parse(readFileSync(join(dirname(file), named), "utf8")) as SourceMapPayload;
      assert.equal(payload.sourcesContent.length, payload.sources.length);
      for (const [index, source] of payload.sources.entries()) {
        assert.match(source, /^(\.\.\/)+src\/[\w./-]+\.ts$/);
        assert.equal(payload.sourcesContent[index], readFileSync(inRoot("wasm", "npm", source.replace(/^(\.\.\/)+/, "")), "utf8"));
      }
      const map = new SourceMap(payload);
      for (const [line, text] of code.split("\n").entries()) {
        const name = /^(?:export )?(?:async )?function (\w+)/.exec(text)?.[1];
        if (name === undefined) continue;
        const entry = map.findEntry(line, text.indexOf(name));
        assert.ok("originalLine" in entry, `${file}: ${name}`);
        assert.equal(payload.sourcesContent[0]?.split("\n")[entry.originalLine]?.slice(entry.originalColumn).startsWith(name), true, `${file}: ${name}`);
        names++;
      }
    }
    assert.ok(names > 40);
  });
});

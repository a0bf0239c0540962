import { copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { inRoot } from "../setup/paths.ts";
import { run, say } from "../setup/process.ts";
import { whenChanged } from "./changed.ts";
import { compileModule, MODULE_INPUTS } from "./module.ts";

export { compileModule, MODULE_INPUTS } from "./module.ts";

const dist = inRoot("wasm", "npm", "dist");

/** The module is kept apart from what is published, so that a change of the TypeScript around it compiles no Rust. */
const compiled = inRoot("target", "package-module");

/** All that is published beside the module. */
const FACE_INPUTS = ["target/package-module", "wasm/npm/src", "wasm/npm/tsconfig.json", "tsconfig.base.json", "node_modules/typescript/package.json", "infra/build/package.ts"];

/** Builds the npm package into wasm/npm/dist. */
export async function buildPackage(): Promise<void> {
  await whenChanged(`${compiled}/bindings_bg.wasm`, MODULE_INPUTS, async () => {
    say("compiling the module of the npm package (minutes the first time, while its Rust dependencies compile)");
    await compileModule(compiled);
  });
  await whenChanged(`${dist}/roundel.wasm`, FACE_INPUTS, async () => {
    say("building the npm package");
    rmSync(dist, { recursive: true, force: true });
    await run("tsc", ["--project", "wasm/npm/tsconfig.json"]);
    nameCompiledFiles();
    removeEmptyFiles();
    copyFileSync(`${compiled}/bindings.js`, `${dist}/bindings.js`);
    copyFileSync(`${compiled}/bindings_bg.wasm`, `${dist}/roundel.wasm`);
  });
}

/** The compiler rewrites the names of imported files in code, but not in declarations. */
function nameCompiledFiles(): void {
  for (const file of globSync(`${dist}/**/*.d.ts`)) {
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replaceAll(/(["'])(\.{1,2}\/[^"']+)\.ts\1/g, "$1$2.js$1"));
  }
}

/** A source file of types alone leaves a module without a line of code, which nothing imports. */
function removeEmptyFiles(): void {
  for (const file of globSync(`${dist}/**/*.js`)) {
    const code = readFileSync(file, "utf8").replace(/\/\/#.*/, "").trim();
    if (code !== "export {};") continue;
    rmSync(file);
    rmSync(`${file}.map`);
  }
}

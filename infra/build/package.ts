import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { inRoot } from "../setup/paths.ts";
import { run, say } from "../setup/process.ts";
import { ensureWasmCompiler, publishedFlags } from "../setup/rust.ts";
import { ensureWasmBindgen, wasmOpt } from "../setup/tools.ts";
import { WASM_TARGET } from "../setup/versions.ts";
import { whenChanged } from "./changed.ts";

/** What the compiler may use; all of it is in every browser since 2023 (Safari 16.4). */
const FEATURES = ["bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext", "simd"];

/** What wasm-bindgen is told. No default path: the package says itself where its module is, and bundlers must not look for another one. */
export const GLUE = ["--target", "web", "--omit-default-module-path", "--experimental-reset-state-function", "--no-typescript", "--out-name", "bindings"];

const dist = inRoot("wasm", "npm", "dist");

/** The module is kept apart from what is published, so that a change of the TypeScript around it compiles no Rust. */
const compiled = inRoot("target", "package-module");

/** All that a compiled module depends on: whoever builds one is told by these whether it has changed. */
export const MODULE_INPUTS = ["Cargo.toml", "Cargo.lock", "wasm/Cargo.toml", "wasm/src", "node_modules/binaryen/package.json", "infra/build/package.ts", "infra/setup/rust.ts", "infra/setup/versions.ts"];

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

/**
 * Compiles the crate with its JavaScript face into `bindings.js` and `bindings_bg.wasm` of an empty folder.
 *
 * @param cargoFeatures which parts of the crate, as arguments of cargo; by default all formats
 */
export async function compileModule(folder: string, cargoFeatures: string[] = []): Promise<void> {
  const environment = await ensureWasmCompiler();
  const wasmBindgen = await ensureWasmBindgen();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run("cargo", ["build", "--quiet", "--locked", "--release", "--package", "roundel", "--lib", "--features", "js", ...cargoFeatures, "--target", WASM_TARGET], {
    env: { ...environment, ...publishedFlags() },
  });
  const built = `${environment["CARGO_TARGET_DIR"]}/${WASM_TARGET}/release/roundel.wasm`;
  await run(wasmBindgen, [...GLUE, "--out-dir", folder, built]);
  await run(wasmOpt, ["-O3", "--strip-producers", ...FEATURES.map((name) => `--enable-${name}`), `${folder}/bindings_bg.wasm`, "-o", `${folder}/bindings_bg.wasm`]);
}

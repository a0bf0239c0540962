/** The wasm module of the npm package. */
import { mkdirSync, rmSync } from "node:fs";
import { run } from "../setup/process.ts";
import { ensureWasmCompiler, publishedFlags } from "../setup/rust.ts";
import { ensureWasmBindgen, wasmOpt } from "../setup/tools.ts";
import { WASM_TARGET } from "../setup/versions.ts";

/** What the compiler may use; all of it is in every browser since 2023 (Safari 16.4). */
const FEATURES = ["bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext", "simd"];

/** What wasm-bindgen is told. No default path: the package says itself where its module is, and bundlers must not look for another one. */
export const GLUE = ["--target", "web", "--omit-default-module-path", "--experimental-reset-state-function", "--no-typescript", "--out-name", "bindings"];

/** All that a compiled module depends on: whoever builds one is told by these whether it has changed. */
export const MODULE_INPUTS = ["Cargo.toml", "Cargo.lock", "wasm/Cargo.toml", "wasm/src", "node_modules/binaryen/package.json", "infra/build/module.ts", "infra/setup/rust.ts", "infra/setup/versions.ts"];

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

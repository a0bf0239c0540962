import { mkdirSync, renameSync, rmSync } from "node:fs";
import { inRoot } from "../setup/paths.ts";
import { run, say } from "../setup/process.ts";
import { ensureWasmCompiler } from "../setup/rust.ts";
import { ensureWasmBindgen, wasmOpt } from "../setup/tools.ts";
import { WASM_TARGET } from "../setup/versions.ts";
import { whenChanged } from "./changed.ts";

/** What the compiler may use; all of it is in every browser since 2023 (Safari 16.4). */
const FEATURES = ["bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext", "simd"];

/** What wasm-bindgen is told. No default path: the package finds its module through `#wasm-source`, and bundlers must not look for another one. */
export const GLUE = ["--target", "web", "--omit-default-module-path", "--experimental-reset-state-function", "--no-typescript", "--out-name", "bindings"];

const dist = inRoot("wasm", "npm", "dist");

/** Builds the npm package into wasm/npm/dist. */
export async function buildPackage(): Promise<void> {
  const inputs = ["Cargo.toml", "Cargo.lock", "package-lock.json", "tsconfig.base.json", "wasm", "infra/build/package.ts", "infra/setup/versions.ts"];
  await whenChanged(`${dist}/roundel.wasm`, inputs, async () => {
    say("building the npm package (minutes the first time, while its Rust dependencies compile)");
    const environment = await ensureWasmCompiler();
    const wasmBindgen = await ensureWasmBindgen();
    rmSync(dist, { recursive: true, force: true });
    mkdirSync(dist, { recursive: true });
    await run("cargo", ["build", "--quiet", "--locked", "--release", "--package", "roundel", "--lib", "--features", "js", "--target", WASM_TARGET], {
      env: { ...environment, RUSTFLAGS: "-C target-feature=+simd128" },
    });
    const compiled = `${environment["CARGO_TARGET_DIR"]}/${WASM_TARGET}/release/roundel.wasm`;
    await run(wasmBindgen, [...GLUE, "--out-dir", dist, compiled]);
    await run(wasmOpt, ["-O3", ...FEATURES.map((name) => `--enable-${name}`), `${dist}/bindings_bg.wasm`, "-o", `${dist}/bindings_bg.wasm`]);
    await run("tsc", ["--project", "wasm/npm/tsconfig.json"]);
    renameSync(`${dist}/bindings_bg.wasm`, `${dist}/roundel.wasm`);
  });
}

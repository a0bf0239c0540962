import { mkdirSync, renameSync, rmSync } from "node:fs";
import { inRoot } from "../setup/paths.ts";
import { run, say } from "../setup/process.ts";
import { ensureWasmCompiler } from "../setup/rust.ts";
import { ensureWasmBindgen } from "../setup/tools.ts";
import { WASM_TARGET } from "../setup/versions.ts";
import { whenChanged } from "./changed.ts";
import { GLUE } from "./module.ts";

/** Its own target folder: other compiler flags would have the dependencies compiled anew each time. */
const target = inRoot("target", "wasm-without-simd");
const folder = `${target}/module`;

/** Builds the module that the tests compare with the package's: the same crate without the vector unit. It is not published. Gives the folder of `bindings.js` and `roundel.wasm`. */
export async function buildWithoutSimd(): Promise<string> {
  const inputs = ["Cargo.toml", "Cargo.lock", "package-lock.json", "wasm/Cargo.toml", "wasm/src", "infra/build/module.ts", "infra/build/without-simd.ts", "infra/setup/versions.ts"];
  await whenChanged(`${folder}/roundel.wasm`, inputs, async () => {
    say("building the wasm module without the vector unit, for the tests");
    const environment = await ensureWasmCompiler();
    const wasmBindgen = await ensureWasmBindgen();
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await run("cargo", ["build", "--quiet", "--locked", "--release", "--package", "roundel", "--lib", "--features", "js", "--target", WASM_TARGET], {
      env: { ...environment, CARGO_TARGET_DIR: target, RUSTFLAGS: "" },
    });
    await run(wasmBindgen, [...GLUE, "--out-dir", folder, `${target}/${WASM_TARGET}/release/roundel.wasm`]);
    renameSync(`${folder}/bindings_bg.wasm`, `${folder}/roundel.wasm`);
  });
  return folder;
}

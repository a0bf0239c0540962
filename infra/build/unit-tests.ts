import { run } from "../setup/process.ts";
import { ensureWasmCompiler, publishedFlags } from "../setup/rust.ts";
import { ensureWasmTestRunner } from "../setup/tools.ts";
import { WASM_TARGET } from "../setup/versions.ts";

export type CargoCall = { args: string[]; env: Record<string, string> };

/** How cargo runs the crate's unit tests in WebAssembly with its vector unit, in Node: those that are a `wasm_bindgen_test` there. */
export async function unitTestsInWasm(): Promise<CargoCall> {
  const runner = await ensureWasmTestRunner();
  return {
    args: ["test", "--locked", "--package", "roundel", "--lib", "--target", WASM_TARGET],
    // The flags of the package: with others the dependencies would be compiled anew.
    env: { ...(await ensureWasmCompiler()), CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: runner, ...publishedFlags() },
  };
}

/** Compiles them. */
export async function buildUnitTests(): Promise<void> {
  const { args, env } = await unitTestsInWasm();
  await run("cargo", [...args, "--no-run"], { env });
}

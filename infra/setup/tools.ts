/** wasm-bindgen and worker-build, compiled from the registry at pinned versions, and what worker-build would otherwise download. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { cacheDirectory, inRoot } from "./paths.ts";
import { ask, find, run, say } from "./process.ts";
import { ensureCargo, ensureWasmCompiler } from "./rust.ts";
import { CARGO_FUZZ_VERSION, WASM_BINDGEN_VERSION, WORKER_BUILD_VERSION } from "./versions.ts";

async function ensureCargoTool(crate: string, version: string, program: string, { minutes, why = "the wasm builds need it" }: { minutes: number; why?: string }): Promise<string> {
  const present = find(program);
  if (present && ask(present, ["--version"])?.split(/\s+/).includes(version)) return present;
  const folder = join(cacheDirectory(), `${crate}-${version}`);
  const path = join(folder, "bin", program);
  if (existsSync(path)) return path;
  await ensureCargo();
  say(`compiling ${crate} ${version} from the registry into ${folder}: ${why} (about ${minutes} minutes, once)`);
  const advice = `By hand: cargo install --locked ${crate} --version ${version}`;
  await run("cargo", ["install", "--locked", "--quiet", crate, "--version", version, "--root", folder], { advice, env: { CARGO_TARGET_DIR: undefined, RUSTFLAGS: undefined } });
  return path;
}

/** The path of wasm-bindgen. */
export function ensureWasmBindgen(): Promise<string> {
  return ensureCargoTool("wasm-bindgen-cli", WASM_BINDGEN_VERSION, "wasm-bindgen", { minutes: 3 });
}

/** The path of the program that runs Rust tests in WebAssembly; it comes with wasm-bindgen. */
export function ensureWasmTestRunner(): Promise<string> {
  return ensureCargoTool("wasm-bindgen-cli", WASM_BINDGEN_VERSION, "wasm-bindgen-test-runner", { minutes: 3 });
}

/** The path of worker-build. */
export function ensureWorkerBuild(): Promise<string> {
  return ensureCargoTool("worker-build", WORKER_BUILD_VERSION, "worker-build", { minutes: 4 });
}

/** The path of cargo-fuzz. */
export function ensureCargoFuzz(): Promise<string> {
  return ensureCargoTool("cargo-fuzz", CARGO_FUZZ_VERSION, "cargo-fuzz", { minutes: 2, why: "it builds the fuzz targets" });
}

/** Binaryen's optimiser, from the npm package. */
export const wasmOpt: string = inRoot("node_modules", "binaryen", "bin", "wasm-opt");

/** The native binary of esbuild, from the npm package for this platform. */
export function esbuild(): string {
  const require = createRequire(inRoot("node_modules", "esbuild", "package.json"));
  return join(dirname(require.resolve(`@esbuild/${process.platform}-${process.arch}/package.json`)), "bin", "esbuild");
}

/** The environment in which worker-build downloads nothing. */
export async function workerBuildEnvironment(): Promise<Record<string, string>> {
  const compiler = await ensureWasmCompiler();
  const wasmBindgen = await ensureWasmBindgen();
  // worker-build looks for the wasm target in the `rustc` of PATH, whatever RUSTC names.
  const folders = [...(compiler["RUSTC"] ? [dirname(compiler["RUSTC"])] : []), dirname(wasmBindgen), process.env["PATH"] ?? ""];
  return {
    ...compiler,
    WASM_BINDGEN_BIN: wasmBindgen,
    WASM_OPT_BIN: wasmOpt,
    ESBUILD_BIN: esbuild(),
    PATH: folders.join(delimiter),
  };
}

/**
 * Cargo, and a compiler that can make WebAssembly.
 *
 * The ordinary way is `rustup target add`. Where that is out of reach, Debian's `rustc-web` (a current compiler that comes
 * with the sources of its standard library) serves for the wasm builds alone: the library is compiled once into a
 * folder of ours, and neither /usr nor the user's default toolchain is changed.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ensureDebianPackages, hasApt } from "./debian.ts";
import { cacheDirectory, inRoot } from "./paths.ts";
import { ask, find, run, say, SetupError } from "./process.ts";
import { WASM_TARGET } from "./versions.ts";

const RUSTUP_ADVICE = "Install Rust with rustup (https://rustup.rs), then run the command again";

/** Makes sure that there is a cargo. */
export async function ensureCargo(): Promise<void> {
  if (ask("cargo", ["--version"]) !== undefined) return;
  if (find("rustup")) {
    say("installing the stable Rust toolchain: rustup is there, but has none");
    await run("rustup", ["default", "stable"], { advice: RUSTUP_ADVICE });
  } else if (find("brew")) {
    say("installing Rust with Homebrew: there is no cargo");
    await run("brew", ["install", "rustup"], { advice: RUSTUP_ADVICE });
    const folder = ask("brew", ["--prefix", "rustup"]);
    if (folder) process.env["PATH"] = `${join(folder, "bin")}:${process.env["PATH"]}`;
    await run("rustup", ["default", "stable"], { advice: RUSTUP_ADVICE });
  } else if (hasApt()) {
    await ensureDebianPackages(["build-essential", "rustup"], "there is no cargo, which builds the Rust parts");
    await run("rustup", ["default", "stable"], { advice: RUSTUP_ADVICE });
  }
  if (ask("cargo", ["--version"]) === undefined) throw new SetupError(`there is no cargo. ${RUSTUP_ADVICE}`);
}

/** What a cargo call needs in its environment to build for WebAssembly. */
export type WasmEnvironment = Record<string, string>;

/** Its own target folder: where the compiler is another one than for native builds, the two do not rebuild each other's work. */
const common: WasmEnvironment = { CARGO_TARGET_DIR: inRoot("target", "wasm") };

/** Where cargo unpacks the sources of crates. */
export function cargoHome(): string {
  return process.env["CARGO_HOME"] ?? join(homedir(), ".cargo");
}

/**
 * What the compiler is told where the module is published: to use the vector unit, and to name sources without the folders of the machine that
 * builds, which would otherwise stand in the messages of panics. Encoded, because a folder's name may have a space in it.
 */
export function publishedFlags(): WasmEnvironment {
  const renamed = [
    [join(cargoHome(), "registry", "src"), "crates"],
    [inRoot(), "roundel"],
  ];
  const flags = ["-Ctarget-feature=+simd128", ...renamed.map(([from, to]) => `--remap-path-prefix=${from}=${to}`)];
  return { CARGO_ENCODED_RUSTFLAGS: flags.join("\u001f") };
}

let wasmEnvironment: Promise<WasmEnvironment> | undefined;

/** Makes sure that there is a compiler for WebAssembly and gives the environment to call cargo with. */
export function ensureWasmCompiler(): Promise<WasmEnvironment> {
  wasmEnvironment ??= findOrMakeWasmCompiler();
  return wasmEnvironment;
}

async function findOrMakeWasmCompiler(): Promise<WasmEnvironment> {
  await ensureCargo();
  if (hasStandardLibrary("rustc")) return common;
  const made = debianSysroot();
  if (made) return debianEnvironment(made);
  if (find("rustup")) {
    say(`adding the target ${WASM_TARGET} to the Rust toolchain in use (rustup target add)`);
    try {
      await run("rustup", ["target", "add", WASM_TARGET], { env: { RUST_BACKTRACE: "0" } });
      if (hasStandardLibrary("rustc")) return common;
    } catch (error) {
      if (!(error instanceof SetupError) || !hasApt()) throw error;
      say("rustup could not bring it; Debian's own compiler will do the wasm builds");
    }
  }
  if (!hasApt()) throw new SetupError(`the Rust toolchain has no target ${WASM_TARGET}, and there is no rustup to add it. ${RUSTUP_ADVICE}`);
  await ensureDebianPackages(["rustc-web", "cargo-web", "rust-web-src"], "a Rust compiler with the sources of its standard library, to make WebAssembly");
  return debianEnvironment(debianSysroot() ?? (await makeDebianSysroot()));
}

function hasStandardLibrary(rustc: string): boolean {
  const folder = ask(rustc, ["--print", "target-libdir", "--target", WASM_TARGET]);
  return folder !== undefined && existsSync(folder) && readdirSync(folder).some((name) => name.startsWith("libstd-"));
}

const DEBIAN_RUSTC = "/usr/bin/rustc";

type DebianCompiler = { release: string; host: string; llvm: string };

function debianCompiler(): DebianCompiler | undefined {
  const version = ask(DEBIAN_RUSTC, ["-vV"]);
  const read = (name: string): string => new RegExp(`^${name}: (\\S+)`, "m").exec(version ?? "")?.[1] ?? "";
  if (!version || !existsSync("/usr/lib/rustlib/src") && !existsSync("/usr/src")) return undefined;
  return { release: read("release"), host: read("host"), llvm: read("LLVM version").split(".")[0] ?? "" };
}

function sysrootOf(compiler: DebianCompiler): string {
  return join(cacheDirectory(), `rustc-web-${compiler.release}`);
}

/** The sysroot made earlier for the compiler that is installed now, if both are there. */
function debianSysroot(): string | undefined {
  const compiler = debianCompiler();
  if (!compiler || !find(`wasm-ld-${compiler.llvm}`)) return undefined;
  const sysroot = sysrootOf(compiler);
  // One that an earlier version made lacks the library of tests.
  const libraries = join(sysroot, "lib", "rustlib", WASM_TARGET, "lib");
  return existsSync(join(sysroot, "bin", "rustc")) && readdirSync(libraries).some((name) => name.startsWith("libtest-")) ? sysroot : undefined;
}

async function makeDebianSysroot(): Promise<string> {
  const compiler = debianCompiler();
  if (!compiler) throw new SetupError(`${DEBIAN_RUSTC} does not answer; reinstall the package rustc-web`);
  await ensureDebianPackages([`lld-${compiler.llvm}`], "the linker for WebAssembly that fits the compiler");
  say(`compiling Rust's standard library for ${WASM_TARGET} once, into ${sysrootOf(compiler)} (half a minute)`);
  mkdirSync(cacheDirectory(), { recursive: true });
  const work = mkdtempSync(join(cacheDirectory(), "standard-library-"));
  try {
    mkdirSync(join(work, "seed", "src"), { recursive: true });
    writeFileSync(join(work, "seed", "Cargo.toml"), '[package]\nname = "seed"\nversion = "0.0.0"\nedition = "2024"\n\n[lib]\ncrate-type = ["cdylib"]\n\n[workspace]\n');
    writeFileSync(join(work, "seed", "src", "lib.rs"), "");
    await run("/usr/bin/cargo", ["build", "--release", "--quiet", "--target", WASM_TARGET, "-Zbuild-std=std,panic_abort,test"], {
      cwd: join(work, "seed"),
      env: {
        // The sources belong to this very compiler: its own unstable flag is what they are built with.
        RUSTC_BOOTSTRAP: "1",
        RUSTC: DEBIAN_RUSTC,
        CARGO_TARGET_DIR: join(work, "target"),
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: `wasm-ld-${compiler.llvm}`,
        RUSTFLAGS: "",
      },
      advice: "Another way: install Rust with rustup on a machine that reaches its servers, and `rustup target add wasm32-unknown-unknown`",
    });

    const sysroot = join(work, "sysroot");
    const libraries = join(sysroot, "lib", "rustlib", WASM_TARGET, "lib");
    mkdirSync(libraries, { recursive: true });
    const built = join(work, "target", WASM_TARGET, "release", "deps");
    for (const name of readdirSync(built).filter((name) => name.endsWith(".rlib"))) copyFileSync(join(built, name), join(libraries, name));
    // Build scripts and procedural macros run on this machine and need its own library.
    symlinkSync(`/usr/lib/rustlib/${compiler.host}`, join(sysroot, "lib", "rustlib", compiler.host));
    mkdirSync(join(sysroot, "bin"));
    const wrapper = join(sysroot, "bin", "rustc");
    writeFileSync(wrapper, `#!/bin/sh\nexec ${DEBIAN_RUSTC} --sysroot "$(dirname "$(dirname "$0")")" "$@"\n`);
    chmodSync(wrapper, 0o755);

    const final = sysrootOf(compiler);
    rmSync(final, { recursive: true, force: true });
    renameSync(sysroot, final);
    return final;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function debianEnvironment(sysroot: string): WasmEnvironment {
  const compiler = debianCompiler();
  return { ...common, RUSTC: join(sysroot, "bin", "rustc"), CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: `wasm-ld-${compiler?.llvm ?? ""}` };
}

/** Formatter and linter of the toolchain; the tests run both. */
export async function ensureRustLints(): Promise<void> {
  await ensureCargo();
  const missing = (["rustfmt", "clippy"] as const).filter((name) => ask("cargo", [name === "rustfmt" ? "fmt" : "clippy", "--version"]) === undefined);
  if (missing.length === 0) return;
  if (!find("rustup")) throw new SetupError(`the Rust toolchain has no ${missing.join(" and no ")}. ${RUSTUP_ADVICE}`);
  say(`adding ${missing.join(" and ")} to the Rust toolchain in use: the tests check format and lints`);
  await run("rustup", ["component", "add", ...missing], { advice: RUSTUP_ADVICE });
}


/**
 * `npm test`: format and lints, then every test of every part: Rust natively, the package in Node and Chromium, the worker in workerd with a
 * real S3 server, the page in Chromium, and both in Firefox and WebKit where these are installed. Brings what else is missing on the machine first. `npm test -- PATTERN` runs the TypeScript tests
 * whose file name contains the pattern, and nothing else.
 */
import { globSync } from "node:fs";
import { candidates } from "./browsers/installed.ts";
import { buildAvatar } from "./build/avatar.ts";
import { buildBotocoreTest } from "./build/botocore-test.ts";
import { buildUnitTests } from "./build/unit-tests.ts";
import { buildWithoutSimd } from "./build/without-simd.ts";
import { buildStack } from "./local/stack.ts";
import { runTests } from "./run-tests.ts";
import { root } from "./setup/paths.ts";
import { ensureChromium } from "./setup/chromium.ts";
import { ensureDjpeg } from "./setup/djpeg.ts";
import { ensureLibwebp } from "./setup/libwebp.ts";
import { ensureMoto } from "./setup/python.ts";
import { main, run, say, SetupError } from "./setup/process.ts";
import { ensureRustLints } from "./setup/rust.ts";

const TEST_FILES = ["infra/tests/**/*.test.ts", "infra/*/tests/**/*.test.ts", "wasm/npm/tests/**/*.test.ts", "wasm/benches/tests/**/*.test.ts", "www/tests/**/*.test.ts", "edge/tests/**/*.test.ts"];

/** Crates that are built by their own commands only; the bodies of the fuzz targets run with the tests of the crate. */
const OWN_WORKSPACES = ["wasm/fuzz/Cargo.toml", "edge/fuzz/Cargo.toml", "wasm/benches/native/Cargo.toml"];

/** What single test files need beyond the stack. */
const BUILDS: [string, () => Promise<unknown>][] = [
  ["browsers.test.ts", buildAvatar],
  ["browsers.test.ts", buildWithoutSimd],
  ["botocore.test.ts", buildBotocoreTest],
  ["cfn-lint.test.ts", ensureMoto],
  ["cognito.test.ts", ensureMoto],
  ["created.test.ts", ensureMoto],
  ["native.test.ts", buildAvatar],
  ["unit-tests.test.ts", buildUnitTests],
  ["without-simd.test.ts", buildWithoutSimd],
];

async function step(name: string, program: string, ...args: string[]): Promise<void> {
  say(`── ${name}`);
  await run(program, args);
}

await main(async () => {
  const pattern = process.argv[2];
  const files = globSync(TEST_FILES, { cwd: root }).filter((file) => pattern === undefined || file.includes(pattern)).sort();
  if (files.length === 0) throw new SetupError(`no test file's name contains ${pattern ?? ""}`);

  if (pattern === undefined) {
    await ensureRustLints();
    await ensureDjpeg();
    await ensureLibwebp();
    await step("format of the Rust code", "cargo", "fmt", "--all", "--check");
    for (const manifest of OWN_WORKSPACES) await step(`format of ${manifest}`, "cargo", "fmt", "--manifest-path", manifest, "--check");
    await step("lints of the Rust code", "cargo", "clippy", "--quiet", "--locked", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings");
    await step("lints of the crate with JPEG alone", "cargo", "clippy", "--quiet", "--locked", "--package", "roundel", "--all-targets", "--no-default-features", "--features", "js", "--", "-D", "warnings");
    await step("Rust tests", "cargo", "test", "--quiet", "--locked", "--workspace", "--all-features");
  }
  say("── what the other tests run on");
  await buildStack();
  for (const [name, build] of BUILDS) if (files.some((file) => file.endsWith(`/${name}`))) await build();
  process.env["CHROME"] = await ensureChromium();
  if (pattern === undefined) {
    await step("types of the TypeScript code", "tsc", "--project", "tsconfig.json");
    await step("types of the page", "tsc", "--project", "www/tsconfig.json");
  }
  try {
    await runTests(files);
  } finally {
    // Said last, where it is seen.
    if (files.some((file) => file.endsWith("/browsers.test.ts"))) for (const { leftOut } of candidates()) if (leftOut) say(`left out: ${leftOut}`);
  }
});

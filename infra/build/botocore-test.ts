import { run } from "../setup/process.ts";
import { ensureMoto } from "../setup/python.ts";
import type { CargoCall } from "./unit-tests.ts";

/** How cargo runs the test that compares signatures with botocore's. Of the whole workspace, so that it shares what the Rust tests have compiled. */
export async function botocoreTest(): Promise<CargoCall> {
  return {
    args: ["test", "--quiet", "--locked", "--workspace", "--all-features", "--lib", "botocore_signs_the_same"],
    env: { ROUNDEL_BOTOCORE_PYTHON: await ensureMoto() },
  };
}

/** Compiles it. */
export async function buildBotocoreTest(): Promise<void> {
  const { args, env } = await botocoreTest();
  await run("cargo", [...args, "--no-run"], { env });
}

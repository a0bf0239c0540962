import { inRoot } from "../setup/paths.ts";
import { run } from "../setup/process.ts";
import { ensureCargo } from "../setup/rust.ts";

/** Builds the program `avatar`, optimised. Gives its path. */
export async function buildAvatar(): Promise<string> {
  await ensureCargo();
  await run("cargo", ["build", "--quiet", "--locked", "--release", "--package", "roundel", "--bin", "avatar", "--features", "cli"]);
  return inRoot("target", "release", "avatar");
}

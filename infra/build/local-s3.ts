import { inRoot } from "../setup/paths.ts";
import { run, say } from "../setup/process.ts";
import { ensureCargo } from "../setup/rust.ts";
import { whenChanged } from "./changed.ts";

const binary: string = inRoot("target", "debug", "roundel-local-s3");

/** Builds the S3 server of this machine, unoptimised: it is quick enough for one person, and the tests have compiled most of it already. Gives its path. */
export async function buildLocalS3(): Promise<string> {
  await whenChanged(binary, ["Cargo.toml", "Cargo.lock", "infra/local-s3"], async () => {
    say("building the local S3 server (minutes the first time, while its Rust dependencies compile)");
    await ensureCargo();
    await run("cargo", ["build", "--quiet", "--locked", "--package", "roundel-local-s3"]);
  });
  return binary;
}

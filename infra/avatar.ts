/** `npm run avatar -- FILE [--size 256] [--out PATH]`: processes one file natively, by the program of the crate. */
import { spawn } from "node:child_process";
import { callerDirectory, inRoot } from "./setup/paths.ts";
import { main, run } from "./setup/process.ts";
import { ensureCargo } from "./setup/rust.ts";

await main(async () => {
  await ensureCargo();
  await run("cargo", ["build", "--quiet", "--locked", "--release", "--package", "roundel", "--bin", "avatar", "--features", "cli"]);
  const child = spawn(inRoot("target", "release", "avatar"), process.argv.slice(2), { cwd: callerDirectory(), stdio: "inherit" });
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
});

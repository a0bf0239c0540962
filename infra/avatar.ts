/** `npm run avatar -- FILE [--size 256] [--out PATH] [--recipe JSON]`: processes one file natively, by the program of the crate. */
import { spawn } from "node:child_process";
import { buildAvatar } from "./build/avatar.ts";
import { callerDirectory } from "./setup/paths.ts";
import { main } from "./setup/process.ts";

await main(async () => {
  const child = spawn(await buildAvatar(), process.argv.slice(2), { cwd: callerDirectory(), stdio: "inherit" });
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
});

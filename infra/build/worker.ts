import { readFileSync, writeFileSync } from "node:fs";
import { inRoot } from "../setup/paths.ts";
import { run, say } from "../setup/process.ts";
import { publishedFlags } from "../setup/rust.ts";
import { ensureWorkerBuild, workerBuildEnvironment } from "../setup/tools.ts";
import { whenChanged } from "./changed.ts";
import { withoutHashes } from "./function-names.ts";

/** Builds the edge worker into edge/build. */
export async function buildWorker(): Promise<void> {
  const inputs = ["Cargo.toml", "Cargo.lock", "package-lock.json", "wasm/Cargo.toml", "wasm/src", "edge/Cargo.toml", "edge/src", "infra/build/function-names.ts", "infra/build/worker.ts", "infra/setup/rust.ts", "infra/setup/versions.ts"];
  const module = inRoot("edge", "build", "index_bg.wasm");
  await whenChanged(module, inputs, async () => {
    say("building the edge worker (minutes the first time, while its Rust dependencies compile)");
    const environment = { ...(await workerBuildEnvironment()), ...publishedFlags() };
    await run(await ensureWorkerBuild(), ["--release"], { cwd: inRoot("edge"), env: environment });
    writeFileSync(module, withoutHashes(readFileSync(module)));
  });
}

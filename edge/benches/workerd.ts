/**
 * A worker in plain workerd, without what `wrangler dev` and Miniflare put in front of it: their proxies take longer than a worker that only says
 * hello, and would make all workers look alike.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { inRoot } from "../../infra/setup/paths.ts";

/** Every worker that is measured, the one of the comparison too. */
const COMPATIBILITY_DATE = /^compatibility_date = "(.*)"$/m.exec(readFileSync(inRoot("edge", "wrangler.toml"), "utf8"))?.[1] ?? "";

/** workerd as wrangler has it: the binary for this platform. */
const { default: program, version } = createRequire(inRoot("node_modules", "wrangler", "package.json"))("workerd") as { default: string; version: string };

export const WORKERD_VERSION = version;

export type WorkerdOptions = {
  /** The folder that `worker-build` filled. */
  build: string;
  variables?: Record<string, string>;
  /** Whether a debugger may look into it. That costs some time. */
  isInspected?: boolean;
};

export type Workerd = {
  origin: string;
  pid: number;
  /** Where the inspector listens. */
  inspectorPort: number | undefined;
  /** From the start of the process until it listens. */
  startedMs: number;
  stop(): Promise<void>;
};

/** In Cap'n Proto, JSON's strings are strings. */
const text = (value: string): string => JSON.stringify(value);

function configuration({ build, variables = {} }: WorkerdOptions): string {
  const embedded = (path: string): string => `embed ${text(path)}`;
  const bindings = Object.entries(variables).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "measured", worker = .measured),
    (name = "cache", worker = .cache),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "measured")],
);
const measured :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = ${embedded(join(build, "index.js"))}),
    (name = "index_bg.wasm", wasm = ${embedded(join(build, "index_bg.wasm"))}),
  ],
  compatibilityDate = ${text(COMPATIBILITY_DATE)},
  bindings = [${bindings.join(", ")}],
  cacheApiOutbound = "cache",
);
const cache :Workerd.Worker = (
  modules = [(name = "cache.js", esModule = ${embedded(inRoot("infra", "workerd", "cache.js"))})],
  compatibilityDate = ${text(COMPATIBILITY_DATE)},
);
`;
}

/** The ports that workerd says it listens on. */
async function listening(control: Readable): Promise<{ port: number; inspectorPort: number | undefined }> {
  let said = "";
  for await (const chunk of control) {
    said += String(chunk);
    const port = /"event":"listen","socket":"http","port":(\d+)/.exec(said)?.[1];
    const inspectorPort = /"event":"listen-inspector","port":(\d+)/.exec(said)?.[1];
    if (port !== undefined) return { port: Number(port), inspectorPort: inspectorPort === undefined ? undefined : Number(inspectorPort) };
  }
  throw new Error(`workerd did not start: ${said}`);
}

/** Starts it, and waits until its socket listens; no request was made of it then. */
export async function startWorkerd(options: WorkerdOptions): Promise<Workerd> {
  const folder = mkdtempSync(join(tmpdir(), "roundel-workerd-"));
  const config = join(folder, "config.capnp");
  // Variables hold the secrets of the local storage.
  writeFileSync(config, configuration(options), { mode: 0o600 });
  const begun = performance.now();
  // The program itself, not the script of the package that starts it: its process is looked into.
  const args = ["serve", "--import-path=/", "--control-fd=3", ...(options.isInspected === true ? ["--inspector-addr=127.0.0.1:0"] : []), config];
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit", "pipe"] });
  const endWithParent = (): void => void child.kill("SIGKILL");
  process.once("exit", endWithParent);
  const stop = async (): Promise<void> => {
    process.off("exit", endWithParent);
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { port, inspectorPort } = await listening(child.stdio[3] as Readable);
    return { origin: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, inspectorPort, startedMs: performance.now() - begun, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

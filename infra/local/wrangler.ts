import { join } from "node:path";
import { WRANGLER, WRANGLER_ENVIRONMENT } from "../setup/wrangler.ts";
import { startChild, type Child } from "./child.ts";

export type WranglerOptions = {
  name: string;
  /** Folder of the worker. */
  cwd: string;
  port: number;
  /** Folder of its logs. */
  logs: string;
  /** Beyond those that every worker here is started with. */
  args?: string[];
};

/** Runs a worker in workerd, on loopback, by `wrangler dev` without its terminal, telemetry and questions. */
export function startWrangler({ name, cwd, port, logs, args = [] }: WranglerOptions): Child {
  return startChild({
    name,
    program: process.execPath,
    args: [
      ...[WRANGLER, "dev", "--ip", "127.0.0.1", "--port", String(port)],
      ...["--inspector-port", "0", "--show-interactive-dev-session=false", ...args],
    ],
    env: { ...process.env, ...WRANGLER_ENVIRONMENT, WRANGLER_LOG_PATH: logs, CLOUDFLARE_CF_FETCH_ENABLED: "false" },
    cwd,
    logFile: join(logs, "worker.log"),
  });
}

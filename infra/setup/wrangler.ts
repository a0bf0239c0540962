/** Wrangler as it is run here: from node_modules, without its telemetry and its questions. */
import { spawn } from "node:child_process";
import { inRoot } from "./paths.ts";
import { SetupError } from "./process.ts";

export const WRANGLER: string = inRoot("node_modules", "wrangler", "bin", "wrangler.js");

export const WRANGLER_ENVIRONMENT: Record<string, string> = { WRANGLER_SEND_METRICS: "false", CI: "1" };

/** The configuration of the worker. */
export const WORKER_CONFIGURATION: string = inRoot("edge", "wrangler.toml");

export type WranglerRun = {
  args: string[];
  env?: Record<string, string>;
  /** What it reads from its standard input. */
  input?: string;
  /** Whether its words are shown, on standard error. Otherwise they are the caller's alone. */
  isShown?: boolean;
};

export type WranglerEnd = { status: number | null; stdout: string; stderr: string };

/** Runs it on the worker's configuration, to whatever end. */
export async function runWrangler({ args, env = {}, input = "", isShown = false }: WranglerRun): Promise<WranglerEnd> {
  const child = spawn(process.execPath, [WRANGLER, ...args, "--config", WORKER_CONFIGURATION], {
    cwd: inRoot("edge"),
    env: { ...process.env, ...WRANGLER_ENVIRONMENT, ...env },
    stdio: "pipe",
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].on("data", (chunk: Buffer) => {
      said[stream] += chunk.toString();
      if (isShown) process.stderr.write(chunk);
    });
  }
  // Whoever ended without reading its input says why itself.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on("error", (error) => reject(new SetupError(`wrangler could not be started: ${error.message}`)));
    child.on("close", resolve);
  });
  return { status, ...said };
}

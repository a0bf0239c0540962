/** Wrangler, for deployments: asks nothing, tells nobody. */
import { spawn } from "node:child_process";
import { unstable_readConfig } from "wrangler";
import type { Stage } from "../cdk/settings.ts";
import { inRoot } from "../setup/paths.ts";
import { SetupError } from "../setup/process.ts";

const CONFIGURATION = inRoot("edge", "wrangler.toml");

/** What is read here of an environment of edge/wrangler.toml; wrangler's own type leads to packages that it does not bring. */
export type WorkerEnvironment = {
  name: string;
  compatibility_date: string;
  assets: { directory: string };
  observability: { enabled: boolean };
  d1_databases: { binding: string; database_name: string }[];
  kv_namespaces: { binding: string }[];
  r2_buckets: { binding: string }[];
  ratelimits?: { name: string; simple: unknown }[];
};

export function readEnvironment(stage: Stage): WorkerEnvironment {
  return unstable_readConfig({ config: CONFIGURATION, env: stage === "production" ? "" : stage }, { hideWarnings: true }) as WorkerEnvironment;
}

export type WranglerRun = {
  args: string[];
  accountId: string | undefined;
  /** What it reads from its standard input. */
  input?: string;
  /** Whether its words are shown, or kept for the caller alone. */
  quiet?: boolean;
};

export type WranglerEnd = { status: number | null; stdout: string };

/** Runs wrangler on edge/wrangler.toml. Its words go to standard error. */
export async function tryWrangler({ args, accountId, input, quiet = false }: WranglerRun): Promise<WranglerEnd> {
  const child = spawn(process.execPath, [inRoot("node_modules", "wrangler", "bin", "wrangler.js"), ...args, "--config", CONFIGURATION], {
    cwd: inRoot("edge"),
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1", ...(accountId === undefined ? {} : { CLOUDFLARE_ACCOUNT_ID: accountId }) },
    stdio: "pipe",
  });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    if (!quiet) process.stderr.write(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => void (quiet || process.stderr.write(chunk)));
  // Whoever ended without reading its input says why itself.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input ?? "");
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on("error", (error) => reject(new SetupError(`wrangler could not be started: ${error.message}`)));
    child.on("close", resolve);
  });
  return { status, stdout };
}

/** Runs wrangler to its good end. */
export async function wrangler(run: WranglerRun): Promise<string> {
  const { status, stdout } = await tryWrangler(run);
  // Not its arguments: they say more than is of use.
  if (status !== 0) throw new SetupError(`wrangler ${run.args[0]} ended with ${status}; its words are above`);
  return stdout;
}

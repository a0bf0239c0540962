/** Wrangler, for deployments. */
import { unstable_readConfig } from "wrangler";
import type { Stage } from "../cdk/settings.ts";
import { SetupError } from "../setup/process.ts";
import { runWrangler, WORKER_CONFIGURATION, type WranglerEnd } from "../setup/wrangler.ts";

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
  return unstable_readConfig({ config: WORKER_CONFIGURATION, env: stage === "production" ? "" : stage }, { hideWarnings: true }) as WorkerEnvironment;
}

export type DeployRun = {
  args: string[];
  accountId: string | undefined;
  /** What it reads from its standard input. */
  input?: string;
  /** Whether its words are shown, or kept for the caller alone. */
  quiet?: boolean;
};

export function tryWrangler({ args, accountId, input, quiet = false }: DeployRun): Promise<WranglerEnd> {
  return runWrangler({ args, isShown: !quiet, env: accountId === undefined ? {} : { CLOUDFLARE_ACCOUNT_ID: accountId }, ...(input === undefined ? {} : { input }) });
}

/** Runs wrangler to its good end. */
export async function wrangler(run: DeployRun): Promise<void> {
  const { status } = await tryWrangler(run);
  // Not its arguments: they say more than is of use.
  if (status !== 0) throw new SetupError(`wrangler ${run.args[0]} ended with ${status}; its words are above`);
}

/** Whether a deployed worker answers, and reaches its storage. */
import { SetupError } from "../setup/process.ts";

export type SmokeTest = {
  origin: string;
  /** How long a new name or certificate may take. */
  patienceMs: number;
};

type Check = { path: string; status: number; means: string; has?: string };

/** In the order in which a failure is understood. */
const CHECKS: Check[] = [
  { path: "/healthz", status: 200, means: "the worker runs", has: '"status":"ok"' },
  { path: "/config.json", status: 200, means: "its variables and secrets are there and well-formed", has: '"client_id"' },
  // S3 says 404 to a key that may list, and 403 otherwise, which is 502 here.
  { path: "/avatars/smoke-test.jpg?d=404", status: 404, means: "it reads both buckets" },
];

/** Goes through the checks and gives what they mean. */
export async function smokeTest({ origin, patienceMs }: SmokeTest): Promise<string[]> {
  const deadline = Date.now() + patienceMs;
  for (const check of CHECKS) {
    for (let wrong = await failure(origin, check); wrong !== undefined; wrong = await failure(origin, check)) {
      if (Date.now() >= deadline) throw new SetupError(`GET ${origin}${check.path}: ${wrong}, where ${check.status} was expected. docs/deploy.md, "When it does not work", has the causes`);
      await new Promise((resolve) => setTimeout(resolve, Math.min(2_000, patienceMs / 10)));
    }
  }
  return CHECKS.map(({ path, means }) => `GET ${path}: ${means}`);
}

async function failure(origin: string, { path, status, has }: Check): Promise<string | undefined> {
  try {
    const response = await fetch(`${origin}${path}`, { redirect: "manual", signal: AbortSignal.timeout(10_000) });
    const text = await response.text();
    if (response.status !== status) return `status ${response.status}${/"code":"(\w+)"/.exec(text)?.[1]?.replace(/^/, " ") ?? ""}`;
    return has === undefined || text.includes(has) ? undefined : "another answer";
  } catch (error) {
    return `no answer (${error instanceof Error ? error.message : error})`;
  }
}

/**
 * `npm run deploy [-- --dry-run] [--yes] [--env-file PATH] [--rotate-access-key]`: from the checkout to the running service. Each step says what it does;
 * `--dry-run` does all that needs no account. docs/deploy.md goes through it.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { buildPage } from "../build/page.ts";
import { buildWorker } from "../build/worker.ts";
import { readSettings, SETTINGS_FILE } from "../cdk/settings-source.ts";
import type { Settings } from "../cdk/settings.ts";
import { synthesize, type Synthesis } from "../cdk/synthesis.ts";
import { inRoot } from "../setup/paths.ts";
import { main, run, say, SetupError } from "../setup/process.ts";
import { deleteAccessKeys, hasCredentials, makeAccessKey, readHookSecret } from "./aws.ts";
import { environmentArguments, placeholders, secretNames, wranglerDeployArguments, type Outputs } from "./plan.ts";
import { smokeTest } from "./smoke.ts";
import { readEnvironment, tryWrangler, wrangler } from "./wrangler.ts";

const USAGE = "usage: npm run deploy [-- --dry-run] [--yes] [--env-file PATH] [--rotate-access-key]";
const MIGRATE = inRoot("infra", "db", "commands", "migrate.ts");
/** A new custom domain's certificate takes minutes. */
const PATIENCE_MS = 300_000;

type Options = { isDryRun: boolean; isAgreed: boolean; envFile: string | undefined; rotatesKey: boolean };

function readOptions(): Options {
  const options = { "dry-run": { type: "boolean" }, yes: { type: "boolean" }, "env-file": { type: "string" }, "rotate-access-key": { type: "boolean" } } as const;
  try {
    const { values } = parseArgs({ options });
    return { isDryRun: values["dry-run"] ?? false, isAgreed: values.yes ?? false, envFile: values["env-file"], rotatesKey: values["rotate-access-key"] ?? false };
  } catch (error) {
    throw new SetupError(`${error instanceof Error ? error.message : error}. ${USAGE}`);
  }
}

function step(number: number, words: string): void {
  say(`── ${number}. ${words}`);
}

const cdk = inRoot("node_modules", "aws-cdk", "bin", "cdk");

function runCdk(args: string[], { directory, stackName }: Synthesis): Promise<void> {
  // Nothing is asked of or told to its makers.
  const env = { CDK_DISABLE_CLI_TELEMETRY: "true", CI: "true" };
  return run(process.execPath, [cdk, ...args, "--app", directory, "--no-notices", "--no-version-reporting", stackName], { env, advice: "Credentials of AWS are taken from the environment or ~/.aws, as its own tools do" });
}

async function agree(question: string): Promise<void> {
  if (!process.stdin.isTTY) throw new SetupError("nobody is there to agree to the changes above; with --yes nobody is asked");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new SetupError("nothing was changed");
}

async function deployStack(settings: Settings, synthesis: Synthesis): Promise<Outputs> {
  const file = inRoot("target", "deploy", "outputs.json");
  mkdirSync(inRoot("target", "deploy"), { recursive: true });
  await runCdk(["deploy", "--require-approval", "never", "--progress", "events", "--outputs-file", file], synthesis);
  const outputs = (JSON.parse(readFileSync(file, "utf8")) as Record<string, Outputs>)[synthesis.stackName];
  if (!outputs) throw new SetupError(`CloudFormation gave no outputs of ${synthesis.stackName} in ${settings.region}`);
  return outputs;
}

/** Gives the worker its secrets; gives what is left to do once it runs with them. */
async function putSecrets(settings: Settings, outputs: Outputs, rotatesKey: boolean): Promise<() => Promise<void>> {
  const accountId = settings.cloudflareAccountId;
  const secrets: Record<string, string> = { HOOK_SECRET: await readHookSecret(settings.region, outputs.HookSecretArn ?? "") };
  const user = outputs.WorkerUserName;
  let before: string[] = [];
  if (user !== undefined) {
    const { stdout } = await tryWrangler({ args: ["secret", "list", ...environmentArguments(settings), "--format", "json"], accountId, quiet: true });
    if (rotatesKey || !stdout.includes('"AWS_SECRET_ACCESS_KEY"')) {
      const keys = await makeAccessKey(settings.region, user);
      secrets["AWS_ACCESS_KEY_ID"] = keys.made.id;
      secrets["AWS_SECRET_ACCESS_KEY"] = keys.made.secret;
      before = keys.before;
    }
  }
  say(`putting ${Object.keys(secrets).join(", ")}`);
  // By standard input: no secret is on a disk or a command line.
  await wrangler({ args: ["secret", "bulk", ...environmentArguments(settings)], accountId, input: JSON.stringify(secrets) });
  return async () => {
    if (user === undefined || before.length === 0) return;
    await deleteAccessKeys(settings.region, user, before);
    say(`deleted the access key from before, ${before.join(", ")}`);
  };
}

/** Makes the databases that edge/wrangler.toml names, where there are none: migrations come before the worker. */
async function ensureDatabases(settings: Settings): Promise<void> {
  const accountId = settings.cloudflareAccountId;
  for (const { database_name: name } of readEnvironment(settings.stage).d1_databases) {
    const { status } = await tryWrangler({ args: ["d1", "info", name, "--json"], accountId, quiet: true });
    if (status === 0) continue;
    say(`making the database ${name}`);
    await wrangler({ args: ["d1", "create", name], accountId });
  }
}

async function migrate({ stage, cloudflareAccountId }: Settings): Promise<void> {
  // wrangler's own variable for its environment: the database is the one of that environment.
  const env = { ...(stage === "production" ? {} : { CLOUDFLARE_ENV: stage }), ...(cloudflareAccountId === undefined ? {} : { CLOUDFLARE_ACCOUNT_ID: cloudflareAccountId }) };
  await run(process.execPath, ["--disable-warning=ExperimentalWarning", MIGRATE, "--remote"], { env });
}

await main(async () => {
  const { isDryRun, isAgreed, envFile, rotatesKey } = readOptions();
  const source = readSettings(envFile);
  const { settings } = source;
  if (source.isExample && !isDryRun) throw new SetupError(`there is no ${SETTINGS_FILE}: copy infra/.env.example there and change it; --dry-run works without it`);
  const isKnown = hasCredentials();
  if (!isDryRun && !isKnown) throw new SetupError("there are no credentials of AWS (AWS_PROFILE, AWS_ACCESS_KEY_ID or ~/.aws); `aws configure sso` makes them. --dry-run needs none");

  step(1, "build");
  await buildPage();
  await buildWorker();

  step(2, "synthesize");
  const synthesis = await synthesize(source);
  for (const line of synthesis.summary) say(line);

  step(3, "what would change");
  if (isKnown) await runCdk(["diff"], synthesis);
  else say("no credentials of AWS: from here on an account is needed. With one, this shows what would change in it");

  if (isDryRun) {
    const outputs = placeholders();
    step(4, `would deploy ${synthesis.stackName}, ${synthesis.templatePath}`);
    step(5, `would put the secrets ${secretNames(settings).join(", ")} by wrangler secret bulk`);
    step(6, "would bring the profile database up to date: npm run db:migrate -- --remote");
    step(7, `would run wrangler ${wranglerDeployArguments(settings, outputs).map((word) => (/[^\w:/.,@=<>-]/.test(word) || word === "" ? JSON.stringify(word) : word)).join(" ")}`);
    await wrangler({ args: [...wranglerDeployArguments(settings, outputs), "--dry-run", "--outdir", inRoot("target", "deploy", "worker")], accountId: undefined });
    step(8, `would ask ${settings.workerOrigin} whether it runs`);
    say("dry run: nothing was changed anywhere");
    return;
  }

  if (!isAgreed) await agree(`Deploy ${synthesis.stackName} to ${settings.region}, and the worker to ${settings.workerOrigin}?`);
  step(4, "deploy the stack");
  const outputs = await deployStack(settings, synthesis);
  step(5, "secrets");
  const finish = await putSecrets(settings, outputs, rotatesKey);
  step(6, "profile database");
  await ensureDatabases(settings);
  await migrate(settings);
  step(7, "deploy the worker");
  await wrangler({ args: wranglerDeployArguments(settings, outputs), accountId: settings.cloudflareAccountId });
  step(8, "smoke test");
  for (const line of await smokeTest({ origin: settings.workerOrigin, patienceMs: PATIENCE_MS })) say(line);
  await finish();
  console.log(settings.workerOrigin);
});

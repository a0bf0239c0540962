/** Which service the pictures go to: its worker, its buckets, its hook's secret. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { readSettings } from "../cdk/settings-source.ts";
import { stackName } from "../cdk/stack-name.ts";
import { readHookSecret } from "../deploy/aws.ts";
import type { Outputs } from "../deploy/plan.ts";
import { defaultStateDirectory, lastWhereabouts } from "../local/state.ts";
import { inRoot } from "../setup/paths.ts";
import { SetupError } from "../setup/process.ts";
import type { S3Access } from "./s3.ts";

export type Target = {
  /** For people. */
  description: string;
  /** Of the worker, without a slash at its end. */
  origin: string;
  hookSecret: string;
  uploadsBucket: string;
  assetsBucket: string;
  s3: S3Access;
};

export type TargetOptions = {
  /** The deployed service of the settings. */
  remote: boolean;
  /** Another settings file than infra/.env. */
  envFile: string | undefined;
};

/** Which `npm run deploy` writes. */
const OUTPUTS_FILE = "target/deploy/outputs.json";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The deployed service with `--remote`; or else the one that the environment describes, where it has WORKER_ORIGIN; or else the local
 * stack. Only one of them counts, so that no variable of a shell changes where pictures go.
 */
export async function readTarget({ remote, envFile }: TargetOptions, environment: Variables = process.env, outputsFile = inRoot(OUTPUTS_FILE)): Promise<Target> {
  if (remote) return deployed(envFile, environment, outputsFile);
  if (envFile !== undefined) throw new SetupError("--env-file names the settings of a deployed service: it needs --remote");
  if (environment["WORKER_ORIGIN"]) return described("the environment", environment, (name) => new SetupError(`${name} is missing in the environment, which has WORKER_ORIGIN and so has to describe the service`));
  return local();
}

function local(): Target {
  const stateDirectory = defaultStateDirectory();
  const stack = lastWhereabouts(stateDirectory);
  const file = join(stateDirectory, "worker.env");
  if (!stack || !existsSync(file)) {
    throw new SetupError("there is no local stack: run `npm start` in another terminal first; for the deployed service add --remote, for another one set WORKER_ORIGIN and the worker's variables");
  }
  const variables = { ...parseEnv(readFileSync(file, "utf8")), WORKER_ORIGIN: stack.origin };
  return described("the local stack", variables, (name) => new SetupError(`${file} has no ${name}; run \`npm start\` once more`));
}

async function deployed(envFile: string | undefined, environment: Variables, file: string): Promise<Target> {
  const source = readSettings(envFile, {});
  if (source.isExample) throw new SetupError("there is no infra/.env, which says what was deployed; without --remote the environment can describe the service");
  const { settings } = source;
  const outputs = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, Outputs>)[stackName(settings.stage)] : undefined;
  if (!outputs) throw new SetupError(`${OUTPUTS_FILE} tells nothing of ${stackName(settings.stage)}: run \`npm run deploy\` on this machine, which writes it`);
  // The settings have no secret; whoever may not read it in Secrets Manager is given it.
  const hookSecret = environment["HOOK_SECRET"] || (await readHookSecret(settings.region, outputs.HookSecretArn ?? "").catch((error: Error) => {
    throw new SetupError(`the hook's secret cannot be read in Secrets Manager (${error.name}); HOOK_SECRET in the environment gives it as well`);
  }));
  const variables = { WORKER_ORIGIN: settings.workerOrigin, AWS_REGION: settings.region, HOOK_SECRET: hookSecret, UPLOADS_BUCKET_NAME: outputs.UploadsBucketName, ASSETS_BUCKET_NAME: outputs.AssetsBucketName };
  return described(`the deployed service of ${source.description}`, variables, (name) => new SetupError(`${OUTPUTS_FILE} does not give ${name}: run \`npm run deploy\``));
}

/** By the worker's own variables, and WORKER_ORIGIN. */
function described(description: string, variables: Variables, missing: (name: string) => SetupError): Target {
  const required = (name: string): string => {
    const value = variables[name]?.trim();
    if (!value) throw missing(name);
    return value;
  };
  const origin = required("WORKER_ORIGIN").replace(/\/+$/, "");
  if (!URL.canParse(origin) || !/^https?:\/\/[^/]+$/.test(origin)) throw new SetupError("WORKER_ORIGIN is no origin such as https://avatars.example.com");
  return {
    description: `${description}, ${origin}`,
    origin,
    hookSecret: required("HOOK_SECRET"),
    uploadsBucket: required("UPLOADS_BUCKET_NAME"),
    assetsBucket: required("ASSETS_BUCKET_NAME"),
    s3: s3Access(variables, "", required("AWS_REGION")),
  };
}

/** As whom the source is asked: variables of its own, so that the worker's key need not read the old service's bucket. */
export function sourceAccess(environment: Variables = process.env): S3Access {
  return s3Access(environment, "SOURCE_", environment["SOURCE_AWS_REGION"] ?? environment["AWS_REGION"] ?? "us-east-1");
}

function s3Access(variables: Variables, prefix: string, region: string): S3Access {
  const text = (name: string): string | undefined => variables[`${prefix}${name}`]?.trim() || undefined;
  const [accessKeyId, secretAccessKey] = [text("AWS_ACCESS_KEY_ID"), text("AWS_SECRET_ACCESS_KEY")];
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new SetupError(`${prefix}${accessKeyId === undefined ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY"} is missing beside the other half of the key`);
  }
  const endpoint = text("S3_ENDPOINT");
  if (endpoint !== undefined && !URL.canParse(endpoint)) throw new SetupError(`${prefix}S3_ENDPOINT is no URL such as https://s3.example.com`);
  const credentials = accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey, sessionToken: text("AWS_SESSION_TOKEN") };
  return { region, endpoint, credentials, profile: text("AWS_PROFILE") };
}

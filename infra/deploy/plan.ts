/** What a deployment hands to the worker: its variables, its secrets, and wrangler's words for them. Pure. */
import type { OutputName } from "../cdk/stack.ts";
import type { Settings } from "../cdk/settings.ts";

export type Outputs = Partial<Record<OutputName, string>>;

/** Where outputs are not known yet: before the first deployment, or without an account. */
export function placeholders(): Outputs {
  const names: OutputName[] = ["UploadsBucketName", "AssetsBucketName", "HookSecretArn", "WorkerUserName", "WorkerRoleArn", "UserPoolId", "ClientId"];
  return Object.fromEntries(names.map((name) => [name, `<output ${name}>`]));
}

/** The worker's variables, which are no secrets; edge/README.md explains them. */
export function workerVariables(settings: Settings, outputs: Outputs): Record<string, string> {
  const of = (name: OutputName): string => {
    const value = outputs[name];
    if (value === undefined) throw new Error(`the stack has no output ${name}`);
    return value;
  };
  const signIn = settings.signIn.kind === "existing" ? settings.signIn.variables : { USER_POOL_ID: of("UserPoolId"), CLIENT_ID: of("ClientId") };
  return {
    ...signIn,
    UPLOADS_BUCKET_NAME: of("UploadsBucketName"),
    ASSETS_BUCKET_NAME: of("AssetsBucketName"),
    AWS_REGION: settings.region,
    ALLOWED_ORIGINS: settings.allowedOrigins.join(","),
    ...settings.limits,
  };
}

/** The names of the secrets that the worker is given. Who takes a role has keys of their own making. */
export function secretNames(settings: Settings): string[] {
  return settings.workerPrincipalArn === undefined ? ["HOOK_SECRET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] : ["HOOK_SECRET"];
}

/** `wrangler deploy` with the variables, on the worker's domain. */
export function wranglerDeployArguments(settings: Settings, outputs: Outputs): string[] {
  const { hostname } = new URL(settings.workerOrigin);
  // A name below workers.dev is the worker's without being asked for.
  const domain = hostname.endsWith(".workers.dev") ? [] : ["--domain", hostname];
  const variables = Object.entries(workerVariables(settings, outputs)).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
  return ["deploy", ...environmentArguments(settings), ...domain, ...variables];
}

/** Which environment of edge/wrangler.toml. */
export function environmentArguments(settings: Settings): string[] {
  return ["--env", settings.stage === "production" ? "" : settings.stage];
}

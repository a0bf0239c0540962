/** What a deployment is told from outside, checked: a wrong value is refused with the name of its variable before anything is made of it. */
import { SetupError } from "../setup/process.ts";

export type Stage = "production" | "staging";

/** Where people sign in: what the worker is told about their tokens, or what the user pool that is made needs. */
export type SignIn = { kind: "existing"; variables: Record<string, string> } | { kind: "create"; domainPrefix: string };

/** A name of one's own for the CloudFront distribution. */
export type DeliveryDomain = {
  name: string;
  certificateArn: string;
  /** Where the name is looked up; without it the record is made by hand. */
  hostedZone: { id: string; name: string } | undefined;
};

export type Settings = {
  stage: Stage;
  region: string;
  /** Where the worker answers, without a slash at the end. */
  workerOrigin: string;
  /** Pages that may upload from another origin than the worker's. An entry may leave its first label open. */
  allowedOrigins: string[];
  /** Names of the buckets; where there is none CloudFormation makes one up. */
  uploadsBucketName: string | undefined;
  assetsBucketName: string | undefined;
  /** Who is told when events do not reach the worker. */
  alarmEmail: string | undefined;
  /** Who may take the worker's role. Without it the worker has a user with an access key. */
  workerPrincipalArn: string | undefined;
  signIn: SignIn;
  /** CloudFront in front of the assets bucket, for those who serve without the worker. */
  delivery: { domain: DeliveryDomain | undefined } | undefined;
  /** Numbers that are handed to the worker as they are. */
  limits: Record<string, string>;
  cloudflareAccountId: string | undefined;
};

/** A variable that is missing or wrong. */
export class SettingError extends SetupError {
  readonly variable: string;

  constructor(variable: string, reason: string) {
    super(`${variable} ${reason}`);
    this.variable = variable;
  }
}

const SIGN_IN_VARIABLES = ["USER_POOL_ID", "CLIENT_ID", "JWT_ISSUER", "JWKS_URL", "JWT_ALGORITHM", "JWT_AUDIENCE"] as const;
const LIMIT_VARIABLES = ["AVATAR_SIZE", "MAX_PIXELS", "MAX_UPLOAD_BYTES", "RATE_LIMIT_SIGNING", "RATE_LIMIT_CHANGES"] as const;

/** Every name that a settings file may have. */
export const SETTING_NAMES: readonly string[] = [
  ...["STAGE", "AWS_REGION", "WORKER_ORIGIN", "ALLOWED_ORIGINS", "UPLOADS_BUCKET_NAME", "ASSETS_BUCKET_NAME", "ALARM_EMAIL", "WORKER_PRINCIPAL_ARN"],
  ...["CREATE_USER_POOL", "SIGN_IN_DOMAIN_PREFIX", ...SIGN_IN_VARIABLES],
  ...["CDN", "CDN_DOMAIN", "CDN_CERTIFICATE_ARN", "CDN_HOSTED_ZONE_ID", "CDN_HOSTED_ZONE_NAME", ...LIMIT_VARIABLES, "CLOUDFLARE_ACCOUNT_ID"],
];

/** Avatar sizes that the worker serves; `edge/src/variant.rs`. */
const AVATAR_SIZES = ["32", "48", "64", "96", "128", "192", "256", "384", "512", "1024"];

export function parseSettings(variables: Readonly<Record<string, string | undefined>>): Settings {
  const given = new Given(variables);
  const settings: Settings = {
    stage: given.oneOf("STAGE", ["production", "staging"], "production"),
    region: given.required("AWS_REGION", (value) => /^[a-z]{2}(-[a-z]+)+-\d$/.test(value), "is no AWS region such as eu-central-1"),
    workerOrigin: given.required("WORKER_ORIGIN", isHttpsOrigin, "has to be an https origin such as https://avatars.example.com, lower case, without a path: EventBridge calls nothing else"),
    allowedOrigins: allowedOrigins(given),
    uploadsBucketName: given.optional("UPLOADS_BUCKET_NAME", isBucketName, BUCKET_RULE),
    assetsBucketName: given.optional("ASSETS_BUCKET_NAME", isBucketName, BUCKET_RULE),
    alarmEmail: given.optional("ALARM_EMAIL", (value) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value), "is no e-mail address"),
    workerPrincipalArn: given.optional("WORKER_PRINCIPAL_ARN", (value) => /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/.test(value), "is not the ARN of an IAM role or user (never a whole account)"),
    signIn: signIn(given),
    delivery: delivery(given),
    limits: limits(given),
    cloudflareAccountId: given.optional("CLOUDFLARE_ACCOUNT_ID", (value) => /^[0-9a-f]{32}$/.test(value), "is not 32 hexadecimal digits"),
  };
  if (settings.uploadsBucketName !== undefined && settings.uploadsBucketName === settings.assetsBucketName) {
    throw new SettingError("ASSETS_BUCKET_NAME", "is that of the uploads: what anybody uploads and what is served are kept apart");
  }
  return settings;
}

/** The variables, with the checks that several of them share. The empty text means the same as none. */
class Given {
  readonly #variables: Readonly<Record<string, string | undefined>>;

  constructor(variables: Readonly<Record<string, string | undefined>>) {
    this.#variables = variables;
  }

  text(variable: string): string | undefined {
    return this.#variables[variable]?.trim() || undefined;
  }

  optional(variable: string, isGood: (value: string) => boolean, reason: string): string | undefined {
    const value = this.text(variable);
    if (value !== undefined && !isGood(value)) throw new SettingError(variable, reason);
    return value;
  }

  required(variable: string, isGood: (value: string) => boolean, reason: string): string {
    const value = this.optional(variable, isGood, reason);
    if (value === undefined) throw new SettingError(variable, "is missing");
    return value;
  }

  oneOf<T extends string>(variable: string, values: readonly T[], otherwise: T): T {
    const value = this.text(variable) ?? otherwise;
    const known = values.find((one) => one === value);
    if (known === undefined) throw new SettingError(variable, `has to be ${values.join(" or ")}`);
    return known;
  }

  /** Refuses variables that would mean nothing, so that nobody waits for what they say. */
  forbid(variables: readonly string[], reason: string): void {
    const present = variables.find((variable) => this.text(variable) !== undefined);
    if (present !== undefined) throw new SettingError(present, reason);
  }
}

function isHttpsOrigin(value: string): boolean {
  return isOrigin(value) && value.startsWith("https://");
}

function isOrigin(value: string): boolean {
  try {
    return new URL(value).origin === value && /^https?:/.test(value);
  } catch {
    return false;
  }
}

/** As the worker reads it, `edge/src/cors.rs`: exact origins, or one open label before two others. */
function allowedOrigins(given: Given): string[] {
  const entries = (given.text("ALLOWED_ORIGINS") ?? "").split(",").map((entry) => entry.trim()).filter(Boolean);
  for (const entry of entries) {
    const isOpen = /^https?:\/\/\*(\.[^.*/]+){2,}$/.test(entry);
    if (!isOrigin(isOpen ? entry.replace("*", "label") : entry) || (entry.includes("*") && !isOpen)) {
      throw new SettingError("ALLOWED_ORIGINS", `has an entry that is no origin as browsers send it (https://example.com; https://*.pages.example.com): number ${entries.indexOf(entry) + 1}`);
    }
  }
  return entries;
}

const BUCKET_RULE = "is no bucket name that works in a host name: 3 to 63 of a-z, 0-9 and -, a letter or digit first and last";

/** Without dots: no certificate covers them. */
function isBucketName(value: string): boolean {
  return /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(value) && !value.startsWith("xn--") && !value.endsWith("-s3alias");
}

function signIn(given: Given): SignIn {
  if (given.oneOf("CREATE_USER_POOL", ["true", "false"], "false") === "true") {
    given.forbid(SIGN_IN_VARIABLES, "says where people sign in already; leave it out, or CREATE_USER_POOL");
    const isPrefix = (value: string): boolean => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(value) && !/aws|amazon|cognito/.test(value);
    return { kind: "create", domainPrefix: given.required("SIGN_IN_DOMAIN_PREFIX", isPrefix, "has to be 1 to 63 of a-z, 0-9 and -, without `aws`, `amazon` and `cognito`") };
  }
  given.forbid(["SIGN_IN_DOMAIN_PREFIX"], "means nothing without CREATE_USER_POOL=true");
  const https = (value: string): boolean => URL.canParse(value) && value.startsWith("https://");
  const issuer = given.optional("JWT_ISSUER", https, "has to be an https URL");
  const pool = given.optional("USER_POOL_ID", (value) => /^[a-z0-9-]{1,30}_[A-Za-z0-9]{1,24}$/.test(value), "is not of the form <region>_<id>");
  if (issuer === undefined && pool === undefined) throw new SettingError("USER_POOL_ID", "is missing: name a user pool of Cognito, or JWT_ISSUER, or set CREATE_USER_POOL=true");
  given.optional("JWKS_URL", https, "has to be an https URL");
  given.oneOf("JWT_ALGORITHM", ["RS256", "ES256"], "RS256");
  const isClients = (value: string): boolean => value.split(",").every((client) => /^[\x21-\x2b\x2d-\x7e]+$/.test(client.trim()));
  given.required("CLIENT_ID", isClients, "is not a comma-separated list of client IDs");
  const variables = SIGN_IN_VARIABLES.flatMap((name) => {
    const value = given.text(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { kind: "existing", variables: Object.fromEntries(variables) };
}

function delivery(given: Given): Settings["delivery"] {
  const ofDomain = ["CDN_CERTIFICATE_ARN", "CDN_HOSTED_ZONE_ID", "CDN_HOSTED_ZONE_NAME"];
  if (given.oneOf("CDN", ["true", "false"], "false") === "false") {
    given.forbid(["CDN_DOMAIN", ...ofDomain], "means nothing without CDN=true");
    return undefined;
  }
  const isHost = (value: string): boolean => /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/.test(value);
  const name = given.optional("CDN_DOMAIN", isHost, "is no host name");
  if (name === undefined) {
    given.forbid(ofDomain, "means nothing without CDN_DOMAIN");
    return { domain: undefined };
  }
  const isCertificate = (value: string): boolean => /^arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate\/[0-9a-f-]{36}$/.test(value);
  const certificateArn = given.required("CDN_CERTIFICATE_ARN", isCertificate, "is not the ARN of an ACM certificate in us-east-1, where CloudFront takes them from");
  const zoneName = given.optional("CDN_HOSTED_ZONE_NAME", isHost, "is no domain name");
  if (zoneName === undefined) {
    given.forbid(["CDN_HOSTED_ZONE_ID"], "means nothing without CDN_HOSTED_ZONE_NAME");
    return { domain: { name, certificateArn, hostedZone: undefined } };
  }
  if (name !== zoneName && !name.endsWith(`.${zoneName}`)) throw new SettingError("CDN_DOMAIN", "is not in the zone CDN_HOSTED_ZONE_NAME");
  const id = given.required("CDN_HOSTED_ZONE_ID", (value) => /^Z[A-Z0-9]{1,31}$/.test(value), "is not the ID of a Route 53 hosted zone");
  return { domain: { name, certificateArn, hostedZone: { id, name: zoneName } } };
}

function limits(given: Given): Record<string, string> {
  const isPositive = (value: string): boolean => /^[1-9]\d{0,14}$/.test(value);
  given.optional("AVATAR_SIZE", (value) => AVATAR_SIZES.includes(value), `has to be one of ${AVATAR_SIZES.join(" ")}`);
  for (const name of ["MAX_PIXELS", "MAX_UPLOAD_BYTES"]) given.optional(name, isPositive, "is not a positive whole number");
  for (const name of ["RATE_LIMIT_SIGNING", "RATE_LIMIT_CHANGES"]) given.optional(name, (value) => value === "off" || /^[1-9]\d{0,8}$/.test(value), "is neither a number a minute nor `off`");
  return Object.fromEntries(LIMIT_VARIABLES.flatMap((name) => {
    const value = given.text(name);
    return value === undefined ? [] : [[name, value] as const];
  }));
}

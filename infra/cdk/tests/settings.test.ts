/** What a deployment is told: right values come through, wrong ones are refused by name. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inRoot } from "../../setup/paths.ts";
import { parseSettings, SETTING_NAMES, SettingError } from "../settings.ts";
import { readSettings } from "../settings-source.ts";

const LEAST = { AWS_REGION: "eu-central-1", WORKER_ORIGIN: "https://avatars.example.com", USER_POOL_ID: "eu-central-1_Example00", CLIENT_ID: "client1" };
const ARN = "arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-0000-0000-000000000000";
const DOMAIN = { CDN: "true", CDN_DOMAIN: "pictures.example.com", CDN_CERTIFICATE_ARN: ARN };

function refusedVariable(variables: Record<string, string | undefined>): string {
  try {
    parseSettings({ ...LEAST, ...variables });
  } catch (error) {
    assert.ok(error instanceof SettingError, String(error));
    assert.ok(error.message.startsWith(`${error.variable} `), error.message);
    return error.variable;
  }
  return "none";
}

describe("the settings of a deployment", () => {
  it("need a region, the worker's address, and where people sign in", () => {
    const settings = parseSettings(LEAST);
    assert.equal(settings.stage, "production");
    assert.equal(settings.delivery, undefined);
    assert.deepEqual(settings.allowedOrigins, []);
    assert.deepEqual(settings.signIn, { kind: "existing", variables: { USER_POOL_ID: "eu-central-1_Example00", CLIENT_ID: "client1" } });
    for (const name of Object.keys(LEAST)) assert.equal(refusedVariable({ [name]: undefined }), name);
    assert.equal(refusedVariable({ CLIENT_ID: " " }), "CLIENT_ID", "the empty text is none");
  });

  it("are refused by the variable that is wrong", () => {
    const wrong: [string, string, Record<string, string>?][] = [
      ["STAGE", "prod"],
      ["AWS_REGION", "Frankfurt"],
      ["AWS_REGION", "eu-central"],
      ["WORKER_ORIGIN", "http://avatars.example.com"],
      ["WORKER_ORIGIN", "https://avatars.example.com/"],
      ["WORKER_ORIGIN", "https://avatars.example.com/api"],
      ["WORKER_ORIGIN", "https://Avatars.example.com"],
      ["WORKER_ORIGIN", "https://user@avatars.example.com"],
      ["ALLOWED_ORIGINS", "https://app.example.com/"],
      ["ALLOWED_ORIGINS", "*"],
      ["ALLOWED_ORIGINS", "https://*.com"],
      ["ALLOWED_ORIGINS", "https://a.*.example.com"],
      ["UPLOADS_BUCKET_NAME", "Uploads"],
      ["UPLOADS_BUCKET_NAME", "a.b.c"],
      ["ASSETS_BUCKET_NAME", "same", { UPLOADS_BUCKET_NAME: "same" }],
      ["ALARM_EMAIL", "operations"],
      ["WORKER_PRINCIPAL_ARN", "arn:aws:iam::000000000000:root"],
      ["WORKER_PRINCIPAL_ARN", "*"],
      ["USER_POOL_ID", "example"],
      ["CLIENT_ID", "a,,b"],
      ["JWT_ISSUER", "http://id.example.com"],
      ["JWKS_URL", "id.example.com/jwks"],
      ["JWT_ALGORITHM", "HS256"],
      ["CREATE_USER_POOL", "yes"],
      ["USER_POOL_ID", "eu-central-1_Example00", { CREATE_USER_POOL: "true", SIGN_IN_DOMAIN_PREFIX: "x" }],
      ["SIGN_IN_DOMAIN_PREFIX", "x"],
      ["CDN", "on"],
      ["CDN_DOMAIN", "pictures.example.com"],
      ["CDN_CERTIFICATE_ARN", ARN, { CDN: "true" }],
      ["CDN_CERTIFICATE_ARN", ARN.replace("us-east-1", "eu-central-1"), DOMAIN],
      ["CDN_DOMAIN", "pictures.example.com", { ...DOMAIN, CDN_HOSTED_ZONE_ID: "Z0EXAMPLE", CDN_HOSTED_ZONE_NAME: "example.org" }],
      ["CDN_HOSTED_ZONE_ID", "example.com", { ...DOMAIN, CDN_HOSTED_ZONE_NAME: "example.com" }],
      ["CDN_HOSTED_ZONE_ID", "Z0EXAMPLE", DOMAIN],
      ["AVATAR_SIZE", "100"],
      ["MAX_PIXELS", "-1"],
      ["MAX_UPLOAD_BYTES", "20MB"],
      ["RATE_LIMIT_SIGNING", "0"],
      ["RATE_LIMIT_CHANGES", "1/s"],
      ["CLOUDFLARE_ACCOUNT_ID", "mine"],
    ];
    for (const [variable, value, others] of wrong) assert.equal(refusedVariable({ ...others, [variable]: value }), variable, `${variable}=${value}`);
    assert.deepEqual(SETTING_NAMES.filter((name) => !wrong.some(([variable]) => variable === name)), ["JWT_AUDIENCE", "CDN_HOSTED_ZONE_NAME"]);
  });

  it("take another provider's tokens, several clients and origins, and a domain", () => {
    const settings = parseSettings({ ...LEAST, ...DOMAIN, USER_POOL_ID: undefined, JWT_ISSUER: "https://id.example.com/", CLIENT_ID: "a, b", ALLOWED_ORIGINS: "https://app.example.com, https://*.pages.example.com" });
    assert.deepEqual(settings.signIn, { kind: "existing", variables: { CLIENT_ID: "a, b", JWT_ISSUER: "https://id.example.com/" } });
    assert.deepEqual(settings.allowedOrigins, ["https://app.example.com", "https://*.pages.example.com"]);
    assert.deepEqual(settings.delivery, { domain: { name: "pictures.example.com", certificateArn: ARN, hostedZone: undefined } });
  });
});

describe("where the settings come from", () => {
  it("the example is whole: it is good, and names every setting", () => {
    const { settings, isExample } = readSettings("infra/.env.example");
    assert.equal(isExample, false, "a file that was named is meant");
    assert.equal(settings.region, "eu-central-1");
    const named = [...readFileSync(inRoot("infra", ".env.example"), "utf8").matchAll(/^#?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name ?? "");
    assert.deepEqual(named.toSorted(), [...SETTING_NAMES].toSorted());
  });

  it("a file with a name that is no setting is refused", () => {
    const directory = mkdtempSync(join(tmpdir(), "roundel-settings-"));
    try {
      const path = join(directory, "env");
      writeFileSync(path, "STAGE=staging\nHOOK_SECRET=x\n");
      assert.throws(() => readSettings(path), /HOOK_SECRET/);
      assert.throws(() => readSettings(join(directory, "missing")), /there is no settings file/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

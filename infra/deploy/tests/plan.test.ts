/** What a deployment hands to the worker, and where it goes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parseSettings, type Settings } from "../../cdk/settings.ts";
import { inRoot } from "../../setup/paths.ts";
import { placeholders, secretNames, workerVariables, wranglerDeployArguments, type Outputs } from "../plan.ts";
import { readEnvironment, type WorkerEnvironment } from "../wrangler.ts";

const LEAST = { AWS_REGION: "eu-central-1", WORKER_ORIGIN: "https://avatars.example.com", USER_POOL_ID: "eu-central-1_Example00", CLIENT_ID: "client1" };
const outputs: Outputs = { UploadsBucketName: "up", AssetsBucketName: "as", UserPoolId: "eu-central-1_Made00000", ClientId: "made1" };
const settings = (changes: Record<string, string | undefined> = {}): Settings => parseSettings({ ...LEAST, ...changes });

describe("the worker is given", () => {
  const buckets = { UPLOADS_BUCKET_NAME: "up", ASSETS_BUCKET_NAME: "as", AWS_REGION: "eu-central-1" };

  it("the buckets of the stack, and the people of the settings", () => {
    const expected = { ...buckets, USER_POOL_ID: "eu-central-1_Example00", CLIENT_ID: "client1", ALLOWED_ORIGINS: "" };
    assert.deepEqual(workerVariables(settings(), outputs), expected);
    assert.deepEqual(workerVariables(settings({ ALLOWED_ORIGINS: "https://a.example.com, https://b.example.com", MAX_PIXELS: "1000" }), outputs), {
      ...expected,
      ALLOWED_ORIGINS: "https://a.example.com,https://b.example.com",
      MAX_PIXELS: "1000",
    });
  });

  it("the user pool of the stack, where one is made", () => {
    const made = workerVariables(settings({ USER_POOL_ID: undefined, CLIENT_ID: undefined, CREATE_USER_POOL: "true", SIGN_IN_DOMAIN_PREFIX: "example" }), outputs);
    assert.deepEqual(made, { ...buckets, USER_POOL_ID: "eu-central-1_Made00000", CLIENT_ID: "made1", ALLOWED_ORIGINS: "" });
  });

  it("nothing that it does not understand, and all that it needs", () => {
    const source = readFileSync(inRoot("edge", "src", "config.rs"), "utf8");
    const every = settings({ JWT_ISSUER: "https://id.example.com", JWKS_URL: "https://id.example.com/jwks", JWT_ALGORITHM: "ES256", JWT_AUDIENCE: "x", AVATAR_SIZE: "256", MAX_PIXELS: "1", MAX_UPLOAD_BYTES: "1", RATE_LIMIT_SIGNING: "off", RATE_LIMIT_CHANGES: "1" });
    const given = [...Object.keys(workerVariables(every, outputs)), ...secretNames(every)];
    for (const name of given) assert.ok(source.includes(`"${name}"`), name);
    const understood = new Set([...source.matchAll(/"([A-Z][A-Z0-9]*_[A-Z0-9_]+)"/g)].map(([, name = ""]) => name));
    // Of another storage than AWS, or of a role.
    assert.deepEqual([...understood].filter((name) => !given.includes(name)).sort(), ["AWS_SESSION_TOKEN", "S3_ADDRESSING", "S3_ENDPOINT"]);
  });

  it("no value that the stack does not have", () => {
    assert.throws(() => workerVariables(settings(), { UploadsBucketName: "up" }), /no output AssetsBucketName/);
    assert.equal(workerVariables(settings(), placeholders())["ASSETS_BUCKET_NAME"], "<output AssetsBucketName>");
  });

  it("no keys, where it takes a role", () => {
    assert.deepEqual(secretNames(settings()), ["HOOK_SECRET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
    assert.deepEqual(secretNames(settings({ WORKER_PRINCIPAL_ARN: "arn:aws:iam::000000000000:role/edge-machine" })), ["HOOK_SECRET"]);
  });
});

describe("the worker goes", () => {
  it("to its domain, or to its name below workers.dev", () => {
    const args = wranglerDeployArguments(settings(), outputs);
    assert.deepEqual(args.slice(0, 5), ["deploy", "--env", "", "--domain", "avatars.example.com"]);
    assert.ok(args.includes("UPLOADS_BUCKET_NAME:up"));
    assert.ok(!wranglerDeployArguments(settings({ WORKER_ORIGIN: "https://roundel.example.workers.dev" }), outputs).includes("--domain"));
    assert.deepEqual(wranglerDeployArguments(settings({ STAGE: "staging" }), outputs).slice(1, 3), ["--env", "staging"]);
  });

  it("to environments that bind the same", () => {
    const [production, staging] = [readEnvironment("production"), readEnvironment("staging")];
    assert.equal(production.name, "roundel");
    assert.equal(staging.name, "roundel-staging");
    // Wrangler inherits none of these. They differ in what is bound, not in the names that the worker knows.
    const bound = ({ d1_databases, kv_namespaces, r2_buckets, ratelimits = [] }: WorkerEnvironment): unknown => {
      const names = (bindings: { binding: string }[]): string[] => bindings.map(({ binding }) => binding);
      return { d1: names(d1_databases), kv: names(kv_namespaces), r2: names(r2_buckets), ratelimits: ratelimits.map(({ name, simple }) => ({ name, simple })) };
    };
    assert.deepEqual(bound(staging), bound(production), "edge/wrangler.toml: what is bound at the top has to be bound in [env.staging] as well");
    const databases = [production, staging].flatMap((config) => config.d1_databases.map(({ database_name }) => database_name));
    assert.equal(new Set(databases).size, databases.length, "each environment has a database of its own");
    for (const { observability, compatibility_date, assets } of [production, staging]) {
      assert.equal(observability.enabled, true);
      assert.match(compatibility_date, /^\d{4}-\d\d-\d\d$/);
      assert.equal(assets.directory, "../www/dist");
    }
  });
});

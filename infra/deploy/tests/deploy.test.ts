/** `npm run deploy` as a person types it, as far as it goes without an account; and its parts that ask AWS and the worker, with stand-ins. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CreateUserCommand, IAMClient, ListAccessKeysCommand } from "@aws-sdk/client-iam";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { startHarness, type Harness } from "../../../edge/tests/harness.ts";
import { startMoto, type Moto } from "../../cdk/tests/moto.ts";
import { inRoot } from "../../setup/paths.ts";
import { deleteAccessKeys, hasCredentials, makeAccessKey, readHookSecret } from "../aws.ts";
import { smokeTest } from "../smoke.ts";

const temporary = mkdtempSync(join(tmpdir(), "roundel-deploy-"));
const none = join(temporary, "none");
after(() => rmSync(temporary, { recursive: true, force: true }));

/** On a machine that knows no account. Everything else that its person has is found where it was. */
function command(name: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const unknown = Object.keys(process.env).filter((variable) => /^(AWS|CLOUDFLARE)_/.test(variable));
  const env = { ...process.env, ...Object.fromEntries(unknown.map((variable) => [variable, undefined])), AWS_CONFIG_FILE: none, AWS_SHARED_CREDENTIALS_FILE: none, INIT_CWD: temporary };
  return spawnSync("node", [inRoot("infra", "setup", "run.mjs"), name, ...args], { encoding: "utf8", cwd: temporary, env });
}

const SETTINGS = "AWS_REGION=eu-central-1\nWORKER_ORIGIN=https://avatars.example.com\nUSER_POOL_ID=eu-central-1_Example00\nCLIENT_ID=client1\n";

describe("without an account", () => {
  before(() => writeFileSync(join(temporary, "staging.env"), `${SETTINGS}STAGE=staging\n`));

  it("npm run synth makes the template, and prints where it is", () => {
    const { status, stdout, stderr } = command("synth", "--env-file", "staging.env");
    assert.equal(status, 0, stderr);
    assert.match(stdout, /RoundelStaging\.template\.json\n$/);
    assert.ok(existsSync(stdout.trim()));
  });

  it("npm run synth tells a wrong setting by its name, and makes nothing", () => {
    writeFileSync(join(temporary, "wrong.env"), SETTINGS.replace("https://avatars.example.com", "avatars.example.com"));
    const { status, stdout, stderr } = command("synth", "--env-file", "wrong.env");
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /roundel: WORKER_ORIGIN has to be an https origin/);
    assert.doesNotMatch(stderr, /\n +at /);
  });

  it("npm run deploy -- --dry-run builds, synthesizes, and has wrangler take the worker", () => {
    const { status, stdout, stderr } = command("deploy", "--dry-run", "--env-file", "staging.env");
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "");
    for (const words of [
      /no credentials of AWS: from here on an account is needed/,
      /would deploy RoundelStaging/,
      /would put the secrets HOOK_SECRET, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY/,
      /would run wrangler deploy --env staging --domain avatars\.example\.com/,
      /Total Upload: .* gzip: /,
      /env\.UPLOADS_BUCKET_NAME/,
      /--dry-run: exiting now/,
      /dry run: nothing was changed anywhere/,
    ]) assert.match(stderr, words);
    assert.ok(existsSync(inRoot("target", "deploy", "worker", "shim.js")) || existsSync(inRoot("target", "deploy", "worker", "index.js")), "wrangler bundled the worker");
  });

  it("npm run deploy stops before it does anything", () => {
    const without = command("deploy", "--yes", "--env-file", "staging.env");
    assert.equal(without.status, 1);
    assert.match(without.stderr, /no credentials of AWS/);
    assert.match(command("deploy", "--force").stderr, /usage: npm run deploy/);
  });
});

describe("the worker's access key", () => {
  const region = "eu-central-1";
  let moto: Moto;
  before(async () => {
    moto = await startMoto(temporary);
    Object.assign(process.env, { AWS_ENDPOINT_URL: moto.origin, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
    await new IAMClient({ region }).send(new CreateUserCommand({ UserName: "worker" }));
  });
  after(async () => {
    for (const name of ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) delete process.env[name];
    await moto?.stop();
  });
  const ids = async (): Promise<(string | undefined)[]> => ((await new IAMClient({ region }).send(new ListAccessKeysCommand({ UserName: "worker" }))).AccessKeyMetadata ?? []).map(({ AccessKeyId }) => AccessKeyId);

  it("is made, replaced once the new one works, and never a third", async () => {
    const first = await makeAccessKey(region, "worker");
    assert.deepEqual(first.before, []);
    assert.ok(first.made.secret.length >= 40);
    const second = await makeAccessKey(region, "worker");
    assert.deepEqual(second.before, [first.made.id]);
    await assert.rejects(makeAccessKey(region, "worker"), new RegExp(`two access keys, .*${first.made.id}`));
    await deleteAccessKeys(region, "worker", second.before);
    assert.deepEqual(await ids(), [second.made.id]);
  });

  it("goes with the hook's secret, which is read and not made", async () => {
    const { ARN } = await new SecretsManagerClient({ region }).send(new CreateSecretCommand({ Name: "hook", SecretString: "s3cret" }));
    assert.equal(await readHookSecret(region, ARN ?? ""), "s3cret");
    await assert.rejects(readHookSecret(region, "arn:aws:secretsmanager:eu-central-1:000000000000:secret:none"));
  });

  it("is known to be needed", () => {
    const nothing = { AWS_CONFIG_FILE: none, AWS_SHARED_CREDENTIALS_FILE: none };
    assert.equal(hasCredentials(nothing), false);
    assert.equal(hasCredentials({ ...nothing, AWS_PROFILE: "example" }), true);
    assert.equal(hasCredentials({ ...nothing, AWS_CONFIG_FILE: inRoot("package.json") }), true);
  });
});

describe("the smoke test", () => {
  let harness: Harness;
  before(async () => (harness = await startHarness({ faults: true })));
  after(() => harness?.stop());

  it("is content with a worker that reaches its storage", async () => {
    assert.equal((await smokeTest({ origin: harness.origin, patienceMs: 0 })).length, 3);
  });

  it("tells one that does not, and one that is not there", async () => {
    await harness.faults([{ status: 403 }]);
    await assert.rejects(smokeTest({ origin: harness.origin.replace("127.0.0.1", "localhost"), patienceMs: 0 }), /smoke-test\.jpg\?d=404: status 502 storage_unavailable, where 404 was expected/);
    await assert.rejects(smokeTest({ origin: "http://127.0.0.1:9", patienceMs: 0 }), /healthz: no answer/);
  });
});

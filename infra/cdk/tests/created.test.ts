/**
 * The template is created by CloudFormation, as moto plays it, and the worker runs on what came out: the whole way of a picture, in those
 * buckets, with every request that it makes held against the policies of the same template.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { assertProblem, fixture, startHarness, type Harness } from "../../../edge/tests/harness.ts";
import { presign } from "../../../edge/tests/presign.ts";
import { asFarAsSupported, startMoto, type Moto } from "./moto.ts";
import { simulate } from "./policy-simulator.ts";
import { startRecorder, type Recorder } from "./s3-recorder.ts";
import { MOST, synthesize } from "./synthesized.ts";

const REGION = "eu-central-1";
const synthesized = synthesize(MOST);
const stateDirectory = mkdtempSync(join(tmpdir(), "roundel-created-"));
let moto: Moto;
let recorder: Recorder;
let harness: Harness;
let uploads: string;
let assets: string;

before(async () => {
  moto = await startMoto(stateDirectory);
  recorder = await startRecorder(moto.origin);
});
after(async () => {
  await Promise.all([harness?.stop(), recorder?.stop(), moto?.stop()]);
  rmSync(stateDirectory, { recursive: true, force: true });
});

/** Reads or writes a part of a bucket's configuration. */
async function s3(method: "GET" | "PUT", bucket: string, part: string, body?: string): Promise<string> {
  const url = presign({ method, endpoint: moto.origin, bucket, key: "", accessKeyId: "test", secretAccessKey: "test", query: { [part]: "" } });
  const response = await fetch(url, { method, ...(body === undefined ? {} : { body }) });
  assert.equal(response.status, 200, part);
  return response.text();
}

describe("CloudFormation, as moto plays it", () => {
  it("creates everything that moto knows of it", async () => {
    const { supported, left } = asFarAsSupported(synthesized.document);
    assert.deepEqual([...new Set(left)], [
      // All of these are judged by template.test.ts and by cfn-lint. Without an API destination the rule has no target, nor the queue a sender.
      ...["AWS::CloudFront::Distribution", "AWS::CloudFront::OriginAccessControl", "AWS::CloudWatch::Alarm"],
      ...["AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient", "AWS::Cognito::UserPoolDomain"],
      ...["AWS::Events::ApiDestination", "AWS::Events::Connection", "AWS::Events::Rule", "AWS::IAM::Policy", "AWS::Route53::RecordSet"],
      ...["AWS::S3::BucketPolicy", "AWS::SNS::Subscription", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::SecretsManager::Secret"],
    ]);
    const created = await moto.createStack("Roundel", supported, REGION);
    const wanted = Object.values(supported.Resources).map(({ Type }) => Type).sort();
    assert.deepEqual([...created.values()].sort(), wanted);
    const outputs = await moto.outputs("Roundel", REGION);
    [uploads, assets] = [outputs.get("UploadsBucketName") ?? "", outputs.get("AssetsBucketName") ?? ""];
    assert.equal(created.get(uploads), "AWS::S3::Bucket");
    assert.equal(created.get(assets), "AWS::S3::Bucket");
    assert.equal(created.get(outputs.get("WorkerUserName") ?? ""), "AWS::IAM::User");
  });

  it("encrypts the buckets; moto leaves the rest of their configuration to S3's own calls", async () => {
    for (const name of [uploads, assets]) assert.match(await s3("GET", name, "encryption"), /AES256/);
    // As the template says; the last test looks at what it did.
    const [id] = Object.keys(synthesized.template.findResources("AWS::S3::Bucket", { Properties: { VersioningConfiguration: { Status: "Enabled" } } }));
    assert.deepEqual(synthesized.document.Outputs["AssetsBucketName"]?.Value, { Ref: id });
    await s3("PUT", assets, "versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
  });
});

describe("the worker on those buckets", () => {
  const photo = fixture("portrait.jpg");

  it("takes pictures from upload to removal", async () => {
    const variables = { S3_ENDPOINT: recorder.endpoint, AWS_REGION: REGION, UPLOADS_BUCKET_NAME: uploads, ASSETS_BUCKET_NAME: assets };
    harness = await startHarness({ variables });
    const banner = async (path: string): Promise<Response> => harness.post(`/banners/${path}`, "ada", { extension: "jpg", content_length: photo.length });

    await harness.upload("ada", "jpg", photo);
    const { version } = await harness.publish("ada");
    assert.equal((await harness.get("/avatars/ada.jpg")).status, 200);
    assert.equal((await harness.get(`/avatars/ada/${version}/64.png`)).status, 200);

    const grant = (await (await banner("key_upload")).json()) as { url: string; headers: Record<string, string> };
    assert.equal((await fetch(grant.url, { method: "PUT", headers: grant.headers, body: photo as Uint8Array<ArrayBuffer> })).status, 200);
    assert.equal((await banner("publish")).status, 200);

    // Another picture replaces the first; then one that is none is refused, twice: the second time by its note.
    await harness.upload("ada", "png", fixture("alpha.png"));
    assert.notEqual((await harness.publish("ada")).version, version);
    // The storage's clock has seconds; of two uploads in one the later cannot be told.
    const nextSecond = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1100));
    await nextSecond();
    await harness.upload("ada", "gif", new TextEncoder().encode("GIF89a, it says"));
    for (let i = 0; i < 2; i++) await assertProblem(await harness.post("/avatars/publish", "ada"), 422, "malformed");
    await nextSecond();
    const again = (await (await banner("key_upload")).json()) as { url: string; headers: Record<string, string> };
    assert.equal((await fetch(again.url, { method: "PUT", headers: again.headers, body: new Uint8Array(photo.length) })).status, 200);
    for (let i = 0; i < 2; i++) await assertProblem(await banner("publish"), 415, "unsupported_format");

    for (const kind of ["avatars", "banners"]) {
      const authorization = `Bearer ${await harness.stack.issuer.accessToken({ sub: "ada" })}`;
      assert.equal((await harness.get(`/${kind}`, { method: "DELETE", headers: { authorization } })).status, 204);
    }
    assert.equal((await harness.get("/avatars/ada.jpg?d=404")).status, 404);
  });

  it("asked for nothing that the policies do not allow", () => {
    const id = (output: string): string => (synthesized.document.Outputs[output]?.Value as { Ref: string }).Ref;
    const policies = simulate(synthesized.document, { [id("UploadsBucketName")]: uploads, [id("AssetsBucketName")]: assets });
    assert.ok(recorder.asked.length > 40, `${recorder.asked.length} requests`);
    const used = new Set<string>();
    for (const { action, resource, context, status } of recorder.asked) {
      const request = { principal: "worker", action, resource, context };
      assert.ok(policies.isAllowed(request), JSON.stringify(request));
      for (const sid of policies.permittedBy(request)) used.add(`${sid} ${action}`);
      if (status !== 404) continue;
      // S3 says 404 only to whoever may list, and compares the key with the prefix; to others it says 403, which the worker takes for a failure.
      const [name = "", ...key] = resource.replace("arn:aws:s3:::", "").split("/");
      assert.ok(policies.isAllowed({ principal: "worker", action: "s3:ListBucket", resource: `arn:aws:s3:::${name}`, context: { "s3:prefix": key.join("/") } }), resource);
    }
    // Nor do they allow what it never asks for.
    assert.deepEqual([...used].sort(), [...policies.workerGrants].sort());
  });

  it("left the history of the pointer, which it could not have destroyed", async () => {
    const versions = await s3("GET", assets, "versions");
    assert.ok((versions.match(/<Key>avatars\/ada\/current\.json<\/Key>/g)?.length ?? 0) >= 3, versions);
    assert.ok(!recorder.asked.some(({ action }) => action.startsWith("unknown")));
  });
});

/** What the policies of the template allow, and to whom. What the worker really asks for is in created.test.ts. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { simulate, type Request } from "./policy-simulator.ts";
import { LEAST, MOST, synthesize } from "./synthesized.ts";

const UPLOADS = "arn:aws:s3:::uploads";
const ASSETS = "arn:aws:s3:::assets";
const VERSION = "0123456789abcdef";

function simulator(variables: Record<string, string>): ReturnType<typeof simulate> {
  const { document } = synthesize(variables);
  const id = (output: string): string => (document.Outputs[output]?.Value as { Ref: string }).Ref;
  return simulate(document, { [id("UploadsBucketName")]: "uploads", [id("AssetsBucketName")]: "assets" });
}

const policies = simulator(LEAST);
const withDelivery = simulator(MOST);

const worker = (action: string, resource: string, context: Record<string, string> = {}): Request => ({ principal: "worker", action: `s3:${action}`, resource, context });
const list = (bucket: string, prefix: string): Request => worker("ListBucket", bucket, { "s3:prefix": prefix });

describe("the worker may", () => {
  const allowed: [string, Request][] = ["avatars", "banners"].flatMap((kind): [string, Request][] => [
    ["have an upload put by the URL that it signed", worker("PutObject", `${UPLOADS}/${kind}/ada.jpg`, { "s3:signatureAge": "299000" })],
    ["find the newest upload", list(UPLOADS, `${kind}/ada.`)],
    ["be told that an upload is gone, not that it is forbidden", list(UPLOADS, `${kind}/ada.jpg`)],
    ["read an upload", worker("GetObject", `${UPLOADS}/${kind}/ada.jpg`)],
    ["delete an upload", worker("DeleteObject", `${UPLOADS}/${kind}/ada.png`)],
    ["set an upload aside", worker("PutObject", `${UPLOADS}/rejected/${kind}/ada.jpg`)],
    ["note why", worker("PutObject", `${UPLOADS}/rejected/${kind}/ada.jpg.json`)],
    ["find the notes", list(UPLOADS, `rejected/${kind}/ada.`)],
    ["read a note", worker("GetObject", `${UPLOADS}/rejected/${kind}/ada.jpg.json`)],
    ["delete what was refused", worker("DeleteObject", `${UPLOADS}/rejected/${kind}/ada.jpg`)],
    ["write a picture", worker("PutObject", `${ASSETS}/${kind}/ada/${VERSION}/master.jpg`)],
    ["write the pointer", worker("PutObject", `${ASSETS}/${kind}/ada/current.json`)],
    ["read the pointer", worker("GetObject", `${ASSETS}/${kind}/ada/current.json`)],
    ["be told that there is no pointer", list(ASSETS, `${kind}/ada/current.json`)],
    ["find a person's pictures", list(ASSETS, `${kind}/ada/`)],
    ["delete a picture", worker("DeleteObject", `${ASSETS}/${kind}/ada/${VERSION}/256.jpg`)],
  ]);
  for (const [what, request] of allowed) it(`${what}: ${request.action} ${request.resource} ${request.context?.["s3:prefix"] ?? ""}`, () => assert.ok(policies.isAllowed(request)));
});

describe("the worker must not", () => {
  const denied: [string, Request][] = [
    ["write beside the folders of the uploads", worker("PutObject", `${UPLOADS}/index.html`)],
    ["write beside the folders of the assets", worker("PutObject", `${ASSETS}/index.html`)],
    ["write another folder that begins alike", worker("PutObject", `${ASSETS}/avatars-old/ada.jpg`)],
    ["write refused uploads among the assets", worker("PutObject", `${ASSETS}/rejected/avatars/ada.jpg`)],
    ["write other folders of what was refused", worker("PutObject", `${UPLOADS}/rejected/x`)],
    ["read back what was refused", worker("GetObject", `${UPLOADS}/rejected/avatars/ada.jpg`)],
    ["list the uploads without a folder", worker("ListBucket", UPLOADS)],
    ["list all of the uploads", list(UPLOADS, "")],
    ["list all of the assets", list(ASSETS, "")],
    ["list other folders", list(UPLOADS, "private/")],
    ["list all of what was refused", list(UPLOADS, "rejected/")],
    ["list versions, which would name what was removed", worker("ListBucketVersions", ASSETS)],
    ["read an old version", worker("GetObjectVersion", `${ASSETS}/avatars/ada/current.json`)],
    ["delete for good what can be brought back", worker("DeleteObjectVersion", `${ASSETS}/avatars/ada/current.json`)],
    ["make an object public", worker("PutObjectAcl", `${ASSETS}/avatars/ada/current.json`)],
    ["change a bucket's policy", worker("PutBucketPolicy", UPLOADS)],
    ["remove a bucket's policy", worker("DeleteBucketPolicy", UPLOADS)],
    ["let the public in", worker("PutBucketPublicAccessBlock", ASSETS)],
    ["stop the versions", worker("PutBucketVersioning", ASSETS)],
    ["change the lifecycle", worker("PutLifecycleConfiguration", UPLOADS)],
    ["change the origins", worker("PutBucketCORS", UPLOADS)],
    ["stop the events", worker("PutBucketNotification", UPLOADS)],
    ["delete a bucket", worker("DeleteBucket", ASSETS)],
    ["see which buckets there are", worker("ListAllMyBuckets", "*")],
    ["read another bucket", worker("GetObject", "arn:aws:s3:::payroll/avatars/ada.jpg")],
    ["read a bucket whose name begins alike", worker("GetObject", "arn:aws:s3:::uploads-of-others/avatars/ada.jpg")],
    ["tag objects", worker("PutObjectTagging", `${UPLOADS}/avatars/ada.jpg`)],
    ["keep parts of an upload for later", worker("ListMultipartUploadParts", `${UPLOADS}/avatars/ada.jpg`)],
    ["send plain HTTP", worker("GetObject", `${ASSETS}/avatars/ada/current.json`, { "aws:SecureTransport": "false" })],
    ["speak TLS 1.1", worker("GetObject", `${ASSETS}/avatars/ada/current.json`, { "s3:TlsVersion": "1.1" })],
    ["have an upload put by a URL of last week", worker("PutObject", `${UPLOADS}/avatars/ada.jpg`, { "s3:signatureAge": "604800000" })],
    ["have an upload put by a URL that is a second too old", worker("PutObject", `${UPLOADS}/avatars/ada.jpg`, { "s3:signatureAge": "301000" })],
    ["read by a URL that it signed an hour ago", worker("GetObject", `${ASSETS}/avatars/ada/current.json`, { "s3:signatureAge": "3600000" })],
    ["make itself keys", { principal: "worker", action: "iam:CreateAccessKey", resource: "arn:aws:iam::000000000000:user/worker" }],
    ["read the hook's secret", { principal: "worker", action: "secretsmanager:GetSecretValue", resource: "arn:aws:secretsmanager:eu-central-1:000000000000:secret:hook" }],
    ["take another role", { principal: "worker", action: "sts:AssumeRole", resource: "arn:aws:iam::000000000000:role/admin" }],
  ];
  assert.ok(denied.length >= 20);
  for (const [what, request] of denied) it(what, () => assert.ok(!policies.isAllowed(request)));
});

describe("others", () => {
  const read = `${ASSETS}/avatars/ada/${VERSION}/256.jpg`;
  const distribution = (id: string): Record<string, string> => ({ "AWS:SourceArn": `arn:aws:cloudfront::000000000000:distribution/${id}` });
  const cloudfront = (action: string, resource: string, id: string): Request => ({ principal: "cloudfront.amazonaws.com", action, resource, context: distribution(id) });
  const [ours = ""] = Object.keys(synthesize(MOST).template.findResources("AWS::CloudFront::Distribution"));

  it("nobody may read or write without a permission of their own", () => {
    for (const action of ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]) {
      for (const resource of [read, `${UPLOADS}/avatars/ada.jpg`]) assert.ok(!withDelivery.isAllowed({ principal: "anyone", action, resource }));
    }
  });

  it("CloudFront's distribution may read the assets, and nothing else", () => {
    assert.ok(withDelivery.isAllowed(cloudfront("s3:GetObject", read, ours)));
    assert.ok(!withDelivery.isAllowed(cloudfront("s3:GetObject", read, "another")));
    assert.ok(!withDelivery.isAllowed(cloudfront("s3:PutObject", read, ours)));
    assert.ok(!withDelivery.isAllowed(cloudfront("s3:GetObject", `${UPLOADS}/avatars/ada.jpg`, ours)));
    assert.ok(!policies.isAllowed(cloudfront("s3:GetObject", read, ours)), "not without CDN=true");
  });
});

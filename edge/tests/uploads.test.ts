/** What may be uploaded, and how the storage holds clients to what they stated. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertProblem, fixture, sha256, startHarness, type Harness } from "./harness.ts";
import { presign } from "./presign.ts";

let harness: Harness;
const photo = fixture("portrait.jpg");
const stated = { content_type: "image/jpeg", content_length: photo.length, sha256: sha256(photo).toString("hex") };
before(async () => {
  harness = await startHarness();
});
after(() => harness?.stop());

async function put(url: string, headers: Record<string, string>, body: Uint8Array): Promise<number> {
  const response = await fetch(url, { method: "PUT", headers, body: body as Uint8Array<ArrayBuffer> });
  await response.arrayBuffer();
  return response.status;
}

test("only what was stated can be uploaded", async () => {
  const { url, headers } = await harness.grant("stated", "jpg", stated);
  const changed = new Uint8Array(photo);
  changed[changed.length - 1] = 0;
  const tampered = url.replace(/X-Amz-Signature=(.)/, (_, digit: string) => `X-Amz-Signature=${digit === "0" ? "1" : "0"}`);
  assert.notEqual(tampered, url);

  assert.equal(await put(tampered, headers, photo), 403, "another signature");
  assert.equal(await put(url.replace("stated.jpg", "other.jpg"), headers, photo), 403, "another key");
  assert.equal(await put(url, { ...headers, "content-type": "text/html" }, photo), 403, "another type");
  assert.equal(await put(url, headers, new Uint8Array([...photo, 0])), 403, "a longer body");
  assert.equal(await put(url, { ...headers, "x-amz-checksum-sha256": sha256(changed).toString("base64") }, changed), 403, "another checksum");
  const { "x-amz-checksum-sha256": _, ...withoutChecksum } = headers;
  assert.equal(await put(url, withoutChecksum, photo), 403, "no checksum");
  const otherContent = await put(url, headers, changed);
  assert.equal(otherContent, 403, "other content");
  assert.deepEqual(await harness.keys("uploads", "avatars/stated"), []);
  for (const method of ["GET", "HEAD", "DELETE", "POST"]) {
    const response = await fetch(url, { method, headers });
    await response.arrayBuffer();
    assert.equal(response.status, 403, method);
  }
  assert.equal(await put(url, headers, photo.subarray(1)), 403, "a shorter body");
  const replace = (name: string, value: string): string => url.replace(new RegExp(`${name}=[^&]*`), `${name}=${value}`);
  const date = new URL(url).searchParams.get("X-Amz-Date") ?? "";
  for (const [name, value] of [
    ["X-Amz-Expires", "604800"],
    ["X-Amz-Date", date.replace(/\d\dZ$/, (seconds) => (seconds === "00Z" ? "01Z" : "00Z"))],
    ["X-Amz-SignedHeaders", "host"],
    ["X-Amz-Credential", encodeURIComponent(`${harness.stack.s3.accessKeyId}/${date.slice(0, 8)}/eu-west-1/s3/aws4_request`)],
  ] as const) {
    assert.notEqual(replace(name, value), url);
    assert.equal(await put(replace(name, value), headers, photo), 403, `another ${name}`);
  }
  assert.equal(await put(url.replace(`/${harness.stack.s3.uploadsBucket}/`, `/${harness.stack.s3.assetsBucket}/`), headers, photo), 403, "another bucket");
  for (const name of Object.keys(headers)) {
    const without = Object.fromEntries(Object.entries(headers).filter(([held]) => held !== name));
    assert.equal(await put(url, without, photo), 403, `without ${name}`);
  }
  assert.equal(await put(url, { ...headers, "x-amz-acl": "public-read" }, photo), 403, "a header of S3 that was not signed");
  assert.equal(await put(url, headers, photo), 200);
  assert.deepEqual(await harness.keys("uploads", "avatars/stated"), ["avatars/stated.jpg"]);
});

test("an upload that must not replace another one does not", async () => {
  const { url, headers } = await harness.grant("only-once", "jpg", { if_none_match: "*" });
  assert.deepEqual(headers, { "if-none-match": "*" });
  assert.equal(await put(url, {}, photo), 403, "the condition is signed");
  assert.equal(await put(url, headers, photo), 200);
  assert.equal(await put(url, headers, photo), 412);
  const again = await harness.grant("only-once", "jpg");
  assert.equal(await put(again.url, again.headers, photo), 200, "whoever states nothing replaces");
});

test("an upload URL is good for five minutes", async () => {
  const { url, expires_at } = await harness.grant("expiring", "jpg");
  const parameters = new URL(url).searchParams;
  assert.equal(parameters.get("X-Amz-Expires"), "300");
  const secondsLeft = (Date.parse(expires_at) - Date.now()) / 1000;
  assert.ok(secondsLeft > 270 && secondsLeft <= 301, `${secondsLeft} s`);

  const { endpoint, uploadsBucket: bucket, accessKeyId, secretAccessKey } = harness.stack.s3;
  const signedAt = (secondsAgo: number): string =>
    presign({ method: "PUT", endpoint, bucket, key: "avatars/expiring.jpg", accessKeyId, secretAccessKey, at: new Date(Date.now() - secondsAgo * 1000), expiresInSeconds: 300 });
  assert.equal(await put(signedAt(310), {}, photo), 403);
  assert.equal(await put(signedAt(100), {}, photo), 200, "the tests' own signature is right");
});

test("a second implementation signs the same", async () => {
  const { url, headers } = await harness.grant("second-opinion", "jpg", stated);
  const date = new URL(url).searchParams.get("X-Amz-Date") ?? "";
  const at = new Date(date.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, "$1-$2-$3T$4:$5:$6Z"));
  const { endpoint, uploadsBucket: bucket, accessKeyId, secretAccessKey } = harness.stack.s3;
  const own = presign({
    ...{ method: "PUT", endpoint, bucket, key: "avatars/second-opinion.jpg", accessKeyId, secretAccessKey, at, expiresInSeconds: 300 },
    headers: { ...headers, "content-length": String(photo.length) },
    query: new URL(url).searchParams.has("x-id") ? { "x-id": "PutObject" } : {},
  });
  assert.equal(new URL(url).searchParams.get("X-Amz-Signature"), new URL(own).searchParams.get("X-Amz-Signature"));
});

test("each wrong statement has its code", async () => {
  const ask = (body: unknown): Promise<Response> => harness.post("/avatars/key_upload", "wrong", body);
  await assertProblem(await ask({}), 400, "bad_extension");
  await assertProblem(await ask({ extension: "svg" }), 400, "bad_extension");
  await assertProblem(await ask({ extension: "JPG" }), 400, "bad_extension");
  await assertProblem(await ask({ extension: "jpg", content_type: "image/png" }), 400, "content_type_mismatch");
  await assertProblem(await ask({ extension: "jpg", content_length: 0 }), 400, "bad_request");
  await assertProblem(await ask({ extension: "jpg", content_length: "5" }), 400, "bad_request");
  await assertProblem(await ask({ extension: "jpg", content_length: 20_971_521 }), 413, "too_large");
  await assertProblem(await ask({ extension: "jpg", sha256: "abc" }), 400, "bad_request");
  await assertProblem(await ask({ extension: "jpg", if_none_match: "abc" }), 400, "bad_request");
  await assertProblem(await ask([]), 400, "bad_request");
  await assertProblem(await ask({ extension: "jpg", padding: "x".repeat(4096) }), 413, "too_large");
  assert.equal((await ask({ extension: "jpg", content_length: 20_971_520, unknown: true })).status, 200);
  const headers = { authorization: `Bearer ${await harness.stack.issuer.accessToken()}` };
  await assertProblem(await harness.get("/avatars/key_upload", { method: "POST", headers, body: "{extension: jpg}" }), 400, "bad_request");
  await assertProblem(await harness.get("/avatars/key_upload", { method: "POST", headers }), 400, "bad_request");
});

test("pages of allowed origins may ask, others learn nothing", async () => {
  const preflight = (origin: string): Promise<Response> =>
    harness.get("/avatars/key_upload", { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type" } });
  const allowed = await preflight(harness.origin);
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers.get("access-control-allow-origin"), harness.origin);
  assert.match(allowed.headers.get("access-control-allow-methods") ?? "", /POST/);
  assert.match(allowed.headers.get("access-control-allow-headers") ?? "", /authorization, content-type/);
  assert.match(allowed.headers.get("vary") ?? "", /Origin/);
  const foreign = await preflight("https://evil.example");
  assert.equal(foreign.status, 204);
  assert.equal(foreign.headers.get("access-control-allow-origin"), null);
  assert.match(foreign.headers.get("vary") ?? "", /Origin/);

  const read = await harness.get("/healthz", { headers: { origin: harness.origin } });
  assert.equal(read.headers.get("access-control-allow-origin"), harness.origin);
  assert.match(read.headers.get("access-control-expose-headers") ?? "", /ETag/);
  const refused = await harness.get("/avatars/publish", { method: "POST", headers: { origin: harness.origin } });
  assert.equal(refused.headers.get("access-control-allow-origin"), harness.origin, "a page can read its errors");
  assert.equal((await harness.get("/healthz", { headers: { origin: `${harness.origin}.evil.example` } })).headers.get("access-control-allow-origin"), null);
});

/** What happens when the parts behind the worker fail, or the worker is not set up. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { assertProblem, fixture, startHarness, type Harness } from "./harness.ts";

let harness: Harness;
const photo = fixture("portrait.jpg");
before(async () => {
  harness = await startHarness({ faults: true });
});
afterEach(() => harness.faults([]));
after(() => harness?.stop());

test("a storage that fails gives 502 with Retry-After, which is not cached", async () => {
  await harness.upload("failing", "jpg", photo);
  await harness.faults([{ status: 503 }]);
  for (const send of [
    () => harness.post("/avatars/publish", "failing"),
    () => harness.get("/avatars/failing.jpg"),
    () => harness.get("/avatars/failing/0123456789abcdef/64.jpg"),
    () => harness.get("/hooks/object-created", {
      method: "POST",
      headers: { authorization: `Bearer ${harness.stack.hookSecret}` },
      body: JSON.stringify({
        ...{ source: "aws.s3", "detail-type": "Object Created" },
        detail: { bucket: { name: harness.stack.s3.uploadsBucket }, object: { key: "avatars/failing.jpg" } },
      }),
    }),
  ]) {
    const response = await send();
    assert.match(response.headers.get("retry-after") ?? "", /^\d+$/);
    assert.equal(response.headers.get("cache-control"), "no-store");
    await assertProblem(response, 502, "storage_unavailable");
  }
  await harness.faults([]);
  assert.equal((await harness.get("/avatars/failing.jpg")).status, 200, "all is well again at once");
});

test("a cached picture outlives the storage", async () => {
  await harness.upload("stale", "jpg", photo);
  const { version } = await harness.publish("stale");
  const etag = `"${version}-64-jpg"`;
  assert.equal((await harness.get("/avatars/stale.jpg?size=64")).headers.get("etag"), etag);
  await new Promise((resolve) => setTimeout(resolve, 5_200));
  await harness.faults([{ status: 500 }]);
  const stale = await harness.get("/avatars/stale.jpg?size=64");
  assert.equal(stale.status, 200);
  assert.equal(stale.headers.get("etag"), etag);
  assert.ok((await stale.arrayBuffer()).byteLength > 500);
  assert.equal((await harness.get(`/avatars/stale/${version}/64.jpg`)).status, 200);
  await assertProblem(await harness.get("/avatars/stale.jpg?size=1024"), 502, "storage_unavailable");
  assert.match(harness.stack.workerLog(), /"cache":"stale"/);
});

test("a write that fails leaves what counted before", async () => {
  await harness.upload("half-written", "png", fixture("alpha.png"));
  const old = await harness.publish("half-written");
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await harness.upload("half-written", "jpg", photo);
  const prefix = `${harness.stack.s3.assetsBucket}/avatars/half-written/`;
  await harness.faults([{ method: "PUT", key_prefix: `${prefix}current.json`, status: 503 }]);
  await assertProblem(await harness.post("/avatars/publish", "half-written"), 502, "storage_unavailable");
  assert.equal((await harness.get("/avatars/half-written.jpg")).headers.get("etag"), `"${old.version}-256-jpg"`);
  await harness.faults([]);
  const published = await harness.publish("half-written");
  assert.notEqual(published.version, old.version);
  const keys = await harness.keys("assets", "avatars/half-written/");
  assert.deepEqual(keys.filter((key) => key.includes(old.version)), []);
});

test("without the issuer's keys nobody is let in, and nobody is called an impostor", async () => {
  const lonely = await startHarness({ variables: { JWKS_URL: `${harness.stack.issuer.url}/no-keys-here.json` } });
  try {
    for (const path of ["/avatars/key_upload", "/avatars/publish"]) {
      const response = await lonely.post(path, "somebody", { extension: "jpg" });
      assert.match(response.headers.get("retry-after") ?? "", /^\d+$/);
      await assertProblem(response, 503, "keys_unavailable");
    }
    await assertProblem(await lonely.get("/avatars/publish", { method: "POST" }), 401, "unauthorized");
  } finally {
    await lonely.stop();
  }
});

test("a worker that is not set up says so and never shows a value", async () => {
  const value = "https://user:hidden-word@s3.example";
  const broken = await startHarness({ variables: { S3_ENDPOINT: value } });
  try {
    for (const path of ["/healthz", "/avatars/somebody.jpg", "/config.json"]) {
      const response = await broken.get(path);
      const text = await response.clone().text();
      assert.ok(!text.includes("hidden-word"));
      await assertProblem(response, 500, "misconfigured");
    }
    const lines = broken.stack.workerLog().split("\n").filter((line) => line.includes('"route"'));
    assert.ok(lines.some((line) => line.includes("S3_ENDPOINT")), "the log names the variable");
    assert.ok(!lines.some((line) => line.includes("hidden-word")));
  } finally {
    await broken.stop();
  }
});

/** What happens when the parts behind the worker fail, or the worker is not set up. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { assertProblem, fixture, sha256, startHarness, type Fault, type Harness } from "./harness.ts";

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
    () => harness.tellCreated("avatars/failing.jpg"),
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

/** Of a GET of one of the worker's own objects: pictures, pointer. */
const onAsset = (sub: string, fault: Fault): Fault => ({ method: "GET", key_prefix: `${harness.stack.s3.assetsBucket}/avatars/${sub}/`, ...fault });
const onUpload = (sub: string, fault: Fault): Fault => ({ method: "GET", key_prefix: `${harness.stack.s3.uploadsBucket}/avatars/${sub}.`, ...fault });
const onListing = (fault: Fault): Fault => ({ method: "GET", key_prefix: harness.stack.s3.uploadsBucket, ...fault });

test("what fails for a moment is asked again", async () => {
  await harness.upload("momentary", "jpg", photo);
  await harness.faults([onListing({ status: 503, times: 2 })]);
  const { version } = await harness.publish("momentary");
  const faults: [number, Fault][] = [[96, { status: 500 }], [128, { status: 503 }], [192, { body: "cut" }], [384, { body: "garbled" }], [512, { body: "short" }]];
  for (const [size, fault] of faults) {
    await harness.faults([onAsset("momentary", { ...fault, times: 2 })]);
    const response = await harness.get(`/avatars/momentary/${version}/${size}.jpg`);
    assert.equal(response.status, 200, JSON.stringify(fault));
    await response.arrayBuffer();
  }
});

test("a storage that breaks off or changes bytes is never believed, and its answer never kept", async () => {
  await harness.upload("broken-body", "jpg", photo);
  const { version } = await harness.publish("broken-body");
  const picture = `/avatars/broken-body/${version}/256.jpg`;
  for (const body of ["cut", "short", "garbled"] as const) {
    await harness.faults([onAsset("broken-body", { body })]);
    await assertProblem(await harness.get(picture), 502, "storage_unavailable");
    await assertProblem(await harness.get("/avatars/broken-body.jpg"), 502, "storage_unavailable");
  }
  await harness.faults([]);
  const [versioned, current] = await Promise.all([harness.get(picture), harness.get("/avatars/broken-body.jpg")]);
  assert.deepEqual([versioned.status, current.status], [200, 200], "all is well again at once");
  assert.deepEqual(await versioned.arrayBuffer(), await current.arrayBuffer());
  assert.match(harness.stack.workerLog(), /storage: Get: other bytes than were stored/);
});

test("a listing that is cut, shortened or garbled publishes nothing", async () => {
  await harness.upload("broken-listing", "jpg", photo);
  for (const body of ["cut", "short", "garbled"] as const) {
    await harness.faults([onListing({ body })]);
    await assertProblem(await harness.post("/avatars/publish", "broken-listing"), 502, "storage_unavailable");
  }
  await harness.faults([]);
  assert.deepEqual(await harness.keys("assets", "avatars/broken-listing/"), []);
  await harness.publish("broken-listing");
});

test("an upload that arrives damaged is not published", async () => {
  const stated = { sha256: sha256(photo).toString("hex") };
  await harness.upload("damaged-stated", "jpg", photo, stated);
  await harness.upload("damaged", "jpg", photo);
  for (const body of ["cut", "short", "garbled"] as const) {
    await harness.faults([onUpload("damaged-stated", { body })]);
    await assertProblem(await harness.post("/avatars/publish", "damaged-stated"), 502, "storage_unavailable");
  }
  // Without a digest, too, what is shorter than the listing says is not taken for the upload, nor is the upload refused for it.
  for (const body of ["cut", "short"] as const) {
    await harness.faults([onUpload("damaged", { body })]);
    await assertProblem(await harness.post("/avatars/publish", "damaged"), 502, "storage_unavailable");
  }
  await harness.faults([]);
  for (const sub of ["damaged-stated", "damaged"]) {
    assert.deepEqual(await harness.keys("assets", `avatars/${sub}/`), []);
    await harness.publish(sub);
  }
});

test("an upload with a content coding is what it unpacks to, within the same bounds", async () => {
  const put = async (sub: string, bytes: Uint8Array): Promise<void> => {
    const packed = gzipSync(bytes);
    const { url, headers } = await harness.grant(sub, "jpg", { sha256: sha256(packed).toString("hex") });
    const response = await fetch(url, { method: "PUT", headers: { ...headers, "content-encoding": "gzip" }, body: packed as Uint8Array<ArrayBuffer> });
    assert.equal(response.status, 200, await response.text());
  };
  await put("packed", photo);
  await harness.publish("packed");
  await put("bomb", new Uint8Array(64 * 1024 * 1024));
  await assertProblem(await harness.post("/avatars/publish", "bomb"), 413, "too_large");
});

test("a slow storage has ten seconds, and one that wakes up is not noticed", async () => {
  const subs = ["asleep", "stalled", "waking"];
  for (const sub of subs) {
    await harness.upload(sub, "jpg", photo);
    await harness.publish(sub);
  }
  await harness.faults([onAsset("asleep", { delay_ms: 60_000 }), onAsset("stalled", { body: "stalled" }), onAsset("waking", { delay_ms: 60_000, times: 1 })]);
  const began = Date.now();
  const answers = await Promise.all(
    subs.map(async (sub) => {
      const response = await harness.get(`/avatars/${sub}.jpg`);
      return { response, seconds: (Date.now() - began) / 1000 };
    }),
  );
  const [asleep, stalled, waking] = answers;
  assert.ok(asleep && stalled && waking);
  for (const { response, seconds } of [asleep, stalled]) {
    await assertProblem(response, 502, "storage_unavailable");
    assert.ok(seconds > 9 && seconds < 12, `${seconds} s`);
  }
  assert.equal(waking.response.status, 200);
  assert.ok(waking.seconds > 4.5 && waking.seconds < 8, `${waking.seconds} s`);
});

test("an upload is found among more objects than a page of a listing holds", async () => {
  const names = Array.from({ length: 1_005 }, (_, index) => `avatars/crowded.${String(index).padStart(4, "0")}`);
  for (let at = 0; at < names.length; at += 32) {
    await Promise.all(names.slice(at, at + 32).map((name) => harness.place("uploads", name, new Uint8Array([1]))));
  }
  // Sorts after them all, on the second page.
  await harness.upload("crowded", "jpg", photo);
  const { version } = await harness.publish("crowded");
  assert.match(version, /^[0-9a-f]{16}$/);
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

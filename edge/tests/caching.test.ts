/** What is cached for how long, and what is made once where many ask. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { assertProblem, fixture, startElsewhere, startHarness, type Harness, type Published } from "./harness.ts";

let harness: Harness;
let elsewhere: Harness;
const photo = fixture("portrait.jpg");
const other = fixture("alpha.png");
before(async () => {
  harness = await startHarness({ faults: true });
  elsewhere = await startElsewhere(harness);
});
afterEach(() => harness.faults([]));
after(() => Promise.all([harness?.stop(), elsewhere?.stop()]));

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** How often the storage was asked just this. */
function asked(method: string, bucket: "uploads" | "assets", key: string): number {
  const { uploadsBucket, assetsBucket } = harness.stack.s3;
  const path = `/${bucket === "uploads" ? uploadsBucket : assetsBucket}/${key}`;
  return harness.s3Requests().filter((line) => line.startsWith(`${method} ${path} `)).length;
}

async function versionOf(response: Response): Promise<string> {
  assert.equal(response.status, 200, await response.clone().text());
  await response.arrayBuffer();
  return response.headers.get("etag")?.split("-")[0]?.slice(1) ?? "";
}

/** Publishes here, makes it known to the cache, then replaces it behind the cache's back. */
async function replacedElsewhere(sub: string): Promise<{ old: Published; replace(): Promise<Published> }> {
  await harness.upload(sub, "jpg", photo);
  const old = await harness.publish(sub);
  assert.equal(await versionOf(await harness.get(`/avatars/${sub}.jpg`)), old.version);
  const replace = async (): Promise<Published> => {
    await pause(1_100);
    await harness.upload(sub, "png", other);
    const published = await (await elsewhere.post("/avatars/publish", sub)).json() as Published;
    assert.notEqual(published.version, old.version);
    return published;
  };
  return { old, replace };
}

test("a size that many ask for at once is made once", async () => {
  await harness.upload("crowd", "jpg", photo);
  const { version } = await harness.publish("crowd");
  const made = (): number => harness.stack.workerLog().split('"cache":"rendered"').length - 1;
  const before = made();
  const masters = asked("GET", "assets", `avatars/crowd/${version}/master.jpg`);
  const answers = await Promise.all(Array.from({ length: 24 }, () => harness.get(`/avatars/crowd/${version}/1024.webp`)));
  const bodies = await Promise.all(answers.map(async (answer) => Buffer.from(await answer.arrayBuffer()).toString("base64")));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.equal(new Set(bodies).size, 1);
  assert.equal(asked("GET", "assets", `avatars/crowd/${version}/master.jpg`) - masters, 1);
  assert.equal(made() - before, 1);
  for (let waited = 0; waited < 5_000 && asked("PUT", "assets", `avatars/crowd/${version}/1024.webp`) === 0; waited += 50) await pause(50);
  await pause(200);
  assert.equal(asked("PUT", "assets", `avatars/crowd/${version}/1024.webp`), 1, "and stored once");
});

test("an upload that many look for at once is published once", async () => {
  await harness.upload("first-look", "jpg", photo);
  const answers = await Promise.all(Array.from({ length: 16 }, (_, index) => harness.get(`/avatars/first-look.jpg?size=${[64, 128][index % 2]}`)));
  const versions = new Set(await Promise.all(answers.map(versionOf)));
  assert.equal(versions.size, 1);
  assert.equal(asked("GET", "uploads", "avatars/first-look.jpg"), 1);
  assert.equal(asked("PUT", "assets", `avatars/first-look/${[...versions][0]}/master.jpg`), 1);
});

test("that there is no picture is believed for five seconds, unless an upload is to be expected", async () => {
  const pointer = "avatars/absent/current.json";
  const look = async (): Promise<void> => assertProblem(await harness.get("/avatars/absent.jpg?d=404"), 404, "not_found");
  await look();
  const before = asked("GET", "assets", pointer);
  assert.ok(before > 0);
  await look();
  await look();
  assert.equal(asked("GET", "assets", pointer), before, "the storage is left alone");
  await pause(5_200);
  await look();
  assert.ok(asked("GET", "assets", pointer) > before, "and asked again");
  await harness.upload("absent", "jpg", photo);
  assert.equal((await harness.get("/avatars/absent.jpg?d=404")).status, 200, "an upload is seen at once where it was allowed");
});

/** How often the storage was asked for a picture or the pointer of this person. */
const askedOf = (sub: string): number => harness.s3Requests().filter((line) => line.startsWith(`GET /${harness.stack.s3.assetsBucket}/avatars/${sub}/`)).length;

test("a version that does not exist costs two questions, or one where the pointer is known, and then none", async () => {
  const look = async (path: string): Promise<void> => assertProblem(await harness.get(path), 404, "not_found");
  await look("/avatars/never-there/0123456789abcdef/64.jpg");
  assert.equal(askedOf("never-there"), 2, "the picture and the pointer");
  await look("/avatars/never-there/0123456789abcdef/64.jpg");
  await look("/avatars/never-there/0123456789abcdef/128.webp");
  assert.equal(askedOf("never-there"), 2);
  await pause(5_200);
  await look("/avatars/never-there/0123456789abcdef/64.jpg");
  assert.ok(askedOf("never-there") > 2, "it is not believed for longer");

  await harness.upload("guessed", "jpg", photo);
  await harness.publish("guessed");
  const before = askedOf("guessed");
  await look("/avatars/guessed/0123456789abcdef/64.jpg");
  assert.equal(askedOf("guessed") - before, 1, "the pointer");
  const response = await harness.get("/avatars/guessed/0123456789abcdef/64.jpg", { headers: { "if-none-match": "*" } });
  await assertProblem(response, 404, "not_found");
  assert.equal(askedOf("guessed") - before, 1);
});

test("a version that comes back is there at once", async () => {
  await harness.upload("returning", "jpg", photo);
  const { version } = await harness.publish("returning");
  await pause(1_100);
  await harness.upload("returning", "png", other);
  await harness.publish("returning");
  const path = `/avatars/returning/${version}/96.png`;
  await assertProblem(await harness.get(path), 404, "not_found");
  await pause(1_100);
  await harness.upload("returning", "jpg", photo);
  assert.equal((await harness.publish("returning")).version, version);
  assert.equal((await harness.get(path)).status, 200);
});

test("a new size reads the pointer once, after it is stored", async () => {
  await harness.upload("once-read", "jpg", photo);
  const { version } = await harness.publish("once-read");
  const [pointer, picture] = ["avatars/once-read/current.json", `avatars/once-read/${version}/48.webp`];
  const before = asked("GET", "assets", pointer);
  assert.equal((await harness.get(`/${picture}`)).status, 200);
  for (let waited = 0; waited < 5_000 && asked("GET", "assets", pointer) === before; waited += 50) await pause(50);
  await pause(300);
  assert.deepEqual([asked("GET", "assets", pointer) - before, asked("PUT", "assets", picture)], [1, 1]);
});

test("an old pointer is served at once while the storage is asked", async () => {
  const { old, replace } = await replacedElsewhere("swr");
  const published = await replace();
  await harness.get("/avatars/swr.jpg");
  await pause(5_200);
  const key_prefix = `${harness.stack.s3.assetsBucket}/avatars/swr/current.json`;
  await harness.faults([{ method: "GET", key_prefix, delay_ms: 1_500 }]);
  const asks = asked("GET", "assets", "avatars/swr/current.json");
  const begun = performance.now();
  const stale = await Promise.all(Array.from({ length: 5 }, () => harness.get("/avatars/swr.jpg")));
  const tookMs = performance.now() - begun;
  for (const response of stale) assert.equal(await versionOf(response), old.version);
  assert.ok(tookMs < 1_200, `it did not wait for the storage: ${tookMs} ms`);
  let shown = old.version;
  for (let waited = 0; waited < 8_000 && shown === old.version; waited += 100) {
    await pause(100);
    shown = await versionOf(await harness.get("/avatars/swr.jpg"));
  }
  assert.equal(shown, published.version);
  assert.equal(asked("GET", "assets", "avatars/swr/current.json") - asks, 1, "one asks for all");
});

test("a pointer of more than half a minute waits for the storage, and counts again if that fails", async () => {
  const { old, replace } = await replacedElsewhere("aged");
  const published = await replace();
  await pause(31_000);
  const key_prefix = `${harness.stack.s3.assetsBucket}/avatars/aged/current.json`;
  await harness.faults([{ method: "GET", key_prefix, status: 503 }]);
  assert.equal(await versionOf(await harness.get("/avatars/aged.jpg")), old.version, "stale, since the storage fails");
  await harness.faults([]);
  assert.equal(await versionOf(await harness.get("/avatars/aged.jpg")), published.version, "and at once the new one when it does not");
});

test("the same question within a second has the same answer again, and any other its own", async () => {
  await harness.upload("again", "jpg", photo);
  const { version } = await harness.publish("again");
  const repeated = (): number => harness.stack.workerLog().split('"cache":"repeated"').length - 1;
  const parts = async (response: Response): Promise<unknown> => [response.status, [...response.headers].filter(([name]) => name !== "date" && name !== "server-timing"), Buffer.from(await response.arrayBuffer()).toString("base64")];
  for (const path of [`/avatars/again/${version}/256.jpg`, "/avatars/again.jpg?size=128"]) {
    await pause(1_100);
    const first = await harness.get(path);
    const headers = { "if-none-match": first.headers.get("etag") ?? "" };
    const fresh = await parts(first);
    const before = repeated();
    const second = await harness.get(path);
    assert.equal(second.headers.get("server-timing"), "total;dur=0", "not what the first one took");
    assert.deepEqual(await parts(second), fresh);
    const again = await parts(await harness.get(path, { headers }));
    assert.deepEqual(await parts(await harness.get(path, { headers: { "if-none-match": '"another"' } })), fresh);
    // The log comes by a pipe.
    for (let waited = 0; waited < 2_000 && repeated() === before; waited += 50) await pause(50);
    assert.ok(repeated() > before);
    await pause(1_100);
    assert.deepEqual(await parts(await harness.get(path, { headers })), again, "as it is answered afresh");
    assert.deepEqual(await parts(await harness.get(path, { headers })), again, "and again after that");
    assert.deepEqual(await parts(await harness.get(path)), fresh, "the whole, where only its being unchanged was answered");
    const head = await harness.get(path, { method: "HEAD" });
    assert.deepEqual([head.status, await head.text(), head.headers.get("content-length")], [200, "", first.headers.get("content-length")]);
    const other = await harness.get(path, { headers: { "if-match": '"another"' } });
    assert.equal(other.status, 412);
    const allowed = await harness.get(path, { headers: { origin: harness.origin } });
    assert.equal(allowed.headers.get("access-control-allow-origin"), harness.origin);
  }
  const part = await harness.get(`/avatars/again/${version}/256.jpg`, { headers: { range: "bytes=0-9" } });
  assert.deepEqual([part.status, (await part.arrayBuffer()).byteLength], [206, 10]);
  const since = await harness.get("/avatars/again.jpg?size=128", { headers: { "if-modified-since": new Date().toUTCString() } });
  assert.equal(since.status, 304);
});

test("what was published or removed here is not answered as before", async () => {
  await harness.upload("changes", "jpg", photo);
  const old = await harness.publish("changes");
  const look = async (): Promise<string> => versionOf(await harness.get("/avatars/changes.jpg"));
  assert.deepEqual([await look(), await look()], [old.version, old.version]);
  // Uploads of the same second are told apart by nothing.
  await pause(1_100);
  await harness.upload("changes", "png", other);
  assert.deepEqual([await look(), await look()], [old.version, old.version]);
  const { version } = await harness.publish("changes");
  assert.deepEqual([await look(), await look()], [version, version]);
  for (let turn = 0; turn < 2; turn++) assert.equal(await versionOf(await harness.get(`/avatars/changes/${version}/256.jpg`)), version);
  const authorization = `Bearer ${await harness.stack.issuer.accessToken({ sub: "changes" })}`;
  assert.equal((await harness.get("/avatars", { method: "DELETE", headers: { authorization } })).status, 204);
  await assertProblem(await harness.get("/avatars/changes.jpg?d=404"), 404, "not_found");
  await assertProblem(await harness.get(`/avatars/changes/${version}/256.jpg`), 404, "not_found");
});

test("a failure is not cached, and the next answer is good", async () => {
  await harness.upload("unlucky", "jpg", photo);
  const { version } = await harness.publish("unlucky");
  const path = `/avatars/unlucky/${version}/512.webp`;
  await harness.faults([{ method: "GET", key_prefix: `${harness.stack.s3.assetsBucket}/avatars/unlucky/`, status: 500 }]);
  for (const response of await Promise.all(Array.from({ length: 6 }, () => harness.get(path)))) {
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.match(response.headers.get("retry-after") ?? "", /^\d+$/);
    await assertProblem(response, 502, "storage_unavailable");
  }
  await harness.faults([]);
  assert.equal((await harness.get(path)).status, 200);
});

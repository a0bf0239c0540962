/** `DELETE /avatars`, `DELETE /banners`. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { assertGuarded, assertProblem, fixture, startElsewhere, startHarness, type Harness } from "./harness.ts";

let harness: Harness;
const photo = fixture("portrait.jpg");
before(async () => {
  harness = await startHarness({ faults: true });
});
afterEach(() => harness.faults([]));
after(() => harness?.stop());

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function remove(sub: string, path = "/avatars", at = harness): Promise<Response> {
  const authorization = `Bearer ${await at.stack.issuer.accessToken({ sub })}`;
  return at.get(path, { method: "DELETE", headers: { authorization } });
}

async function everything(sub: string): Promise<string[]> {
  const listed = [harness.keys("uploads", ""), harness.keys("assets", "")];
  return (await Promise.all(listed)).flat().filter((key) => key.includes(`/${sub}.`) || key.includes(`/${sub}/`));
}

async function isDefault(sub: string): Promise<void> {
  const response = await harness.get(`/avatars/${sub}.jpg`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get("etag") ?? "", /^"initials-/);
}

test("the picture goes with all that it was made of, and the default picture shows", async () => {
  await harness.upload("leaver", "png", new TextEncoder().encode("not a picture"));
  await assertProblem(await harness.post("/avatars/publish", "leaver"), 415, "unsupported_format");
  await harness.upload("leaver", "jpg", photo);
  const { version } = await harness.publish("leaver");
  for (const size of [32, 64, 512]) assert.equal((await harness.get(`/avatars/leaver/${version}/${size}.webp`)).status, 200);
  const response = await remove("leaver");
  assert.equal(response.status, 204, await response.clone().text());
  assertGuarded(response);
  assert.equal(response.headers.get("cache-control"), "no-store");
  await pause(300);
  assert.deepEqual(await everything("leaver"), []);
  await isDefault("leaver");
  await assertProblem(await harness.get("/avatars/leaver.jpg?d=404"), 404, "not_found");
  for (const size of [32, 64, 256, 512]) await assertProblem(await harness.get(`/avatars/leaver/${version}/${size}.webp`), 404, "not_found");
  assert.equal((await harness.get("/avatars/leaver.jpg", { headers: { "if-none-match": `"${version}-256-jpg"` } })).status, 200);
});

test("it may be repeated, and by one who never had a picture", async () => {
  await harness.upload("twice", "jpg", photo);
  await harness.publish("twice");
  for (const sub of ["twice", "twice", "never"]) assert.equal((await remove(sub)).status, 204);
  await isDefault("twice");
});

test("it needs the token, and takes the caller's picture only, of one kind only", async () => {
  await harness.upload("neighbour", "jpg", photo);
  const { version } = await harness.publish("neighbour");
  const anonymous = await harness.get("/avatars", { method: "DELETE" });
  assert.match(anonymous.headers.get("www-authenticate") ?? "", /^Bearer/);
  await assertProblem(anonymous, 401, "unauthorized");
  assert.equal((await remove("neighbou")).status, 204);
  assert.equal((await remove("neighbour", "/banners")).status, 204);
  assert.equal((await harness.get("/avatars/neighbour.jpg")).headers.get("etag"), `"${version}-256-jpg"`);
  const other = await harness.get("/avatars", { method: "PUT" });
  assert.equal(other.headers.get("allow"), "DELETE, OPTIONS");
  await assertProblem(other, 405, "method_not_allowed");
  const preflight = await harness.get("/avatars", { method: "OPTIONS", headers: { origin: harness.origin, "access-control-request-method": "DELETE" } });
  assert.match(preflight.headers.get("access-control-allow-methods") ?? "", /\bDELETE\b/);
});

test("neither a late event nor a late publish nor a look brings it back", async () => {
  await harness.upload("gone", "jpg", photo);
  await harness.publish("gone");
  assert.equal((await remove("gone")).status, 204);
  for (let twice = 0; twice < 2; twice++) assert.equal((await harness.tellCreated("avatars/gone.jpg")).status, 204);
  await assertProblem(await harness.post("/avatars/publish", "gone"), 404, "no_upload");
  await isDefault("gone");
  assert.deepEqual(await everything("gone"), []);
});

test("a publish that is under way does not bring it back", async () => {
  const { assetsBucket } = harness.stack.s3;
  for (const [sub, key] of [["early", "current.json"], ["midway", ""]] as const) {
    await harness.upload(sub, "jpg", photo);
    await harness.faults([{ method: "PUT", key_prefix: `${assetsBucket}/avatars/${sub}/${key}`, delay_ms: 700, times: 1 }]);
    const publish = harness.post("/avatars/publish", sub);
    await pause(350);
    assert.equal((await remove(sub)).status, 204);
    await assertProblem(await publish, 404, "no_upload");
    await harness.faults([]);
    await isDefault(sub);
    assert.deepEqual((await everything(sub)).filter((name) => !name.endsWith("/current.json")), []);
  }
});

test("who uploads again has a picture again at once", async () => {
  await harness.upload("back", "jpg", photo);
  const first = await harness.publish("back");
  assert.equal((await remove("back")).status, 204);
  await isDefault("back");
  await harness.upload("back", "jpg", photo);
  const { version } = await harness.publish("back");
  assert.equal(version, first.version);
  assert.equal((await harness.get("/avatars/back.jpg")).headers.get("etag"), `"${version}-256-jpg"`);
  assert.equal((await harness.get(`/avatars/back/${version}/64.png`)).status, 200);
});

test("a removal that breaks off leaves the picture whole or none, and can be repeated", async () => {
  const { assetsBucket, uploadsBucket } = harness.stack.s3;
  for (const [sub, key_prefix] of [["breaks-1", `${uploadsBucket}/avatars/breaks-1.jpg`], ["breaks-2", `${assetsBucket}/avatars/breaks-2/current.json`]] as const) {
    await harness.upload(sub, "jpg", photo);
    const { version } = await harness.publish(sub);
    await harness.faults([{ method: "DELETE", key_prefix, status: 503 }]);
    const failed = await remove(sub);
    assert.match(failed.headers.get("retry-after") ?? "", /^\d+$/);
    await assertProblem(failed, 502, "storage_unavailable");
    assert.equal((await harness.get(`/avatars/${sub}.jpg?size=96`)).headers.get("etag"), `"${version}-96-jpg"`);
    await harness.faults([]);
    assert.equal((await remove(sub)).status, 204);
    await isDefault(sub);
    await pause(300);
    assert.deepEqual(await everything(sub), []);
  }
});

test("another data centre shows it for half a minute at most", async () => {
  const elsewhere = await startElsewhere(harness);
  try {
    await harness.upload("far", "jpg", photo);
    const { version } = await harness.publish("far");
    assert.equal((await elsewhere.get("/avatars/far.jpg")).headers.get("etag"), `"${version}-256-jpg"`);
    assert.equal((await remove("far")).status, 204);
    // Known for five seconds, then served once more while the storage is asked.
    await pause(5_200);
    await elsewhere.get("/avatars/far.jpg");
    let etag: string | null = null;
    for (let waited = 0; waited < 5_000 && !etag?.startsWith('"initials-'); waited += 100) {
      await pause(100);
      etag = (await elsewhere.get("/avatars/far.jpg")).headers.get("etag");
    }
    assert.match(etag ?? "", /^"initials-/);
  } finally {
    await elsewhere.stop();
  }
});

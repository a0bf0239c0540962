/** Uploads that cannot be used are moved aside, with the reason. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertProblem, fixture, startHarness, type Harness } from "./harness.ts";

let harness: Harness;
const photo = fixture("portrait.jpg");
const text = new TextEncoder().encode("not a picture");
before(async () => {
  harness = await startHarness();
});
after(() => harness?.stop());

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** How often an upload was read. */
function reads(key: string): number {
  return harness.s3Requests().filter((line) => line.startsWith(`GET /${harness.stack.s3.uploadsBucket}/${key} `)).length;
}

test("a refused upload is read once, however often its owner's picture is looked at", async () => {
  await harness.upload("looked-at", "jpg", text);
  for (let round = 0; round < 3; round++) {
    for (const query of ["?d=404", "?size=64&d=404"]) await assertProblem(await harness.get(`/avatars/looked-at.jpg${query}`), 404, "not_found");
    // Longer than any cache believes that there is nothing.
    if (round === 0) await pause(5_200);
  }
  assert.equal(reads("avatars/looked-at.jpg"), 1);
});

test("it lies under rejected/ with a note that says why", async () => {
  await harness.upload("aside", "jpg", text);
  await assertProblem(await harness.post("/avatars/publish", "aside"), 415, "unsupported_format");
  assert.deepEqual(await harness.keys("uploads", "avatars/aside."), []);
  assert.deepEqual(await harness.keys("uploads", "rejected/avatars/aside."), ["rejected/avatars/aside.jpg", "rejected/avatars/aside.jpg.json"]);
  assert.deepEqual(await harness.object("uploads", "rejected/avatars/aside.jpg"), Buffer.from(text));
  const note = JSON.parse((await harness.object("uploads", "rejected/avatars/aside.jpg.json")).toString()) as Record<string, unknown>;
  assert.equal(note["code"], "unsupported_format");
  assert.equal(typeof note["detail"], "string");
  assert.equal((note["upload"] as Record<string, unknown>)["key"], "avatars/aside.jpg");
  assert.ok(Math.abs(Date.parse(String(note["refused_at"])) - Date.now()) < 60_000);
});

test("who publishes after the event was faster learns the reason, again and again", async () => {
  await harness.upload("late", "png", text);
  for (let twice = 0; twice < 2; twice++) {
    const hook = await harness.tellCreated("avatars/late.png");
    const published = await harness.post("/avatars/publish", "late");
    const { detail } = (await published.clone().json()) as { detail: string };
    assert.deepEqual([hook.status, await hook.json()], [200, { refused: "unsupported_format", detail }]);
    await assertProblem(published, 415, "unsupported_format");
  }
  assert.equal(reads("avatars/late.png"), 1);
  await pause(1_100);
  await harness.upload("late", "png", fixture("alpha.png"));
  const { version } = await harness.publish("late");
  assert.equal((await harness.publish("late")).version, version, "a good upload makes the refusal history");
});

test("the picture before stays, and a refused one is not taken for it", async () => {
  await harness.upload("keeps", "png", fixture("alpha.png"));
  const { version } = await harness.publish("keeps");
  await pause(1_100);
  await harness.upload("keeps", "jpg", photo.slice(0, photo.length / 2));
  await harness.tellCreated("avatars/keeps.jpg");
  await assertProblem(await harness.post("/avatars/publish", "keeps"), 422, "truncated");
  assert.equal((await harness.get("/avatars/keeps.jpg")).headers.get("etag"), `"${version}-256-jpg"`);
  assert.deepEqual(await harness.keys("uploads", "avatars/keeps."), ["avatars/keeps.png"]);
});

test("an event of what was moved aside is none of an upload", async () => {
  for (const key of ["rejected/avatars/aside.jpg", "rejected/avatars/aside.jpg.json"]) assert.equal((await harness.tellCreated(key)).status, 204, key);
});

test("of what is larger than an upload may be only the note is kept", async () => {
  const small = await startHarness({ variables: { MAX_UPLOAD_BYTES: "1000" } });
  try {
    const grant = await small.grant("large", "jpg");
    assert.equal((await fetch(grant.url, { method: "PUT", headers: grant.headers, body: photo as Uint8Array<ArrayBuffer> })).status, 200);
    for (let twice = 0; twice < 2; twice++) await assertProblem(await small.post("/avatars/publish", "large"), 413, "too_large");
    assert.deepEqual(await small.keys("uploads", ""), ["rejected/avatars/large.jpg.json"]);
  } finally {
    await small.stop();
  }
});

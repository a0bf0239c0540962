/** Two workers of two data centres before one storage, at work for one person at the same moment; and removals that break off at any step. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, afterEach, before, test } from "node:test";
import { assertProblem, fixture, startHarness, type Harness } from "./harness.ts";
import { isWrite, passOn, startS3Proxy, type S3Proxy } from "./s3-proxy.ts";

let proxy: S3Proxy;
let here: Harness;
let there: Harness;
const [photo, other, transparent] = [fixture("portrait.jpg"), fixture("exif-6.jpg"), fixture("alpha.png")];
before(async () => {
  proxy = await startS3Proxy();
  here = await startHarness({ variables: { S3_ENDPOINT: proxy.url } });
  proxy.leadTo(here.stack.s3.endpoint);
  const { accessKeyId, secretAccessKey } = here.stack.s3;
  there = await startHarness({ variables: { S3_ENDPOINT: proxy.url, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } });
});
afterEach(() => proxy.behave());
after(async () => {
  await Promise.all([there?.stop(), here?.stop()]);
  await proxy?.stop();
});

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function remove(at: Harness, sub: string): Promise<Response> {
  const authorization = `Bearer ${await at.stack.issuer.accessToken({ sub })}`;
  return at.get("/avatars", { method: "DELETE", headers: { authorization } });
}

async function everything(sub: string): Promise<string[]> {
  const listed = await Promise.all([here.keys("uploads", `avatars/${sub}.`), here.keys("uploads", `rejected/avatars/${sub}.`), here.keys("assets", `avatars/${sub}/`)]);
  return listed.flat();
}

/** What counts in the storage: its version; undefined where there is no picture. Its master is there, and is what its version says. */
async function counts(sub: string): Promise<string | undefined> {
  const response = await here.stored("assets", `avatars/${sub}/current.json`);
  if (response.status === 404) return undefined;
  const pointer = (await response.json()) as { version?: string; master?: { key: string } };
  if (pointer.version === undefined || !pointer.master) return undefined;
  const master = await here.object("assets", pointer.master.key);
  assert.equal(createHash("sha256").update(master).digest("hex").slice(0, 16), pointer.version, sub);
  return pointer.version;
}

/** Each request waits a little, another time for each and the same each time. */
function stumble(seed: number): void {
  let state = seed;
  proxy.behave(async (exchange) => {
    // Numerical Recipes, section 7.1.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    await pause((state >>> 8) % 60);
    await passOn(exchange);
  });
}

const ROUNDS = 8;

test("of two publishes of two uploads by two processes one wins, whole", async () => {
  await here.upload("of-other", "jpg", other);
  await here.upload("of-photo", "jpg", photo);
  const versions = [(await here.publish("of-other")).version, (await here.publish("of-photo")).version];
  const people = Array.from({ length: ROUNDS }, (_, index) => `race-${index}`);
  for (const sub of people) await here.upload(sub, "jpg", other);
  await pause(1_100);
  for (const [index, sub] of people.entries()) {
    stumble(index);
    const first = here.post("/avatars/publish", sub);
    await pause(index * 25);
    await there.upload(sub, "jpg", photo);
    const answers = await Promise.all([first, there.post("/avatars/publish", sub), here.tellCreated(`avatars/${sub}.jpg`)]);
    proxy.behave();
    for (const answer of answers) {
      // Never a failure that is not said to pass.
      if (answer.status === 503) await assertProblem(answer, 503, "busy");
      else assert.ok(versions.includes(((await answer.json()) as { version: string }).version), sub);
    }
    const winner = await counts(sub);
    assert.equal(winner, versions[1], `${sub}: the newer upload has the last word`);
    for (const at of [here, there]) {
      assert.equal((await at.publish(sub)).version, versions[1]);
      assert.equal((await at.get(`/avatars/${sub}/${winner}/256.jpg`)).status, 200);
    }
    assert.equal((await everything(sub)).length, 4, (await everything(sub)).join());
  }
});

test("a publish here and a removal there leave a whole picture or none, and a second removal nothing", async () => {
  const people = Array.from({ length: ROUNDS }, (_, index) => `crossing-${index}`);
  for (const [index, sub] of people.entries()) {
    if (index % 2 === 0) continue;
    await here.upload(sub, "png", transparent);
    await here.publish(sub);
  }
  await pause(1_100);
  const outcomes = new Set<boolean>();
  for (const [index, sub] of people.entries()) {
    await here.upload(sub, "jpg", photo);
    stumble(index + 100);
    const publish = here.post("/avatars/publish", sub);
    await pause(index * 35);
    const removal = await remove(there, sub);
    assert.equal(removal.status, 204, await removal.clone().text());
    const published = await publish;
    if (published.status !== 200) await assertProblem(published, 404, "no_upload");
    proxy.behave();
    outcomes.add(published.status === 200);
    await counts(sub);
    assert.equal((await remove(there, sub)).status, 204);
    await pause(100);
    assert.deepEqual(await everything(sub), [], sub);
  }
  assert.ok(outcomes.has(true), "some were published before");
});

for (const lands of [false, true]) {
  test(`a removal whose storage hangs up at any deletion${lands ? ", after it has done it," : ""} leaves the picture whole or none; a second one heals`, async () => {
    // Two uploads, a refused one with its note, the pointer, the master and two sizes.
    const deletions = 8;
    const people = Array.from({ length: deletions }, (_, index) => `${lands ? "landed" : "cut"}-${index + 1}`);
    const versions = new Map<string, string>();
    for (const sub of people) {
      await here.upload(sub, "gif", new TextEncoder().encode("not a picture"));
      await assertProblem(await here.post("/avatars/publish", sub), 415, "unsupported_format");
      await here.upload(sub, "jpg", photo);
      const { version } = await here.publish(sub);
      versions.set(sub, version);
      assert.equal((await here.get(`/avatars/${sub}/${version}/64.jpg`)).status, 200);
    }
    await pause(1_100);
    // Not published: the removal takes it too.
    for (const sub of people) await here.upload(sub, "png", transparent);
    for (const [index, sub] of people.entries()) {
      assert.equal((await everything(sub)).length, deletions, (await everything(sub)).join());
      let writes = 0;
      proxy.behave(async (exchange) => {
        if (!isWrite(exchange)) return passOn(exchange);
        writes += 1;
        if (writes <= index) return passOn(exchange);
        if (writes === index + 1 && lands) await exchange.forward();
        return exchange.hangUp();
      });
      await assertProblem(await remove(here, sub), 502, "storage_unavailable");
      // A first upload would be published by this look; the writes fail still.
      const look = await there.get(`/avatars/${sub}.jpg`);
      if (look.status === 200) {
        const etag = look.headers.get("etag") ?? "";
        assert.ok(etag === `"${versions.get(sub)}-256-jpg"` || etag.startsWith('"initials-'), `${sub}: ${etag}`);
      } else await assertProblem(look, 502, "storage_unavailable");
      proxy.behave();
      const version = await counts(sub);
      assert.ok(version === undefined || version === versions.get(sub));
      assert.equal((await remove(here, sub)).status, 204);
      await pause(100);
      assert.deepEqual(await everything(sub), [], sub);
      assert.match((await here.get(`/avatars/${sub}.jpg`)).headers.get("etag") ?? "", /^"initials-/);
    }
  });
}

/**
 * A publish that dies between any two of its writes: its connections to the storage break, or the process is killed. What is served is the whole
 * picture before or the whole new one, and the same publish once more leaves what an undisturbed one leaves.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { assertProblem, fixture, startElsewhere, startHarness, type Harness } from "./harness.ts";
import { isWrite, passOn, startS3Proxy, type Exchange, type S3Proxy } from "./s3-proxy.ts";

type File = { extension: string; bytes: Uint8Array };
type Story = { name: string; before: File[]; uploads: File[]; writes: number };

const old: File = { extension: "jpg", bytes: fixture("exif-6.jpg") };
const photo: File = { extension: "jpg", bytes: fixture("portrait.jpg") };
const transparent: File = { extension: "png", bytes: fixture("alpha.png") };
const still: File = { extension: "gif", bytes: fixture("still.gif") };

const stories: Story[] = [
  // The reservation, the master, the first size, the pointer.
  { name: "first", before: [], uploads: [photo], writes: 4 },
  // The master, the first size, the pointer; the two files of the version before.
  { name: "same-name", before: [old], uploads: [photo], writes: 5 },
  // And the uploads with other names.
  { name: "other-name", before: [transparent], uploads: [still, photo], writes: 7 },
];

let proxy: S3Proxy;
let harness: Harness;
let elsewhere: Harness;
/** Of each story, undisturbed: what is served before and after, and all keys at the end without the person in them. */
const known = new Map<string, { before: Buffer | undefined; after: Buffer; keys: string[] }>();

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

before(async () => {
  proxy = await startS3Proxy();
  harness = await startHarness({ variables: { S3_ENDPOINT: proxy.url } });
  proxy.leadTo(harness.stack.s3.endpoint);
  elsewhere = await startElsewhere(harness);
  await prepare(stories.map((story) => ({ sub: `undisturbed-${story.name}`, story })));
  for (const story of stories) {
    const sub = `undisturbed-${story.name}`;
    const before = story.before.length > 0 ? await shown(harness, sub) : undefined;
    let writes = 0;
    proxy.behave((exchange) => {
      if (isWrite(exchange)) writes += 1;
      return passOn(exchange);
    });
    await harness.publish(sub);
    proxy.behave();
    assert.equal(writes, story.writes, story.name);
    const after = await shown(harness, sub);
    assert.ok(before === undefined || !before.equals(after), story.name);
    known.set(story.name, { before, after, keys: await everything(sub) });
  }
});
afterEach(() => proxy.behave());
after(async () => {
  await Promise.all([elsewhere?.stop(), harness?.stop()]);
  await proxy?.stop();
});

/** Uploads and publishes what was there before, then uploads what is to be published. */
async function prepare(people: { sub: string; story: Story }[]): Promise<void> {
  for (const { sub, story } of people) {
    for (const { extension, bytes } of story.before) await harness.upload(sub, extension, bytes);
    if (story.before.length > 0) await harness.publish(sub);
  }
  const most = Math.max(...stories.map((story) => story.uploads.length));
  for (let index = 0; index < most; index++) {
    // The storage's times are whole seconds.
    await pause(1_100);
    for (const { sub, story } of people) {
      const file = story.uploads[index - most + story.uploads.length];
      if (file) await harness.upload(sub, file.extension, file.bytes);
    }
  }
}

async function shown(at: Harness, sub: string): Promise<Buffer> {
  const response = await at.get(`/avatars/${sub}.jpg`);
  assert.equal(response.status, 200, await response.clone().text());
  return Buffer.from(await response.arrayBuffer());
}

async function everything(sub: string): Promise<string[]> {
  const listed = await Promise.all([harness.keys("uploads", `avatars/${sub}.`), harness.keys("uploads", `rejected/avatars/${sub}.`), harness.keys("assets", `avatars/${sub}/`)]);
  return listed.flat().map((key) => key.replaceAll(sub, "person"));
}

/** The person that a write concerns. */
const personOf = ({ path }: Exchange): string => /\/avatars\/([^/.]+)[/.]/.exec(path)?.[1] ?? "";

/** What counts is whole: the picture before or the new one. */
function assertWhole(bytes: Buffer, story: Story, at: string): void {
  const { before, after } = known.get(story.name) ?? assert.fail(story.name);
  assert.ok(bytes.equals(after) || (before !== undefined && bytes.equals(before)), `${at}: neither the picture before nor the new one`);
}

async function heals(at: Harness, sub: string, story: Story): Promise<void> {
  await at.publish(sub);
  const { after, keys } = known.get(story.name) ?? assert.fail(story.name);
  assert.ok((await shown(at, sub)).equals(after), `${sub}: the new picture`);
  assert.deepEqual(await everything(sub), keys, sub);
}

/** Every write of every story. */
const deaths = (name: string): { sub: string; story: Story; write: number }[] =>
  stories.flatMap((story) => Array.from({ length: story.writes }, (_, index) => ({ sub: `${name}-${story.name}-${index + 1}`, story, write: index + 1 })));

for (const lands of [false, true]) {
  test(`from any write on the storage hangs up${lands ? ", after it has done that one" : ""}`, async () => {
    const people = deaths(lands ? "landed" : "cut");
    await prepare(people);
    for (const { sub, story, write } of people) {
      const at = `${sub}, write ${write}`;
      let writes = 0;
      proxy.behave(async (exchange) => {
        if (!isWrite(exchange)) return passOn(exchange);
        writes += 1;
        if (writes < write) return passOn(exchange);
        if (writes === write && lands) await exchange.forward();
        return exchange.hangUp();
      });
      const published = await harness.post("/avatars/publish", sub);
      const isFirst = story.before.length === 0;
      const pointer = isFirst ? 4 : 3;
      // What goes wrong after the pointer was written is nothing that concerns the client.
      if (write <= pointer) await assertProblem(published, 502, "storage_unavailable");
      else assert.equal(published.status, 200, at);
      assert.ok(writes >= write, at);

      const here = await harness.get(`/avatars/${sub}.jpg`);
      if (isFirst && here.status !== 200) await assertProblem(here, 502, "storage_unavailable");
      else assertWhole(Buffer.from(await here.arrayBuffer()), story, at);
      if (!isFirst) assertWhole(await shown(elsewhere, sub), story, `${at}, elsewhere`);

      proxy.behave();
      await heals(harness, sub, story);
    }
  });
}

test("the process is killed at any write; a new one on what it left serves whole pictures, and heals", async () => {
  const people = deaths("killed");
  await prepare(people);
  const stateDirectory = mkdtempSync(join(tmpdir(), "roundel-edge-killed-"));
  const { accessKeyId, secretAccessKey } = harness.stack.s3;
  const start = (): Promise<Harness> => startHarness({ stateDirectory, variables: { S3_ENDPOINT: proxy.url, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } });
  const writes = new Map<string, number>();
  let worker = await start();
  try {
    proxy.behave((exchange) => {
      const person = people.find(({ sub }) => sub === personOf(exchange));
      if (!isWrite(exchange) || !person) return passOn(exchange);
      const count = (writes.get(person.sub) ?? 0) + 1;
      writes.set(person.sub, count);
      // From the one on it is left without an answer, and nothing of it is done.
      return count < person.write ? passOn(exchange) : undefined;
    });
    const answers = people.map(({ sub }) => worker.post("/avatars/publish", sub).then((response) => response.status, () => undefined));
    const deadline = Date.now() + 30_000;
    while (people.some(({ sub, write }) => (writes.get(sub) ?? 0) < write)) {
      assert.ok(Date.now() < deadline, JSON.stringify([...writes]));
      await pause(10);
    }
    kill(worker);
    proxy.behave();
    const statuses = await Promise.all(answers);
    assert.ok(statuses.filter((status) => status === undefined || status >= 500).length >= people.length - 2, `they died with it: ${statuses.join()}`);
    await worker.stop();

    worker = await start();
    // A first picture is published by whoever looks at it first.
    for (const { sub, story } of people) assertWhole(await shown(worker, sub), story, sub);
    for (const { sub, story } of people) await heals(worker, sub, story);
  } finally {
    proxy.behave();
    await worker.stop();
    rmSync(stateDirectory, { recursive: true, force: true });
  }
});

/** SIGKILL to workerd, and to wrangler, which would start it again. */
function kill({ origin }: Harness): void {
  const processes = execFileSync("ps", ["-axo", "pid=,ppid=,args="], { encoding: "utf8", maxBuffer: 16 * 1024 * 1024 })
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .flatMap((match) => (match ? [{ pid: Number(match[1]), parent: Number(match[2]), args: match[3] ?? "" }] : []));
  const wrangler = processes.find(({ parent, args }) => parent === process.pid && args.includes(`--port ${new URL(origin).port} `));
  assert.ok(wrangler, "the worker's process");
  const family = [wrangler];
  for (const member of family) family.push(...processes.filter(({ parent }) => parent === member.pid));
  assert.ok(family.some(({ args }) => args.includes("workerd")), "workerd is one of them");
  // The children first: nobody is to be told of anything.
  for (const { pid } of family.reverse()) process.kill(pid, "SIGKILL");
}

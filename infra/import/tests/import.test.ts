/** `npm run import` from a bucket and from a folder: whose picture a file is, what stays, what is tried again, and what is said. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { startHarness, type Harness } from "../../../edge/tests/harness.ts";
import { inRoot } from "../../setup/paths.ts";
import { find } from "../../setup/process.ts";
import type { Entry } from "../entry.ts";
import { openClient } from "../s3.ts";
import { openS3 } from "../s3-source.ts";
import { colourOf, environmentOf, isNear, journalLines, picture, requestsOf, run, start, writeFiles, type Ended, type Rgb, type Running } from "./command.ts";

const RED = { r: 220, g: 20, b: 30 };
const GREEN = { r: 20, g: 200, b: 60 };
const BLUE = { r: 30, g: 60, b: 210 };

const temporary = mkdtempSync(join(tmpdir(), "roundel-import-"));
let harness: Harness;
/** Of one test: no two have the same journal. */
let cwd: string;
let count = 0;

const stateDirectory = join(temporary, "stack");
before(async () => (harness = await startHarness({ faults: true, stateDirectory })));
beforeEach(() => {
  cwd = join(temporary, String(count++));
  mkdirSync(cwd);
});
afterEach(() => harness.faults([]));
after(async () => {
  await harness?.stop();
  rmSync(temporary, { recursive: true, force: true });
});

const imported = (...args: string[]): Promise<Ended> => run(args, { cwd, env: environmentOf(harness) });
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_100));

async function shown(sub: string, kind = "avatars"): Promise<Rgb | undefined> {
  const response = await harness.get(`/${kind}/${sub}.png?d=404`);
  const bytes = Buffer.from(await response.arrayBuffer());
  return response.status === 200 ? colourOf(bytes) : undefined;
}

async function assertShown(sub: string, colour: Rgb, kind = "avatars"): Promise<void> {
  // What an edge has seen, it shows for some seconds more: another one is asked through the storage.
  const pointer = JSON.parse((await harness.object("assets", `${kind}/${sub}/current.json`)).toString()) as { master: { key: string } };
  const master = await colourOf(await harness.object("assets", pointer.master.key));
  assert.ok(isNear(master, colour), `${sub}: ${JSON.stringify({ master, colour })}`);
}

/** Writes that the storage was asked for since. */
const writesSince = async (line: number): Promise<string[]> => (await requestsOf(harness)).slice(line).filter((request) => /^(PUT|DELETE|POST) \/roundel-/.test(request));

/** Waits for something that a command does. */
async function until(holds: () => boolean, { child, ended }: Running): Promise<void> {
  while (!holds()) {
    if (child.exitCode !== null) assert.fail((await ended).stderr);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function all(entries: AsyncIterable<Entry>): Promise<Entry[]> {
  const found: Entry[] = [];
  for await (const entry of entries) found.push(entry);
  return found;
}

/** Publishes a picture as its person does. */
async function own(sub: string, colour: Rgb): Promise<void> {
  await harness.upload(sub, "png", await picture("png", colour));
  await harness.publish(sub);
}

describe("a bucket as the source", () => {
  const address = "s3://roundel-uploads/legacy/pictures";
  const place = async (name: string, bytes: Uint8Array): Promise<void> => harness.place("uploads", `legacy/pictures/${name}`, bytes);

  it("is gone through page by page, once", async () => {
    const bytes = await picture("png", RED);
    const names = Array.from({ length: 23 }, (_, index) => `paged-${String(index).padStart(2, "0")}.png`);
    for (const name of [...names, "deeper/one.png", "deeper/.hidden.png", ".hidden.png"]) await harness.place("uploads", `paged/${name}`, bytes);
    await harness.place("uploads", "paged-not/other.png", bytes);
    const { endpoint, accessKeyId, secretAccessKey } = harness.stack.s3;
    const client = openClient({ region: "us-east-1", endpoint, credentials: { accessKeyId, secretAccessKey, sessionToken: undefined }, profile: undefined });
    const before = (await requestsOf(harness)).length;
    const flat = openS3("s3://roundel-uploads/paged/", { client, recursive: false, pageSize: 5 });
    const listed = await all(flat.list());
    assert.deepEqual(listed.map(({ name }) => name).sort(), names);
    assert.equal(flat.skippedFolders(), 1);
    assert.ok((await requestsOf(harness)).length - before >= 5, "in pages of five");
    const deep = await all(openS3("s3://roundel-uploads/paged", { client, recursive: true, pageSize: 5 }).list());
    assert.deepEqual(deep.map(({ name }) => name).sort(), ["deeper/one.png", ...names].sort());

    const [first] = listed;
    assert.ok(first);
    assert.deepEqual(Buffer.from(await flat.read(first)), bytes);
    await harness.place("uploads", "paged/paged-00.png", await picture("png", BLUE));
    await assert.rejects(flat.read({ ...first, name: "paged-00.png" }), /changed while/);
    await harness.remove("uploads", "paged/paged-00.png");
    await assert.rejects(flat.read({ ...first, name: "paged-00.png" }), /no longer there/);
  });

  it("is imported; what has changed is imported again, and nothing else is read", async () => {
    await place("bucket-a.jpg", await picture("jpeg", RED));
    // Named as old services name everything; what is in it counts.
    await place("bucket-b.JPG", await picture("webp", GREEN));
    const first = await imported(address);
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, /^2 files: 2 published, 0 by earlier runs, 0 kept, 0 refused, 0 failed$/m);
    await assertShown("bucket-a", RED);
    await assertShown("bucket-b", GREEN);
    assert.ok(isNear((await shown("bucket-a")) ?? BLUE, RED));
    assert.deepEqual(await harness.keys("uploads", "avatars/bucket-"), ["avatars/bucket-a.jpg", "avatars/bucket-b.webp"]);

    await pause();
    await place("bucket-a.jpg", await picture("png", BLUE));
    const before = (await requestsOf(harness)).length;
    const second = await imported(address);
    assert.equal(second.status, 0, second.stderr);
    assert.match(second.stdout, /^2 files: 1 published, 1 by earlier runs/m);
    await assertShown("bucket-a", BLUE);
    assert.deepEqual((await requestsOf(harness)).slice(before).filter((line) => line.includes("bucket-b")), []);
    assert.deepEqual(readdirSync(join(cwd, "state", "import")).filter((name) => name.endsWith(".jsonl")).length, 1, "the journal is in the state folder");
  });

  it("that is not there, or may not be read, is told", async () => {
    for (const [bucket, words] of [["s3://roundel-nowhere/x", /NoSuchBucket/], ["s3://roundel-uploads/empty-folder", /there is no file in s3:\/\/roundel-uploads\/empty-folder\//], ["s3:/x", /cannot be read/], ["gs://x/y", /no address such as s3:/]] as const) {
      const { status, stderr } = await imported(bucket);
      assert.equal(status, 2, stderr);
      assert.match(stderr, words);
      assert.doesNotMatch(stderr, /\n +at /);
    }
    const { status, stderr } = await run([address], { cwd, env: { ...environmentOf(harness), SOURCE_AWS_SECRET_ACCESS_KEY: "wrong" } });
    assert.equal(status, 2);
    assert.match(stderr, /SignatureDoesNotMatch: are the credentials/);
  });
});

describe("whose picture a file is", () => {
  it("a table says, with folders and without endings", async () => {
    writeFiles(cwd, { "old/17.jpg": await picture("jpeg", RED), "old/deep/face.png": await picture("png", GREEN), "old/18.gif": await picture("gif", BLUE), "ids.csv": "name,file,sub\nAda,17,mapped-ada\n\"Hopper, G.\",deep/face.png,mapped-grace\n" });
    const { status, stdout, stderr } = await imported("old", "--recursive", "--map", "ids.csv", "--report", "left.jsonl");
    assert.equal(status, 1, stderr);
    assert.match(stdout, /^3 files: 2 published, .* 1 refused/m);
    await assertShown("mapped-ada", RED);
    await assertShown("mapped-grace", GREEN);
    const left = JSON.parse(readFileSync(join(cwd, "left.jsonl"), "utf8")) as Record<string, string>;
    assert.deepEqual({ file: left["file"], outcome: left["outcome"], code: left["code"] }, { file: "18.gif", outcome: "refused", code: "not_mapped" });
    assert.equal(await shown("18"), undefined);
  });

  it("a wrong table is told before anything is done, with its line", async () => {
    writeFiles(cwd, { "old/17.jpg": await picture("jpeg", RED) });
    for (const [text, words] of [["a,b\n1,2\n", /columns `file` and `sub`/], ["file,sub\n17,not an id\n", /line 2: the sub is not/], ["file,sub\n17,a\n17,b\n", /line 3: 17 is another person's above/], ["file,sub\n", /no line beside the first/], ["file,sub\n1,2,3\n", /no CSV/]] as const) {
      writeFiles(cwd, { "ids.csv": text });
      const { status, stderr } = await imported("old", "--map", "ids.csv");
      assert.equal(status, 2);
      assert.match(stderr, words);
    }
    assert.match((await imported("old", "--map", "none.csv")).stderr, /none\.csv: it cannot be read \(ENOENT\)/);
  });

  it("of two files of one person the newer one counts, in whatever order they are found", async () => {
    writeFiles(cwd, { "old/twice.jpg": await picture("jpeg", RED), "old/twice.png": await picture("png", GREEN), "old/twice.gif": await picture("gif", BLUE) });
    for (const [name, time] of [["twice.jpg", 1_700_000_000], ["twice.png", 1_600_000_000], ["twice.gif", 1_500_000_000]] as const) utimesSync(join(cwd, "old", name), time, time);
    const { status, stdout } = await imported("old");
    assert.equal(status, 1);
    assert.match(stdout, /^refused twice\.png: duplicate, .*: twice\.jpg$/m);
    assert.match(stdout, /^refused twice\.gif: duplicate/m);
    await assertShown("twice", RED);
  });

  it("a banner is a banner", async () => {
    writeFiles(cwd, { "old/wide.png": await picture("png", GREEN, 60) });
    const { status, stderr } = await imported("old", "--kind", "banners");
    assert.equal(status, 0, stderr);
    await assertShown("wide", GREEN, "banners");
    assert.equal(await shown("wide"), undefined, "it is no avatar");
  });
});

describe("a picture of the person's own", () => {
  it("stays, and so does one that is not published yet; --replace replaces both", async () => {
    await own("owner", GREEN);
    await harness.upload("waiting", "png", await picture("png", GREEN));
    await pause();
    writeFiles(cwd, { "old/owner.gif": await picture("gif", RED), "old/waiting.png": await picture("png", RED), "old/nobody.png": await picture("png", RED) });
    const before = (await requestsOf(harness)).length;
    const first = await imported("old", "--report", "left.csv");
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, /^3 files: 1 published, 0 by earlier runs, 2 kept, 0 refused, 0 failed$/m);
    assert.deepEqual((await writesSince(before)).filter((line) => /\/(owner|waiting)[./]/.test(line)), []);
    assert.match(readFileSync(join(cwd, "left.csv"), "utf8"), /^owner\.gif,owner,kept,has_picture,.*--replace/m);
    assert.match(readFileSync(join(cwd, "left.csv"), "utf8"), /^waiting\.png,waiting,kept,has_upload,/m);
    await assertShown("owner", GREEN);

    const second = await imported("old", "--replace");
    assert.equal(second.status, 0, second.stderr);
    assert.match(second.stdout, /^3 files: 2 published, 1 by earlier runs, 0 kept/m);
    await assertShown("owner", RED);
    await assertShown("waiting", RED);
  });

  it("made after the import stays as well when the old service's file changes", async () => {
    writeFiles(cwd, { "old/moved.png": await picture("png", RED) });
    assert.equal((await imported("old")).status, 0);
    await pause();
    await own("moved", GREEN);
    await pause();
    writeFiles(cwd, { "old/moved.png": await picture("png", BLUE, 30) });
    const { status, stdout } = await imported("old");
    assert.equal(status, 0);
    assert.match(stdout, /^1 file: 0 published, 0 by earlier runs, 1 kept/m);
    await assertShown("moved", GREEN);
  });

  it("uploaded while the old one was read stays", async () => {
    await harness.place("uploads", "legacy/race/race.png", await picture("png", RED));
    await harness.faults([{ method: "GET", key_prefix: "roundel-uploads/legacy/race/race.png", delay_ms: 2_000, times: 1 }]);
    const before = (await requestsOf(harness)).length;
    const running = start(["s3://roundel-uploads/legacy/race"], { cwd, env: environmentOf(harness) });
    // What the person has was looked at by then.
    await until(() => harness.s3Requests().slice(before).some((line) => line.startsWith("GET /roundel-assets/avatars/race/current.json 404")), running);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await harness.upload("race", "png", await picture("png", GREEN));
    const { status, stdout } = await running.ended;
    assert.equal(status, 0, stdout);
    assert.match(stdout, /the person's uploads were changed meanwhile; again in/);
    assert.match(stdout, /^1 file: 0 published, 0 by earlier runs, 1 kept/m);
    await harness.publish("race");
    await assertShown("race", GREEN);
  });

  it("a file that only got another time is not published again", async () => {
    writeFiles(cwd, { "old/touched.png": await picture("png", RED) });
    assert.equal((await imported("old")).status, 0);
    utimesSync(join(cwd, "old", "touched.png"), 1_500_000_000, 1_500_000_000);
    const before = (await requestsOf(harness)).length;
    const { status, stdout } = await imported("old");
    assert.equal(status, 0);
    assert.match(stdout, /^1 file: 0 published, 1 by earlier runs/m);
    assert.deepEqual(await writesSince(before), []);
  });

  it("an import whose journal is lost does not take its own uploads for a person's", async () => {
    writeFiles(cwd, { "old/lost.png": await picture("png", RED) });
    assert.equal((await imported("old", "--journal", "one.jsonl")).status, 0);
    const before = (await requestsOf(harness)).length;
    const { status, stdout } = await imported("old", "--journal", "two.jsonl");
    assert.equal(status, 0);
    assert.match(stdout, /^1 file: 1 published/m);
    assert.deepEqual(await writesSince(before), []);
  });
});

describe("--dry-run", () => {
  it("says what would be done, and writes nothing anywhere", async () => {
    await own("dry-own", GREEN);
    writeFiles(cwd, { "old/dry-own.png": await picture("png", RED), "old/dry-new.png": await picture("png", RED), "old/dry-empty.png": "", "old/x.txt": "x" });
    const before = (await requestsOf(harness)).length;
    const { status, stdout, stderr } = await imported("old", "--dry-run");
    assert.equal(status, 1, stderr);
    assert.match(stdout, /^dry run, nothing was written: of 4 files 1 would be imported; 0 are by earlier runs, 1 kept, 2 refused$/m);
    assert.match(stdout, /^refused dry-empty\.png: empty/m);
    assert.deepEqual(await writesSince(before), []);
    assert.ok(!existsSync(join(cwd, "state")), "not even a journal");
    assert.equal(await shown("dry-new"), undefined);

    const done = await imported("old");
    assert.match(done.stdout, /^4 files: 1 published, 0 by earlier runs, 1 kept, 2 refused/m, "what was said is done");
    assert.match((await imported("old", "--dry-run")).stdout, /of 4 files 0 would be imported; 1 are by earlier runs, 1 kept, 2 refused$/m);
  });
});

describe("what goes wrong on the way", () => {
  let front: Server;
  let origin: string;
  /** Of the hook's calls so far, those that are not a greeting. */
  let calls: number[];
  /** What the n-th call is answered instead of what the worker says. */
  let instead: (call: number) => { status: number; headers?: Record<string, string> } | "hang up" | "never" | undefined;

  before(async () => {
    front = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", async () => {
        const body = Buffer.concat(chunks);
        if (body.length > 2) {
          calls.push(Date.now());
          const other = instead(calls.length);
          if (other === "never") return;
          if (other === "hang up") return request.socket.destroy();
          if (other) return response.writeHead(other.status, other.headers).end("{}");
        }
        const headers = { authorization: request.headers.authorization ?? "" };
        const answer = await fetch(`${harness.origin}${request.url}`, { method: request.method ?? "GET", headers, ...(body.length > 0 ? { body } : {}) });
        response.writeHead(answer.status).end(await answer.text());
      });
    });
    await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    calls = [];
    instead = () => undefined;
  });
  after(() => front.close());
  const throughFront = (...args: string[]): Promise<Ended> => run(args, { cwd, env: { ...environmentOf(harness), WORKER_ORIGIN: origin } });

  it("a worker that asks for patience gets it, from all lanes", async () => {
    writeFiles(cwd, Object.fromEntries(await Promise.all(["a", "b", "c", "d"].map(async (name) => [`old/patient-${name}.png`, await picture("png", RED)]))));
    instead = (call) => (call === 1 ? { status: 503, headers: { "retry-after": "2" } } : undefined);
    const { status, stdout, stderr } = await throughFront("old", "--parallel", "2");
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^the worker answers 503; again in 2\.0 s$/m);
    // The second call is of the file that the other lane was at already.
    const [first = 0, , third = 0] = calls;
    assert.equal(calls.length, 5);
    assert.ok(third - first >= 2_000, `${third - first} ms`);
  });

  it("a worker that is down and comes back loses nothing", async () => {
    writeFiles(cwd, Object.fromEntries(await Promise.all(Array.from({ length: 8 }, async (_, index) => [`old/outage-${index}.png`, await picture("png", BLUE)]))));
    instead = (call) => (call > 2 && call < 12 ? "hang up" : call === 12 ? { status: 429, headers: { "retry-after": "1" } } : undefined);
    const { status, stdout, stderr } = await throughFront("old");
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^8 files: 8 published, 0 by earlier runs, 0 kept, 0 refused, 0 failed$/m);
    assert.match(stdout, /the worker gives no answer \(/);
    for (let index = 0; index < 8; index++) await assertShown(`outage-${index}`, BLUE);
  });

  it("a worker that stays away fails the files, ends the run, and a later run goes on", async () => {
    writeFiles(cwd, Object.fromEntries(await Promise.all(Array.from({ length: 14 }, async (_, index) => [`old/away-${String(index).padStart(2, "0")}.png`, await picture("png", GREEN)]))));
    instead = (call) => (call > 2 ? "hang up" : undefined);
    const first = await throughFront("old", "--parallel", "1", "--retry-for", "0", "--report", "left.csv");
    assert.equal(first.status, 1);
    assert.match(first.stderr, /broken off: 10 files in a row failed, .*the worker gives no answer/);
    assert.match(first.stdout, /^14 files: 2 published, 0 by earlier runs, 0 kept, 0 refused, 10 failed, 2 not begun$/m);
    assert.match(readFileSync(join(cwd, "left.csv"), "utf8"), /^away-02\.png,away-02,failed,failed,the worker gives no answer/m);
    instead = () => undefined;
    const second = await throughFront("old");
    assert.equal(second.status, 0, second.stderr);
    assert.match(second.stdout, /^14 files: 12 published, 2 by earlier runs/m);
    const requests = await requestsOf(harness);
    for (let index = 0; index < 14; index++) assert.equal(requests.filter((line) => line.startsWith(`PUT /roundel-assets/avatars/away-${String(index).padStart(2, "0")}/current.json 200`)).length, 2);
  });

  it("a storage that stumbles is asked again", async () => {
    writeFiles(cwd, { "old/stumble.png": await picture("png", RED) });
    await harness.faults([{ method: "PUT", key_prefix: "roundel-uploads/avatars/stumble", status: 503, times: 4 }, { key_prefix: "roundel-assets/avatars/stumble", status: 500, times: 2 }]);
    const { status, stdout, stderr } = await imported("old");
    assert.equal(status, 0, stderr);
    assert.match(stdout, /S3 answers 503 .*; again in/);
    await assertShown("stumble", RED);
  });

  it("a wrong secret, a wrong origin, and a service that is half described end it before anything is written", async () => {
    writeFiles(cwd, { "old/unsent.png": await picture("png", RED) });
    const before = (await requestsOf(harness)).length;
    const wrongs: [Record<string, string | undefined>, RegExp][] = [
      [{ HOOK_SECRET: "wrong" }, /answers 401: HOOK_SECRET is not the worker's/],
      [{ WORKER_ORIGIN: harness.stack.s3.endpoint }, /is WORKER_ORIGIN that of a Roundel worker\?|HOOK_SECRET is not/],
      [{ WORKER_ORIGIN: "avatars.example.com" }, /WORKER_ORIGIN is no origin/],
      [{ UPLOADS_BUCKET_NAME: undefined }, /UPLOADS_BUCKET_NAME is missing in the environment/],
      [{ AWS_SECRET_ACCESS_KEY: undefined }, /AWS_SECRET_ACCESS_KEY is missing beside/],
      [{ WORKER_ORIGIN: undefined }, /there is no local stack: run `npm start`/],
    ];
    for (const [change, words] of wrongs) {
      const { status, stderr } = await run(["old", "--retry-for", "0"], { cwd, env: { ...environmentOf(harness), ...change } });
      assert.equal(status, 2, stderr);
      assert.match(stderr, words);
      assert.doesNotMatch(stderr, /\n +at /);
    }
    assert.deepEqual(await writesSince(before), []);
    const key = await run(["old"], { cwd, env: { ...environmentOf(harness), AWS_SECRET_ACCESS_KEY: "wrong" } });
    assert.equal(key.status, 1);
    assert.match(key.stderr, /broken off: S3 answers SignatureDoesNotMatch/);
    for (const secret of [harness.stack.hookSecret, harness.stack.s3.secretAccessKey]) assert.ok(!`${key.stdout}${key.stderr}`.includes(secret));
  });

  it("Ctrl-C finishes the files under way, and a later run goes on", async () => {
    writeFiles(cwd, Object.fromEntries(await Promise.all(Array.from({ length: 40 }, async (_, index) => [`old/stop-${index}.png`, await picture("png", GREEN)]))));
    const running = start(["old", "--journal", "stop.jsonl"], { cwd, env: environmentOf(harness) });
    await until(() => journalLines(join(cwd, "stop.jsonl")).length >= 5, running);
    // As npm and the script hand it on.
    for (let twice = 0; twice < 2; twice++) running.child.kill("SIGINT");
    const { status, stdout, stderr } = await running.ended;
    assert.equal(status, 130);
    assert.match(stderr, /finishing the files under way; Ctrl-C once more leaves them/);
    const begun = journalLines(join(cwd, "stop.jsonl")).length;
    assert.ok(begun < 40, `${begun}`);
    assert.match(stdout, new RegExp(`^40 files: ${begun} published, .* ${40 - begun} not begun$`, "m"));
    const reserved = (await harness.keys("assets", "avatars/stop-")).filter((key) => key.endsWith("/current.json"));
    assert.equal(reserved.length, begun, "none was left half done");
    const again = await imported("old", "--journal", "stop.jsonl");
    assert.equal(again.status, 0, again.stderr);
    assert.match(again.stdout, new RegExp(`^40 files: ${40 - begun} published, ${begun} by earlier runs`, "m"));
  });

  it("Ctrl-C once more leaves at once, and a later run finishes what was under way", async () => {
    writeFiles(cwd, { "old/leave.png": await picture("png", RED) });
    instead = () => "never";
    const running = start(["old"], { cwd, env: { ...environmentOf(harness), WORKER_ORIGIN: origin } });
    await until(() => calls.length === 1, running);
    running.child.kill("SIGINT");
    await pause();
    assert.equal(running.child.exitCode, null, "it waits for the worker");
    running.child.kill("SIGINT");
    assert.equal((await running.ended).status, 130);
    instead = () => undefined;
    assert.match((await throughFront("old")).stdout, /^1 file: 1 published/m);
    await assertShown("leave", RED);
  });

  it("two imports with one journal, and another import's journal, are refused", async () => {
    writeFiles(cwd, { "old/alone.png": await picture("png", RED), "other/alone.png": await picture("png", RED), "text.jsonl": "hello\n" });
    instead = (call) => (call < 4 ? { status: 503, headers: { "retry-after": "1" } } : undefined);
    const running = start(["old", "--journal", "alone.jsonl"], { cwd, env: { ...environmentOf(harness), WORKER_ORIGIN: origin } });
    await until(() => running.printed().includes("again in"), running);
    const second = await throughFront("old", "--journal", "alone.jsonl");
    assert.equal(second.status, 2);
    assert.match(second.stderr, /another import is at work on .*alone\.jsonl/);
    assert.equal((await running.ended).status, 0);
    assert.match((await throughFront("other", "--journal", "alone.jsonl")).stderr, /is the journal of another import \(its source is .*old\)/);
    assert.match((await throughFront("old", "--journal", "text.jsonl")).stderr, /is no journal of an import/);
    assert.equal(readFileSync(join(cwd, "text.jsonl"), "utf8"), "hello\n");
  });

  it("what was refused is not tried again unless it is asked for", async () => {
    const whole = await picture("jpeg", RED, 200);
    writeFiles(cwd, { "old/broken.jpg": whole.subarray(0, whole.length / 2) });
    const first = await throughFront("old");
    assert.equal(first.status, 1);
    assert.match(first.stdout, /^refused broken\.jpg: truncated, .{10}/m);
    assert.equal((await throughFront("old")).status, 1);
    assert.equal(calls.length, 1);
    assert.equal((await throughFront("old", "--retry-refused")).status, 1);
    assert.equal(calls.length, 2);
  });
});

describe("the local stack", () => {
  it("is where pictures go when nobody says otherwise", async () => {
    writeFiles(cwd, { "old/at-home.jpg": await picture("jpeg", BLUE) });
    // As a person types it, in the folder that the old pictures' folder is in.
    const unset = Object.fromEntries(Object.keys(environmentOf(harness)).map((name) => [name, undefined]));
    const env = { ...process.env, ...unset, ROUNDEL_STATE: stateDirectory };
    const { status, stdout, stderr } = spawnSync("npm", ["--prefix", inRoot(), "run", "--silent", "import", "--", "old"], { cwd, env, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /into the local stack, http:/);
    assert.match(stdout, /^1 file: 1 published/m);
    await assertShown("at-home", BLUE);
  });
});

describe("a storage that tells the worker of each upload itself", () => {
  it("does not make it publish twice", async () => {
    const told = await startHarness({ notifications: true });
    try {
      const whole = await picture("jpeg", RED, 200);
      const names = Array.from({ length: 40 }, (_, index) => `told-${index}`);
      writeFiles(cwd, { ...Object.fromEntries(await Promise.all(names.map(async (name) => [`old/${name}.png`, await picture("png", GREEN)]))), "old/told-half.jpg": whole.subarray(0, whole.length / 2) });
      const { status, stdout, stderr } = await run(["old", "--parallel", "8"], { cwd, env: environmentOf(told) });
      assert.equal(status, 1, stderr);
      assert.match(stdout, /^41 files: 40 published, 0 by earlier runs, 0 kept, 1 refused, 0 failed$/m);
      assert.match(stdout, /^refused told-half\.jpg: truncated/m);
      const requests = await requestsOf(told);
      const writes = names.map((name) => requests.filter((line) => line.startsWith(`PUT /roundel-assets/avatars/${name}/current.json 200`)).length);
      assert.deepEqual([...new Set(writes)], [2], writes.join());
    } finally {
      await told.stop();
    }
  });
});

describe("what is shown", () => {
  it("is lines where nobody watches, and a bar on a terminal", { skip: process.platform !== "linux" || find("script") === undefined }, async () => {
    writeFiles(cwd, { "old/bar-a.png": await picture("png", RED), "old/bar-b.png": await picture("png", RED), "old/bar-c.png": "" });
    const { stdout } = await imported("old", "--journal", "lines.jsonl");
    assert.doesNotMatch(stdout, /[\r\u001b]/);
    assert.match(stdout, /^1 of 3, 1 refused\n(.*\n)*3 of 3, .*1 refused$/m);
    const program = `${process.execPath} ${inRoot("infra", "import", "main.ts")} old --journal bar.jsonl`;
    const env = { ...process.env, ...environmentOf(harness), ROUNDEL_CWD: cwd, ROUNDEL_STATE: join(cwd, "state") };
    const terminal = spawnSync("script", ["--quiet", "--return", "--command", program, "/dev/null"], { cwd, env, encoding: "utf8" });
    assert.equal(terminal.status, 1, terminal.stdout);
    assert.match(terminal.stdout, /\r\u001b\[2K\[#{8}\.{16}\] 1 of 3/);
    assert.match(terminal.stdout, /\[#{24}\] 3 of 3, .*\r\u001b\[2K3 files: 2 published/);
  });
});

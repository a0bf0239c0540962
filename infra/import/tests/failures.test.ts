/** `npm run import` while the worker, the storage or its person fails it: what is tried again, what ends a run, and that a later one goes on. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { startHarness, type Harness } from "../../../edge/tests/harness.ts";
import { assertShown, BLUE, environmentOf, GREEN, journalLines, pause, picture, RED, requestsOf, run, start, until, writeFiles, writesSince, type Ended } from "./command.ts";

const temporary = mkdtempSync(join(tmpdir(), "roundel-import-failures-"));
let harness: Harness;
/** Of one test: no two have the same journal. */
let cwd: string;
let count = 0;

before(async () => (harness = await startHarness({ faults: true })));
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
    for (let index = 0; index < 8; index++) await assertShown(harness, `outage-${index}`, BLUE);
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
    await assertShown(harness, "stumble", RED);
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
    assert.deepEqual(await writesSince(harness, before), []);
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
    await assertShown(harness, "leave", RED);
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

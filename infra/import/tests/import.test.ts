/** `npm run import` from a bucket and from a folder: whose picture a file is, what stays, and what is said. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { startHarness, type Harness } from "../../../edge/tests/harness.ts";
import { inRoot } from "../../setup/paths.ts";
import { find } from "../../setup/process.ts";
import type { Entry } from "../entry.ts";
import { openClient } from "../s3.ts";
import { openS3 } from "../s3-source.ts";
import { assertShown, BLUE, colourOf, environmentOf, GREEN, isNear, pause, picture, RED, requestsOf, run, start, until, writeFiles, writesSince, type Ended, type Rgb } from "./command.ts";

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

async function shown(sub: string, kind = "avatars"): Promise<Rgb | undefined> {
  const response = await harness.get(`/${kind}/${sub}.png?d=404`);
  const bytes = Buffer.from(await response.arrayBuffer());
  return response.status === 200 ? colourOf(bytes) : undefined;
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
    await assertShown(harness, "bucket-a", RED);
    await assertShown(harness, "bucket-b", GREEN);
    assert.ok(isNear((await shown("bucket-a")) ?? BLUE, RED));
    assert.deepEqual(await harness.keys("uploads", "avatars/bucket-"), ["avatars/bucket-a.jpg", "avatars/bucket-b.webp"]);

    await pause();
    await place("bucket-a.jpg", await picture("png", BLUE));
    const before = (await requestsOf(harness)).length;
    const second = await imported(address);
    assert.equal(second.status, 0, second.stderr);
    assert.match(second.stdout, /^2 files: 1 published, 1 by earlier runs/m);
    await assertShown(harness, "bucket-a", BLUE);
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
    await assertShown(harness, "mapped-ada", RED);
    await assertShown(harness, "mapped-grace", GREEN);
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
    await assertShown(harness, "twice", RED);
  });

  it("a banner is a banner", async () => {
    writeFiles(cwd, { "old/wide.png": await picture("png", GREEN, 60) });
    const { status, stderr } = await imported("old", "--kind", "banners");
    assert.equal(status, 0, stderr);
    await assertShown(harness, "wide", GREEN, "banners");
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
    assert.deepEqual((await writesSince(harness, before)).filter((line) => /\/(owner|waiting)[./]/.test(line)), []);
    assert.match(readFileSync(join(cwd, "left.csv"), "utf8"), /^owner\.gif,owner,kept,has_picture,.*--replace/m);
    assert.match(readFileSync(join(cwd, "left.csv"), "utf8"), /^waiting\.png,waiting,kept,has_upload,/m);
    await assertShown(harness, "owner", GREEN);

    const second = await imported("old", "--replace");
    assert.equal(second.status, 0, second.stderr);
    assert.match(second.stdout, /^3 files: 2 published, 1 by earlier runs, 0 kept/m);
    await assertShown(harness, "owner", RED);
    await assertShown(harness, "waiting", RED);
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
    await assertShown(harness, "moved", GREEN);
  });

  it("that its person has removed does not come back when the old service's file changes", async () => {
    writeFiles(cwd, { "old/removed.png": await picture("png", RED) });
    assert.equal((await imported("old")).status, 0);
    const authorization = `Bearer ${await harness.stack.issuer.accessToken({ sub: "removed" })}`;
    assert.equal((await harness.get("/avatars", { method: "DELETE", headers: { authorization } })).status, 204);
    writeFiles(cwd, { "old/removed.png": await picture("png", BLUE, 30) });
    const { status, stdout } = await imported("old", "--report", "left.csv");
    assert.equal(status, 0);
    assert.match(stdout, /^1 file: 0 published, 0 by earlier runs, 1 kept/m);
    assert.match(readFileSync(join(cwd, "left.csv"), "utf8"), /^removed\.png,removed,kept,removed,/m);
    assert.deepEqual(await harness.keys("assets", "avatars/removed/"), []);
    assert.match((await imported("old", "--replace")).stdout, /^1 file: 1 published/m);
    await assertShown(harness, "removed", BLUE);
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
    await assertShown(harness, "race", GREEN);
  });

  it("a file that only got another time is not published again", async () => {
    writeFiles(cwd, { "old/touched.png": await picture("png", RED) });
    assert.equal((await imported("old")).status, 0);
    utimesSync(join(cwd, "old", "touched.png"), 1_500_000_000, 1_500_000_000);
    const before = (await requestsOf(harness)).length;
    const { status, stdout } = await imported("old");
    assert.equal(status, 0);
    assert.match(stdout, /^1 file: 0 published, 1 by earlier runs/m);
    assert.deepEqual(await writesSince(harness, before), []);
  });

  it("an import whose journal is lost does not take its own uploads for a person's", async () => {
    writeFiles(cwd, { "old/lost.png": await picture("png", RED) });
    assert.equal((await imported("old", "--journal", "one.jsonl")).status, 0);
    const before = (await requestsOf(harness)).length;
    const { status, stdout } = await imported("old", "--journal", "two.jsonl");
    assert.equal(status, 0);
    assert.match(stdout, /^1 file: 1 published/m);
    assert.deepEqual(await writesSince(harness, before), []);
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
    assert.deepEqual(await writesSince(harness, before), []);
    assert.ok(!existsSync(join(cwd, "state")), "not even a journal");
    assert.equal(await shown("dry-new"), undefined);

    const done = await imported("old");
    assert.match(done.stdout, /^4 files: 1 published, 0 by earlier runs, 1 kept, 2 refused/m, "what was said is done");
    assert.match((await imported("old", "--dry-run")).stdout, /of 4 files 0 would be imported; 1 are by earlier runs, 1 kept, 2 refused$/m);
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
    await assertShown(harness, "at-home", BLUE);
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

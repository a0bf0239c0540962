/** The journal after a crash, and the parts that need no service. */
import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { Entry } from "../entry.ts";
import { FatalError, parseRetryAfter, TransientError } from "../failure.ts";
import { formatOf } from "../format.ts";
import { Journal, type Entered } from "../journal.ts";
import { planOf } from "../plan.ts";
import { Progress, type Counts } from "../progress.ts";
import { writeReport } from "../report.ts";
import { sent } from "../s3.ts";

const temporary = mkdtempSync(join(tmpdir(), "roundel-journal-"));
after(() => rmSync(temporary, { recursive: true, force: true }));

const move = { source: "/old", kind: "avatars", origin: "http://127.0.0.1:1", uploadsBucket: "uploads" };
const entered = (file: string, more: Partial<Entered> = {}): Entered => ({ file, fingerprint: "1", sub: file.replace(/\..*/, ""), outcome: "published", version: "v1", at: "2026-01-01T00:00:00.000Z", ...more });

describe("the journal", () => {
  it("knows what was entered, and loses a line that was cut off, not the next one", async () => {
    const path = join(temporary, "cut.jsonl");
    const first = await Journal.open(path, move);
    await first.enter(entered("a.jpg"));
    await first.close();
    appendFileSync(path, '{"file":"b.jpg","fingerpr');
    const second = await Journal.open(path, move);
    assert.equal(second.last("a.jpg")?.version, "v1");
    assert.equal(second.last("b.jpg"), undefined);
    await second.enter(entered("c.jpg", { version: "v2" }));
    await second.enter(entered("a.jpg", { version: "v3" }));
    await second.close();
    const third = Journal.read(path, move);
    assert.equal(third.last("c.jpg")?.version, "v2");
    assert.equal(third.last("a.jpg")?.version, "v3", "the last line counts");
    assert.ok(third.hasPublished("a", "v1") && third.hasPublished("a", "v3") && !third.hasPublished("a", "v2"));
    assert.equal(readFileSync(path, "utf8").split("\n").length, 6);
  });

  it("that is only read is not made", async () => {
    const path = join(temporary, "none.jsonl");
    const journal = Journal.read(path, move);
    assert.equal(journal.last("a.jpg"), undefined);
    await assert.rejects(journal.enter(entered("a.jpg")), /for reading only/);
    assert.ok(!existsSync(path));
  });
});

describe("the plan", () => {
  const entry = (name: string, more: Partial<Entry> = {}): Entry => ({ name, sizeBytes: 10, modifiedAt: new Date(0), fingerprint: "1", ...more });
  async function* listed(...entries: Entry[]): AsyncIterable<Entry> {
    yield* entries;
  }
  const options = { table: undefined, maxUploadBytes: 100, replace: false, retryRefused: false };

  it("leaves out what earlier runs are done with, as long as it has not changed", async () => {
    const path = join(temporary, "plan.jsonl");
    const journal = await Journal.open(path, move);
    await journal.enter(entered("done.jpg"));
    await journal.enter(entered("changed.jpg", { fingerprint: "0" }));
    await journal.enter(entered("bad.jpg", { outcome: "refused", code: "truncated", detail: "it ends early" }));
    await journal.enter(entered("own.jpg", { outcome: "kept", code: "has_picture", detail: "theirs" }));
    await journal.enter(entered("mapped.jpg", { sub: "somebody-else" }));
    await journal.close();
    const names = async (more: Partial<typeof options>): Promise<string[]> => {
      const plan = await planOf(listed(...["done.jpg", "changed.jpg", "bad.jpg", "own.jpg", "mapped.jpg", "new.jpg"].map((name) => entry(name))), Journal.read(path, move), { ...options, ...more });
      return plan.tasks.map((task) => task.entry.name);
    };
    assert.deepEqual(await names({}), ["changed.jpg", "mapped.jpg", "new.jpg"]);
    assert.deepEqual(await names({ replace: true }), ["changed.jpg", "mapped.jpg", "new.jpg", "own.jpg"]);
    assert.deepEqual(await names({ retryRefused: true }), ["bad.jpg", "changed.jpg", "mapped.jpg", "new.jpg"]);
  });

  it("refuses by name and size, and of one person's files takes the newest", async () => {
    const plan = await planOf(
      listed(entry("a.jpg"), entry("b.jpg", { sizeBytes: 0 }), entry("c.jpg", { sizeBytes: 101 }), entry("d.tiff"), entry(`${"x".repeat(129)}.png`), entry("a.png", { modifiedAt: new Date(5) }), entry("a.gif", { modifiedAt: new Date(5) })),
      Journal.read(join(temporary, "nothing.jsonl"), move),
      options,
    );
    assert.deepEqual(plan.tasks.map(({ entry: { name } }) => name), ["a.png"]);
    assert.deepEqual(plan.findings.map(({ file, code }) => [file.slice(0, 5), code]).sort(), [["a.gif", "duplicate"], ["a.jpg", "duplicate"], ["b.jpg", "empty"], ["c.jpg", "too_large"], ["d.tif", "bad_name"], ["xxxxx", "bad_subject"]].sort());
  });
});

describe("small parts", () => {
  it("Retry-After is seconds or a date", () => {
    assert.equal(parseRetryAfter("2"), 2_000);
    assert.equal(parseRetryAfter("Wed, 21 Oct 2026 07:28:05 GMT", Date.parse("2026-10-21T07:28:00Z")), 5_000);
    assert.equal(parseRetryAfter("Wed, 21 Oct 2020 07:28:05 GMT", Date.parse("2026-10-21T07:28:00Z")), 0);
    for (const value of [null, undefined, "soon"]) assert.equal(parseRetryAfter(value), undefined);
  });

  it("failures of S3 are sorted by what there is to do about them, without their messages", async () => {
    const failure = (name: string, status?: number, headers = {}): Promise<never> => Promise.reject(Object.assign(new Error("the key AKIA"), { name, $metadata: status === undefined ? undefined : { httpStatusCode: status }, $response: { headers } }));
    const sortedAs = (name: string, status?: number, headers = {}): Promise<Error> => sent(failure(name, status, headers)).then(() => assert.fail(), (error: Error) => error);
    for (const [name, status, words] of [["ExpiredToken", 400, /S3 answers ExpiredToken/], ["CredentialsProviderError", undefined, /there are no credentials for S3/]] as const) {
      const error = await sortedAs(name, status);
      assert.ok(error instanceof FatalError);
      assert.match(error.message, words);
      assert.doesNotMatch(error.message, /AKIA/);
    }
    const slow = await sortedAs("SlowDown", 503, { "retry-after": "3" });
    assert.ok(slow instanceof TransientError && slow.retryAfterMs === 3_000 && slow.message === "S3 answers 503 SlowDown");
    assert.ok((await sortedAs("TimeoutError")) instanceof TransientError);
    assert.equal((await sortedAs("NoSuchKey", 404)).name, "NoSuchKey", "the caller's to understand");
  });

  it("a format is told by the first bytes", () => {
    const of = (...parts: (string | number)[]): string | undefined => formatOf(Uint8Array.from(parts.flatMap((part) => (typeof part === "number" ? [part] : [...Buffer.from(part, "latin1")]))));
    assert.equal(of("\xff\xd8\xff\xe0"), "jpg");
    assert.equal(of("\x89PNG\r\n\x1a\n..."), "png");
    assert.equal(of("RIFF....WEBPVP8 "), "webp");
    assert.equal(of("GIF89a"), "gif");
    for (const text of ["", "GIF90a", "RIFF....WAVE", "<svg/>", "BM", "\xff\xd8"]) assert.equal(of(text), undefined, text);
  });

  it("a report keeps names apart that have commas, quotes and line breaks", () => {
    const findings = ['a,"b".jpg', "c\nd.jpg"].map((file) => ({ file, sub: undefined, outcome: "refused" as const, code: "bad_subject", detail: "no" }));
    const csv = join(temporary, "r.csv");
    writeReport(csv, "csv", findings);
    assert.equal(readFileSync(csv, "utf8"), 'file,sub,outcome,code,detail\n"a,""b"".jpg",,refused,bad_subject,no\n"c\nd.jpg",,refused,bad_subject,no\n');
    const jsonl = join(temporary, "r.jsonl");
    writeReport(jsonl, "jsonl", findings);
    assert.deepEqual(readFileSync(jsonl, "utf8").trimEnd().split("\n").map((line) => (JSON.parse(line) as { file: string }).file), ['a,"b".jpg', "c\nd.jpg"]);
  });

  it("a bar says how long it takes still, and is no wider than the terminal", () => {
    let now = 0;
    let text = "";
    const counts: Counts = { total: 400, published: 0, already: 100, kept: 0, refused: 1, failed: 0 };
    const progress = new Progress({ write: (part) => (text += part), isTerminal: true, width: () => 60 }, counts, () => now);
    now = 10_000;
    for (let index = 0; index < 20; index++) progress.count("published");
    progress.show();
    assert.match(text, /\[#######\.{17}\] 121 of 400, 2\.0\/s, 2 min left,/);
    for (const line of text.split("\r\u001b[2K")) assert.ok(line.length < 60, line);
    progress.note("hello");
    assert.match(text, /\r\u001b\[2Khello\n\r\u001b\[2K\[/);
  });
});

/** 500 files of an old service; the import is killed twice. Each is published exactly once, and a run that has nothing left to do writes nothing. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parse } from "csv-parse/sync";
import { startHarness, type Harness } from "../../../edge/tests/harness.ts";
import { colourOf, environmentOf, isNear, journalLines, picture, requestsOf, run, start, writeFiles, type Ended, type Rgb } from "./command.ts";

const FILES = 500;
/** Changes where the kills fall, the same way every time. */
const SEED = 20_261_128;

const FORMATS = ["jpeg", "png", "webp", "gif"] as const;
/** Files that cannot be used, by the code that they are refused with. */
const REFUSED: Record<string, { name: string; bytes: Uint8Array | string }> = {
  empty: { name: "nothing.jpg", bytes: "" },
  unsupported_format: { name: "text.jpg", bytes: "this is no picture" },
  bad_name: { name: "list.txt", bytes: "ada,grace" },
  bad_subject: { name: "not an id.jpg", bytes: "x" },
  truncated: { name: "half.jpg", bytes: "" },
  too_large: { name: "large.png", bytes: new Uint8Array(200_001) },
};

const temporary = mkdtempSync(join(tmpdir(), "roundel-import-killed-"));
const folder = join(temporary, "old");
const journal = join(temporary, "moved.jsonl");
const report = join(temporary, "report.csv");
const args = [folder, "--journal", journal, "--report", report, "--parallel", "4"];
const people = new Map<string, Rgb>();

let harness: Harness;
const env = (): Record<string, string> => environmentOf(harness);

/** A number from 0 to 1, the next of a fixed row (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Starts the import, and kills it once so many files are in its journal and a moment has passed. */
async function killedAfter(lines: number, momentMs: number): Promise<Ended> {
  const { child, ended } = start(args, { cwd: temporary, env: env() });
  const deadline = Date.now() + 120_000;
  while (journalLines(journal).length < lines && child.exitCode === null) {
    assert.ok(Date.now() < deadline, "the import gets on");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await new Promise((resolve) => setTimeout(resolve, momentMs));
  child.kill("SIGKILL");
  return ended;
}

/** Successful writes of each person's pointer. */
async function pointerWrites(): Promise<Map<string, number>> {
  const writes = new Map<string, number>();
  for (const line of await requestsOf(harness)) {
    const sub = /^PUT \/roundel-assets\/avatars\/([^/]+)\/current\.json 200/.exec(line)?.[1];
    if (sub !== undefined) writes.set(sub, (writes.get(sub) ?? 0) + 1);
  }
  return writes;
}

before(async () => {
  harness = await startHarness({ variables: { MAX_UPLOAD_BYTES: "200000" } });
  const files: Record<string, Uint8Array | string> = {};
  const good = FILES - Object.keys(REFUSED).length;
  for (let index = 0; index < good; index++) {
    const format = FORMATS[index % FORMATS.length] ?? "png";
    const colour = { r: (index * 7) % 256, g: (index * 31) % 256, b: (index * 101) % 256 };
    people.set(`person-${index}`, colour);
    // Many an old service calls everything .jpg.
    files[`person-${index}.${index % 8 === 1 ? "jpg" : format}`] = await picture(format, colour);
  }
  for (const { name, bytes } of Object.values(REFUSED)) files[name] = bytes;
  const whole = await picture("jpeg", { r: 1, g: 2, b: 3 }, 200);
  files["half.jpg"] = whole.subarray(0, whole.length / 2);
  writeFiles(folder, files);
});
after(async () => {
  await harness?.stop();
  rmSync(temporary, { recursive: true, force: true });
});

describe("an import of 500 files that is killed twice", () => {
  let last: Ended;

  it("ends well when it is run once more", async () => {
    const next = random(SEED);
    for (const share of [0.15 + next() * 0.25, 0.5 + next() * 0.3]) {
      const lines = Math.floor(share * FILES);
      const killed = await killedAfter(lines, next() * 60);
      assert.equal(killed.signal, "SIGKILL", `it was at work when it was killed after ${lines}:\n${killed.stderr}`);
    }
    const before = journalLines(journal).length;
    last = await run(args, { cwd: temporary, env: env() });
    assert.equal(last.status, 1, `some are refused:\n${last.stderr}`);
    const published = people.size - journalLines(journal).slice(0, before).filter((line) => line.includes('"published"')).length;
    assert.match(last.stdout, new RegExp(`^${FILES} files: ${published} published, ${people.size - published} by earlier runs, 0 kept, ${Object.keys(REFUSED).length} refused, 0 failed$`, "m"));
  });

  it("has published each file exactly once", async () => {
    const writes = await pointerWrites();
    assert.deepEqual([...writes.keys()].sort(), [...people.keys()].sort());
    // The first picture of a person takes two: the place is reserved, and then filled.
    assert.deepEqual([...writes].filter(([, count]) => count !== 2), []);
    const entered = journalLines(journal).map((line) => JSON.parse(line) as { file: string; outcome: string });
    assert.equal(new Set(entered.map(({ file }) => file)).size, entered.length, "each file is entered once");
  });

  it("serves everybody's own picture, the same that the worker makes of an upload", async () => {
    for (const [index, [sub, colour]] of [...people].entries()) {
      if (index % 25 > 3) continue;
      const response = await harness.get(`/avatars/${sub}.png?size=32`);
      assert.equal(response.headers.get("content-type"), "image/png", sub);
      const shown = await colourOf(Buffer.from(await response.arrayBuffer()));
      assert.ok(isNear(shown, colour), `${sub}: ${JSON.stringify({ shown, colour })}`);
    }
    const bytes = readFileSync(join(folder, "person-0.jpeg"));
    await harness.upload("by-hand", "jpg", bytes);
    const { version } = await harness.publish("by-hand");
    for (const name of ["master.jpg", "256.jpg"]) {
      const [ours, theirs] = await Promise.all(["person-0", "by-hand"].map((sub) => harness.object("assets", `avatars/${sub}/${version}/${name}`)));
      assert.ok(ours?.equals(theirs ?? Buffer.alloc(0)), name);
    }
  });

  it("reports what was refused, and why", () => {
    const rows = parse(readFileSync(report, "utf8"), { columns: true }) as { file: string; outcome: string; code: string; detail: string }[];
    assert.deepEqual(Object.fromEntries(rows.map(({ file, code }) => [code, file])), Object.fromEntries(Object.entries(REFUSED).map(([code, { name }]) => [code, name])));
    for (const { file, outcome, detail } of rows) {
      assert.equal(outcome, "refused", file);
      assert.ok(detail.length > 10, `${file}: ${detail}`);
      assert.match(last.stdout, new RegExp(`^refused ${file}: `, "m"));
    }
  });

  it("does nothing when it is run again, and says the same", async () => {
    const before = (await requestsOf(harness)).length;
    const entered = readFileSync(journal, "utf8");
    const reported = readFileSync(report, "utf8");
    const again = await run(args, { cwd: temporary, env: env() });
    assert.equal(again.status, 1, again.stderr);
    assert.match(again.stdout, new RegExp(`^${FILES} files: 0 published, ${people.size} by earlier runs, 0 kept, ${Object.keys(REFUSED).length} refused, 0 failed$`, "m"));
    assert.deepEqual((await requestsOf(harness)).slice(before), [], "the storage is asked nothing");
    assert.equal(readFileSync(journal, "utf8"), entered);
    assert.equal(readFileSync(report, "utf8"), reported);
  });
});

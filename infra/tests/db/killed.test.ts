/** Migrations that are killed in the middle, and several at once, on tables with rows: all of a migration or nothing of it, each once, no row lost. */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { ADD_BIO, Checkout, CREATE_PROFILES, type Ended, type Running } from "./checkout.ts";

const STEPS = 10;
const PEOPLE = 500;
const ROUNDS = 12;

const step = (i: number): string => `202701010000${String(i).padStart(2, "0")}_step_${i}`;

/** Each step makes a table, fills it, and changes every profile: half of it would be seen. */
function addSteps(checkout: Checkout): void {
  for (let i = 1; i <= STEPS; i++) {
    checkout.write(
      step(i),
      `CREATE TABLE step_${i} (n INTEGER PRIMARY KEY) STRICT;
       UPDATE profiles SET revision = revision + 1 WHERE subject < '250';
       INSERT INTO step_${i} WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000) SELECT n FROM numbers;
       UPDATE profiles SET revision = revision + 1 WHERE subject >= '250';`,
      `UPDATE profiles SET revision = revision - 1 WHERE subject >= '250';
       DROP TABLE step_${i};
       UPDATE profiles SET revision = revision - 1 WHERE subject < '250';`,
    );
  }
}

const addPeople = `INSERT INTO profiles (subject, display_name, revision, created_at, updated_at)
  WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ${PEOPLE})
  SELECT printf('%03d', n), 'Person ' || n, 1, '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z' FROM numbers`;

/** People, as of migration 1, and the steps that are still to be applied. */
async function fill(checkout: Checkout): Promise<void> {
  checkout.remove(ADD_BIO);
  assert.equal((await checkout.run("migrate")).status, 0);
  await checkout.sql(addPeople);
  addSteps(checkout);
}

/** How many steps the database has, after checking that tables, rows and ledger tell the same. */
async function stepsOf(checkout: Checkout): Promise<number> {
  const ledger = (await checkout.sql("SELECT name FROM schema_migrations ORDER BY position")).map((row) => row["name"]);
  const steps = Array.from({ length: ledger.length - 1 }, (_, i) => `step_${i + 1}`);
  assert.deepEqual(ledger, ["create_profiles", ...steps]);
  const tables = (await checkout.sql("SELECT name FROM sqlite_master WHERE name LIKE 'step%' ORDER BY rowid")).map((row) => row["name"]);
  assert.deepEqual(tables, steps);
  for (const table of steps) assert.deepEqual(await checkout.sql(`SELECT count(*) AS rows FROM ${table}`), [{ rows: 20_000 }]);
  const people = await checkout.sql("SELECT count(*) AS rows, min(revision) AS least, max(revision) AS most, count(DISTINCT display_name) AS names FROM profiles");
  assert.deepEqual(people, [{ rows: PEOPLE, least: 1 + steps.length, most: 1 + steps.length, names: PEOPLE }]);
  assert.deepEqual(await checkout.sql("SELECT * FROM pragma_integrity_check"), [{ integrity_check: "ok" }]);
  return steps.length;
}

/** Kills the command some time after it has told of a number of steps, which it may never do. */
function killAfter({ child, ended }: Running, told: number, delayMs: number): Promise<Ended> {
  let lines = 0;
  child.stderr?.on("data", (chunk: Buffer) => {
    lines += chunk.toString().split("\n").length - 1;
    if (lines >= told) setTimeout(() => child.kill("SIGKILL"), delayMs);
  });
  return ended;
}

describe("a command that is killed", () => {
  const checkout = new Checkout();
  before(() => fill(checkout));
  after(() => checkout.delete());

  it("leaves whole migrations, and is finished by the next one, forward and back", async () => {
    const killedWithin: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const [command, args, goal] = round % 2 === 0 ? (["migrate", [], STEPS] as const) : (["rollback", [String(STEPS)], 0] as const);
      const killed = await killAfter(checkout.start(command, [...args]), randomInt(1, STEPS), randomInt(0, 20));
      const reached = await stepsOf(checkout);
      if (killed.signal === "SIGKILL" && reached !== goal) killedWithin.push(reached);

      // The dead one's lock holds nobody up.
      const left = Math.abs(goal - reached);
      if (left > 0) {
        const { status, stderr } = await checkout.run(command, ...(command === "rollback" ? [String(left)] : []));
        assert.equal(status, 0, stderr);
        if (killed.signal === "SIGKILL") assert.match(stderr, /took over the lock of process \d+ on .*, which is not running any more/);
      }
      assert.equal(await stepsOf(checkout), goal);
    }
    assert.ok(killedWithin.length >= ROUNDS / 2, `only ${killedWithin.length} of ${ROUNDS} were killed in the middle`);
  });

  it("leaves nothing odd when it is killed at any time from its start on", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { child, ended } = checkout.start("migrate");
      setTimeout(() => child.kill("SIGKILL"), randomInt(0, 600));
      await ended;
      const back = await stepsOf(checkout);
      if (back > 0) assert.equal((await checkout.run("rollback", String(back))).status, 0);
    }
    assert.equal((await checkout.run("migrate")).status, 0);
    assert.equal(await stepsOf(checkout), STEPS);
  });
});

describe("several at once", () => {
  const checkout = new Checkout();
  before(() => fill(checkout));
  after(() => checkout.delete());

  it("apply each migration once; who finds the other at work says so", async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => checkout.run("migrate")));
    const refused = all.filter(({ status }) => status !== 0);
    assert.ok(refused.length < all.length);
    for (const { status, stderr } of refused) {
      assert.equal(status, 1);
      assert.match(stderr, /^roundel: process \d+ on \S+ \(since \S+Z\) is changing this database right now, so nothing was done here; wait .* --break-lock/);
    }
    assert.equal(all.flatMap(({ stderr }) => stderr.match(/applied \d/g) ?? []).length, STEPS);
    assert.equal(await stepsOf(checkout), STEPS);
  });

  it("undo each migration once", async () => {
    await Promise.all(Array.from({ length: 3 }, () => checkout.run("rollback", String(STEPS))));
    assert.equal(await stepsOf(checkout), 0);
  });

  it("make a new database once", async () => {
    const fresh = new Checkout();
    const all = await Promise.all(Array.from({ length: 5 }, () => fresh.run("migrate")));
    assert.ok(all.some(({ status }) => status === 0));
    for (const { status, stderr } of all) if (status !== 0) assert.match(stderr, /is changing this database right now/);
    assert.deepEqual((await fresh.sql("SELECT stamp || '_' || name AS id FROM schema_migrations ORDER BY position")).map((row) => row["id"])[0], CREATE_PROFILES);
    assert.equal((await fresh.run("status")).status, 0);
    fresh.delete();
  });
});

/** `npm run db:new`, `db:migrate`, `db:rollback` and `db:status`, as they are run in a checkout that was just cloned. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { withLock } from "../../db/ledger.ts";
import { openLocal } from "../../db/local.ts";
import { migrate, readMigrations } from "../../db/migrate.ts";
import { stampOf } from "../../db/migration.ts";
import { ADD_BIO, Checkout, CREATE_PROFILES, PEOPLE } from "./checkout.ts";

let checkout: Checkout;
beforeEach(() => void (checkout = new Checkout()));
afterEach(() => checkout.delete());

async function succeeds(command: string, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await checkout.run(command, ...args);
  assert.equal(status, 0, stderr);
  return stdout + stderr;
}

async function fails(command: string, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await checkout.run(command, ...args);
  assert.equal(status, 1, stdout + stderr);
  assert.match(stderr, /^roundel: /);
  assert.doesNotMatch(stderr, /\n    at /, "a stack is shown to a person");
  return stderr;
}

const profiles = (): Promise<object[]> => checkout.sql("SELECT * FROM profiles ORDER BY subject");
const ledger = async (): Promise<unknown[]> => (await checkout.sql("SELECT stamp || '_' || name AS id FROM schema_migrations ORDER BY position")).map((row) => row["id"]);

describe("a new checkout", () => {
  it("has nothing, is told so without making anything, and has all after db:migrate", async () => {
    const before = await checkout.run("status");
    assert.equal(before.status, 3);
    assert.match(before.stdout, /^profile database in .*\nstamp +name +applied at +state *\n20261125030500 +create_profiles +- +pending\n20261125030600 +add_bio +- +pending\n2 pending; `npm run db:migrate` applies them\n$/);
    assert.ok(!existsSync(checkout.stateDirectory));

    assert.match(await succeeds("migrate"), /is up to date: 2 migrations applied/);
    const first = await checkout.sql("SELECT * FROM schema_migrations ORDER BY position");
    assert.deepEqual(first.map(({ stamp, name }) => `${stamp}_${name}`), [CREATE_PROFILES, ADD_BIO]);
    for (const row of first) {
      assert.match(String(row["checksum"]), /^[0-9a-f]{64}$/);
      assert.ok(Math.abs(Date.parse(String(row["applied_at"])) - Date.now()) < 60_000);
    }
    assert.match((await checkout.run("status")).stdout, /add_bio +20\S+Z +applied\n$/);
    assert.equal((await checkout.run("status")).status, 0);

    await checkout.sql(PEOPLE);
    const rows = await profiles();
    assert.match(await succeeds("migrate"), /there was nothing to apply/);
    assert.deepEqual(await checkout.sql("SELECT * FROM schema_migrations ORDER BY position"), first);
    assert.deepEqual(await profiles(), rows);
  });

  it("has tables that take no nonsense", async () => {
    await succeeds("migrate");
    const insert = (...values: string[]): Promise<unknown> => checkout.sql(`INSERT INTO profiles (subject, display_name, revision, created_at, updated_at, bio) VALUES (${values.join(", ")})`);
    const time = "'2026-01-02T03:04:05.678Z'";
    await insert("'ada'", "'Ada'", "1", time, time, "''");
    for (const values of [
      ["'ada'", "'Another'", "1", time, time, "''"],
      ["NULL", "'Ada'", "1", time, time, "''"],
      ["''", "'Ada'", "1", time, time, "''"],
      ["'b'", "''", "1", time, time, "''"],
      ["'b'", "'B'", "-1", time, time, "''"],
      ["'b'", "'B'", "'many'", time, time, "''"],
      ["'b'", "'B'", "1", "'yesterday'", time, "''"],
      ["'b'", "'B'", "1", time, "'2026-01-02T03:04:05+01:00'", "''"],
      ["'b'", "'B'", "1", time, time, "NULL"],
    ]) {
      await assert.rejects(insert(...values), /constraint|cannot store/, values.join());
    }
    await checkout.sql(`INSERT INTO profiles (subject, display_name, revision, created_at, updated_at) VALUES ('old-worker', 'O', 1, ${time}, ${time})`);
    assert.deepEqual(await checkout.sql("SELECT bio FROM profiles WHERE subject = 'old-worker'"), [{ bio: "" }]);
  });
});

describe("db:rollback", () => {
  it("undoes the last migration and loses no row; forward again, no bio either", async () => {
    await succeeds("migrate");
    await checkout.sql(PEOPLE, "INSERT INTO profiles VALUES ('left', 'Left', 1, '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z', 'bye')");
    const rows = await profiles();
    assert.match(await succeeds("rollback"), /undid 20261125030600_add_bio\n/);
    assert.deepEqual(await ledger(), [CREATE_PROFILES]);
    assert.deepEqual(await profiles(), rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== "bio"))));
    assert.equal((await checkout.run("status")).status, 3);

    // In the meantime one person leaves, and one comes.
    await checkout.sql("DELETE FROM profiles WHERE subject = 'left'", "INSERT INTO profiles VALUES ('new', 'New', 1, '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z')");
    await succeeds("migrate");
    const after = await profiles();
    assert.deepEqual(after.filter((row) => "subject" in row && row.subject !== "new"), rows.filter((row) => "subject" in row && row.subject !== "left"));
    assert.equal(after.length, 3);
    assert.deepEqual(await checkout.sql("SELECT name FROM sqlite_master WHERE name LIKE 'bios%'"), []);
  });

  it("undoes several, the last one first, and says what was lost", async () => {
    await succeeds("migrate");
    await checkout.sql(PEOPLE);
    const words = await succeeds("rollback", "2");
    assert.match(words, /rolled back by 2 migrations; `npm run db:migrate` applies them again\n/);
    assert.match(words, /undid \S+_add_bio\n.*undid \S+_create_profiles; lost: every profile\n/);
    assert.deepEqual(await ledger(), []);
    assert.match(await fails("rollback"), /cannot be rolled back by 1: it has no migration; nothing was changed/);
    await succeeds("migrate");
    await checkout.sql(PEOPLE);
    assert.equal((await profiles()).length, 2);
  });

  it("is refused where it would undo something else than what was done", async () => {
    await succeeds("migrate");
    assert.match(await fails("rollback", "3"), /by 3: it has 2 migrations only/);
    for (const count of ["0", "-1", "1.5", "all"]) assert.match(await fails("rollback", count), /usage: npm run db:rollback/);
    assert.match(await fails("rollback", "1", "2"), /"2" is one argument too many/);
    const up = join(checkout.migrations, `${ADD_BIO}.up.sql`);
    const text = readFileSync(up, "utf8");
    writeFileSync(up, `${text}-- changed\n`);
    assert.match(await fails("rollback"), /nothing was changed:\n  - 20261125030600_add_bio\.up\.sql is not what was applied/);
    checkout.remove(ADD_BIO);
    assert.match(await fails("rollback", "2"), /20261125030600_add_bio is applied, but its files are not here/);
    assert.deepEqual(await ledger(), [CREATE_PROFILES, ADD_BIO]);
  });

  it("is left where it was by a down file that fails", async () => {
    await succeeds("migrate");
    await checkout.sql(PEOPLE);
    const rows = await profiles();
    writeFileSync(join(checkout.migrations, `${ADD_BIO}.down.sql`), "DELETE FROM profiles; ALTER TABLE profiles DROP COLUMN nowhere;");
    assert.match(await fails("rollback"), /add_bio\.down\.sql failed and left no trace in the database, which says: .*nowhere/);
    assert.deepEqual(await profiles(), rows);
    assert.deepEqual(await ledger(), [CREATE_PROFILES, ADD_BIO]);
  });
});

describe("db:migrate", () => {
  it("applies nothing of a file that fails, and keeps what was before it", async () => {
    checkout.write("20270101000000_bad", "UPDATE profiles SET revision = 9; CREATE TABLE extra (a); INSERT INTO nowhere VALUES (1);", "DROP TABLE extra;");
    assert.match(await fails("migrate"), /20270101000000_bad\.up\.sql failed and left no trace in the database, which says: no such table: (main\.)?nowhere/);
    assert.deepEqual(await ledger(), [CREATE_PROFILES, ADD_BIO]);
    assert.deepEqual(await checkout.sql("SELECT name FROM sqlite_master WHERE name = 'extra'"), []);
    checkout.write("20270101000000_bad", "CREATE TABLE extra (a);");
    await succeeds("migrate");
  });

  it("applies nothing at all while one of the files is wrong, and tells all that is wrong", async () => {
    checkout.write("20270101000000_no_down", "SELECT 1;");
    checkout.write("20270101000001_commits", "COMMIT;", "SELECT 1;");
    writeFileSync(join(checkout.migrations, "add_x.sql"), "SELECT 1;");
    const words = await fails("migrate");
    assert.match(words, /^roundel: the profile database in .* cannot be migrated; nothing was changed:\n(  - .*\n){3}$/);
    for (const part of [/no_down\.up\.sql has no .*no_down\.down\.sql beside it/, /statement COMMIT/, /add_x\.sql is not named/]) assert.match(words, part);
    const { status, stdout } = await checkout.run("status");
    assert.equal(status, 4);
    assert.equal(stdout.match(/^problem: /gm)?.length, 3);
    await assert.rejects(profiles(), /no such table/);
  });

  it("refuses a changed file that is applied", async () => {
    await succeeds("migrate");
    writeFileSync(join(checkout.migrations, `${CREATE_PROFILES}.up.sql`), "CREATE TABLE profiles (subject TEXT PRIMARY KEY);");
    assert.match(await fails("migrate"), /create_profiles\.up\.sql is not what was applied on .*Z; restore it/);
    const { status, stdout } = await checkout.run("status");
    assert.equal(status, 4);
    assert.match(stdout, /create_profiles +\S+Z +changed\n/);
  });

  it("takes flags that it knows, and tells when npm has kept one", async () => {
    assert.match(await fails("migrate", "--force"), /'--force'.*usage: npm run db:migrate -- \[--remote\]/s);
    assert.match(await fails("migrate", "now"), /"now" is one argument too many/);
    const swallowed = await checkout.start("migrate", [], { npm_config_remote: "true" }).ended;
    assert.equal(swallowed.status, 1);
    assert.match(swallowed.stderr, /npm kept --remote for itself; a `--` before it hands it on\. usage: npm run db:migrate -- \[--remote\]/);
    assert.ok(!existsSync(checkout.stateDirectory));
  });

  it("says so when the file is no database", async () => {
    await succeeds("migrate");
    const folder = join(checkout.stateDirectory, "worker", "v3", "d1", "miniflare-D1DatabaseObject");
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), "something else ".repeat(1000));
    assert.match(await fails("migrate"), /the profile database in .* says: file is not a database/);
  });
});

describe("migrations of two branches", () => {
  const EARLIER = "20261201000000_add_pronouns";
  const LATER = "20261202000000_add_links";

  /** The branch with the later one was here, with rows; then the other is merged. */
  beforeEach(async () => {
    checkout.write(LATER, "CREATE TABLE links (subject TEXT NOT NULL REFERENCES profiles (subject), url TEXT NOT NULL) STRICT;", "-- Loses: every link\nDROP TABLE links;");
    await succeeds("migrate");
    await checkout.sql(PEOPLE);
    checkout.write(EARLIER, "ALTER TABLE profiles ADD COLUMN pronouns TEXT NOT NULL DEFAULT '';", "ALTER TABLE profiles DROP COLUMN pronouns;");
  });

  it("are refused in the wrong order", async () => {
    const rows = await profiles();
    assert.match(await fails("migrate"), new RegExp(`nothing was changed:\\n  - ${EARLIER} is not applied, but ${LATER}, which is later, is: they come from two branches`));
    assert.match((await checkout.run("status")).stdout, /add_pronouns +- +out of order\n/);
    assert.deepEqual(await profiles(), rows);
  });

  it("get into order by a rollback", async () => {
    await succeeds("rollback");
    await succeeds("migrate");
    assert.deepEqual(await ledger(), [CREATE_PROFILES, ADD_BIO, EARLIER, LATER]);
    assert.deepEqual((await profiles()).length, 2);
  });

  it("get into order by a new stamp", async () => {
    for (const half of ["up", "down"]) renameSync(join(checkout.migrations, `${EARLIER}.${half}.sql`), join(checkout.migrations, `20261203000000_add_pronouns.${half}.sql`));
    await succeeds("migrate");
    assert.deepEqual(await ledger(), [CREATE_PROFILES, ADD_BIO, LATER, "20261203000000_add_pronouns"]);
    assert.deepEqual((await profiles()).length, 2);
  });

  it("are applied late on demand, and undone in the order in which they were applied", async () => {
    await succeeds("migrate", "--out-of-order");
    assert.equal((await checkout.run("status")).status, 0);
    assert.match(await succeeds("rollback"), new RegExp(`undid ${EARLIER}`));
    assert.deepEqual(await ledger(), [CREATE_PROFILES, ADD_BIO, LATER]);
    assert.deepEqual((await profiles()).length, 2);
  });

  it("that are applied, but not in this branch, are told", async () => {
    checkout.remove(LATER);
    assert.match(await fails("migrate"), new RegExp(`${LATER} is applied, but its files are not here; check out or merge the branch`));
    assert.match((await checkout.run("status")).stdout, /add_links +\S+Z +file missing\n/);
  });
});

describe("the lock", () => {
  const hold = (host: string, pid: number, takenAt: Date): Promise<unknown> => checkout.sql(`INSERT INTO schema_migrations_lock VALUES (1, 'somebody', '${host}', ${pid}, '${takenAt.toISOString()}')`);
  const NOBODYS_PID = 2 ** 22 + 1;
  beforeEach(async () => {
    await succeeds("migrate");
    checkout.write("20270101000000_more", "CREATE TABLE more (a);", "DROP TABLE more;");
  });

  it("of a running process is respected", async () => {
    await hold(hostname(), process.pid, new Date());
    const words = new RegExp(`process ${process.pid} on ${hostname()} \\(since .*Z\\) is changing this database right now, so nothing was done here; wait`);
    assert.match(await fails("migrate"), words);
    assert.match(await fails("rollback"), words);
    assert.match((await checkout.run("status")).stdout, new RegExp(`^locked by process ${process.pid} on `, "m"));
    assert.deepEqual(await ledger(), [CREATE_PROFILES, ADD_BIO]);
    assert.match(await succeeds("migrate", "--break-lock"), /took over the lock of process \d+ .*, as --break-lock says\n/);
    assert.deepEqual(await checkout.sql("SELECT * FROM schema_migrations_lock"), []);
  });

  it("of a dead one is not", async () => {
    await hold(hostname(), NOBODYS_PID, new Date());
    assert.match(await succeeds("migrate"), /took over the lock of process 4194305 on \S+ \(since \S+\), which is not running any more/);
  });

  it("of another machine is respected for ten minutes", async () => {
    await hold("elsewhere", NOBODYS_PID, new Date(Date.now() - 9 * 60_000));
    assert.match(await fails("migrate"), /process 4194305 on elsewhere .* nobody's after 10 minutes/);
    await checkout.sql("DELETE FROM schema_migrations_lock");
    await hold("elsewhere", NOBODYS_PID, new Date(Date.now() - 11 * 60_000));
    assert.match(await succeeds("migrate"), /said nothing for more than 10 minutes/);
  });

  it("holds nobody up who has nothing to do", async () => {
    checkout.remove("20270101000000_more");
    await hold(hostname(), process.pid, new Date());
    assert.match(await succeeds("migrate"), /nothing to apply/);
  });

  it("that was lost to somebody else keeps its former holder from changing anything", async () => {
    const database = openLocal(checkout.stateDirectory);
    const [pending] = readMigrations(checkout.migrations).migrations.slice(-1);
    assert.ok(pending);
    await assert.rejects(
      withLock(database, { say: () => undefined }, async (lock) => {
        await checkout.sql("UPDATE schema_migrations_lock SET owner = 'somebody'");
        await lock.apply(pending);
      }),
      /somebody else took over the lock before 20270101000000_more\.up\.sql was run, so it was not/,
    );
    assert.deepEqual(await checkout.sql("SELECT owner FROM schema_migrations_lock"), [{ owner: "somebody" }], "somebody's lock was given back");
    await checkout.sql("DELETE FROM schema_migrations_lock");
    await assert.rejects(withLock(database, { say: () => undefined }, async (lock) => {
      await checkout.sql("DELETE FROM schema_migrations_lock");
      await lock.apply(pending);
    }), /somebody else took over the lock/);
    assert.deepEqual(await ledger(), [CREATE_PROFILES, ADD_BIO]);
    assert.equal(await migrate(database, readMigrations(checkout.migrations), { say: () => undefined }), 1);
    database.close();
  });
});

describe("db:new", () => {
  it("makes a pair that says what to write, and is refused until that is done", async () => {
    const made = (await succeeds("new", "add_pronouns_column")).trim().split("\n");
    assert.equal(made.length, 2);
    assert.match(made[0] ?? "", /^edge\/migrations\/\d{14}_add_pronouns_column\.up\.sql$/);
    assert.match(made[1] ?? "", /\.down\.sql$/);
    const stamp = made[0]?.slice("edge/migrations/".length, -"_add_pronouns_column.up.sql".length) ?? "";
    assert.ok(Math.abs(Number(stamp) - Number(stampOf(new Date()))) < 100_000_000, stamp);
    const [up = "", down = ""] = made.map((path) => readFileSync(join(checkout.folder, path), "utf8"));
    assert.match(up, /DEFAULT.*docs\/database\.md.*No BEGIN/s);
    assert.match(down, /-- Loses: /);
    assert.match(await fails("migrate"), /add_pronouns_column\.up\.sql says nothing yet; write its SQL/);

    checkout.write(`${stamp}_add_pronouns_column`, `${up}ALTER TABLE profiles ADD COLUMN pronouns TEXT NOT NULL DEFAULT '';\n`, `${down}ALTER TABLE profiles DROP COLUMN pronouns;\n`);
    await succeeds("migrate");
    await checkout.sql(PEOPLE);
    await succeeds("rollback");
    await succeeds("migrate");
    assert.equal((await profiles()).length, 2);
  });

  it("refuses a name that is none", async () => {
    for (const name of ["AddPronouns", "add-pronouns", "add__x", "_x", "x_", "1x", "../x", "x.up", "ä", "", "x".repeat(61)]) {
      assert.match(await fails("new", name), /is not a name: small letters.* usage: npm run db:new -- add_pronouns_column/);
    }
    assert.match(await fails("new"), /needs a name/);
    assert.match(await fails("new", "two", "words"), /"words" is one argument too many/);
    assert.equal(readdirSync(checkout.migrations).length, 4);
  });

  it("refuses a stamp that is not later than all others", async () => {
    checkout.write("29990101000000_from_the_future", "SELECT 1;", "SELECT 1;");
    assert.match(await fails("new", "add_x"), /it is \d{14} \(UTC\) on this machine, and there is a migration of 29990101000000: a new one has to be later/);
  });

  it("makes several in a row", async () => {
    for (const name of ["add_x", "add_y", "add_z"]) await succeeds("new", name);
    const made = readdirSync(checkout.migrations).sort().slice(-6);
    assert.deepEqual(made.map((name) => name.slice(14)), ["x", "y", "z"].flatMap((letter) => [`_add_${letter}.down.sql`, `_add_${letter}.up.sql`]));
    assert.equal(new Set(made.map((name) => name.slice(0, 14))).size, 3);
  });

  it("overwrites nothing", async () => {
    const both = await Promise.all([checkout.run("new", "add_x"), checkout.run("new", "add_x")]);
    assert.ok(both.some(({ status }) => status === 0));
    assert.equal(readdirSync(checkout.migrations).length, 4 + 2 * both.filter(({ status }) => status === 0).length);
    for (const { status, stderr } of both) if (status !== 0) assert.match(stderr, /^roundel: .*add_x\.(up|down)\.sql is there already/);
  });

  it("makes the folder where git brought none", async () => {
    checkout.clear();
    const { stdout, status } = await checkout.run("status");
    assert.equal(status, 0, stdout);
    await succeeds("new", "create_profiles");
    assert.equal(readdirSync(checkout.migrations).length, 2);
  });
});

/** Which files are migrations, and what is refused, by its code and with words that say what to do. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseMigrations, stampOf, type Migrations, type Problem } from "../../db/migration.ts";
import { plan, type Applied } from "../../db/plan.ts";

/** Reads files given by their names and contents. */
function read(files: Record<string, string | Uint8Array>): Migrations {
  return parseMigrations(Object.entries(files).map(([name, content]) => ({ name, bytes: typeof content === "string" ? new TextEncoder().encode(content) : content })));
}

const pair = (id: string, up = "CREATE TABLE a (b);", down = "DROP TABLE a;"): Record<string, string> => ({ [`${id}.up.sql`]: up, [`${id}.down.sql`]: down });
const codes = (problems: Problem[]): string[] => problems.map(({ code, subject }) => `${code} ${subject}`);

/** The ledger after all of these were applied. */
const applied = ({ migrations }: Migrations): Applied[] => migrations.map(({ stamp, name, checksum }) => ({ stamp, name, checksum, appliedAt: "2026-01-01T00:00:00.000Z" }));

const ONE = "20260101000000_one";
const TWO = "20260101000001_two";
const THREE = "20260101000002_three";

describe("the files", () => {
  it("are pairs, in the order of their stamps", () => {
    const { migrations, problems } = read({ ...pair(TWO), ...pair(ONE, "CREATE TABLE a (b); -- x\nCREATE TABLE c (d)"), "README.md": "", ".sql.swp": "" });
    assert.deepEqual(problems, []);
    assert.deepEqual(migrations.map(({ stamp, name }) => [stamp, name]), [["20260101000000", "one"], ["20260101000001", "two"]]);
    assert.deepEqual(migrations[0]?.up.statements, ["CREATE TABLE a (b)", "CREATE TABLE c (d)"]);
  });

  it("are named by a time that exists and in snake case", () => {
    const names = ["one.up.sql", "2026_one.up.sql", "20260230000000_one.up.sql", "20260101240000_one.up.sql", "20260101000060_one.up.sql", "20260101000000_One.up.sql", "20260101000000_one__two.up.sql", "20260101000000_one_.up.sql", "20260101000000_.up.sql", "20260101000000_one.sql", "20260101000000-one.up.sql"];
    for (const name of names) assert.deepEqual(codes(read({ [name]: "SELECT 1" }).problems), [`bad_name ${name}`]);
    assert.match(read({ "one.up.sql": "" }).problems[0]?.message ?? "", /one\.up\.sql is not named .*npm run db:new/);
  });

  it("lack no half", () => {
    assert.deepEqual(codes(read({ [`${ONE}.up.sql`]: "SELECT 1" }).problems), [`half_missing ${ONE}`]);
    assert.match(read({ [`${ONE}.down.sql`]: "SELECT 1" }).problems[0]?.message ?? "", /_one\.down\.sql has no 20260101000000_one\.up\.sql beside it/);
  });

  it("have stamps of their own", () => {
    const { problems } = read({ ...pair(ONE), ...pair("20260101000000_other") });
    assert.deepEqual(codes(problems), ["duplicate_stamp 20260101000000_other"]);
    assert.match(problems[0]?.message ?? "", /renaming/);
  });

  it("say something, and to the end", () => {
    assert.deepEqual(codes(read(pair(ONE, "-- later\n")).problems), [`no_statement ${ONE}`]);
    assert.deepEqual(codes(read(pair(ONE, undefined, "")).problems), [`no_statement ${ONE}`]);
    assert.match(read(pair(ONE, "SELECT 1;\nSELECT 'a;")).problems[0]?.message ?? "", /_one\.up\.sql breaks off: what begins in line 2/);
    assert.deepEqual(codes(read(pair(ONE, `SELECT '${"x".repeat(80_000)}'`)).problems), [`too_large ${ONE}`]);
  });

  it("are text", () => {
    const broken = { ...pair(ONE), [`${ONE}.up.sql`]: new Uint8Array([0x53, 0xff, 0xfe]) };
    assert.deepEqual(codes(read(broken).problems), [`not_text ${ONE}`]);
    assert.deepEqual(codes(read(pair(ONE, "SELECT 1;\0 DROP TABLE a;")).problems), [`not_text ${ONE}`]);
    // A byte order mark is none of the SQL.
    assert.deepEqual(read(pair(ONE, "\ufeffSELECT 1")).migrations[0]?.up.statements, ["SELECT 1"]);
  });

  it("hold no statement that breaks the transaction, that D1 refuses or that touches the ledger", () => {
    const statements = ["BEGIN", "begin immediate", "COMMIT", "END", "ROLLBACK", "SAVEPOINT a", "RELEASE a", "ATTACH 'x' AS y", "DETACH y", "VACUUM", "PRAGMA foreign_keys = off", "/* x */ Pragma journal_mode=delete", "DELETE FROM schema_migrations", 'DROP TABLE "Schema_Migrations_lock"'];
    for (const statement of statements) {
      for (const files of [pair(ONE, `SELECT 1; ${statement};`), pair(ONE, undefined, statement)]) {
        assert.deepEqual(codes(read(files).problems), [`statement_not_allowed ${ONE}`], statement);
      }
    }
    assert.match(read(pair(ONE, "COMMIT")).problems[0]?.message ?? "", /_one\.up\.sql has a statement COMMIT that is not allowed in a migration: each migration is one transaction already/);
    for (const fine of ["PRAGMA defer_foreign_keys = on", "INSERT INTO a VALUES ('COMMIT; schema_migrations')", "-- BEGIN\nSELECT 1"]) assert.deepEqual(read(pair(ONE, fine)).problems, [], fine);
  });

  it("have a checksum that does not depend on line ends, and on everything else", () => {
    const checksum = (up: string): string | undefined => read(pair(ONE, up)).migrations[0]?.checksum;
    assert.equal(checksum("SELECT 1;\r\nSELECT 2;\r\n"), checksum("SELECT 1;\nSELECT 2;\n"));
    assert.notEqual(checksum("SELECT 1;\nSELECT 2;\n"), checksum("SELECT 1;\nSELECT 2;"));
  });

  it("say what undoing them loses", () => {
    const loses = (down: string): string | undefined => read(pair(ONE, undefined, down)).migrations[0]?.down.loses;
    assert.equal(loses("-- Undoes it.\n-- Loses: every bio.\nDROP TABLE a"), "every bio");
    assert.equal(loses("-- Loses: nothing\nDROP TABLE a"), undefined);
    assert.equal(loses("DROP TABLE a"), undefined);
  });

  it("a stamp is the time in UTC, as wide at all times", () => {
    assert.equal(stampOf(new Date("2026-01-02T03:04:05.678+01:00")), "20260102020405");
  });
});

describe("the plan", () => {
  const files = { ...pair(ONE), ...pair(TWO), ...pair(THREE) };
  const all = read(files);

  it("applies what is not applied, oldest first", () => {
    assert.deepEqual(plan(all, []).pending.map(({ name }) => name), ["one", "two", "three"]);
    const { pending, problems, lines } = plan(all, applied(all).slice(0, 1));
    assert.deepEqual(pending.map(({ name }) => name), ["two", "three"]);
    assert.deepEqual(problems, []);
    assert.deepEqual(lines.map(({ state }) => state), ["applied", "pending", "pending"]);
    assert.deepEqual(plan(all, applied(all)).pending, []);
  });

  it("refuses a changed file, unless only its down half or its line ends changed", () => {
    const changed = plan(read({ ...files, ...pair(ONE, "CREATE TABLE a (c);") }), applied(all));
    assert.deepEqual(codes(changed.problems), [`changed ${ONE}`]);
    assert.match(changed.problems[0]?.message ?? "", /_one\.up\.sql is not what was applied on 2026-01-01T.* restore it .* new migration/);
    assert.deepEqual(changed.lines.map(({ state }) => state), ["changed", "applied", "applied"]);
    assert.deepEqual(plan(read({ ...files, ...pair(ONE, undefined, "DROP TABLE IF EXISTS a") }), applied(all)).problems, []);
  });

  it("refuses what is applied and not there", () => {
    const { problems, lines } = plan(read({ ...pair(ONE), ...pair(THREE) }), applied(all));
    assert.deepEqual(codes(problems), [`file_missing ${TWO}`]);
    assert.deepEqual(lines.map(({ state }) => state), ["applied", "file_missing", "applied"]);
    // Another name under the same stamp is another migration.
    assert.deepEqual(codes(plan(read({ ...pair(ONE), ...pair("20260101000001_renamed"), ...pair(THREE) }), applied(all)).problems), [`file_missing ${TWO}`, "out_of_order 20260101000001_renamed"]);
  });

  it("refuses a gap, unless it is told to fill it", () => {
    const ledger = applied(all).filter(({ name }) => name !== "two");
    const { problems, lines } = plan(all, ledger);
    assert.deepEqual(codes(problems), [`out_of_order ${TWO}`]);
    assert.match(problems[0]?.message ?? "", new RegExp(`${TWO} is not applied, but ${THREE}, which is later, is: .*db:rollback.*renaming.*--out-of-order`));
    assert.deepEqual(lines.map(({ state }) => state), ["applied", "out_of_order", "applied"]);
    const filled = plan(all, ledger, { outOfOrder: true });
    assert.deepEqual(filled.problems, []);
    assert.deepEqual(filled.pending.map(({ name }) => name), ["two"]);
  });

  it("tells a broken file once, applied or not", () => {
    const { [`${TWO}.down.sql`]: _, ...broken } = files;
    assert.deepEqual(codes(plan(read(broken), applied(all)).problems), [`half_missing ${TWO}`]);
    assert.deepEqual(codes(plan(read(broken), []).problems), [`half_missing ${TWO}`]);
  });
});

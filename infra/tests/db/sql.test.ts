/** Where statements end, by SQLite's own opinion. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { literal, statements, UnfinishedError } from "../../db/sql.ts";

const texts = (sql: string): string[] => statements(sql).map(({ text }) => text);

describe("statements", () => {
  it("end with a semicolon that is one", () => {
    assert.deepEqual(texts("SELECT 1; SELECT 2"), ["SELECT 1", "SELECT 2"]);
    assert.deepEqual(texts("SELECT ';', 'it''s;';SELECT \"a;b\", `c;d`, [e;f]"), ["SELECT ';', 'it''s;'", 'SELECT "a;b", `c;d`, [e;f]']);
    assert.deepEqual(texts("-- a; 'b\nSELECT 1 /* ; ' */ + 1 -- ;\n; -- c"), ["SELECT 1 /* ; ' */ + 1"]);
    assert.deepEqual(texts(" ;; -- nothing\n/* ; */ ;"), []);
  });

  it("keep the body of a trigger together", () => {
    const trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = CASE WHEN 1 THEN 2 END; SELECT 'END;'; END";
    assert.deepEqual(texts(`${trigger}; SELECT 1;`), [trigger, "SELECT 1"]);
    assert.deepEqual(texts(`create /* x */ temp trigger t after insert on a begin select 1; end; select 2`).length, 2);
    // A table of that name is none.
    assert.deepEqual(texts('CREATE TABLE "trigger" (a); SELECT 1').length, 2);
  });

  it("that do not end are found, and where they begin", () => {
    const cases: [string, number][] = [
      ["SELECT 1;\nSELECT 'abc", 2],
      ["SELECT 1;\n\n/* abc", 3],
      ['SELECT "abc;', 1],
      ["SELECT [abc;", 1],
      ["SELECT 1;\nCREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1;", 2],
    ];
    for (const [sql, line] of cases) assert.throws(() => statements(sql), (error) => error instanceof UnfinishedError && error.line === line, sql);
  });

  it("are those that SQLite runs: one by one they make what the whole text makes", () => {
    const sql = `
      CREATE TABLE a (b TEXT, "c;d" TEXT DEFAULT 'x;y'); -- it's
      CREATE TRIGGER t AFTER INSERT ON a WHEN new.b <> 'no;' BEGIN
        INSERT INTO a (b) VALUES ('no;'); -- ;
        UPDATE a SET "c;d" = CASE WHEN b = 'no;' THEN 'END' ELSE ';END;' END;
      END;
      INSERT INTO a (b) VALUES ('one''; two'), (${literal("three';--")});
      CREATE VIEW v AS SELECT b || ';' AS "e""f;" FROM a;`;
    const dump = (database: DatabaseSync): unknown[] => [...database.prepare("SELECT sql FROM sqlite_master").all(), ...database.prepare("SELECT * FROM v").all(), ...database.prepare("SELECT * FROM a").all()].map((row) => ({ ...row }));
    const [whole, single] = [new DatabaseSync(":memory:"), new DatabaseSync(":memory:")];
    whole.exec(sql);
    for (const text of texts(sql)) single.prepare(text).run();
    assert.equal(dump(whole).length, 3 + 4 + 4);
    assert.deepEqual(dump(single), dump(whole));
  });

  it("tell their words, quoted names among them, and no literals", () => {
    assert.deepEqual(statements("Insert /* x */ INTO \"My Table\" (a1, [b]) VALUES ('begin', 2)")[0]?.words, ["insert", "into", "my table", "a1", "b", "values", "2"]);
  });
});

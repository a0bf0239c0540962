/** The local database as D1 sees it: in workerd, while a worker uses it, and through wrangler. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Database } from "../../db/database.ts";
import { readLedger } from "../../db/ledger.ts";
import { workerState } from "../../db/local.ts";
import { migrate, readMigrations, rollback, toUndo } from "../../db/migrate.ts";
import { openWrangler } from "../../db/wrangler.ts";
import { inRoot } from "../../setup/paths.ts";
import { ADD_BIO, Checkout, CREATE_PROFILES, PEOPLE } from "./checkout.ts";

// The one that wrangler brings along.
const { convertV4MiniflareOptions, Miniflare } = createRequire(inRoot("node_modules", "wrangler", "package.json"))("miniflare") as typeof import("miniflare");

/** A worker that saves profiles one after the other, and tells what became of each. */
const SCRIPT = `export default {
  async fetch(request, env) {
    const [sub, name] = [new URL(request.url).searchParams.get("sub"), "n"];
    try {
      const time = new Date().toISOString();
      await env.PROFILES.prepare("INSERT INTO profiles (subject, display_name, revision, created_at, updated_at) VALUES (?, ?, 1, ?, ?)").bind(sub, name, time, time).run();
      const row = await env.PROFILES.prepare("SELECT subject FROM profiles WHERE subject = ?").bind(sub).first();
      return new Response(row.subject);
    } catch (error) {
      return new Response(error.message, { status: 500 });
    }
  },
};`;

describe("while a worker reads and writes", () => {
  const checkout = new Checkout();
  let worker: InstanceType<typeof Miniflare>;
  let origin: string;
  before(async () => {
    assert.equal((await checkout.run("migrate")).status, 0);
    worker = new Miniflare(
      convertV4MiniflareOptions({
        ...{ host: "127.0.0.1", port: 0, cf: false, telemetry: { enabled: false }, resourcePersistencePath: join(workerState(checkout.stateDirectory), "v3") },
        ...{ modules: true, script: SCRIPT, compatibilityDate: "2026-06-01", d1Databases: { PROFILES: "PROFILES" } },
      }),
    );
    origin = (await worker.ready).origin;
  });
  after(async () => {
    await worker?.dispose();
    checkout.delete();
  });

  it("migrations go back and forward under it, and no row that it was told is saved is lost", async () => {
    await checkout.sql(PEOPLE);
    const saved: string[] = [];
    const failures: string[] = [];
    let isDone = false;
    const save = async (client: number): Promise<void> => {
      for (let i = 0; !isDone; i++) {
        const response = await fetch(`${origin}/?sub=c${client}-${i}`);
        const text = await response.text();
        if (response.ok) saved.push(text);
        else failures.push(text);
      }
    };
    const clients = Promise.all([0, 1, 2].map(save));
    for (let i = 0; i < 4; i++) {
      for (const command of ["rollback", "migrate"]) {
        const { status, stderr } = await checkout.run(command);
        assert.equal(status, 0, stderr);
      }
    }
    isDone = true;
    await clients;

    // workerd does not wait for another writer: it says so, and the client knows.
    assert.deepEqual(failures.filter((text) => !/SQLITE_BUSY|commit token/.test(text)), []);
    assert.ok(saved.length > failures.length, `${saved.length} saved, ${failures.length} failed`);
    const subjects = new Set((await checkout.sql("SELECT subject FROM profiles")).map((row) => row["subject"]));
    assert.deepEqual(["ada", "grace", ...saved].filter((subject) => !subjects.has(subject)), []);
    assert.deepEqual(await checkout.sql("SELECT bio FROM profiles WHERE subject = 'ada'"), [{ bio: "First of all." }]);
    assert.deepEqual(await checkout.sql("SELECT * FROM pragma_integrity_check"), [{ integrity_check: "ok" }]);
  });
});

describe("through wrangler", () => {
  const checkout = new Checkout();
  after(() => checkout.delete());

  const database: Database = openWrangler({ description: "test database", place: "local", destination: ["--local", "--persist-to", workerState(checkout.stateDirectory)] });
  const say = (): void => undefined;
  const applied = async (): Promise<unknown[]> => (await checkout.sql("SELECT stamp || '_' || name AS id FROM schema_migrations ORDER BY position")).map((row) => row["id"]);

  it("D1 takes the project's migrations, forward and back, and it is the same database", async () => {
    assert.equal(await migrate(database, readMigrations(), { say }), 2);
    assert.deepEqual(await applied(), [CREATE_PROFILES, ADD_BIO]);
    await checkout.sql(PEOPLE);
    await rollback(database, readMigrations(), toUndo(database, readMigrations(), (await readLedger(database)).applied, 1), { say });
    assert.deepEqual(await applied(), [CREATE_PROFILES]);
    assert.equal((await checkout.run("migrate")).status, 0);
    assert.deepEqual(await checkout.sql("SELECT subject, display_name, revision, bio FROM profiles ORDER BY subject"), [
      { subject: "ada", display_name: "Ada", revision: 3, bio: "First of all." },
      { subject: "grace", display_name: "Grace; -- 'Amazing'", revision: 1, bio: "" },
    ]);
  });

  it("a migration that fails leaves nothing, and D1's words are handed on", async () => {
    checkout.write("20270101000000_half", "CREATE TABLE half (a TEXT) STRICT; INSERT INTO half VALUES (';'); INSERT INTO nowhere VALUES (1);", "DROP TABLE half;");
    await assert.rejects(migrate(database, readMigrations(checkout.migrations), { say }), /20270101000000_half\.up\.sql failed and left no trace.*nowhere/);
    assert.deepEqual(await applied(), [CREATE_PROFILES, ADD_BIO]);
    assert.deepEqual(await checkout.sql("SELECT name FROM sqlite_master WHERE name = 'half'"), []);
    assert.deepEqual(await checkout.sql("SELECT * FROM schema_migrations_lock"), []);
  });

  it("a file of the greatest length that is allowed gets through, literals, comments and triggers in one piece", async () => {
    const up = `-- It's a comment; with a quote.
      CREATE TABLE half (a TEXT NOT NULL) STRICT;
      CREATE TRIGGER half_insert AFTER INSERT ON half BEGIN
        UPDATE half SET a = CASE WHEN a = ';' THEN 'END;' ELSE a END; /* ; */
        DELETE FROM half WHERE a = '';
      END;
      INSERT INTO half (a) VALUES (';'), ('it''s -- "no" /* comment');`;
    const rest = 80_000 - Buffer.byteLength(up) - "\nINSERT INTO half (a) VALUES ('');".length;
    checkout.write("20270101000000_half", `${up}\nINSERT INTO half (a) VALUES ('${"x".repeat(rest)}');`, "DROP TABLE half;");
    await migrate(database, readMigrations(checkout.migrations), { say });
    assert.deepEqual(await checkout.sql("SELECT substr(a, 1, 30) AS a, length(a) AS length FROM half"), [
      { a: "END;", length: 4 },
      { a: "it's -- \"no\" /* comment", length: 23 },
      { a: "x".repeat(30), length: rest },
    ]);
  });
});

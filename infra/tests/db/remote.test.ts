/** `--remote`: the commands, wrangler as it is, and in the place of Cloudflare a server with the two calls of D1's HTTP API that wrangler makes. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { statements } from "../../db/sql.ts";
import { ADD_BIO, Checkout, CREATE_PROFILES, PEOPLE, type Ended } from "./checkout.ts";

const DATABASE_ID = "0f3c2b1a-0000-4000-8000-000000000000";

describe("the deployed database", () => {
  const checkout = new Checkout();
  const deployed = new DatabaseSync(":memory:");
  const calls: string[] = [];
  let server: Server;
  let env: Record<string, string>;

  /** Runs the statements of a query as a batch, which is what D1 promises. */
  function query(sql: string): object[] {
    deployed.exec("BEGIN");
    try {
      const results = statements(sql).map(({ text }) => ({ results: deployed.prepare(text).all(), success: true, meta: { duration: 0.1 } }));
      deployed.exec("COMMIT");
      return results;
    } catch (error) {
      deployed.exec("ROLLBACK");
      throw error;
    }
  }

  before(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        calls.push(`${request.method} ${request.url?.split("?")[0]}`);
        const send = (status: number, message: object): void => void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ errors: [], messages: [], ...message }));
        if (request.headers.authorization !== "Bearer test-token") return send(403, { success: false, errors: [{ code: 9109, message: "Invalid access token" }] });
        if (request.method === "GET") return send(200, { success: true, result: { uuid: DATABASE_ID, name: "roundel-profiles" } });
        try {
          send(200, { success: true, result: query((JSON.parse(body) as { sql: string }).sql) });
        } catch (error) {
          send(400, { success: false, errors: [{ code: 7500, message: `${(error as Error).message}: SQLITE_ERROR` }] });
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    env = { CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}`, CLOUDFLARE_ACCOUNT_ID: "account", CLOUDFLARE_API_TOKEN: "test-token" };
  });
  after(() => {
    server.close();
    deployed.close();
    checkout.delete();
  });

  const run = (command: string, ...args: string[]): Promise<Ended> => checkout.start(command, [...args, "--remote"], env).ended;

  it("is migrated, and found by its name", async () => {
    const before = await run("status");
    assert.equal(before.status, 3, before.stderr);
    assert.match(before.stdout, new RegExp(`^deployed profile database\\n(.*\\n)+2 pending; .npm run db:migrate -- --remote. applies them\\n$`));
    const { status, stdout, stderr } = await run("migrate");
    assert.equal(status, 0, stderr);
    assert.match(stdout, /deployed profile database is up to date: 2 migrations applied/);
    assert.deepEqual([...new Set(calls)], ["GET /accounts/account/d1/database/roundel-profiles", `POST /accounts/account/d1/database/${DATABASE_ID}/query`]);
    assert.deepEqual(deployed.prepare("SELECT name FROM schema_migrations").all().map((row) => row["name"]), ["create_profiles", "add_bio"]);
    // Nothing of it went to the one of this machine.
    assert.equal((await checkout.run("status")).status, 3);
  });

  it("is rolled back only by who says yes", async () => {
    deployed.exec(PEOPLE);
    const asked = await run("rollback", "2");
    assert.equal(asked.status, 1);
    assert.match(asked.stderr, new RegExp(`DEPLOYED database: ${ADD_BIO}\\n.*${CREATE_PROFILES}; loses: every profile\\n.*--yes`));
    assert.equal(deployed.prepare("SELECT * FROM profiles").all().length, 2);

    const undone = await run("rollback", "--yes");
    assert.equal(undone.status, 0, undone.stderr);
    assert.deepEqual(deployed.prepare("SELECT name FROM pragma_table_info('profiles')").all().map((row) => row["name"]), ["subject", "display_name", "revision", "created_at", "updated_at"]);
    assert.equal(deployed.prepare("SELECT * FROM profiles").all().length, 2);
  });

  it("is as it was after a migration that fails", async () => {
    checkout.write("20270101000000_bad", "DELETE FROM profiles; INSERT INTO nowhere VALUES (1);", "SELECT 1;");
    const { status, stderr } = await run("migrate");
    assert.equal(status, 1);
    assert.match(stderr, /20270101000000_bad\.up\.sql failed and left no trace.*nowhere/);
    // What was pending before it is in; of itself there is nothing, and the lock is free.
    assert.deepEqual(deployed.prepare("SELECT subject, bio FROM profiles ORDER BY subject").all().map((row) => ({ ...row })), [
      { subject: "ada", bio: "First of all." },
      { subject: "grace", bio: "" },
    ]);
    assert.equal(deployed.prepare("SELECT * FROM schema_migrations_lock").all().length, 0);
  });

  it("is not reached with a wrong token, or without one, and that is said in words", async () => {
    const wrong = await checkout.start("status", ["--remote"], { ...env, CLOUDFLARE_API_TOKEN: "another" }).ended;
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /^roundel: the deployed profile database says: .*Invalid access token/);
    const none = await checkout.start("status", ["--remote"], { ...env, CLOUDFLARE_API_TOKEN: undefined, HOME: checkout.folder, XDG_CONFIG_HOME: checkout.folder }).ended;
    assert.equal(none.status, 1);
    assert.match(none.stderr, /CLOUDFLARE_API_TOKEN/);
  });
});

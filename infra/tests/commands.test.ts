/** The commands of the README, as a person types them. */
import assert from "node:assert/strict";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { decodeJwt } from "jose";
import sharp from "sharp";
import { inspect, ready, render } from "roundel";
import { openLocal } from "../db/local.ts";
import { inRoot } from "../setup/paths.ts";

const photo = inRoot("wasm", "tests", "fixtures", "portrait.jpg");
const temporary = mkdtempSync(join(tmpdir(), "roundel-commands-"));
const env = { ...process.env, ROUNDEL_STATE: join(temporary, "state"), INIT_CWD: temporary };

type Ended = { status: number | null; stdout: string; stderr: string };

function command(args: string[], extra: Record<string, string> = {}): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn("node", [inRoot("infra", "setup", "run.mjs"), ...args], { cwd: temporary, env: { ...env, ...extra }, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return { child, ended: new Promise((resolve) => child.on("close", (status) => resolve({ status, stdout, stderr }))) };
}

const run = (...args: string[]): Promise<Ended> => command(args).ended;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when the command prints its ready line. */
async function start(port: number): Promise<{ child: ChildProcess; ended: Promise<Ended> }> {
  const started = command(["start"], { PORT: String(port) });
  await new Promise<void>((resolve, reject) => {
    let printed = "";
    started.child.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes(`ready http://127.0.0.1:${port}\n`)) resolve();
    });
    void started.ended.then(({ stderr }) => reject(new Error(`npm start ended:\n${stderr}`)));
  });
  return started;
}

/** The processes on this machine that belong to the test's state folder. */
function survivors(): { pid: number; line: string }[] {
  return execFileSync("ps", ["-A", "-ww", "-o", "pid=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(env.ROUNDEL_STATE))
    .map((line) => ({ pid: Number.parseInt(line, 10), line }));
}

/** Runs SQL on the profile database of the stack. */
async function profiles(sql: string): Promise<object[]> {
  const database = openLocal(env.ROUNDEL_STATE);
  const [rows = []] = await database.batch([sql]);
  database.close();
  return rows.map((row) => ({ ...row }));
}

/** Waits until something holds, ten seconds at most. */
async function eventually(holds: () => boolean): Promise<boolean> {
  for (let i = 0; i < 200 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  return holds();
}

describe("npm run avatar", () => {
  before(() => ready());

  it("writes the bytes that the package gives", async () => {
    const made = await run("avatar", photo, "--size", "128", "--out", "x.jpg");
    assert.equal(made.status, 0, made.stderr);
    const expected = render(new Uint8Array(readFileSync(photo)), { width: 128, height: 128 });
    assert.equal(createHash("sha256").update(readFileSync(join(temporary, "x.jpg"))).digest("hex"), expected.sha256);
    assert.match(made.stdout, new RegExp(expected.sha256));
  });

  it("says what is wrong", async () => {
    const missing = await run("avatar", "nowhere.jpg");
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /nowhere\.jpg/);
    const noPicture = await run("avatar", inRoot("package.json"));
    assert.match(noPicture.stderr, /unsupported_format/);
    assert.match((await run("avatar", photo, "--colour")).stderr, /usage/);
  });
});

describe("npm run bootstrap", () => {
  it("finds all that is there, and starts nothing", async () => {
    const { status, stdout, stderr } = await run("bootstrap");
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /all is here: `npm start` starts at once\n$/);
    assert.deepEqual(survivors(), []);
    assert.ok(!existsSync(env.ROUNDEL_STATE));

    // The second one has nothing to build, compile or install: it only says what it looks at.
    const again = await run("bootstrap");
    assert.equal(again.status, 0, again.stderr);
    assert.match(again.stderr, /^roundel: bringing and building what .* need\nroundel: bringing what `npm test` needs beyond that\nroundel: all is here: .*\n$/);
  });
});

describe("npm start", () => {
  let port: number;
  let stack: Awaited<ReturnType<typeof start>>;
  let url: string;
  let token: string;

  before(async () => {
    await ready();
    port = await freePort();
    stack = await start(port);
  });
  after(() => {
    stack.child.kill("SIGKILL");
    rmSync(temporary, { recursive: true, force: true });
  });

  it("serves the page", async () => {
    const page = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'self'/);
    assert.match(await page.text(), /<title>/);
  });

  it("avatar:upload prints the URL of a picture the right way up", async () => {
    const uploaded = await run("avatar:upload", photo, "--sub", "somebody");
    assert.equal(uploaded.status, 0, uploaded.stderr);
    url = uploaded.stdout.trim();
    const served = await fetch(url);
    assert.equal(served.headers.get("content-type"), "image/jpeg");
    const bytes = new Uint8Array(await served.arrayBuffer());
    const { width, height, orientation, hasMetadata } = inspect(bytes);
    assert.deepEqual({ width, height, orientation, hasMetadata }, { width: 256, height: 256, orientation: 1, hasMetadata: false });

    // An independent hand makes the same picture from the photo.
    const theirs = await sharp(photo).autoOrient().resize(256, 256).removeAlpha().raw().toBuffer();
    const ours = await sharp(bytes).removeAlpha().raw().toBuffer();
    const difference = ours.reduce((sum, value, i) => sum + Math.abs(value - (theirs[i] ?? 0)), 0) / ours.length;
    assert.ok(difference < 3, `mean difference ${difference}`);
  });

  const publish = (): Promise<Response> => fetch(`http://127.0.0.1:${port}/avatars/publish`, { method: "POST", headers: { authorization: `Bearer ${token}` } });

  it("token prints an access token for this stack", async () => {
    token = (await run("token", "--sub", "somebody", "--expires-in", "90")).stdout.trim();
    const claims = decodeJwt(token);
    assert.equal(claims.sub, "somebody");
    assert.equal(Number(claims.exp) - Number(claims.iat), 90);
    assert.equal((await publish()).status, 200);
  });

  it("has a profile database that is up to date", async () => {
    const { status, stdout } = await run("db:status");
    assert.equal(status, 0, stdout);
    assert.match(stdout, /add_bio .* applied\n$/);
    await profiles("INSERT INTO profiles (subject, display_name, revision, created_at, updated_at) VALUES ('somebody', 'Some Body', 1, '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z')");
  });

  it("refuses a taken port with words", async () => {
    const second = await command(["start"], { PORT: String(port), ROUNDEL_STATE: join(temporary, "second") }).ended;
    assert.equal(second.status, 1);
    assert.match(second.stderr, new RegExp(`port ${port} is taken.*PORT=`));
  });

  it("avatar:clear takes a picture away, and says what there is instead", async () => {
    const gone = await run("avatar:upload", photo, "--sub", "leaver");
    assert.equal((await fetch(gone.stdout.trim())).status, 200, gone.stderr);
    const { status, stdout, stderr } = await run("avatar:clear", "--sub", "leaver");
    assert.equal(status, 0, stderr);
    assert.equal(stdout, `leaver has no avatar any more, and no uploads of one; http://127.0.0.1:${port}/avatars/leaver.jpg shows the default picture\n`);
    assert.equal((await fetch(`http://127.0.0.1:${port}/avatars/leaver.jpg?d=404`)).status, 404);
    assert.equal((await fetch(url)).status, 200, "somebody else's is gone");

    // There is none, which is what was wanted.
    assert.equal((await run("avatar:clear", "--sub", "leaver")).status, 0);
    assert.match((await run("avatar:clear", "--sub", "leaver", "--kind", "banner")).stdout, /^leaver has no banner any more.*\/banners\/leaver\.jpg answers 404\n$/);
    for (const args of [["--kind", "toString"], ["--all"], ["leaver"]]) {
      const refused = await run("avatar:clear", ...args);
      assert.equal(refused.status, 1);
      assert.match(refused.stderr, /^roundel: .*usage: npm run avatar:clear/);
    }
  });

  it("ends every part on Ctrl-C, and has its state again after a restart", async () => {
    stack.child.kill("SIGINT");
    await stack.ended;
    assert.deepEqual(survivors(), []);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));
    stack = await start(port);
    assert.equal((await fetch(url)).status, 200);
    assert.equal((await publish()).status, 200, "a token from before the restart is still good");
    assert.deepEqual(await profiles("SELECT display_name FROM profiles"), [{ display_name: "Some Body" }]);
  });

  it("ends all when one part dies, and says which", async () => {
    const s3 = survivors().find(({ line }) => line.includes("roundel-local-s3 "));
    assert.ok(s3);
    process.kill(s3.pid, "SIGKILL");
    const { status, stderr } = await stack.ended;
    assert.equal(status, 1);
    assert.match(stderr, /local S3 server stopped/);
    assert.deepEqual(survivors(), []);
  });

  it("leaves nothing behind when it is ended before it is ready", async () => {
    const early = command(["start"], { PORT: String(port) });
    assert.ok(await eventually(() => survivors().some(({ line }) => line.includes("wrangler"))), "the parts were never started");
    early.child.kill("SIGTERM");
    await early.ended;
    assert.ok(await eventually(() => survivors().length === 0), survivors().map(({ line }) => line).join("\n"));
  });

  it("writes no token, signature or secret into its logs", () => {
    const logs = join(env.ROUNDEL_STATE, "logs");
    const text = readdirSync(logs, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".log"))
      .map((name) => readFileSync(join(logs, name), "utf8"))
      .join("\n");
    assert.ok(text.length > 100);
    const secrets = JSON.parse(readFileSync(join(env.ROUNDEL_STATE, "secrets.json"), "utf8")) as Record<string, string>;
    for (const secret of [...Object.values(secrets), "X-Amz-Signature", "eyJ"]) assert.ok(!text.includes(secret), "a secret is in the logs");
  });
});

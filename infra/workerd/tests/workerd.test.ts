/** The built worker under plain workerd, from the configuration that is shipped, with real storage and sign-in beside it. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { assertGuarded, assertProblem, fixture, startHarness, type Grant, type Harness, type Published } from "../../../edge/tests/harness.ts";
import { startChild, type Child } from "../../local/child.ts";
import { freePort } from "../../local/ports.ts";
import { LOCAL_USER_POOL_ID } from "../../local/tokens.ts";
import { inRoot } from "../../setup/paths.ts";

const read = (...path: string[]): string => readFileSync(inRoot(...path), "utf8");
const configuration = read("infra", "workerd", "config.capnp");
const bound = [...configuration.matchAll(/\(name = "([A-Z_0-9]+)", fromEnvironment = "([A-Z_0-9]+)"\)/g)];

describe("the configuration for plain workerd", () => {
  it("hands on every variable that the worker reads, by its own name", () => {
    for (const [, name, variable] of bound) assert.equal(name, variable);
    const names = bound.map(([, name = ""]) => name);
    // In the order of first mention; each once.
    const understood = new Set([...read("edge", "src", "config.rs").matchAll(/"([A-Z][A-Z0-9]*_[A-Z0-9_]+)"/g)].map(([, name = ""]) => name));
    assert.ok(understood.size >= 18);
    assert.deepEqual(names.filter((name) => name !== "CACHE_BYTES").sort(), [...understood].sort());
    const explained = [...read("infra", "workerd", "worker.env.example").matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name = ""]) => name);
    assert.deepEqual(explained.sort(), names.sort());
  });

  it("runs the worker as Cloudflare does", () => {
    const date = /^compatibility_date = "(.*)"$/m.exec(read("edge", "wrangler.toml"))?.[1];
    assert.deepEqual([...configuration.matchAll(/compatibilityDate = "(.*)"/g)].map(([, one]) => one), [date, date]);
  });

  it("gives the page the headers that it has on Cloudflare", () => {
    const [everything = "", assets = ""] = read("www", "dist", "_headers").split("\n\n");
    const headers = (block: string): string[][] => block.split("\n").slice(1).filter(Boolean).map((line) => [line.slice(0, line.indexOf(":")).trim(), line.slice(line.indexOf(":") + 1).trim()]);
    const added = (text: string): string[][] => [...text.matchAll(/^ *add_header (\S+) "(.*)" always;$/gm)].map(([, name = "", value = ""]) => [name, value]);
    assert.deepEqual(added(read("infra", "workerd", "nginx-page-headers.conf.example")), headers(everything));
    assert.deepEqual(added(read("infra", "workerd", "nginx.conf.example")), headers(assets));
  });
});

describe("the worker under plain workerd", () => {
  const stateDirectory = mkdtempSync(join(tmpdir(), "roundel-workerd-"));
  let harness: Harness;
  let child: Child;
  let origin: string;

  async function serve(name: string): Promise<[Child, string]> {
    const port = await freePort(0, "");
    const { s3, issuer, hookSecret } = harness.stack;
    const started = startChild({
      name: "workerd",
      program: inRoot("node_modules", ".bin", "workerd"),
      args: ["serve", inRoot("infra", "workerd", "config.capnp"), name, "--socket-addr", `http=127.0.0.1:${port}`],
      env: {
        PATH: process.env["PATH"],
        ...{ USER_POOL_ID: LOCAL_USER_POOL_ID, CLIENT_ID: issuer.clientId, JWT_ISSUER: issuer.url, JWKS_URL: issuer.jwksUrl, ALLOWED_ORIGINS: "https://app.example.com" },
        ...{ UPLOADS_BUCKET_NAME: s3.uploadsBucket, ASSETS_BUCKET_NAME: s3.assetsBucket, AWS_REGION: "us-east-1", S3_ENDPOINT: s3.endpoint },
        ...{ AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey, HOOK_SECRET: hookSecret },
      },
      // Where it is started must not matter to what is embedded.
      cwd: stateDirectory,
      logFile: join(stateDirectory, `${name}.log`),
    });
    const address = `http://127.0.0.1:${port}`;
    for (let i = 0; i < 600; i++) {
      if (await fetch(`${address}/healthz`).then((answer) => answer.ok, () => false)) return [started, address];
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`workerd did not answer:\n${started.output()}`);
  }

  before(async () => {
    harness = await startHarness();
    [child, origin] = await serve("privateStorage");
  });
  after(async () => {
    await Promise.all([child?.stop(), harness?.stop()]);
    rmSync(stateDirectory, { recursive: true, force: true });
  });

  const call = async (method: string, path: string, body?: object): Promise<Response> => {
    const headers = { authorization: `Bearer ${await harness.stack.issuer.accessToken({ sub: "ada" })}`, "content-type": "application/json" };
    return fetch(`${origin}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  };
  const lastLine = (): Record<string, unknown> => JSON.parse(child.output().trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>;

  it("answers /healthz, with the headers of every response", async () => {
    const response = await fetch(`${origin}/healthz`);
    assert.deepEqual(await response.json(), { status: "ok", version: "0.1.0" });
    assertGuarded(response);
  });

  it("takes a picture from the upload to the served file", async () => {
    const photo = fixture("portrait.jpg");
    const granted = await call("POST", "/avatars/key_upload", { extension: "jpg", content_length: photo.length });
    assert.equal(granted.status, 200, await granted.clone().text());
    const { url, headers } = (await granted.json()) as Grant;
    assert.equal((await fetch(url, { method: "PUT", headers, body: photo as Uint8Array<ArrayBuffer> })).status, 200);
    const published = await call("POST", "/avatars/publish", {});
    assert.equal(published.status, 200, await published.clone().text());
    const { version } = (await published.json()) as Published;
    const served = await fetch(`${origin}/avatars/ada.jpg`);
    assert.equal(served.status, 200);
    assert.equal(served.headers.get("content-type"), "image/jpeg");
    // The same bytes as the worker gives under wrangler.
    assert.deepEqual(Buffer.from(await served.arrayBuffer()), Buffer.from(await (await harness.get(`/avatars/ada/${version}/256.jpg`)).arrayBuffer()));
  });

  it("keeps what it has read in its cache, without a request to the storage", async () => {
    const picture = async (): Promise<Buffer> => Buffer.from(await (await fetch(`${origin}/avatars/ada.png?size=64`)).arrayBuffer());
    const first = await picture();
    // Later than what the isolate answers again without a look.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const asked = harness.s3Requests().length;
    assert.deepEqual(await picture(), first);
    assert.equal(harness.s3Requests().length, asked);
    assert.equal(lastLine()["cache"], "hit");
  });

  it("forgets at once what is removed", async () => {
    assert.equal((await call("DELETE", "/avatars")).status, 204);
    assert.equal((await fetch(`${origin}/avatars/ada.jpg?d=404`)).status, 404);
  });

  it("puts the address that people see in its answers, as the proxy tells it", async () => {
    const body = JSON.stringify({ source: "aws.s3" });
    const hook = await fetch(`${origin}/hooks/object-created`, { method: "POST", body, headers: { authorization: `Bearer ${harness.stack.hookSecret}` } });
    assert.equal(hook.status, 204);
    await harness.upload("grace", "jpg", fixture("portrait.jpg"));
    const headers = { authorization: `Bearer ${await harness.stack.issuer.accessToken({ sub: "grace" })}`, "x-forwarded-proto": "https" };
    const { url } = (await (await fetch(`${origin}/avatars/publish`, { method: "POST", headers, body: "{}" })).json()) as Published;
    assert.ok(url.startsWith(`${origin.replace("http:", "https:")}/avatars/grace`), url);
  });

  it("reaches no private address where it is not told to", async () => {
    const [narrow, address] = await serve("publicStorage");
    try {
      await assertProblem(await fetch(`${address}/avatars/ada.jpg?d=404`), 502, "storage_unavailable");
    } finally {
      await narrow.stop();
    }
  });
});

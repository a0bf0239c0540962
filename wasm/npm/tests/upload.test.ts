/** Uploads from Node, to servers that fail in every way. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, beforeEach, describe, it } from "node:test";
import { ready, render, type Rendered } from "roundel";
import { uploadAvatar, uploadBanner, UploadError, type UploadOptions } from "roundel/upload";
import { retryAfterMs } from "../src/upload-retry.ts";
import { fixture } from "./golden.ts";
import { SIGNED, startUploadServer, type Reply, type UploadServer } from "./upload-server.ts";

const KEY = "POST /avatars/key_upload";
const PUT = "PUT /storage";
const PUBLISH = "POST /avatars/publish";
const EXPIRED = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";

describe("an upload", () => {
  let server: UploadServer;
  let rendered: Rendered;
  before(async () => {
    await ready();
    rendered = render(fixture("portrait.jpg"));
    server = await startUploadServer();
  });
  after(() => server?.close());
  beforeEach(() => server.reset());

  const options = (more: Partial<UploadOptions> = {}): UploadOptions => ({ api: server.origin, token: "t0ken", rendered, retryDelayMs: 5, ...more });
  const routes = (): string[] => server.asked.map(({ route }) => route);
  const failure = async (more: Partial<UploadOptions> = {}): Promise<UploadError> => {
    const error = await uploadAvatar(options(more)).then(() => assert.fail("it succeeded"), (error: unknown) => error);
    assert.ok(error instanceof UploadError && error instanceof Error, String(error));
    assert.ok(!error.message.includes("t0ken") && error.message.length > 10);
    return error;
  };

  it("states the file, sends it as it was signed for, publishes, and tells how far it is", async () => {
    const told: string[] = [];
    const avatar = await uploadAvatar(options({ onProgress: ({ phase, loaded, total }) => told.push(`${phase} ${loaded === total ? "all" : loaded}`) }));
    assert.deepEqual([avatar.url, avatar.version, avatar.width, avatar.variants.length, avatar.published], [`${server.origin}/v`, "0123456789abcdef", 256, 1, true]);
    assert.deepEqual(routes(), [KEY, PUT, PUBLISH]);
    const [key, put, publish] = server.asked;
    assert.deepEqual(JSON.parse(String(key?.body)), { extension: "jpg", content_type: "image/jpeg", content_length: rendered.bytes.length, sha256: rendered.sha256 });
    assert.deepEqual([key?.headers.authorization, put?.headers.authorization, publish?.headers.authorization], ["Bearer t0ken", undefined, "Bearer t0ken"]);
    assert.deepEqual([put?.headers["content-type"], put?.headers["x-signed"]], ["image/jpeg", "1"]);
    assert.ok(put?.body.equals(rendered.bytes));
    assert.deepEqual(told, ["signing 0", "uploading 0", "uploading all", "publishing all"]);
  });

  it("goes to the routes of banners, below the address that it is given, with a fresh token each time", async () => {
    let tokens = 0;
    const token = async (): Promise<string> => `t${tokens++}`;
    await uploadBanner(options({ token }));
    assert.deepEqual(routes(), ["POST /banners/key_upload", PUT, "POST /banners/publish"]);
    assert.deepEqual(server.asked.map(({ headers }) => headers.authorization), ["Bearer t0", undefined, "Bearer t1"]);
    server.reset();
    server.next("POST /api/v1/avatars/key_upload", { status: 200, body: { url: "/storage?x=1" } });
    const { url } = await uploadAvatar(options({ api: `${server.origin}/api/v1` }));
    assert.equal(url, `${server.origin}/storage`);
  });

  it("tries again what may pass: no answer, 5xx, 429", async () => {
    const passing: Reply[] = ["hang up", { status: 503 }, { status: 500, body: { code: "storage_unavailable" } }];
    for (const route of [KEY, PUT, PUBLISH]) {
      server.reset();
      server.next(route, ...passing);
      await uploadAvatar(options());
      assert.equal(routes().filter((asked) => asked === route).length, 4, route);
    }
    server.reset();
    server.next(PUBLISH, { status: 429, headers: { "retry-after": "1" } });
    const began = performance.now();
    await uploadAvatar(options());
    assert.ok(performance.now() - began >= 990);
    assert.deepEqual(routes(), [KEY, PUT, PUBLISH, PUBLISH]);
  });

  it("gives up after so many tries, or where the server wants to be left alone for long", async () => {
    const always: Reply[] = Array.from({ length: 9 }, () => ({ status: 502 }));
    server.next(PUT, ...always);
    const spent = await failure({ retries: 2 });
    assert.deepEqual([spent.code, spent.status, spent.retryable, routes()], ["server", 502, true, [KEY, PUT, PUT, PUT]]);
    server.reset();
    server.next(KEY, { status: 429, headers: { "retry-after": "3600" }, body: { code: "rate_limited", detail: "Too many uploads; wait" } });
    const limited = await failure();
    assert.deepEqual([limited.code, limited.problem, limited.message, limited.retryAfterMs, routes()], ["rate_limited", "rate_limited", "Too many uploads; wait", 3_600_000, [KEY]]);
    server.reset();
    server.next(KEY, ...always);
    assert.equal((await failure({ retries: 0 })).code, "server");
    assert.deepEqual(routes(), [KEY]);
  });

  it("reads Retry-After in seconds and as a date, and nothing else", () => {
    const nowMs = Date.parse("2026-01-01T00:00:00Z");
    const read = (header: string | null): number | undefined => retryAfterMs(header, nowMs);
    assert.deepEqual(["0", "7", " 120 "].map(read), [0, 7000, 120_000]);
    assert.deepEqual(["Thu, 01 Jan 2026 00:00:05 GMT", "Wed, 31 Dec 2025 00:00:00 GMT"].map(read), [5000, 0]);
    assert.deepEqual([null, "", "soon", "-", "1e400", "9".repeat(400)].map(read), [undefined, undefined, undefined, undefined, undefined, undefined]);
  });

  it("never sends again what was refused", async () => {
    const refusals: [number, string, string][] = [
      [400, "bad_extension", "refused"],
      [401, "unauthorized", "unauthorized"],
      [403, "forbidden", "refused"],
      [404, "no_upload", "refused"],
      [409, "content_type_mismatch", "refused"],
      [413, "too_large", "too_large"],
      [422, "malformed", "refused"],
    ];
    for (const [status, problem, code] of refusals) {
      for (const route of [KEY, PUBLISH]) {
        server.reset();
        server.next(route, { status, body: { code: problem, title: "No", detail: "Not like this, please" } });
        const error = await failure();
        assert.deepEqual([error.code, error.status, error.problem, error.retryable, error.message], [code, status, problem, false, "Not like this, please"]);
        assert.equal(routes().filter((asked) => asked === route).length, 1);
      }
    }
    for (const [status, code] of [[400, "refused"], [403, "refused"], [412, "refused"], [413, "too_large"]] as const) {
      server.reset();
      server.next(PUT, { status, body: "<Error><Code>AccessDenied</Code><Message>There were headers that were not signed</Message></Error>" });
      const error = await failure();
      assert.deepEqual([error.code, error.status, error.problem, routes()], [code, status, "storage_refused", [KEY, PUT]]);
    }
  });

  it("asks for a fresh address where the old one has ended", async () => {
    const endsSoon: Reply = { status: 200, body: { url: `${server.origin}/storage?X-Amz-Expires=1`, headers: {} } };
    // The storage says so.
    server.next(PUT, { status: 403, body: EXPIRED });
    await uploadAvatar(options());
    assert.deepEqual(routes(), [KEY, PUT, KEY, PUT, PUBLISH]);
    // It is silent about why, but it is late.
    server.reset();
    server.next(KEY, endsSoon);
    server.next(PUT, { status: 403 });
    await uploadAvatar(options());
    assert.deepEqual(routes(), [KEY, PUT, KEY, PUT, PUBLISH]);
    // Another failure, and then it is late.
    server.reset();
    server.next(KEY, endsSoon);
    server.next(PUT, "hang up");
    await uploadAvatar(options());
    assert.deepEqual(routes(), [KEY, PUT, KEY, PUT, PUBLISH]);
    // A device whose clock is years wrong is no reason: `expires_at` of this server is long ago.
    server.reset();
    server.next(PUT, { status: 500 });
    await uploadAvatar(options());
    assert.deepEqual(routes(), [KEY, PUT, PUT, PUBLISH]);
    // Each of them.
    server.reset();
    server.next(PUT, ...Array.from({ length: 9 }, () => ({ status: 403, body: EXPIRED })));
    const error = await failure({ retries: 1 });
    assert.deepEqual([error.code, error.retryable, routes()], ["expired", true, [KEY, PUT, KEY, PUT]]);
  });

  it("takes silence and nonsense for what they are", async () => {
    server.next(KEY, "silence", "silence");
    const silent = await failure({ timeoutMs: 50, retries: 1 });
    assert.deepEqual([silent.code, silent.status, silent.retryable], ["network", 0, true]);
    assert.ok(silent.cause instanceof Error);
    const nowhere = await failure({ api: "http://127.0.0.1:1", retries: 1 });
    assert.deepEqual([nowhere.code, nowhere.status], ["network", 0]);
    for (const body of ["<html>", [], null, {}, { url: 7 }, { url: "javascript:alert(1)" }, { url: "http://" }, { url: "/x", method: "POST" }]) {
      server.next(KEY, { status: 200, body });
      assert.equal((await failure({ retries: 0 })).code, "server", JSON.stringify(body));
    }
    for (const body of ["<html>", [], null, {}, { url: "/x" }]) {
      server.next(PUBLISH, { status: 200, body });
      assert.equal((await failure({ retries: 0 })).code, "server", JSON.stringify(body));
    }
  });

  it("ends at once when it is called off, wherever it is", async () => {
    const stages: [string, string, Reply, string[]][] = [
      ["while it asks", KEY, "silence", [KEY]],
      ["while it sends", PUT, "silence", [KEY, PUT]],
      ["while it publishes", PUBLISH, "silence", [KEY, PUT, PUBLISH]],
      ["while it waits to try again", PUT, { status: 503, headers: { "retry-after": "20" } }, [KEY, PUT]],
    ];
    for (const [stage, route, reply, wanted] of stages) {
      server.reset();
      server.next(route, reply);
      const controller = new AbortController();
      const outcome = assert.rejects(uploadAvatar(options({ signal: controller.signal })), { message: "called off" }, stage);
      while (routes().at(-1) !== route) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, 30));
      const began = performance.now();
      controller.abort(new Error("called off"));
      await outcome;
      assert.ok(performance.now() - began < 500);
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.deepEqual(routes(), wanted, stage);
    }
    server.reset();
    await assert.rejects(uploadAvatar(options({ signal: AbortSignal.abort() })), { name: "AbortError" });
    assert.deepEqual(routes(), []);
  });

  it("serves a server that knows the extension alone, and no publishing", async () => {
    const url = `${server.origin}/storage?${SIGNED}`;
    const strict: Reply = { status: 400, body: { error: "unknown field content_type" } };
    for (const replies of [[{ status: 200, body: { url } }], [{ status: 200, body: { url, key: "avatars/me.jpg" } }], [strict, { status: 200, body: { url } }]] as Reply[][]) {
      server.reset();
      server.next(KEY, ...replies);
      const avatar = await uploadAvatar(options());
      const { width, height, thumbhash, sha256 } = rendered;
      assert.deepEqual(avatar, { url: `${server.origin}/storage`, version: sha256.slice(0, 16), width, height, thumbhash, variants: [], published: false });
      assert.deepEqual(routes(), [...replies.map(() => KEY), PUT]);
      const put = server.asked.at(-1);
      assert.equal(put?.headers["content-type"], "image/jpeg");
      assert.ok(put?.body.equals(rendered.bytes));
    }
    assert.deepEqual(JSON.parse(String(server.asked[1]?.body)), { extension: "jpg" });
  });

  it("sends nothing that is not proven to be a picture and nothing else", async () => {
    const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
    const photo = fixture("portrait.jpg");
    const changed = { ...rendered, bytes: rendered.bytes.slice() };
    changed.bytes[changed.bytes.length - 3]! ^= 1;
    const trailing = new Uint8Array([...rendered.bytes, 7]);
    const wrong: [Partial<Record<keyof Rendered, unknown>>, string][] = [
      [{ bytes: photo, contentType: "image/jpeg", sha256: hash(photo) }, "not_clean"],
      [{ bytes: trailing, contentType: "image/jpeg", sha256: hash(trailing) }, "not_clean"],
      [changed, "not_clean"],
      [{ ...rendered, sha256: "" }, "not_clean"],
      [{ ...rendered, sha256: undefined }, "not_clean"],
      [{ ...rendered, contentType: "image/gif" }, "unsupported"],
      [{ ...rendered, contentType: "toString" }, "unsupported"],
      [{ ...rendered, bytes: "photo" }, "unsupported"],
    ];
    for (const [file, code] of wrong) {
      const error = await failure({ rendered: file as unknown as Rendered });
      assert.deepEqual([error.code, error.status, error.retryable], [code, 0, false]);
    }
    assert.deepEqual(routes(), []);
    // Clean, though nobody saw it being made.
    await uploadAvatar(options({ rendered: { bytes: rendered.bytes.slice(), contentType: rendered.contentType, sha256: rendered.sha256 } }));
    assert.deepEqual(routes(), [KEY, PUT, PUBLISH]);
  });
});

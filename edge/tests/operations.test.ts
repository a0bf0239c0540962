/** What an operator sees: a log line a request, `Server-Timing`, and nothing in either that is a secret or names a person. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, afterEach, before, test } from "node:test";
import { fixture, sha256, startHarness, type Grant, type Harness } from "./harness.ts";

let harness: Harness;
const photo = fixture("portrait.jpg");
before(async () => {
  harness = await startHarness({ faults: true, variables: { RATE_LIMIT_SIGNING: "30", RATE_LIMIT_CHANGES: "20" } });
});
afterEach(() => harness.faults([]));
after(() => harness?.stop());

type Line = Record<string, unknown> & { phases: Record<string, number> };

const OF_REQUESTS = ["bytes", "cache", "code", "method", "ms", "phases", "reason", "route", "status", "subject"];
const OF_BACKGROUND = ["background", "ms", "phases", "reason", "subject"];
const PHASES = ["auth", "limit", "cache", "storage", "wait", "render"];

const logged = (): string[] => harness.stack.workerLog().split("\n").filter((line) => line.startsWith("{"));
const parsed = (): Line[] => logged().map((line) => JSON.parse(line) as Line);

/** The lines since `from` that fit, once there is one. */
async function linesSince(from: number, fits: (line: Line) => boolean): Promise<Line[]> {
  for (let waited = 0; waited < 5_000; waited += 20) {
    const lines = parsed().slice(from).filter(fits);
    if (lines.length > 0) return lines;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`no such line:\n${logged().slice(from).join("\n")}`);
}

/** As docs/operations.md says that an operator computes it. */
function pseudonym(sub: string): string {
  const key = createHmac("sha256", harness.stack.hookSecret).update("roundel pseudonyms").digest();
  return createHmac("sha256", key).update(`log:${sub}`).digest("hex").slice(0, 16);
}

/** Milliseconds by name. */
function timings(response: Response): Record<string, number> {
  const entries = (response.headers.get("server-timing") ?? "").split(", ").map((entry) => /^([a-z]+);dur=(\d+)$/.exec(entry));
  return Object.fromEntries(entries.map((entry) => [entry?.[1] ?? "", Number(entry?.[2])]));
}

test("each request is a line with the same members, and no line has a secret or names a person", async () => {
  const sub = "person-of-the-log";
  // The stack's own question whether the worker is there has a line too, and the log comes late.
  await linesSince(0, (line) => line["route"] === "health");
  const before = logged().length;
  const token = await harness.stack.issuer.accessToken({ sub });
  const authorization = `Bearer ${token}`;
  const seen: string[] = [];
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await harness.get(path, init);
    seen.push(`${init.method ?? "GET"} ${response.status}`);
    await response.clone().arrayBuffer();
    return response;
  };
  const stated = { extension: "jpg", content_type: "image/jpeg", content_length: photo.length, sha256: sha256(photo).toString("hex") };
  const grant = (await (await ask("/avatars/key_upload", { method: "POST", headers: { authorization }, body: JSON.stringify(stated) })).json()) as Grant;
  assert.equal((await fetch(grant.url, { method: "PUT", headers: grant.headers, body: photo as Uint8Array<ArrayBuffer> })).status, 200);
  const published = await ask("/avatars/publish", { method: "POST", headers: { authorization } });
  const { version } = (await published.json()) as { version: string };
  seen.push(`hook ${(await harness.tellCreated(`avatars/${sub}.jpg`)).status}`);
  await ask("/hooks/object-created", { method: "POST", headers: { authorization: "Bearer a-wrong-secret-of-the-hook" }, body: "{}" });
  await ask(`/avatars/${sub}.jpg?size=64`);
  await ask(`/avatars/${sub}`, { method: "HEAD", headers: { accept: "image/webp" } });
  await ask(`/avatars/${sub}/${version}/128.webp`, { headers: { "if-none-match": "\"x\"" } });
  await ask(`/avatars/${sub}/${version}/128.webp`, { headers: { "if-none-match": "*" } });
  await ask(`/avatars/${sub}-without-a-picture.png?d=identicon`);
  await ask(`/banners/${sub}.jpg`);
  await ask("/avatars/key_upload", { method: "OPTIONS", headers: { origin: harness.origin } });
  await ask("/config.json");
  await ask("/healthz?x-amz-signature=not-to-be-seen");
  await ask(`/nothing/${sub}`);
  await ask("/avatars/publish", { method: "POST", headers: { authorization: `${authorization}x` } });
  await ask("/avatars", { method: "DELETE", headers: { authorization } });
  assert.deepEqual(seen, [
    ...["POST 200", "POST 200", "hook 200", "POST 401", "GET 200", "HEAD 200", "GET 200", "GET 304", "GET 200", "GET 404"],
    ...["OPTIONS 204", "GET 200", "GET 200", "GET 404", "POST 401", "DELETE 204"],
  ]);

  const lines = await linesSince(before, (line) => line["route"] === "remove").then(() => parsed().slice(before));
  assert.equal(lines.length, seen.length, "one line a request");
  for (const line of lines) {
    assert.deepEqual(Object.keys(line).sort(), OF_REQUESTS);
    for (const name of ["status", "ms", "bytes"]) assert.equal(typeof line[name], "number", name);
    for (const [phase, ms] of Object.entries(line.phases)) assert.ok(PHASES.includes(phase) && Number.isInteger(ms), phase);
  }
  const routes = new Set(lines.map((line) => line["route"]));
  assert.deepEqual([...routes].sort(), ["current_image", "health", "key_upload", "none", "object_created", "page_config", "preflight", "publish", "remove", "version_image"]);
  const about = lines.filter((line) => line["subject"] === pseudonym(sub)).map((line) => line["route"]);
  assert.deepEqual(about, ["key_upload", "publish", "object_created", "current_image", "current_image", "version_image", "version_image", "current_image", "remove"]);

  const text = logged().join("\n");
  assert.ok(!text.includes(sub), "a subject");
  assert.ok(!text.includes("a-wrong-secret"), "what somebody tried");
  const all = harness.stack.workerLog();
  const { accessKeyId, secretAccessKey } = harness.stack.s3;
  const signature = new URL(grant.url).searchParams.get("X-Amz-Signature") ?? "";
  const secrets = [...token.split("."), signature, secretAccessKey, accessKeyId, harness.stack.hookSecret, "X-Amz-", "Bearer"];
  for (const secret of secrets) assert.ok(secret.length > 5 && !all.includes(secret), secret);
});

test("work after the answer that fails is a line of its own", async () => {
  await harness.upload("background", "jpg", photo);
  const { version } = await harness.publish("background");
  await harness.faults([{ method: "PUT", status: 403 }]);
  const before = logged().length;
  assert.equal((await harness.get(`/avatars/background/${version}/96.webp`)).status, 200);
  const [line] = await linesSince(before, (line) => line["background"] !== undefined);
  assert.deepEqual(Object.keys(line ?? {}).sort(), OF_BACKGROUND);
  assert.equal(line?.["background"], "keep_picture");
  assert.equal(line?.["subject"], pseudonym("background"));
  assert.match(String(line?.["reason"]), /^storage_unavailable: storage: Put: status 403/);
});

test("the phases say where the time went, to the client and to the log", async () => {
  await harness.upload("timed", "jpg", photo);
  const published = await harness.post("/avatars/publish", "timed");
  const publishing = timings(published);
  assert.deepEqual(Object.keys(publishing), ["auth", "limit", "cache", "storage", "render", "total"]);
  const { version } = (await published.json()) as { version: string };
  const key_prefix = `${harness.stack.s3.assetsBucket}/avatars/timed/`;
  await harness.faults([{ method: "GET", key_prefix, delay_ms: 400 }]);
  const before = logged().length;
  const made = timings(await harness.get(`/avatars/timed/${version}/512.webp`));
  assert.ok((made["storage"] ?? 0) >= 800, "two questions");
  assert.ok((made["total"] ?? 0) >= (made["storage"] ?? 0) + (made["render"] ?? 0));
  const [line] = await linesSince(before, (line) => line["route"] === "version_image");
  assert.equal(line?.phases["storage"], made["storage"]);
  await harness.faults([]);

  // Later than what the isolate answers again without a look.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  // What the cache has kept is not told with the time that it took to make.
  const cached = timings(await harness.get(`/avatars/timed/${version}/512.webp`));
  assert.deepEqual(Object.keys(cached), ["cache", "total"]);
  assert.ok((cached["total"] ?? 999) < 300);
});

test("who is not let in is not told how far the check came, and pages of other origins read no times", async () => {
  for (const token of [undefined, "Bearer x", `Bearer ${await harness.stack.issuer.accessToken({ expiresInSeconds: -1000 })}`]) {
    const response = await harness.get("/avatars/publish", { method: "POST", ...(token ? { headers: { authorization: token } } : {}) });
    assert.equal(response.status, 401);
    assert.equal(response.headers.get("server-timing"), null);
  }
  const response = await harness.get("/healthz", { headers: { origin: harness.origin } });
  assert.match(response.headers.get("server-timing") ?? "", /^total;dur=\d+$/);
  assert.equal(response.headers.get("timing-allow-origin"), null);
  assert.doesNotMatch(response.headers.get("access-control-expose-headers") ?? "", /timing/i);
});

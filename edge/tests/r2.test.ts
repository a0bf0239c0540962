/** The whole way on Cloudflare's R2, as Miniflare serves it over the S3 API: another server's opinion on what the worker signs. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Miniflare as MiniflareServer } from "miniflare";
import { inRoot } from "../../infra/setup/paths.ts";
import { ASSETS_BUCKET, UPLOADS_BUCKET } from "../../infra/local/stack.ts";
import { fixture, sha256, startHarness, type Harness } from "./harness.ts";

// The one that wrangler brings along.
const { convertV4MiniflareOptions, Miniflare } = createRequire(inRoot("node_modules", "wrangler", "package.json"))("miniflare") as typeof import("miniflare");

const credentials = { accessKeyId: "r2-access-key-id", secretAccessKey: "r2/secret+access=key" };
let folder: string;
let r2: MiniflareServer;
let harness: Harness;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "roundel-r2-"));
  r2 = new Miniflare(
    convertV4MiniflareOptions({
      ...{ host: "127.0.0.1", port: 0, cf: false, telemetry: { enabled: false }, resourcePersistencePath: folder },
      ...{ modules: true, script: "export default { fetch: () => new Response(null, { status: 404 }) }", compatibilityDate: "2026-06-01" },
      r2Buckets: { UPLOADS: { id: UPLOADS_BUCKET, s3Credentials: credentials }, ASSETS: { id: ASSETS_BUCKET, s3Credentials: credentials } },
    }),
  );
  const { origin } = await r2.ready;
  harness = await startHarness({
    variables: {
      S3_ENDPOINT: `${origin}/cdn-cgi/local/r2/s3`,
      AWS_REGION: "auto",
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  });
});
after(async () => {
  await harness?.stop();
  await r2?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function put(url: string, headers: Record<string, string>, body: Uint8Array, method = "PUT"): Promise<number> {
  const response = await fetch(url, { method, headers, body: body as Uint8Array<ArrayBuffer> });
  await response.arrayBuffer();
  return response.status;
}

/** By R2's own interface, not by S3's. */
async function keys(bucket: string, prefix: string): Promise<string[]> {
  type Bucket = { list(options: { prefix: string }): Promise<{ objects: { key: string }[] }> };
  const { objects } = await ((await r2.getR2Bucket(bucket)) as unknown as Bucket).list({ prefix });
  return objects.map(({ key }) => key);
}

test("a picture is uploaded, published, replaced and served", async () => {
  const photo = fixture("portrait.jpg");
  await harness.upload("on-r2", "jpg", photo);
  const first = await harness.publish("on-r2");
  const served = await harness.get("/avatars/on-r2.jpg");
  assert.equal(served.status, 200);
  assert.equal(served.headers.get("etag"), `"${first.version}-256-jpg"`);
  assert.equal((await harness.publish("on-r2")).version, first.version, "repeating it changes nothing");

  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await harness.upload("on-r2", "png", fixture("alpha.png"));
  const second = await harness.publish("on-r2");
  assert.notEqual(second.version, first.version);
  const assets = await keys("ASSETS", "avatars/on-r2/");
  assert.ok(assets.length >= 3);
  assert.deepEqual(assets.filter((key) => key.includes(first.version)), [], "what was replaced is gone");
  assert.deepEqual(await keys("UPLOADS", "avatars/on-r2."), ["avatars/on-r2.png"]);
});

test("R2 holds clients to what they stated", async () => {
  const body = fixture("portrait.jpg");
  const stated = { content_type: "image/jpeg", content_length: body.length, sha256: sha256(body).toString("hex"), if_none_match: "*" };
  const { url, headers } = await harness.grant("held-by-r2", "jpg", stated);
  const replace = (name: string, value: string): string => url.replace(new RegExp(`${name}=[^&]*`), `${name}=${value}`);
  assert.equal(await put(url.replace("held-by-r2.jpg", "another.jpg"), headers, body), 403, "another key");
  assert.equal(await put(replace("X-Amz-Expires", "604800"), headers, body), 403, "a longer life");
  assert.equal(await put(replace("X-Amz-Signature", "0".repeat(64)), headers, body), 403, "another signature");
  assert.equal(await put(url, { ...headers, "content-type": "text/html" }, body), 403, "another type");
  assert.equal(await put(url, headers, new Uint8Array([...body, 0])), 403, "a longer body");
  assert.equal((await fetch(url, { method: "DELETE" })).status, 403, "another method");
  const { "if-none-match": _, ...unconditional } = headers;
  assert.equal(await put(url, unconditional, body), 403, "without the condition");
  assert.equal(await put(url, headers, body), 200);
  assert.equal(await put(url, headers, body), 412, "it is there already");
});

/** A photo becomes a served picture, with the storage's own event and without the client's publish. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { assertGuarded, assertProblem, fixture, sha256, startHarness, type Harness } from "./harness.ts";

let harness: Harness;
before(async () => {
  harness = await startHarness({ notifications: true });
});
after(() => harness?.stop());

test("a stated, signed upload is published and served in every size, right way up", async () => {
  const photo = fixture("portrait.jpg");
  const stated = { content_type: "image/jpeg", content_length: photo.length, sha256: sha256(photo).toString("hex") };
  const grant = await harness.grant("whole-path", "jpg", stated);
  assert.equal(grant.method, "PUT");
  assert.equal(grant.key, "avatars/whole-path.jpg");
  assert.deepEqual(grant.headers, { "content-type": "image/jpeg", "x-amz-checksum-sha256": sha256(photo).toString("base64") });
  assert.match(grant.expires_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

  const put = await fetch(grant.url, { method: grant.method, headers: grant.headers, body: photo as Uint8Array<ArrayBuffer> });
  assert.equal(put.status, 200, await put.text());

  const published = await harness.publish("whole-path");
  assert.match(published.version, /^[0-9a-f]{16}$/);
  assert.equal(published.url, `${harness.origin}/avatars/whole-path/${published.version}/256.jpg`);
  assert.deepEqual([published.width, published.height], [256, 256]);
  assert.ok(Buffer.from(published.thumbhash, "base64").length >= 5);
  const sizes = [32, 48, 64, 96, 128, 192, 256, 384, 512, 1024];
  assert.deepEqual(
    published.variants.map(({ size, format }) => `${size}.${format}`),
    ["jpg", "png", "webp"].flatMap((format) => sizes.map((size) => `${size}.${format}`)),
  );

  for (const { size, format, url } of published.variants) {
    const response = await fetch(url);
    assert.equal(response.status, 200, url);
    const type = format === "jpg" ? "jpeg" : format;
    assert.equal(response.headers.get("content-type"), `image/${type}`);
    const picture = await sharp(await response.arrayBuffer()).metadata();
    assert.deepEqual([picture.width, picture.height, picture.format], [size, size, type]);
    assert.deepEqual([picture.exif, picture.xmp, picture.icc], [undefined, undefined, undefined], "nothing of the camera's metadata is left");
  }
  const shown = await sharp(await (await fetch(published.url)).arrayBuffer()).raw().toBuffer();
  const wanted = await sharp(photo).rotate().resize(256, 256, { fit: "cover" }).removeAlpha().raw().toBuffer();
  const difference = shown.reduce((sum, value, index) => sum + Math.abs(value - (wanted[index] ?? 0)), 0) / shown.length;
  assert.ok(difference < 6, `mean difference to sharp's picture: ${difference}`);
});

test("the event alone publishes", async () => {
  await harness.upload("by-event", "png", fixture("alpha.png"));
  const deadline = Date.now() + 10_000;
  let keys: string[] = [];
  // The pointer's place is reserved before there is a picture.
  while (keys.length < 3 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    keys = await harness.keys("assets", "avatars/by-event/");
  }
  assert.equal(keys.length, 3, keys.join());
  assert.ok(keys.includes("avatars/by-event/current.json"));
  assert.ok(keys.some((key) => key.endsWith("/master.png")));
  const response = await harness.get("/avatars/by-event.png?size=64");
  assert.equal(response.status, 200);
  assert.equal((await sharp(await response.arrayBuffer()).metadata()).hasAlpha, true);
});

test("a hook wants its secret", async () => {
  for (const authorization of [undefined, "Bearer wrong", `Basic ${harness.stack.hookSecret}`, harness.stack.hookSecret]) {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const response = await harness.get("/hooks/object-created", { method: "POST", headers, body: "{}" });
    await assertProblem(response, 401, "unauthorized");
  }
});

function event(bucket: string, key: string): string {
  return JSON.stringify({ version: "0", "detail-type": "Object Created", source: "aws.s3", detail: { bucket: { name: bucket }, object: { key, size: 1 } } });
}

async function send(body: string): Promise<Response> {
  return harness.get("/hooks/object-created", { method: "POST", headers: { authorization: `Bearer ${harness.stack.hookSecret}` }, body });
}

test("a duplicate event changes nothing, a foreign one is ignored, nonsense is refused", async () => {
  const { uploadsBucket, assetsBucket } = harness.stack.s3;
  await harness.upload("twice", "jpg", fixture("portrait.jpg"));
  const first = await send(event(uploadsBucket, "avatars/twice.jpg"));
  assert.equal(first.status, 200);
  assertGuarded(first);
  const answer = (await first.json()) as { version: string; upload: { key: string; etag: string } };
  const etag = `"${createHash("md5").update(fixture("portrait.jpg")).digest("hex")}"`;
  assert.deepEqual(answer, { version: answer.version, upload: { key: "avatars/twice.jpg", etag } }, "which upload counts");
  assert.match(answer.version, /^[0-9a-f]{16}$/);
  const again = await send(event(uploadsBucket, "avatars/twice.jpg"));
  assert.deepEqual(await again.json(), answer);
  for (const [bucket, key] of [
    [assetsBucket, "avatars/twice.jpg"],
    [uploadsBucket, "avatars/twice.exe"],
    [uploadsBucket, "other/twice.jpg"],
    [uploadsBucket, "avatars/../twice.jpg"],
    [uploadsBucket, "avatars/nobody.jpg"],
  ] as const) {
    assert.equal((await send(event(bucket, key))).status, 204, key);
  }
  assert.equal((await send("[1]")).status, 204);
  await assertProblem(await send("{"), 400, "bad_request");
  await assertProblem(await send(" ".repeat(65_537)), 413, "too_large");
});

test("an event for a picture that cannot be used says so and is not to be sent again", async () => {
  await harness.upload("refused", "jpg", new TextEncoder().encode("<svg/>"));
  const response = await send(event(harness.stack.s3.uploadsBucket, "avatars/refused.jpg"));
  assert.equal(response.status, 200);
  const { detail, ...rest } = (await response.json()) as { detail: string };
  assert.deepEqual(rest, { refused: "unsupported_format" });
  assert.ok(detail.length > 10, detail);
  assert.deepEqual(await harness.keys("assets", "avatars/refused/"), []);
});

test("no token, signature, secret or person is in the log", async () => {
  const token = await harness.stack.issuer.accessToken({ sub: "logged-person" });
  await harness.get("/avatars/publish?secret-query=1", { method: "POST", headers: { authorization: `Bearer ${token}` } });
  await harness.get("/avatars/logged-person.jpg?size=64&secret-query=1");
  const log = harness.stack.workerLog();
  assert.match(log, /"route":"current_image"/);
  assert.match(log, /"route":"publish"/);
  const lines = log.split("\n").filter((line) => line.includes('"route"'));
  for (const secret of [token, token.split(".")[2] ?? "", "logged-person", "secret-query", "X-Amz-Signature", harness.stack.hookSecret]) {
    assert.ok(!lines.some((line) => line.includes(secret)));
  }
});

/** Publishing and serving. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { ready, render } from "roundel";
import { goldenCases } from "../../wasm/npm/tests/golden.ts";
import { assertGuarded, assertProblem, fixture, sha256, startHarness, type Harness } from "./harness.ts";

let harness: Harness;
const photo = fixture("portrait.jpg");
before(async () => {
  harness = await startHarness();
});
after(() => harness?.stop());

/** A JPEG whose header announces 64250 x 64250 pixels. */
function enormous(): Uint8Array {
  const bytes = new Uint8Array(photo);
  for (let at = 2; at < bytes.length; at += 2 + ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0)) {
    if (bytes[at + 1] === 0xc0) {
      bytes.set([0xfa, 0xfa, 0xfa, 0xfa], at + 5);
      return bytes;
    }
  }
  throw new Error("the fixture is not a baseline JPEG");
}

test("publishing twice gives the same answer and the same objects", async () => {
  await assertProblem(await harness.post("/avatars/publish", "again"), 404, "no_upload");
  await harness.upload("again", "jpg", photo);
  const first = await harness.publish("again");
  const keys = await harness.keys("assets", "avatars/again/");
  assert.deepEqual(keys, [`avatars/again/${first.version}/256.jpg`, `avatars/again/${first.version}/master.jpg`, "avatars/again/current.json"].sort());
  assert.deepEqual(await harness.publish("again"), first);
  assert.deepEqual(await harness.keys("assets", "avatars/again/"), keys);
});

test("a new picture replaces the old one, and a GET right after shows it", async () => {
  await harness.upload("replaced", "png", fixture("alpha.png"));
  const old = await harness.publish("replaced");
  const etag = (await harness.get("/avatars/replaced.jpg")).headers.get("etag");
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await harness.upload("replaced", "jpg", photo);
  const published = await harness.publish("replaced");
  assert.notEqual(published.version, old.version);
  const shown = await harness.get("/avatars/replaced.jpg", { headers: { "if-none-match": etag ?? "" } });
  assert.equal(shown.status, 200);
  assert.equal(shown.headers.get("etag"), `"${published.version}-256-jpg"`);
  const keys = await harness.keys("assets", "avatars/replaced/");
  assert.ok(!keys.some((key) => key.includes(old.version)), keys.join());
  assert.deepEqual(await harness.keys("uploads", "avatars/replaced"), ["avatars/replaced.jpg"]);
  await assertProblem(await harness.get(`/avatars/replaced/${old.version}/48.jpg`), 404, "not_found");
});

test("pictures that cannot be used are refused, and leave nothing in the assets bucket", async () => {
  const cases: [string, string, Uint8Array, number, string][] = [
    ["text", "jpg", new TextEncoder().encode("not a picture"), 415, "unsupported_format"],
    ["half", "jpg", photo.slice(0, photo.length / 2), 422, "truncated"],
    ["enormous", "jpg", enormous(), 413, "too_many_pixels"],
    ["disguised", "jpg", fixture("alpha.png"), 415, "content_type_mismatch"],
    ["empty", "png", new Uint8Array(), 415, "unsupported_format"],
  ];
  for (const [sub, extension, bytes, status, code] of cases) {
    await harness.upload(sub, extension, bytes);
    await assertProblem(await harness.post("/avatars/publish", sub), status, code);
    assert.deepEqual(await harness.keys("assets", `avatars/${sub}/`), [], sub);
    await assertProblem(await harness.get(`/avatars/${sub}.jpg?d=404`), 404, "not_found");
  }
  const good = await harness.get("/healthz");
  assert.equal(good.status, 200, "the worker goes on");
  await harness.upload("half", "jpg", photo);
  assert.equal((await harness.publish("half")).width, 256, "and so does the person");
});

test("many publishes and first looks at once come to one picture", async () => {
  await harness.upload("crowd", "jpg", photo);
  const posts = Array.from({ length: 4 }, () => harness.publish("crowd"));
  const gets = Array.from({ length: 4 }, () => harness.get("/avatars/crowd.jpg"));
  const versions = new Set((await Promise.all(posts)).map(({ version }) => version));
  assert.equal(versions.size, 1);
  const [version] = versions;
  for (const response of await Promise.all(gets)) assert.equal(response.headers.get("etag"), `"${version}-256-jpg"`);
  const keys = await harness.keys("assets", "avatars/crowd/");
  assert.equal(keys.length, 3, keys.join());
});

test("a picture that nobody published is published by its first GET", async () => {
  const missing = await harness.get("/avatars/unpublished.jpg?d=404");
  assert.equal(missing.headers.get("cache-control"), "public, max-age=10");
  await assertProblem(missing, 404, "not_found");
  await harness.upload("unpublished", "jpg", photo);
  const response = await harness.get("/avatars/unpublished.jpg?size=64");
  assert.equal(response.status, 200);
  assert.ok((await harness.keys("assets", "avatars/unpublished/")).includes("avatars/unpublished/current.json"));
});

test("the plain URL is short-lived, has an ETag and answers 304", async () => {
  await harness.upload("plain", "jpg", photo);
  const { version } = await harness.publish("plain");
  for (const [query, size] of [["", 256], ["?size=64", 64], ["?v=1&size=96", 96]] as const) {
    const response = await harness.get(`/avatars/plain.jpg${query}`);
    assert.equal(response.status, 200);
    assertGuarded(response);
    assert.equal(response.headers.get("content-type"), "image/jpeg");
    assert.equal(response.headers.get("cache-control"), "public, max-age=60, stale-while-revalidate=600");
    assert.equal(response.headers.get("cross-origin-resource-policy"), "cross-origin");
    assert.equal(response.headers.get("etag"), `"${version}-${size}-jpg"`);
    assert.ok((await response.arrayBuffer()).byteLength > 500);
  }
  for (const value of [`"${version}-256-jpg"`, `W/"${version}-256-jpg"`, `"x", "${version}-256-jpg"`, "*"]) {
    const response = await harness.get("/avatars/plain.jpg", { headers: { "if-none-match": value } });
    assert.equal(response.status, 304, value);
    assert.equal(response.headers.get("etag"), `"${version}-256-jpg"`);
    assert.equal((await response.arrayBuffer()).byteLength, 0);
  }
  assert.equal((await harness.get("/avatars/plain.jpg", { headers: { "if-none-match": '"other"' } })).status, 200);
  const png = await harness.get("/avatars/plain.png?size=32");
  assert.equal(png.headers.get("content-type"), "image/png");
  await assertProblem(await harness.get("/avatars/plain.jpg?size=65"), 400, "bad_size");
});

test("who means another picture than there is is told so, before all else", async () => {
  await harness.upload("conditions", "jpg", photo);
  const { version } = await harness.publish("conditions");
  const [plain, versioned] = ["/avatars/conditions.jpg?size=64", `/avatars/conditions/${version}/64.jpg`];
  const etag = `"${version}-64-jpg"`;
  const published = Date.parse((await harness.get(plain)).headers.get("last-modified") ?? "");
  const [before, after] = [-1_000, 0].map((milliseconds) => new Date(published + milliseconds).toUTCString());
  assert.ok(before && after);
  const cases: [string, Record<string, string>, number][] = [
    [plain, { "if-match": etag }, 200],
    [plain, { "if-match": "*" }, 200],
    [plain, { "if-match": `W/${etag}` }, 412],
    [plain, { "if-match": '"x"' }, 412],
    [plain, { "if-match": '"x"', "if-none-match": etag }, 412],
    [plain, { "if-match": etag, "if-none-match": etag }, 304],
    [plain, { "if-unmodified-since": after }, 200],
    [plain, { "if-unmodified-since": before }, 412],
    [plain, { "if-unmodified-since": before, "if-match": etag }, 200],
    [plain, { "if-unmodified-since": before, "if-modified-since": after }, 412],
    [versioned, { "if-match": etag, range: "bytes=0-1" }, 206],
    [versioned, { "if-match": '"x"', range: "bytes=0-1" }, 412],
    [versioned, { "if-unmodified-since": before }, 200],
    [versioned.replace("/64.", "/192."), { "if-match": etag }, 412],
    ["/avatars/conditions/0123456789abcdef/64.jpg", { "if-match": '"x"' }, 404],
    ["/avatars/conditions-none.png", { "if-match": '"x"' }, 412],
    ["/avatars/conditions-none.png?d=404", { "if-match": '"x"' }, 404],
  ];
  for (const [path, headers, status] of cases) {
    for (const method of ["GET", "HEAD"]) {
      const response = await harness.get(path, { method, headers });
      const expected = status === 206 && method === "HEAD" ? 200 : status;
      assert.equal(response.status, expected, `${method} ${path} ${JSON.stringify(headers)}`);
      if (method === "GET" && status === 412) await assertProblem(response, 412, "precondition_failed");
      else await response.arrayBuffer();
    }
  }
});

test("the published picture has the golden bytes", async () => {
  await ready();
  for (const [input, extension, recipe] of [
    ["portrait.jpg", "jpg", { width: 480, height: 480, quality: 90 }],
    ["alpha.png", "png", { width: 120, height: 120, format: "png", quality: 90 }],
  ] as const) {
    const sub = `golden-${extension}`;
    await harness.upload(sub, extension, fixture(input));
    const { version, url } = await harness.publish(sub);
    const golden = goldenCases.find((one) => one.input === input && isDeepStrictEqual(one.recipe, recipe));
    assert.equal(version, golden?.sha256.slice(0, 16), "the master, which the version names");
    // What is shown is made of the master by the default recipe.
    const shown = Buffer.from(await (await fetch(url)).arrayBuffer());
    const master = render(fixture(input), recipe);
    assert.equal(master.sha256, golden?.sha256);
    assert.equal(sha256(shown).toString("hex"), render(master.bytes).sha256);
  }
});

test("HEAD is GET without its body", async () => {
  await harness.upload("head", "jpg", photo);
  await harness.publish("head");
  const got = await harness.get("/avatars/head.jpg?size=128");
  const head = await harness.get("/avatars/head.jpg?size=128", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get("content-length"), String((await got.clone().arrayBuffer()).byteLength));
  for (const name of ["content-type", "etag", "cache-control"]) assert.equal(head.headers.get(name), got.headers.get(name), name);
  assert.equal((await head.arrayBuffer()).byteLength, 0);
});

test("a version is immutable, the same bytes each time, and other versions are not there", async () => {
  await harness.upload("version", "jpg", photo);
  const { version } = await harness.publish("version");
  const path = `/avatars/version/${version}/512.jpg`;
  const first = await harness.get(path);
  assert.equal(first.status, 200);
  assert.equal(first.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.equal(first.headers.get("etag"), `"${version}-512-jpg"`);
  const bytes = Buffer.from(await first.arrayBuffer());
  for (const query of ["", "?anything=1"]) {
    assert.ok(Buffer.from(await (await harness.get(`${path}${query}`)).arrayBuffer()).equals(bytes));
  }
  const revalidated = await harness.get(path, { headers: { "if-none-match": `"${version}-512-jpg"` } });
  assert.equal(revalidated.status, 304);
  const unknown = "0123456789abcdef";
  await assertProblem(await harness.get(`/avatars/version/${unknown}/512.jpg`), 404, "not_found");
  await assertProblem(await harness.get(`/avatars/version/${unknown}/512.jpg`, { headers: { "if-none-match": "*" } }), 404, "not_found");
  await assertProblem(await harness.get(`/avatars/other/${version}/512.jpg`), 404, "not_found");
  await assertProblem(await harness.get(`/avatars/version/${version}/513.jpg`), 400, "bad_size");
  await assertProblem(await harness.get("/avatars/version/not-a-version/512.jpg"), 404, "not_found");
});

test("other paths and methods say what they are", async () => {
  await assertProblem(await harness.get("/nothing-here"), 404, "not_found");
  await assertProblem(await harness.get("/avatars/a%2fb.jpg"), 404, "not_found");
  const post = await harness.get("/avatars/plain.jpg", { method: "POST" });
  assert.equal(post.headers.get("allow"), "GET, HEAD, OPTIONS");
  await assertProblem(post, 405, "method_not_allowed");
  const get = await harness.get("/avatars/key_upload");
  assert.equal(get.headers.get("allow"), "POST, OPTIONS");
  await assertProblem(get, 405, "method_not_allowed");
});

test("health and the page's configuration", async () => {
  const health = await harness.get("/healthz");
  assertGuarded(health);
  assert.equal(health.headers.get("cache-control"), "no-store");
  const { status, version } = (await health.json()) as Record<string, string>;
  assert.equal(status, "ok");
  assert.match(version ?? "", /^\d+\.\d+\.\d+/);
  const config = (await (await harness.get("/config.json")).json()) as Record<string, unknown>;
  assert.equal(config["issuer"], harness.stack.issuer.url);
  assert.equal(config["client_id"], harness.stack.issuer.clientId);
  assert.equal(config["max_upload_bytes"], 20_971_520);
  assert.deepEqual(config["sizes"], [32, 48, 64, 96, 128, 192, 256, 384, 512, 1024]);
  assert.deepEqual(config["formats"], ["jpg", "png", "webp"]);
});

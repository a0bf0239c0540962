/** Parts of a version, and conditions other than `If-None-Match`. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertGuarded, assertProblem, fixture, startHarness, type Harness } from "./harness.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

let harness: Harness;
let path: string;
let etag: string;
let whole: Buffer;
before(async () => {
  harness = await startHarness();
  await harness.upload("parts", "jpg", fixture("portrait.jpg"));
  const { version } = await harness.publish("parts");
  path = `/avatars/parts/${version}/256.jpg`;
  etag = `"${version}-256-jpg"`;
  whole = Buffer.from(await (await harness.get(path)).arrayBuffer());
});
after(() => harness?.stop());

/** Undici adds `accept-encoding: identity` to a Range request, which changes nothing here. */
function ask(range: string, headers: Record<string, string> = {}, method = "GET"): Promise<Response> {
  return harness.get(path, { method, headers: { range, ...headers } });
}

test("one range gets 206 and just its bytes", async () => {
  const last = whole.length - 1;
  for (const [range, from, to] of [
    ["bytes=0-0", 0, 0],
    ["bytes=0-99", 0, 99],
    ["bytes=100-199", 100, 199],
    ["bytes=100-", 100, last],
    ["bytes=-100", last - 99, last],
    ["bytes=0-", 0, last],
    [`bytes=0-${last + 1000}`, 0, last],
    [`bytes=-${last + 1000}`, 0, last],
  ] as const) {
    const response = await ask(range);
    assert.equal(response.status, 206, range);
    assertGuarded(response);
    assert.equal(response.headers.get("content-range"), `bytes ${from}-${to}/${whole.length}`);
    assert.equal(response.headers.get("content-length"), String(to - from + 1));
    assert.equal(response.headers.get("accept-ranges"), "bytes");
    assert.equal(response.headers.get("etag"), etag);
    assert.equal(response.headers.get("content-type"), "image/jpeg");
    assert.equal(response.headers.get("cache-control"), "public, max-age=31536000, immutable");
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(whole.subarray(from, to + 1)), range);
  }
});

test("a picture put together from its parts is the picture", async () => {
  const parts: Buffer[] = [];
  for (let at = 0; at < whole.length; at += 3_000) {
    const response = await ask(`bytes=${at}-${at + 2_999}`, { "if-range": etag });
    assert.equal(response.status, 206);
    parts.push(Buffer.from(await response.arrayBuffer()));
  }
  assert.ok(Buffer.concat(parts).equals(whole));
});

test("several ranges, other units, nonsense and another file's tag get the whole", async () => {
  const cases: [string, Record<string, string>][] = [
    ["bytes=0-1,5-6", {}],
    ["items=0-1", {}],
    ["bytes=5-2", {}],
    ["nonsense", {}],
    ["bytes=0-1", { "if-range": '"other"' }],
    ["bytes=0-1", { "if-range": `W/${etag}` }],
    ["bytes=0-1", { "if-range": new Date().toUTCString() }],
    [`bytes=${whole.length}-`, { "if-range": '"other"' }],
  ];
  for (const [range, headers] of cases) {
    const response = await ask(range, headers);
    assert.equal(response.status, 200, `${range} ${JSON.stringify(headers)}`);
    assert.equal(response.headers.get("accept-ranges"), "bytes");
    assert.equal(response.headers.get("content-range"), null);
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(whole));
  }
});

test("bytes that are not there get 416 and the length, which is not cached", async () => {
  for (const range of [`bytes=${whole.length}-`, `bytes=${whole.length}-${whole.length + 5}`, "bytes=-0"]) {
    const response = await ask(range, { "if-range": etag });
    assert.equal(response.headers.get("content-range"), `bytes */${whole.length}`);
    assert.equal(response.headers.get("cache-control"), "no-store");
    await assertProblem(response, 416, "range_not_satisfiable");
  }
});

test("HEAD has no parts, and what the client has comes before parts", async () => {
  for (const range of ["bytes=0-1", `bytes=${whole.length}-`]) {
    const head = await ask(range, {}, "HEAD");
    assert.equal(head.status, 200);
    assert.equal(head.headers.get("content-length"), String(whole.length));
    assert.equal(head.headers.get("accept-ranges"), "bytes");
    assert.equal((await ask(range, { "if-none-match": etag })).status, 304);
  }
});

test("the plain URL, whose bytes change, has no parts", async () => {
  const response = await harness.get("/avatars/parts.jpg", { headers: { range: "bytes=0-1" } });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("accept-ranges"), null);
  assert.ok(Buffer.from(await response.arrayBuffer()).equals(whole));
});

test("the plain URL says since when, and believes a date where there is no entity tag", async () => {
  const url = "/avatars/parts.jpg";
  const response = await harness.get(url);
  const changed = response.headers.get("last-modified") ?? "";
  assert.equal(new Date(changed).toUTCString(), changed);
  assert.ok(Math.abs(Date.parse(changed) - Date.now()) < 60_000);
  const at = (offsetMs: number): string => new Date(Date.parse(changed) + offsetMs).toUTCString();
  const status = async (headers: Record<string, string>): Promise<number> => (await harness.get(url, { headers })).status;
  assert.equal(await status({ "if-modified-since": changed }), 304);
  assert.equal(await status({ "if-modified-since": at(DAY_MS) }), 304);
  assert.equal(await status({ "if-modified-since": at(-1_000) }), 200);
  assert.equal(await status({ "if-modified-since": "yesterday" }), 200);
  assert.equal(await status({ "if-modified-since": at(DAY_MS), "if-none-match": '"other"' }), 200);
  assert.equal(await status({ "if-modified-since": at(-DAY_MS), "if-none-match": etag }), 304);
  const revalidated = await harness.get(url, { headers: { "if-modified-since": changed } });
  assert.equal(revalidated.headers.get("last-modified"), changed);
  assert.equal(revalidated.headers.get("etag"), etag);
  const nobody = await harness.get("/avatars/nobody.jpg", { headers: { "if-modified-since": at(DAY_MS) } });
  assert.equal(nobody.status, 200, "a default picture has no date");
  assert.equal(nobody.headers.get("last-modified"), null);
});

test("a page of another origin may ask for parts and see which it got", async () => {
  const preflight = await harness.get(path, { method: "OPTIONS", headers: { origin: harness.origin, "access-control-request-method": "GET" } });
  assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /\brange\b/);
  const response = await ask("bytes=0-1", { origin: harness.origin });
  assert.match(response.headers.get("access-control-expose-headers") ?? "", /Content-Range/);
});

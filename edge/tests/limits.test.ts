/** How often a person may ask, and how much a request may bring. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { assertProblem, fixture, startHarness, type Harness } from "./harness.ts";

let harness: Harness;
before(async () => {
  harness = await startHarness({ variables: { RATE_LIMIT_SIGNING: "5", RATE_LIMIT_CHANGES: "2" } });
});
after(() => harness?.stop());

const send = async (of: Harness, method: string, path: string, sub: string, body = ""): Promise<Response> =>
  of.get(path, { method, headers: { authorization: `Bearer ${await of.stack.issuer.accessToken({ sub })}` }, ...(body ? { body } : {}) });
const sign = (of: Harness, sub: string): Promise<Response> => send(of, "POST", "/avatars/key_upload", sub, JSON.stringify({ extension: "jpg" }));

test("a person who signs too often is told when to come back, and others are not", async () => {
  for (let count = 0; count < 5; count += 1) assert.equal((await sign(harness, "eager")).status, 200);
  const refused = await sign(harness, "eager");
  const seconds = Number(refused.headers.get("retry-after"));
  assert.ok(seconds >= 1 && seconds <= 12, `${seconds} s`);
  assert.equal(refused.headers.get("cache-control"), "no-store");
  await assertProblem(refused, 429, "too_many_requests");
  assert.equal((await sign(harness, "patient")).status, 200);
  assert.equal((await send(harness, "POST", "/avatars/publish", "eager")).status, 404, "other things are counted alone");
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  assert.equal((await sign(harness, "eager")).status, 200);
});

test("publishing and removing are counted each alone, of both kinds of pictures together", async () => {
  for (const [method, paths] of [["POST", ["/avatars/publish", "/banners/publish"]], ["DELETE", ["/avatars", "/banners"]]] as const) {
    for (const path of paths) assert.notEqual((await send(harness, method, path, "busy")).status, 429, path);
    for (const path of paths) await assertProblem(await send(harness, method, path, "busy"), 429, "too_many_requests");
  }
});

test("a token that is no good counts against nobody, and events are not counted", async () => {
  for (let count = 0; count < 8; count += 1) {
    const response = await harness.get("/avatars/key_upload", { method: "POST", headers: { authorization: "Bearer a.b.c" } });
    assert.equal(response.status, 401);
    assert.equal((await harness.tellCreated("avatars/told.jpg")).status, 204);
  }
});

test("the data centre's count holds where the isolate's would let through", async () => {
  const lavish = await startHarness({ variables: { RATE_LIMIT_SIGNING: "10000" } });
  try {
    // Its windows are a minute: 61 within one minute are more than two windows' 30 each.
    const answers = await Promise.all(Array.from({ length: 61 }, () => sign(lavish, "eager")));
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.length >= 1 && answers.filter(({ status }) => status === 200).length >= 30);
    assert.equal(refused[0]?.headers.get("retry-after"), "60");
    assert.match(lavish.stack.workerLog(), /limit: the data centre's count/);
    assert.equal((await sign(lavish, "patient")).status, 200);
  } finally {
    await lavish.stop();
  }
});

test("limits can be turned off", async () => {
  const open = await startHarness({ variables: { RATE_LIMIT_SIGNING: "off" } });
  try {
    const answers = await Promise.all(Array.from({ length: 61 }, () => sign(open, "eager")));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  } finally {
    await open.stop();
  }
});

/** What the server answers to these bytes, its connection open or not. */
async function raw(head: string[], body: (string | Uint8Array)[] = []): Promise<string> {
  const { hostname, port } = new URL(harness.origin);
  const socket = connect(Number(port), hostname);
  let answer = "";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error(`no answer in time: ${answer}`)), 20_000);
    socket.on("data", (data) => {
      answer += data.toString("latin1");
      // A status line, headers and the problem in one piece or several.
      if (/^HTTP\/1\.1 \d+/.test(answer) && /\r\n\r\n[^]*\}/.test(answer)) socket.end();
    });
    socket.on("error", (error) => (answer === "" ? reject(error) : resolve(answer)));
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(answer);
    });
    socket.write([...head, `Host: ${hostname}:${port}`, "", ""].join("\r\n"));
    for (const part of body) socket.write(part);
  });
}
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
const chunk = (bytes: number): string => `${bytes.toString(16)}\r\n${"x".repeat(bytes)}\r\n`;

test("a body without a length is read to its limit, and one that is announced as too long is not read", async () => {
  const authorization = `Authorization: Bearer ${await harness.stack.issuer.accessToken({ sub: "chunky" })}`;
  const hook = `Authorization: Bearer ${harness.stack.hookSecret}`;
  const chunked = "Transfer-Encoding: chunked";
  const over = await raw(["POST /avatars/key_upload HTTP/1.1", authorization, chunked], [...Array<string>(20).fill(chunk(1024)), "0\r\n\r\n"]);
  assert.equal(statusOf(over), 413, over);
  assert.match(over, /"code":"too_large"/);
  const within = await raw(["POST /avatars/key_upload HTTP/1.1", authorization, chunked], ['12\r\n{"extension":"jpg"\r\n1\r\n}\r\n0\r\n\r\n']);
  assert.equal(statusOf(within), 200, within);
  const event = await raw(["POST /hooks/object-created HTTP/1.1", hook, chunked], [...Array<string>(70).fill(chunk(1024)), "0\r\n\r\n"]);
  assert.equal(statusOf(event), 413, event);
  const announced = await raw(["POST /avatars/key_upload HTTP/1.1", authorization, "Content-Length: 5000"], ["x".repeat(5000)]);
  assert.equal(statusOf(announced), 413, announced);
});

test("a length that is too short cuts the body, and what follows is no request of anybody", async () => {
  const authorization = `Authorization: Bearer ${await harness.stack.issuer.accessToken({ sub: "liar" })}`;
  const answer = await raw(["POST /avatars/key_upload HTTP/1.1", authorization, "Content-Length: 5"], ['{"extension":"jpg"}']);
  assert.equal(statusOf(answer), 400, answer);
  const both = await raw(["POST /avatars/key_upload HTTP/1.1", authorization, "Content-Length: 5", "Transfer-Encoding: chunked"], ['13\r\n{"extension":"jpg"}\r\n0\r\n\r\n']);
  assert.notEqual(statusOf(both), 500, both);
});

test("what reads no body does not mind one", async () => {
  const body = "y".repeat(2 * 1024 * 1024);
  const healthy = await raw(["GET /healthz HTTP/1.1", `Content-Length: ${body.length}`], [body]);
  assert.equal(statusOf(healthy), 200, healthy);
  const published = await send(harness, "POST", "/avatars/publish", "with-a-body", body);
  await assertProblem(published, 404, "no_upload");
  await assertProblem(await send(harness, "DELETE", "/nothing", "with-a-body", body), 404, "not_found");
});

test("a URL and each header have a longest", async () => {
  const origin = harness.origin.length;
  const path = (bytes: number): string => `/healthz?${"q".repeat(bytes - origin - "/healthz?".length)}`;
  assert.equal((await harness.get(path(2048))).status, 200);
  await assertProblem(await harness.get(path(2049)), 414, "url_too_long");
  await assertProblem(await harness.get(`/avatars/${"a".repeat(2100)}.jpg`), 414, "url_too_long");
  for (const name of ["accept", "if-none-match", "if-match", "if-modified-since", "if-unmodified-since", "range", "if-range"]) {
    assert.equal((await harness.get("/avatars/headers.png", { headers: { [name]: "*".padEnd(8192, " x") } })).status, name === "if-match" ? 412 : 200, name);
    await assertProblem(await harness.get("/avatars/headers.png", { headers: { [name]: "x".repeat(8193) } }), 431, "header_too_long");
  }
});

test("a thousand ways to ask are as many pictures as there are sizes and formats", async () => {
  await harness.upload("variants", "jpg", fixture("portrait.jpg"));
  const { variants } = await harness.publish("variants");
  assert.equal(variants.length, 30);
  const etags = new Set<string>();
  for (let index = 0; index < 60; index += 1) {
    const response = await harness.get(`/avatars/variants?size=64&v=${index}&size=${index}`, { headers: { accept: `image/webp;q=0.${index + 10},image/x-${index}` } });
    etags.add(response.headers.get("etag") ?? "");
    await response.arrayBuffer();
  }
  assert.equal(etags.size, 1);
});

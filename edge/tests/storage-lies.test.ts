/** A storage that lies, rambles, redirects or refuses: what the client gets, and what the log says. The table is docs/storage.md's. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, describe, it, test } from "node:test";
import { gzipSync } from "node:zlib";
import { assertProblem, fixture, startHarness, type Harness } from "./harness.ts";
import { passOn, startS3Proxy, type Answer, type Behaviour, type Exchange, type S3Proxy } from "./s3-proxy.ts";

let proxy: S3Proxy;
let harness: Harness;
const photo = fixture("portrait.jpg");
before(async () => {
  proxy = await startS3Proxy();
  harness = await startHarness({ variables: { S3_ENDPOINT: proxy.url } });
  proxy.leadTo(harness.stack.s3.endpoint);
});
afterEach(() => proxy.behave());
after(async () => {
  await harness?.stop();
  await proxy?.stop();
});

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What the worker asks for. */
type Target = "listing" | "upload" | "pointer" | "picture" | "write";

function targetOf({ method, path }: Exchange): Target | undefined {
  const { uploadsBucket, assetsBucket } = harness.stack.s3;
  if (method !== "GET") return "write";
  if (path === uploadsBucket || path === `${uploadsBucket}/`) return "listing";
  if (path.startsWith(`${uploadsBucket}/avatars/`)) return "upload";
  if (path.startsWith(`${assetsBucket}/avatars/`)) return path.endsWith("/current.json") ? "pointer" : "picture";
  return undefined;
}

/** Changes the answers to one kind of request. */
const on = (target: Target, behaviour: Behaviour): Behaviour => (exchange) => (targetOf(exchange) === target ? behaviour(exchange) : passOn(exchange));

const changed = (change: (answer: Answer) => Partial<Answer>): Behaviour => async (exchange) => {
  const answer = await exchange.forward();
  exchange.answer({ ...answer, ...change(answer) });
};

const withHeader = (name: string, value: string | undefined): Behaviour =>
  changed(({ headers }) => ({ headers: { ...Object.fromEntries(Object.entries(headers).filter(([held]) => held !== name)), ...(value === undefined ? {} : { [name]: value }) } }));

const instead = (status: number, body: string | Buffer, headers: Record<string, string> = {}): Behaviour => ({ answer }) => answer({ status, headers: { "content-type": "application/xml", ...headers }, body: Buffer.from(body) });

/** Announces other lengths than it sends, and closes. */
const announcing = (difference: number): Behaviour => async ({ forward, response }) => {
  const { headers, body } = await forward();
  const lines = Object.entries({ ...headers, "content-length": String(body.length + difference), connection: "close" }).map(([name, value]) => `${name}: ${String(value)}\r\n`);
  response.socket?.end(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${lines.join("")}\r\n`), body]));
};

const noHttp: Behaviour = ({ response }) => void response.socket?.end("220 mail.example ESMTP\r\n");

const error = (code: string): string => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>hidden-word</Message></Error>`;

function page({ keys = 0, token }: { keys?: number; token?: string }): string {
  const contents = Array.from({ length: keys }, (_, index) => `<Contents><Key>avatars/x.${index}</Key><LastModified>2026-03-01T12:00:00.000Z</LastModified><ETag>"1"</ETag><Size>1</Size></Contents>`);
  return `<ListBucketResult><IsTruncated>${token !== undefined}</IsTruncated>${token === undefined ? "" : `<NextContinuationToken>${token}</NextContinuationToken>`}${contents.join("")}</ListBucketResult>`;
}

const laughs = `<!DOCTYPE l [<!ENTITY a "ha">${Array.from({ length: 20 }, (_, index) => `<!ENTITY a${index} "${`&a${index - 1};`.repeat(10)}">`).join("")}]><ListBucketResult>&a19;</ListBucketResult>`;

type Lie = { name: string; target: Target; behaviour: Behaviour; code?: string; reason: string; asked: number };

const noAnswer = "no answer in time";
const lies: Lie[] = [
  { name: "announces more than it sends", target: "picture", behaviour: announcing(10), reason: `Get: ${noAnswer}`, asked: 3 },
  { name: "announces less than it sends", target: "picture", behaviour: announcing(-10), reason: "Get: other bytes than were stored", asked: 3 },
  { name: "states another digest", target: "picture", behaviour: withHeader("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="), reason: "Get: other bytes than were stored", asked: 3 },
  { name: "sends more than a picture can have", target: "picture", behaviour: instead(200, Buffer.alloc(9 * 1024 * 1024)), reason: "Get: more bytes than expected", asked: 1 },
  { name: "packs a bomb", target: "picture", behaviour: instead(200, gzipSync(Buffer.alloc(64 * 1024 * 1024)), { "content-encoding": "gzip" }), reason: "Get: more bytes than expected", asked: 1 },
  { name: "sends a part", target: "picture", behaviour: changed(() => ({ status: 206 })), reason: "Get: status 206", asked: 1 },
  { name: "speaks no HTTP", target: "picture", behaviour: noHttp, reason: `Get: ${noAnswer}`, asked: 3 },
  { name: "hangs up", target: "picture", behaviour: ({ hangUp }) => hangUp(), reason: `Get: ${noAnswer}`, asked: 3 },
  { name: "is to be asked more slowly", target: "picture", behaviour: instead(503, error("SlowDown")), reason: "Get: status 503 SlowDown", asked: 3 },
  { name: "refuses", target: "picture", behaviour: instead(403, error("AccessDenied")), reason: "Get: status 403 AccessDenied", asked: 1 },
  { name: "refuses in a page", target: "picture", behaviour: instead(403, "<html><body>hidden-word</body></html>"), reason: "Get: status 403", asked: 1 },
  { name: "refuses with a code that is none", target: "picture", behaviour: instead(400, error("Bad &lt;script&gt; code")), reason: "Get: status 400", asked: 1 },
  { name: "has a pointer that is no pointer", target: "pointer", behaviour: instead(200, '{"schema":2}'), code: "internal", reason: "the pointer object cannot be read", asked: 1 },
  { name: "has a pointer without an end", target: "pointer", behaviour: instead(200, "{".repeat(20_000)), reason: "Get: more bytes than expected", asked: 1 },
  { name: "gives the pointer another entity tag", target: "pointer", behaviour: withHeader("etag", '"0123456789abcdef"'), code: "busy", reason: "", asked: 4 },
  { name: "weakens the pointer's entity tag", target: "pointer", behaviour: changed(({ headers }) => ({ headers: { ...headers, etag: `W/${String(headers["etag"])}` } })), code: "busy", reason: "", asked: 4 },
  { name: "gives the upload another entity tag", target: "upload", behaviour: withHeader("etag", '"0123456789abcdef"'), code: "busy", reason: "", asked: 4 },
  { name: "lists a page of HTML", target: "listing", behaviour: instead(200, "<html><body>hidden-word</body></html>"), reason: "List: unreadable answer", asked: 1 },
  { name: "lists nothing at all", target: "listing", behaviour: instead(200, ""), reason: "List: unreadable answer", asked: 1 },
  { name: "lists an error", target: "listing", behaviour: instead(200, error("InternalError")), reason: "List: unreadable answer", asked: 1 },
  { name: "lists entities of entities", target: "listing", behaviour: instead(200, laughs), reason: "List: unreadable answer", asked: 1 },
  { name: "lists more than a page has", target: "listing", behaviour: instead(200, page({ keys: 1_001 })), reason: "List: unreadable answer", asked: 1 },
  { name: "lists 5 MB", target: "listing", behaviour: instead(200, page({}).replace("</List", `${" ".repeat(5_000_000)}</List`)), reason: "List: more bytes than expected", asked: 1 },
  { name: "lists without an end", target: "listing", behaviour: instead(200, page({ keys: 1_000, token: "more" })), reason: "List: more bytes than expected", asked: 10 },
];

describe("a storage that", () => {
  for (const { name, target, behaviour, code = "storage_unavailable", reason, asked } of lies) {
    it(name, async () => {
      const sub = `lie-${lies.findIndex((lie) => lie.name === name)}`;
      await harness.upload(sub, "jpg", fixture("exif-6.jpg"));
      const { version } = await harness.publish(sub);
      const isRead = target === "picture";
      if (!isRead) {
        await pause(1_100);
        await harness.upload(sub, "jpg", photo);
      }
      let requests = 0;
      proxy.behave(
        on(target, (exchange) => {
          requests += 1;
          return behaviour(exchange);
        }),
      );
      const from = harness.stack.workerLog().length;
      const [response, asking] = [isRead ? await harness.get(`/avatars/${sub}/${version}/256.jpg`) : await harness.post("/avatars/publish", sub), requests];
      proxy.behave();
      const text = await response.clone().text();
      assert.ok(!text.includes("hidden-word"), text);
      assert.equal(response.headers.get("cache-control"), "no-store");
      if (code !== "internal") assert.match(response.headers.get("retry-after") ?? "", /^\d+$/);
      await assertProblem(response, { storage_unavailable: 502, busy: 503, internal: 500 }[code] ?? 0, code);
      assert.equal(asking, asked, "how often it was asked");
      await pause(50);
      const log = harness.stack.workerLog().slice(from);
      const words = code === "storage_unavailable" ? `storage: ${reason}` : reason;
      assert.ok(log.includes(words === "" ? '"reason":null' : `"reason":"${words}"`) && log.includes(`"code":"${code}"`), log);
      assert.ok(!log.includes("hidden-word"), log);

      // What counted before counts still, and all is well again at once.
      if (isRead) assert.equal((await harness.get(`/avatars/${sub}/${version}/256.jpg`)).status, 200);
      else {
        assert.equal((await harness.get(`/avatars/${sub}.jpg`)).headers.get("etag"), `"${version}-256-jpg"`);
        assert.notEqual((await harness.publish(sub)).version, version);
      }
    });
  }
});

test("a redirection is not followed, whatever it is: the signature goes nowhere else", async () => {
  let visitors = 0;
  const stranger = createServer((_, response) => {
    visitors += 1;
    response.end();
  });
  await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  try {
    const location = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`;
    await harness.upload("redirected", "jpg", photo);
    for (const status of [301, 302, 303, 307, 308]) {
      for (const target of ["listing", "write"] as const) {
        proxy.behave(on(target, instead(status, error("PermanentRedirect"), { location })));
        const from = harness.stack.workerLog().length;
        await assertProblem(await harness.post("/avatars/publish", "redirected"), 502, "storage_unavailable");
        await pause(20);
        assert.ok(harness.stack.workerLog().slice(from).includes(`status ${status} PermanentRedirect"`), `${status}: ${harness.stack.workerLog().slice(from)}`);
      }
    }
    assert.equal(visitors, 0);
    proxy.behave();
    await harness.publish("redirected");
  } finally {
    stranger.close();
  }
});

test("what a storage says it has kept and has not is made again by the next publish", async () => {
  await harness.upload("forgetful", "jpg", photo);
  proxy.behave((exchange) => {
    const isMaster = exchange.method === "PUT" && exchange.path.endsWith("/master.jpg");
    return isMaster ? exchange.answer({ status: 200, headers: { etag: '"1"' }, body: Buffer.alloc(0) }) : passOn(exchange);
  });
  const { version } = await harness.publish("forgetful");
  proxy.behave();
  await assertProblem(await harness.get(`/avatars/forgetful/${version}/64.jpg`), 404, "not_found");
  assert.equal((await harness.publish("forgetful")).version, version);
  assert.equal((await harness.get(`/avatars/forgetful/${version}/64.jpg`)).status, 200);
});

/** Profiles: what is let in, who wins, and what others see. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { defaultPicture, ready } from "roundel";
import { openLocal } from "../../infra/db/local.ts";
import { freePort } from "../../infra/local/ports.ts";
import { startWrangler } from "../../infra/local/wrangler.ts";
import { inRoot } from "../../infra/setup/paths.ts";
import { assertGuarded, assertProblem, fixture, startHarness, type Grant, type Harness, type Published } from "./harness.ts";

type Picture = { url: string; version: string; versioned_url: string; width: number; height: number; thumbhash: string; variants: { url: string; format: string }[] };
type Profile = { sub: string; display_name: string | null; bio: string; avatar: Picture | null; banner: Picture | null; updated_at: string | null };

let harness: Harness;
const stateDirectory = mkdtempSync(join(tmpdir(), "roundel-profiles-"));
const photo = fixture("portrait.jpg");
before(async () => {
  [harness] = await Promise.all([startHarness({ stateDirectory, faults: true }), ready()]);
});
after(async () => {
  await harness?.stop();
  rmSync(stateDirectory, { recursive: true, force: true });
});

/** A PUT of a body as it stands, with a token of this person. */
async function putRaw(sub: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
  const authorization = `Bearer ${await harness.stack.issuer.accessToken({ sub })}`;
  // `duplex`: what fetch wants of a body that is a stream.
  const init: RequestInit & { duplex: "half" } = { method: "PUT", headers: { authorization, "content-type": "application/json", ...headers }, body, duplex: "half" };
  return harness.get("/profile", init);
}

const put = (sub: string, profile: unknown, headers: Record<string, string> = {}): Promise<Response> => putRaw(sub, JSON.stringify(profile), headers);

async function saved(sub: string, profile: unknown, headers: Record<string, string> = {}): Promise<{ profile: Profile; etag: string; status: number }> {
  const response = await put(sub, profile, headers);
  assert.ok(response.status === 200 || response.status === 201, await response.clone().text());
  return { profile: (await response.json()) as Profile, etag: response.headers.get("etag") ?? "", status: response.status };
}

async function seen(sub: string): Promise<{ profile: Profile; etag: string }> {
  const response = await harness.get(`/profiles/${sub}`);
  assert.equal(response.status, 200, await response.clone().text());
  return { profile: (await response.json()) as Profile, etag: response.headers.get("etag") ?? "" };
}

async function publish(kind: "avatars" | "banners", sub: string, name: string): Promise<Published> {
  const bytes = fixture(name);
  const extension = name.split(".").at(-1) ?? "";
  const granted = await harness.post(`/${kind}/key_upload`, sub, { extension, content_length: bytes.length });
  const { url, headers } = (await granted.json()) as Grant;
  assert.equal((await fetch(url, { method: "PUT", headers, body: bytes as Uint8Array<ArrayBuffer> })).status, 200);
  const response = await harness.post(`/${kind}/publish`, sub);
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as Published;
}

async function assertRefused(response: Response, member: string): Promise<void> {
  assert.equal(((await response.clone().json()) as { member?: string }).member, member, await response.clone().text());
  await assertProblem(response, 400, "bad_profile");
}

test("the first PUT makes a profile, and anybody can read it", async () => {
  const before = Date.now();
  const response = await put("ada", { display_name: "Ada Lovelace", bio: "Notes on the Analytical Engine.\nPoetical science." });
  assert.equal(response.status, 201, await response.clone().text());
  assertGuarded(response);
  assert.equal(response.headers.get("location"), `${harness.origin}/profiles/ada`);
  assert.equal(response.headers.get("content-location"), `${harness.origin}/profiles/ada`);
  const etag = response.headers.get("etag") ?? "";
  assert.match(etag, /^"1-[0-9a-f]{16}"$/);
  const profile = (await response.json()) as Profile;
  const { updated_at, ...rest } = profile;
  assert.deepEqual(rest, { sub: "ada", display_name: "Ada Lovelace", bio: "Notes on the Analytical Engine.\nPoetical science.", avatar: null, banner: null });
  assert.match(updated_at ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  assert.ok(Math.abs(Date.parse(updated_at ?? "") - before) < 60_000);

  const shown = await harness.get("/profiles/ada");
  assert.equal(shown.status, 200);
  assertGuarded(shown);
  assert.equal(shown.headers.get("content-type"), "application/json");
  assert.equal(shown.headers.get("cache-control"), "no-cache, no-transform");
  assert.equal(shown.headers.get("etag"), etag, "the tag of a PUT is that of a GET");
  assert.deepEqual(await shown.json(), profile);
});

test("a PUT replaces the profile whole", async () => {
  await saved("whole", { display_name: "Grace", bio: "Compilers." });
  const second = await saved("whole", { display_name: "Grace Hopper" });
  assert.equal(second.status, 200);
  assert.match(second.etag, /^"2-/);
  assert.deepEqual([second.profile.display_name, second.profile.bio], ["Grace Hopper", ""], "no bio is an empty one");
  assert.deepEqual(await seen("whole"), { profile: second.profile, etag: second.etag });
  const third = await saved("whole", { display_name: "Grace Hopper", bio: null });
  assert.match(third.etag, /^"3-/, "the last write wins where no condition is given");
});

test("of two who edit the same profile the second is told", async () => {
  await saved("edited", { display_name: "Alan" });
  const [phone, laptop] = [await seen("edited"), await seen("edited")];
  const first = await saved("edited", { display_name: "Alan Turing" }, { "if-match": phone.etag });
  await assertProblem(await put("edited", { display_name: "Alan T." }, { "if-match": laptop.etag }), 412, "precondition_failed");
  assert.equal((await seen("edited")).profile.display_name, "Alan Turing", "nothing is lost");
  await saved("edited", { display_name: "Alan T." }, { "if-match": first.etag });
  const { etag } = await seen("edited");
  await saved("edited", { display_name: "Alan" }, { "if-match": `"another", ${etag}` });
});

test("twenty at once over the same revision: one wins", async () => {
  for (const [sub, condition] of [["crowd", async () => ({ "if-match": (await saved("crowd", { display_name: "Nobody" })).etag })], ["first", async () => ({ "if-none-match": "*" })]] as const) {
    const headers = await condition();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => put(sub, { display_name: `Writer ${index}` }, headers)));
    const winners = answers.filter(({ status }) => status < 300);
    assert.equal(winners.length, 1, answers.map(({ status }) => status).join());
    for (const answer of answers) if (answer.status >= 300) await assertProblem(answer, 412, "precondition_failed");
    assert.deepEqual(await (winners[0] as Response).json(), (await seen(sub)).profile);
  }
});

test("twenty at once without a condition are all written, one after the other", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => saved("free", { display_name: `Writer ${index}` })));
  const revisions = answers.map(({ etag }) => Number(/^"(\d+)-/.exec(etag)?.[1])).sort((a, b) => a - b);
  assert.deepEqual(revisions, Array.from({ length: 20 }, (_, index) => index + 1));
});

test("conditions are those of RFC 9110", async () => {
  const refuse = async (headers: Record<string, string>): Promise<void> => assertProblem(await put("conditional", { display_name: "Emmy" }, headers), 412, "precondition_failed");
  await refuse({ "if-match": "*" });
  await refuse({ "if-match": '"1-0123456789abcdef"' });
  const { etag, status } = await saved("conditional", { display_name: "Emmy" }, { "if-none-match": "*" });
  assert.equal(status, 201);
  await refuse({ "if-none-match": "*" });
  await refuse({ "if-none-match": etag });
  await refuse({ "if-match": `W/${etag}` });
  await refuse({ "if-match": '"no tag of ours"' });
  await refuse({ "if-match": "*", "if-none-match": etag });
  await saved("conditional", { display_name: "Emmy Noether" }, { "if-match": "*" });
  await saved("conditional", { display_name: "Emmy" }, { "if-none-match": etag });
  for (const headers of [{ "if-match": etag.replaceAll('"', "") }, { "if-none-match": "1" }, { "if-match": "," }]) {
    await assertProblem(await put("conditional", { display_name: "Emmy" }, headers), 400, "bad_request");
  }
  // Section 13.2.1: what would fail anyhow fails for its own reason.
  await assertProblem(await put("conditional", { display_name: "" }, { "if-match": '"x"' }), 400, "bad_profile");
});

test("text is normalised, trimmed and counted as a script counts it", async () => {
  const family = "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}";
  const names = ["Zoe\u0308", "\u1112\u1161\u11ab", "  Ada\u00a0\n", "\ufeffAda", family.repeat(7), "\u{1f600}".repeat(50), "e\u0301".repeat(50), "\u0958".repeat(25), "\ufb01 \u2460", "d\u0307\u0323", "\u05d3\u05e0\u05d4\u200f (Dana)"];
  for (const name of names) {
    const wanted = name.normalize("NFC").trim();
    assert.ok([...wanted].length <= 50);
    assert.equal((await saved("counted", { display_name: name })).profile.display_name, wanted, JSON.stringify(name));
  }
  for (const name of [...names, "a".repeat(50)]) {
    const fitting = name.normalize("NFC").trim();
    const oneTooMany = `${fitting}${"\u00e9".repeat(51 - [...fitting].length)}`.normalize("NFD");
    assert.equal([...oneTooMany.normalize("NFC")].length, 51);
    await assertRefused(await put("counted", { display_name: oneTooMany }), "display_name");
  }
  const bio = "\r\n one\r\ntwo\rthree\u2028 \n";
  assert.equal((await saved("counted", { display_name: "Ada", bio })).profile.bio, "one\ntwo\nthree");
  assert.equal((await saved("counted", { display_name: "Ada", bio: "\u{1f600}".repeat(160) })).profile.bio.length, 320);
  await assertRefused(await put("counted", { display_name: "Ada", bio: "\u{1f600}".repeat(161) }), "bio");
});

test("what is no name is refused, and nothing is written", async () => {
  const cases: [unknown, string][] = [
    [{}, "display_name"],
    [{ bio: "x" }, "display_name"],
    [{ display_name: null }, "display_name"],
    ...["", " \t\u3000", "\u200b", "\u3164"].map((text): [unknown, string] => [{ display_name: text }, "display_name"]),
    ...[1, true, [], {}, ["Ada"]].map((value): [unknown, string] => [{ display_name: value }, "display_name"]),
    ...[1, false, [], {}].map((value): [unknown, string] => [{ display_name: "Ada", bio: value }, "bio"]),
    ...["\0", "\u0007", "\t", "\u001b[2J", "\u007f", "\u0085", "\uffff", "\ufdd0"].flatMap((text): [unknown, string][] => [
      [{ display_name: `A${text}a` }, "display_name"],
      [{ display_name: "Ada", bio: `a${text}b` }, "bio"],
    ]),
    ...[..."\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"].flatMap((text): [unknown, string][] => [
      [{ display_name: `Ada${text}` }, "display_name"],
      [{ display_name: "Ada", bio: text }, "bio"],
    ]),
    [{ display_name: "Ada\nLovelace" }, "display_name"],
    [{ display_name: "Ada", sub: "eve" }, "sub"],
    [{ display_name: "Ada", "<script>": 1 }, "<script>"],
    [{ display_name: "Ada", ["__proto__x"]: {} }, "__proto__x"],
  ];
  for (const [body, member] of cases) await assertRefused(await put("refused", body), member);
  await assertProblem(await harness.get("/profiles/refused"), 404, "no_profile");
});

test("a body that is no JSON object, or too long, is refused", async () => {
  for (const body of ["", "{", "[]", '"Ada"', "null", "display_name=Ada", '{"display_name":"Ada","display_name":"Eve"}', '{"display_name":"\\ud83d"}', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])]) {
    await assertProblem(await putRaw("unread", body), 400, "bad_request");
  }
  await assertProblem(await put("unread", { display_name: "Ada", bio: "x".repeat(8192) }), 413, "too_large");
  let left = 64;
  const unannounced = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (left-- === 0) controller.close();
      else controller.enqueue(new Uint8Array(1024).fill(0x20));
    },
  });
  await assertProblem(await putRaw("unread", unannounced), 413, "too_large");
  // The longest spelling of the longest profile.
  const spelled = (text: string, count: number): string => [...text.normalize("NFD")].map((part) => `\\u${part.charCodeAt(0).toString(16).padStart(4, "0")}`).join("").repeat(count);
  const longest = await putRaw("unread", `{"display_name": "${spelled("\u1f82", 50)}", "bio": "${spelled("\u1f82", 160)}"}`);
  assert.equal(longest.status, 201, await longest.clone().text());
});

test("text that looks like SQL or HTML comes back as the text that it is", async () => {
  for (const text of ["'); DROP TABLE profiles;--", '" OR 1=1 --', "<img src=x onerror=alert(1)>", "</script><script>", "\\u0000 %00 ?1 :x $y @z", "${1+1} {{7*7}}"]) {
    await saved("hostile", { display_name: text, bio: text });
    const { profile } = await seen("hostile");
    assert.deepEqual([profile.display_name, profile.bio], [text, text]);
  }
  assert.equal((await seen("ada")).profile.display_name, "Ada Lovelace", "nobody else is touched");
});

test("who may do what", async () => {
  for (const headers of [{}, { authorization: "Bearer x.y.z" }, { authorization: "Basic YTpi" }]) {
    await assertProblem(await harness.get("/profile", { method: "PUT", headers, body: '{"display_name":"Eve"}' }), 401, "unauthorized");
  }
  await assertProblem(await harness.get("/profiles/nobody"), 404, "no_profile");
  assert.equal((await harness.get("/profiles/nobody")).headers.get("cache-control"), "no-store");
  for (const path of ["/profiles", "/profiles/", "/profiles/a.b", "/profiles/a%2fb", "/profiles/%00", `/profiles/${"x".repeat(129)}`, "/profiles/ada/bio", "/profile/ada"]) {
    await assertProblem(await harness.get(path), 404, "not_found");
  }
  for (const [method, path, allow] of [["GET", "/profile", "PUT, OPTIONS"], ["DELETE", "/profile", "PUT, OPTIONS"], ["PUT", "/profiles/ada", "GET, HEAD, OPTIONS"], ["POST", "/profiles/ada", "GET, HEAD, OPTIONS"]] as const) {
    const response = await harness.get(path, { method });
    assert.equal(response.headers.get("allow"), allow);
    await assertProblem(response, 405, "method_not_allowed");
  }
});

test("HEAD, 304 and pages of other origins", async () => {
  const { etag } = await saved("asked", { display_name: "Hedy Lamarr" });
  const got = await harness.get("/profiles/asked");
  const head = await harness.get("/profiles/asked", { method: "HEAD" });
  assert.equal(head.status, 200);
  for (const name of ["etag", "content-type", "cache-control"]) assert.equal(head.headers.get(name), got.headers.get(name), name);
  assert.equal(head.headers.get("content-length"), String((await got.arrayBuffer()).byteLength));
  for (const value of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
    const response = await harness.get("/profiles/asked", { headers: { "if-none-match": value } });
    assert.equal(response.status, 304, value);
    assert.equal(response.headers.get("etag"), etag);
    assert.equal((await response.arrayBuffer()).byteLength, 0);
  }
  await saved("asked", { display_name: "Hedy" });
  assert.equal((await harness.get("/profiles/asked", { headers: { "if-none-match": etag } })).status, 200);

  const origin = harness.origin;
  const preflight = await harness.get("/profile", { method: "OPTIONS", headers: { origin, "access-control-request-method": "PUT", "access-control-request-headers": "authorization,content-type,if-match" } });
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers.get("access-control-allow-methods") ?? "", /\bPUT\b/);
  for (const name of ["authorization", "content-type", "if-match", "if-none-match"]) assert.ok((preflight.headers.get("access-control-allow-headers") ?? "").split(", ").includes(name), name);
  const read = await harness.get("/profiles/asked", { headers: { origin } });
  assert.equal(read.headers.get("access-control-allow-origin"), origin);
  assert.match(read.headers.get("access-control-expose-headers") ?? "", /\bETag\b/);
  assert.equal((await harness.get("/profiles/asked", { headers: { origin: "https://evil.example" } })).headers.get("access-control-allow-origin"), null);
});

test("the pictures that count are part of it, and in nobody's way", async () => {
  const avatar = await publish("avatars", "pictured", "portrait.jpg");
  const alone = await seen("pictured");
  assert.deepEqual([alone.profile.display_name, alone.profile.bio, alone.profile.updated_at, alone.profile.banner], [null, "", null, null]);
  assert.match(alone.etag, /^"0-/, "a picture alone is shown, too");
  const created = await saved("pictured", { display_name: "Katherine" }, { "if-match": alone.etag });
  assert.equal(created.status, 201);

  const banner = await publish("banners", "pictured", "portrait.jpg");
  const both = await seen("pictured");
  for (const [kind, published, picture] of [["avatars", avatar, both.profile.avatar], ["banners", banner, both.profile.banner]] as const) {
    assert.ok(picture);
    const { url, versioned_url, ...rest } = picture;
    const { url: publishedUrl, ...asPublished } = published;
    assert.deepEqual(rest, asPublished, "as publish answered it");
    assert.equal(versioned_url, publishedUrl);
    assert.equal(url, `${harness.origin}/${kind}/pictured`);
    const [plain, version] = await Promise.all([fetch(url), fetch(versioned_url)]);
    assert.deepEqual([plain.status, version.status], [200, 200]);
    assert.deepEqual(Buffer.from(await plain.arrayBuffer()), Buffer.from(await version.arrayBuffer()));
  }
  assert.notEqual(both.etag, created.etag, "a new picture is another answer");
  assert.equal((await harness.get("/profiles/pictured", { headers: { "if-none-match": created.etag } })).status, 200);
  const later = await saved("pictured", { display_name: "Katherine Johnson" }, { "if-match": created.etag });
  assert.deepEqual([later.status, later.profile.banner], [200, both.profile.banner], "but no other revision");

  const token = await harness.stack.issuer.accessToken({ sub: "pictured" });
  assert.equal((await harness.get("/banners", { method: "DELETE", headers: { authorization: `Bearer ${token}` } })).status, 204);
  assert.equal((await seen("pictured")).profile.banner, null);
});

test("initials follow the name at once, and patterns do not", async () => {
  const shown = async (query = ""): Promise<{ etag: string; bytes: Buffer }> => {
    const response = await harness.get(`/avatars/initials.png${query}`);
    assert.equal(response.status, 200);
    return { etag: response.headers.get("etag") ?? "", bytes: Buffer.from(await response.arrayBuffer()) };
  };
  const drawn = (name: string): Buffer => Buffer.from(defaultPicture({ name, seed: "initials" }).bytes);
  const pattern = await shown("?d=identicon");
  const unnamed = await shown();
  assert.ok(unnamed.bytes.equals(drawn("")), "head and shoulders");
  const etags = new Set([unnamed.etag]);
  for (const name of ["Ada Lovelace", "Mary Jackson", "\u0401\u0436\u0438\u043a"]) {
    await saved("initials", { display_name: name });
    const { etag, bytes } = await shown();
    assert.ok(bytes.equals(drawn(name)), name);
    etags.add(etag);
    assert.equal((await harness.get("/avatars/initials.png", { headers: { "if-none-match": etag } })).status, 304);
    assert.equal((await harness.get("/avatars/initials.png", { headers: { "if-none-match": unnamed.etag } })).status, 200);
  }
  assert.equal(etags.size, 4);
  assert.deepEqual(await shown("?d=identicon"), pattern);
});

test("without the storage nothing is said of pictures, and nothing is written", async () => {
  await saved("unstored", { display_name: "Ada" });
  // "There is no picture" is believed for five seconds.
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  await harness.faults([{ status: 500 }]);
  for (const answer of [harness.get("/profiles/unstored"), put("unstored", { display_name: "Eve" })]) {
    const response = await answer;
    assert.match(response.headers.get("retry-after") ?? "", /^\d+$/);
    assert.equal(response.headers.get("cache-control"), "no-store");
    await assertProblem(response, 502, "storage_unavailable");
  }
  await harness.faults([]);
  assert.equal((await seen("unstored")).profile.display_name, "Ada");
});

test("without the database profiles wait, and pictures do not", async () => {
  await harness.upload("undatabased", "jpg", photo);
  await harness.publish("undatabased");
  await saved("undatabased", { display_name: "Rosalind" });
  const database = openLocal(stateDirectory);
  await database.batch(["ALTER TABLE profiles RENAME TO away"]);
  try {
    for (const answer of [harness.get("/profiles/undatabased"), put("undatabased", { display_name: "Eve" }), put("undatabased", { display_name: "Eve" }, { "if-match": "*" })]) {
      const response = await answer;
      assert.match(response.headers.get("retry-after") ?? "", /^\d+$/);
      assert.equal(response.headers.get("cache-control"), "no-store");
      await assertProblem(response, 503, "database_unavailable");
    }
    assert.equal((await harness.get("/avatars/undatabased.jpg")).status, 200);
    const instead = await harness.get("/avatars/undatabased-nobody.png");
    assert.ok(Buffer.from(await instead.arrayBuffer()).equals(Buffer.from(defaultPicture({ seed: "undatabased-nobody" }).bytes)));
  } finally {
    await database.batch(["ALTER TABLE away RENAME TO profiles"]);
    database.close();
  }
  assert.equal((await seen("undatabased")).profile.display_name, "Rosalind", "an error is not kept");
  assert.match(harness.stack.workerLog(), /database: Read: no such table or column; apply the migrations/);
});

test("nothing of a profile is logged", async () => {
  const word = "Xyzzyqux";
  await saved("logged", { display_name: `${word} One`, bio: `${word} two` });
  await put("logged", { display_name: `${word}\u202e` });
  await put("logged", { display_name: "x", [word]: 1 });
  await put("logged", { display_name: word }, { "if-match": `"${word}"` });
  await (await harness.get("/avatars/logged.png")).arrayBuffer();
  await harness.get("/profiles/logged");
  const log = harness.stack.workerLog();
  assert.match(log, /"route":"put_profile"/);
  assert.ok(!log.includes(word));
  assert.ok(!log.split("\n").some((line) => line.includes('"route"') && line.includes("logged")));
});

test("a worker without the database serves pictures only, and says what is missing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "roundel-no-database-"));
  const port = await freePort(0, "PORT");
  writeFileSync(join(folder, "wrangler.toml"), `name = "no-database"\nmain = ${JSON.stringify(inRoot("edge", "build", "worker", "shim.mjs"))}\ncompatibility_date = "2026-06-01"\n`);
  const worker = startWrangler({ name: "worker without a database", cwd: folder, port, logs: join(folder, "logs"), args: ["--persist-to", join(folder, "state"), "--env-file", join(stateDirectory, "worker.env")] });
  const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`, init);
  try {
    const deadline = Date.now() + 60_000;
    while (!(await ask("/healthz").then(({ ok }) => ok, () => false))) {
      assert.ok(Date.now() < deadline, worker.output());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await assertProblem(await ask("/profiles/ada"), 500, "misconfigured");
    await assertProblem(await ask("/profile", { method: "PUT", body: "{}" }), 500, "misconfigured");
    assert.match(worker.output(), /"reason":"PROFILES is not bound to a D1 database"/);
    const initials = await ask("/avatars/ada.png");
    assert.ok(Buffer.from(await initials.arrayBuffer()).equals(Buffer.from(defaultPicture({ seed: "ada" }).bytes)));
    await harness.upload("without-database", "jpg", photo);
    const { version } = await harness.publish("without-database");
    assert.equal((await ask("/avatars/without-database.jpg")).headers.get("etag"), `"${version}-256-jpg"`);
  } finally {
    await worker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

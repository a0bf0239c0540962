/** Pictures that move: published, served in motion and at rest, and gone. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { fixture, startElsewhere, startHarness, type Harness, type Published } from "./harness.ts";

type Moving = Published & { animated?: boolean };

const REDUCED = { "sec-ch-prefers-reduced-motion": "reduce" };
const HINT = "Sec-CH-Prefers-Reduced-Motion";

let harness: Harness;
before(async () => {
  harness = await startHarness();
});
after(() => harness?.stop());

const bytesOf = async (response: Response): Promise<Buffer> => {
  assert.equal(response.status, 200, response.url);
  return Buffer.from(await response.arrayBuffer());
};

/** Format, width, frames, and the colour of the first pixel of each frame. */
async function seen(response: Response): Promise<{ format: string; width: number; frames: number; reds: number[] }> {
  const file = await bytesOf(response);
  const { format = "", width = 0, pages = 1 } = await sharp(file).metadata();
  const { data, info } = await sharp(file, { animated: true }).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const area = (info.width * info.height) / pages;
  return { format, width, frames: pages, reds: Array.from({ length: pages }, (_, page) => data[page * area * 3] ?? -1) };
}

async function animation(colours: string[], format: "gif" | "webp" | "png", side = 96): Promise<Uint8Array> {
  const pictures = await Promise.all(colours.map((background) => sharp({ create: { width: side, height: side, channels: 3, background } }).png().toBuffer()));
  const joined = sharp(pictures, { join: { animated: true } });
  return new Uint8Array(await (format === "gif" ? joined.gif({ delay: colours.map(() => 120), loop: 3 }) : joined.webp({ delay: colours.map(() => 120), loop: 3 })).toBuffer());
}

const RED_GREEN_BLUE = ["#ff0000", "#00ff00", "#0000ff"];

async function published(sub: string, extension: string, bytes: Uint8Array): Promise<Moving> {
  await harness.upload(sub, extension, bytes);
  return (await harness.publish(sub)) as Moving;
}

async function settled(prefix: string, wanted: string[]): Promise<void> {
  let keys: string[] = [];
  for (let waited = 0; waited < 5_000; waited += 50) {
    keys = await harness.keys("assets", prefix);
    if (keys.length >= wanted.length) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual(keys, wanted);
}

test("GIF, WebP and APNG go on moving in WebP, at the size that is asked for, and rest in JPEG and PNG", async () => {
  for (const [sub, extension, bytes] of [
    ["from-gif", "gif", await animation(RED_GREEN_BLUE, "gif")],
    ["from-webp", "webp", await animation(RED_GREEN_BLUE, "webp")],
    ["from-apng", "png", fixture("animated.png")],
  ] as const) {
    const { animated, version } = await published(sub, extension, bytes);
    assert.equal(animated, true, sub);
    const isDrawn = extension !== "png";
    for (const path of [`/avatars/${sub}.webp?size=64`, `/avatars/${sub}?size=64`, `/avatars/${sub}/${version}/64.webp`]) {
      const { format, width, frames, reds } = await seen(await harness.get(path, { headers: { accept: "image/webp,*/*" } }));
      assert.deepEqual([format, frames > 1], ["webp", true], path);
      if (!isDrawn) continue;
      assert.deepEqual([width, frames], [64, 3], path);
      assert.ok((reds[0] ?? 0) > 240 && (reds[1] ?? 255) < 15 && (reds[2] ?? 255) < 15, `${path}: ${reds.join()}`);
    }
    for (const [path, format] of [[`/avatars/${sub}.jpg?size=64`, "jpeg"], [`/avatars/${sub}.png?size=64`, "png"], [`/avatars/${sub}/${version}/64.jpg`, "jpeg"], [`/avatars/${sub}/${version}/64.png`, "png"]] as const) {
      const response = await harness.get(path);
      assert.doesNotMatch(response.headers.get("vary") ?? "", /Motion/, path);
      const still = await seen(response);
      assert.deepEqual([still.format, still.frames], [format, 1], path);
    }
  }
});

test("it plays as often and as fast as it did", async () => {
  const { version } = await published("timing", "gif", await animation(RED_GREEN_BLUE, "gif"));
  const { delay, loop } = await sharp(await bytesOf(await harness.get(`/avatars/timing/${version}/32.webp`))).metadata();
  assert.deepEqual([delay, loop], [[120, 120, 120], 3]);
});

test("the still is there for who asks for it, by URL and by hint", async () => {
  const { version } = await published("still", "gif", await animation(RED_GREEN_BLUE, "gif"));
  const frames = async (path: string, headers: Record<string, string> = {}): Promise<[number, Response]> => {
    const response = await harness.get(path, { headers: { accept: "image/webp", ...headers } });
    return [(await seen(response.clone())).frames, response];
  };
  for (const path of ["/avatars/still.webp?size=48", "/avatars/still?size=48", `/avatars/still/${version}/48.webp`]) {
    const [moving, response] = await frames(path);
    assert.equal(moving, 3, path);
    assert.match(response.headers.get("vary") ?? "", new RegExp(HINT), path);
    assert.equal(response.headers.get("accept-ch"), HINT);
    assert.equal(response.headers.get("critical-ch"), HINT);
    assert.equal(response.headers.get("etag"), `"${version}-48-animated-webp"`);

    for (const reduced of ["reduce", '"reduce"']) {
      const [atRest, hinted] = await frames(path, { "sec-ch-prefers-reduced-motion": reduced });
      assert.equal(atRest, 1, path);
      assert.match(hinted.headers.get("vary") ?? "", new RegExp(HINT));
      assert.equal(hinted.headers.get("etag"), `"${version}-48-webp"`);
    }
    // The answer to one client is not given to another, which a moment ago asked for the same URL.
    assert.equal((await frames(path))[0], 3, path);
    assert.equal((await frames(path, { "sec-ch-prefers-reduced-motion": "no-preference" }))[0], 3, path);

    const asked = `${path}${path.includes("?") ? "&" : "?"}still=1`;
    const [byUrl, said] = await frames(asked);
    assert.equal(byUrl, 1, asked);
    assert.doesNotMatch(said.headers.get("vary") ?? "", /Motion/, "the URL decides alone");
    assert.equal((await frames(asked, REDUCED))[0], 1);
    assert.equal((await frames(`${path}${path.includes("?") ? "&" : "?"}still=0`))[0], 3);
  }
  const immutable = await harness.get(`/avatars/still/${version}/48.webp?still=1`);
  assert.equal(immutable.headers.get("cache-control"), "public, max-age=31536000, immutable");
  await immutable.arrayBuffer();
  // One copy of each, whatever the hints and queries were. A GIF that has an index for transparency has a PNG master.
  const folder = `avatars/still/${version}`;
  await settled(`${folder}/`, [`${folder}/256.jpg`, `${folder}/48.still.webp`, `${folder}/48.webp`, `${folder}/animation.webp`, `${folder}/master.png`]);
});

test("what a client has is told from what it would get", async () => {
  const { version } = await published("tags", "gif", await animation(RED_GREEN_BLUE, "gif"));
  const [moving, still] = [`"${version}-96-animated-webp"`, `"${version}-96-webp"`];
  for (const path of ["/avatars/tags.webp?size=96", `/avatars/tags/${version}/96.webp`]) {
    for (const [tag, headers, status] of [
      [moving, {}, 304],
      [still, {}, 200],
      [still, REDUCED, 304],
      [moving, REDUCED, 200],
    ] as const) {
      const response = await harness.get(path, { headers: { ...headers, "if-none-match": tag } });
      assert.equal(response.status, status, `${path} ${tag} ${JSON.stringify(headers)}`);
      assert.match(response.headers.get("vary") ?? "", new RegExp(HINT), path);
      await response.arrayBuffer();
    }
    const byUrl = await harness.get(`${path}${path.includes("?") ? "&" : "?"}still=1`, { headers: { "if-none-match": still } });
    assert.equal(byUrl.status, 304);
    for (const [tag, status] of [[moving, 200], [still, 412]] as const) {
      const response = await harness.get(path, { headers: { "if-match": tag } });
      assert.equal(response.status, status, `${path} ${tag}`);
      await response.arrayBuffer();
    }
  }
});

test("a picture that rests takes no notice", async () => {
  const { animated, version } = await published("resting", "jpg", fixture("portrait.jpg"));
  assert.equal(animated, undefined);
  const plain = await bytesOf(await harness.get(`/avatars/resting/${version}/64.webp`));
  for (const path of ["/avatars/resting.webp?size=64", `/avatars/resting/${version}/64.webp`]) {
    for (const [query, headers] of [["", {}], ["", REDUCED], ["still=1", {}], ["still=1", REDUCED]] as const) {
      const response = await harness.get(query === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${query}`, { headers });
      assert.doesNotMatch(response.headers.get("vary") ?? "", /Motion/);
      assert.equal(response.headers.get("etag"), `"${version}-64-webp"`);
      assert.ok((await bytesOf(response)).equals(plain), `${path} ${query}`);
    }
  }
  await settled(`avatars/resting/${version}/64`, [`avatars/resting/${version}/64.webp`]);
});

test("two animations that begin alike are two versions, and the same one twice is one", async () => {
  const [one, other] = [await animation(["#ff0000", "#00ff00"], "gif"), await animation(["#ff0000", "#0000ff"], "gif")];
  const first = await published("alike", "gif", one);
  assert.equal(((await harness.publish("alike")) as Moving).animated, true, "published again");
  const second = await published("alike", "gif", other);
  assert.notEqual(first.version, second.version);
  assert.equal(first.thumbhash, second.thumbhash);
  const folder = `avatars/alike/${second.version}`;
  await settled("avatars/alike/", ["avatars/alike/current.json", `${folder}/256.jpg`, `${folder}/animation.webp`, `${folder}/master.png`].sort());
  const third = await published("alike", "gif", one);
  assert.equal(third.version, first.version);
  // A still takes the place of an animation, and its version is that of its master.
  const still = await published("alike", "jpg", fixture("portrait.jpg"));
  assert.equal(still.animated, undefined);
  await settled("avatars/alike/", ["avatars/alike/current.json", `avatars/alike/${still.version}/256.jpg`, `avatars/alike/${still.version}/master.jpg`].sort());
});

test("elsewhere, and after an animation was lost, it is made anew", async () => {
  const gif = await animation(RED_GREEN_BLUE, "gif");
  const { version } = await published("lost", "gif", gif);
  const elsewhere = await startElsewhere(harness);
  try {
    const { frames } = await seen(await elsewhere.get(`/avatars/lost/${version}/96.webp`));
    const still = await seen(await elsewhere.get(`/avatars/lost/${version}/192.webp?still=1`));
    assert.deepEqual([frames, still.frames], [3, 1]);
  } finally {
    await elsewhere.stop();
  }
  await harness.remove("assets", `avatars/lost/${version}/animation.webp`);
  assert.equal((await harness.publish("lost")).version, version);
  assert.equal((await seen(await harness.get(`/avatars/lost/${version}/128.webp`))).frames, 3);
});

test("removed, nothing of it is left", async () => {
  const { version } = await published("removed", "gif", await animation(RED_GREEN_BLUE, "gif"));
  for (const query of ["", "?still=1"]) await bytesOf(await harness.get(`/avatars/removed/${version}/64.webp${query}`));
  const authorization = `Bearer ${await harness.stack.issuer.accessToken({ sub: "removed" })}`;
  assert.equal((await harness.get("/avatars", { method: "DELETE", headers: { authorization } })).status, 204);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual(await harness.keys("assets", "avatars/removed/"), []);
  for (const query of ["", "?still=1"]) {
    const gone = await harness.get(`/avatars/removed/${version}/64.webp${query}`);
    assert.equal(gone.status, 404, query);
    await gone.arrayBuffer();
  }
  const reduced = await harness.get(`/avatars/removed/${version}/64.webp`, { headers: REDUCED });
  assert.equal(reduced.status, 404);
  // What is shown in its place knows of no motion.
  const instead = await harness.get("/avatars/removed.webp?still=1", { headers: REDUCED });
  assert.match(instead.headers.get("etag") ?? "", /^"initials-/);
  assert.doesNotMatch(instead.headers.get("vary") ?? "", /Motion/);
});

test("a pointer from before there were animations is read, and its picture rests", async () => {
  const { version } = await published("old", "gif", await animation(RED_GREEN_BLUE, "gif"));
  const key = "avatars/old/current.json";
  const pointer = JSON.parse((await harness.object("assets", key)).toString()) as Record<string, unknown>;
  assert.deepEqual(pointer["animation"], { key: `avatars/old/${version}/animation.webp`, content_type: "image/webp" });
  delete pointer["animation"];
  await harness.place("assets", key, new TextEncoder().encode(JSON.stringify(pointer)));
  const elsewhere = await startElsewhere(harness);
  try {
    assert.equal((await seen(await elsewhere.get("/avatars/old.webp?size=128"))).frames, 1);
  } finally {
    await elsewhere.stop();
  }
});

test("too much of it, or a broken frame, is a still, and so is every banner", async () => {
  const many = await animation(Array.from({ length: 501 }, (_, i) => `#${(i % 2 ? 0xff0000 : 0x00ff00).toString(16).padStart(6, "0")}`), "gif", 16);
  assert.equal((await published("many", "gif", many)).animated, undefined);
  const gif = fixture("anim.gif");
  // Its last frame states a code size that there is not.
  const frame = "\x21\xf9\x04\0\x0a\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0";
  const pixel = "\x02\x44\x01\0";
  const broken = new Uint8Array(Buffer.from(`GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff${frame}\x02${pixel}${frame}\xc8${pixel};`, "latin1"));
  assert.equal((await published("broken", "gif", broken)).animated, undefined);
  assert.equal((await seen(await harness.get("/avatars/broken.webp?size=64"))).frames, 1);
  const grant = await harness.post("/banners/key_upload", "banner", { extension: "gif" });
  const { url, headers } = (await grant.json()) as { url: string; headers: Record<string, string> };
  assert.equal((await fetch(url, { method: "PUT", headers, body: gif as Uint8Array<ArrayBuffer> })).status, 200);
  const answer = (await (await harness.post("/banners/publish", "banner")).json()) as Moving;
  assert.equal(answer.animated, undefined);
  assert.equal((await seen(await harness.get(`/banners/banner/${answer.version}/640.webp`))).frames, 1);
});

test("the profile says so too", async () => {
  const { version } = await published("told", "gif", await animation(RED_GREEN_BLUE, "gif"));
  const profile = (await (await harness.get("/profiles/told")).json()) as { avatar: { animated?: boolean; version: string } };
  assert.deepEqual([profile.avatar.animated, profile.avatar.version], [true, version]);
});

/** Banners: the same way as avatars, in a shape and in widths of their own. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ready, render } from "roundel";
import sharp from "sharp";
import { assertGuarded, assertProblem, fixture, startHarness, type Grant, type Harness, type Published } from "./harness.ts";

const WIDTHS = [640, 960, 1280, 1500, 1920];
const HEIGHTS = [213, 320, 427, 500, 640];

let harness: Harness;
before(async () => {
  [harness] = await Promise.all([startHarness({ notifications: true }), ready()]);
});
after(() => harness?.stop());

async function upload(sub: string, extension: string, bytes: Uint8Array): Promise<Grant> {
  const response = await harness.post("/banners/key_upload", sub, { extension, content_length: bytes.length });
  assert.equal(response.status, 200, await response.clone().text());
  const grant = (await response.json()) as Grant;
  const put = await fetch(grant.url, { method: "PUT", headers: grant.headers, body: bytes as Uint8Array<ArrayBuffer> });
  assert.equal(put.status, 200, await put.text());
  return grant;
}

async function publish(sub: string): Promise<Published> {
  const response = await harness.post("/banners/publish", sub);
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as Published;
}

test("a photo becomes a banner in every width and format", async () => {
  const photo = new Uint8Array(await sharp(fixture("portrait.jpg")).resize(2400, 1600, { fit: "fill" }).jpeg().toBuffer());
  assert.equal((await upload("person", "jpg", photo)).key, "banners/person.jpg");
  const published = await publish("person");
  assert.deepEqual([published.width, published.height], [1500, 500]);
  assert.equal(published.url, `${harness.origin}/banners/person/${published.version}/1500.jpg`);
  const master = render(photo, { width: 1920, height: 640, quality: 90 });
  assert.equal(published.version, master.sha256.slice(0, 16), "the master is 1920 x 640");
  assert.equal(published.variants.length, WIDTHS.length * 3);
  for (const [index, width] of WIDTHS.entries()) {
    for (const [extension, format] of [["jpg", "jpeg"], ["png", "png"], ["webp", "webp"]] as const) {
      const versioned = await harness.get(`/banners/person/${published.version}/${width}.${extension}`);
      assert.equal(versioned.status, 200);
      assertGuarded(versioned);
      assert.equal(versioned.headers.get("etag"), `"${published.version}-${width}-${extension}"`);
      assert.equal(versioned.headers.get("cache-control"), "public, max-age=31536000, immutable");
      const bytes = Buffer.from(await versioned.arrayBuffer());
      const { width: w, height: h, format: f } = await sharp(bytes).metadata();
      assert.deepEqual([w, h, f], [width, HEIGHTS[index], format]);
      const alias = await harness.get(`/banners/person.${extension}?width=${width}`);
      assert.equal(alias.headers.get("cache-control"), "public, max-age=60, stale-while-revalidate=600");
      assert.ok(Buffer.from(await alias.arrayBuffer()).equals(bytes));
    }
  }
  const { width, height } = await sharp(await (await harness.get("/banners/person")).arrayBuffer()).metadata();
  assert.deepEqual([width, height], [1500, 500], "1500 where no width is asked for");
  assert.equal((await harness.get(published.url.slice(harness.origin.length), { headers: { range: "bytes=0-9" } })).status, 206);
});

test("a small or odd photo is not enlarged in its master, and its variants have the widths", async () => {
  for (const [sub, width, height, master] of [["small", 100, 100, [100, 33]], ["wide", 900, 60, [180, 60]], ["dot", 1, 1, [1, 1]]] as const) {
    const photo = new Uint8Array(await sharp({ create: { width, height, channels: 3, background: "#336699" } }).png().toBuffer());
    await upload(sub, "png", photo);
    const { version } = await publish(sub);
    const wanted = render(photo, { width: master[0], height: master[1], quality: 90 });
    assert.equal(version, wanted.sha256.slice(0, 16), sub);
    const shown = await sharp(await (await harness.get(`/banners/${sub}.png?width=640`)).arrayBuffer()).metadata();
    assert.deepEqual([shown.width, shown.height], [640, 213]);
  }
});

test("avatar and banner of a person are two pictures", async () => {
  await harness.upload("both", "jpg", fixture("portrait.jpg"));
  const avatar = await harness.publish("both");
  await assertProblem(await harness.get("/banners/both.jpg"), 404, "not_found");
  await upload("both", "png", fixture("alpha.png"));
  const banner = await publish("both");
  assert.notEqual(banner.version, avatar.version);
  assert.equal((await harness.get("/avatars/both.jpg")).headers.get("etag"), `"${avatar.version}-256-jpg"`);
  assert.equal((await harness.get("/banners/both.jpg")).headers.get("etag"), `"${banner.version}-1500-jpg"`);
  assert.deepEqual(await harness.keys("uploads", "avatars/both"), ["avatars/both.jpg"]);
  await assertProblem(await harness.get(`/banners/both/${avatar.version}/640.jpg`), 404, "not_found");
  await assertProblem(await harness.get(`/avatars/both/${banner.version}/256.jpg`), 404, "not_found");
});

test("where there is no banner there is nothing, unless it is asked for", async () => {
  for (const path of ["/banners/nobody.jpg", "/banners/nobody", "/banners/nobody.png?d=404&width=640"]) {
    await assertProblem(await harness.get(path), 404, "not_found");
  }
  const pattern = await harness.get("/banners/nobody.png?d=identicon&width=960");
  const { width, height } = await sharp(await pattern.arrayBuffer()).metadata();
  assert.deepEqual([width, height], [960, 320]);
  for (const path of ["/banners/nobody.jpg?width=256", "/banners/nobody.jpg?width=", "/banners/nobody/0123456789abcdef/512.jpg"]) {
    await assertProblem(await harness.get(path), 400, "bad_size");
  }
});

test("the storage's event alone publishes a banner", async () => {
  await upload("by-event", "jpg", fixture("portrait.jpg"));
  let keys: string[] = [];
  for (let waited = 0; waited < 10_000 && keys.length < 3; waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    keys = await harness.keys("assets", "banners/by-event/");
  }
  assert.equal(keys.length, 3, keys.join());
  assert.ok(keys.includes("banners/by-event/current.json") && keys.some((key) => key.endsWith("/1500.jpg")));
  assert.deepEqual(await harness.keys("assets", "avatars/by-event/"), []);
});

test("the page learns the widths", async () => {
  const config = (await (await harness.get("/config.json")).json()) as Record<string, unknown>;
  assert.deepEqual(config["banner_widths"], WIDTHS);
});

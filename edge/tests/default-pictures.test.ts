/** What is served for a person who has no picture. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { defaultPicture, ready } from "roundel";
import sharp from "sharp";
import { assertGuarded, assertProblem, fixture, startHarness, type Harness } from "./harness.ts";

const SHORT = "public, max-age=60";

let harness: Harness;
before(async () => {
  [harness] = await Promise.all([startHarness(), ready()]);
});
after(() => harness?.stop());

async function bytesOf(response: Response): Promise<Buffer> {
  assert.equal(response.status, 200, await response.clone().text());
  return Buffer.from(await response.arrayBuffer());
}

test("in every format and size it is the package's default picture of that person", async () => {
  for (const [query, kind] of [["", "initials"], ["d=initials", "initials"], ["d=identicon", "identicon"]] as const) {
    for (const [extension, format] of [["jpg", "jpeg"], ["png", "png"], ["webp", "webp"]] as const) {
      for (const size of [32, 256, 1024]) {
        const response = await harness.get(`/avatars/nobody.${extension}?${query}${size === 256 ? "" : `&size=${size}`}`);
        const bytes = await bytesOf(response);
        assertGuarded(response);
        assert.equal(response.headers.get("content-type"), `image/${format}`);
        assert.equal(response.headers.get("cache-control"), SHORT);
        assert.equal(response.headers.get("cross-origin-resource-policy"), "cross-origin");
        // WebP is lossless.
        const quality = format === "webp" ? 100 : 80;
        const wanted = defaultPicture({ kind, seed: "nobody", width: size, height: size, format, quality });
        assert.ok(bytes.equals(wanted.bytes), `${query} ${size}.${extension}`);
      }
    }
  }
  const [first, second] = await Promise.all(["a", "b"].map(async (sub) => bytesOf(await harness.get(`/avatars/${sub}.png`))));
  assert.ok(!first?.equals(second as Buffer), "it is the person's own");
});

test("without a format Accept decides, as for any picture", async () => {
  for (const [accept, type] of [["*/*", "image/png"], ["image/avif,image/webp,*/*", "image/webp"], ["image/webp", "image/webp"], ["image/jpeg", "image/jpeg"]] as const) {
    const response = await harness.get("/avatars/nobody?size=48", { headers: { accept } });
    assert.equal(response.headers.get("content-type"), type);
    assert.match(response.headers.get("vary") ?? "", /^Accept, Origin$/);
    const { width, height } = await sharp(await bytesOf(response)).metadata();
    assert.deepEqual([width, height], [48, 48]);
  }
});

test("it has an ETag of its own, answers 304 and HEAD", async () => {
  const path = "/avatars/conditional.png?size=64";
  const got = await harness.get(path);
  const etag = got.headers.get("etag") ?? "";
  assert.match(etag, /^"[^"]+"$/);
  const bytes = await bytesOf(got);
  const revalidated = await harness.get(path, { headers: { "if-none-match": `"x", W/${etag}` } });
  assert.equal(revalidated.status, 304);
  assert.equal(revalidated.headers.get("etag"), etag);
  assert.equal(revalidated.headers.get("cache-control"), SHORT);
  const head = await harness.get(path, { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get("content-length"), String(bytes.length));
  for (const name of ["etag", "content-type", "cache-control"]) assert.equal(head.headers.get(name), got.headers.get(name), name);
  const etags = new Set([etag]);
  for (const other of ["/avatars/conditional.png?size=64&d=identicon", "/avatars/conditional.jpg?size=64", "/avatars/conditional.png?size=96"]) {
    etags.add((await harness.get(other)).headers.get("etag") ?? "");
  }
  assert.equal(etags.size, 4);

  await harness.upload("conditional", "jpg", fixture("portrait.jpg"));
  await harness.publish("conditional");
  const picture = await harness.get(path, { headers: { "if-none-match": etag } });
  assert.equal(picture.status, 200, "a default picture is no copy of the picture");
  assert.ok(!(await bytesOf(picture)).equals(bytes));
});

test("who asks for 404 gets it, and it may be kept for ten seconds", async () => {
  for (const path of ["/avatars/nobody.jpg?d=404", "/avatars/nobody?d=404", "/avatars/nobody/0123456789abcdef/64.png?d=identicon"]) {
    for (const method of ["GET", "HEAD"]) {
      const response = await harness.get(path, { method });
      assert.equal(response.status, 404);
      assert.equal(response.headers.get("cache-control"), "public, max-age=10");
      if (method === "GET") await assertProblem(response, 404, "not_found");
    }
  }
});

test("another word is refused, also where there is a picture", async () => {
  await harness.upload("somebody", "jpg", fixture("portrait.jpg"));
  await harness.publish("somebody");
  for (const d of ["", "mp", "Identicon", "https%3A%2F%2Fexample.com%2Fx.png"]) {
    for (const sub of ["nobody", "somebody"]) {
      const response = await harness.get(`/avatars/${sub}.jpg?d=${d}`);
      assert.equal(response.headers.get("cache-control"), "no-store");
      await assertProblem(response, 400, "bad_default");
    }
  }
  const shown = await harness.get("/avatars/somebody.jpg?d=identicon");
  assert.doesNotMatch(shown.headers.get("etag") ?? "", /identicon/);
});

test("an upload that cannot be used is as good as none", async () => {
  await harness.upload("broken", "jpg", new TextEncoder().encode("not a picture"));
  const response = await harness.get("/avatars/broken.png");
  assert.ok((await bytesOf(response)).equals(defaultPicture({ seed: "broken" }).bytes));
  await assertProblem(await harness.get("/avatars/broken.png?d=404"), 404, "not_found");
});

/** Which formats are taken, and which one is served to whom. */
import assert from "node:assert/strict";
import { get } from "node:http";
import { after, before, test } from "node:test";
import { ready, render, type Recipe } from "roundel";
import sharp from "sharp";
import { assertGuarded, assertProblem, fixture, sha256, startHarness, type Harness, type Published } from "./harness.ts";

/** As browsers ask for an `<img>`. */
const CHROMIUM = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";
const FIREFOX = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5";
const OLD_SAFARI = "image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5";

let harness: Harness;
let opaque: Published;
let transparent: Published;
before(async () => {
  [harness] = await Promise.all([startHarness(), ready()]);
  await harness.upload("opaque", "jpg", fixture("portrait.jpg"));
  opaque = await harness.publish("opaque");
  await harness.upload("transparent", "png", fixture("alpha.png"));
  transparent = await harness.publish("transparent");
});
after(() => harness?.stop());

function assertSame(actual: Uint8Array, wanted: Uint8Array): void {
  assert.equal(sha256(actual).toString("hex"), sha256(wanted).toString("hex"));
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  assert.equal(response.status, 200, await response.clone().text());
  return new Uint8Array(await response.arrayBuffer());
}

async function stored(key: string): Promise<boolean> {
  return (await harness.keys("assets", key)).includes(key);
}

test("each format is what render makes of the master, under both kinds of URL", async () => {
  const cases: [string, Published, Uint8Array, Recipe][] = [
    ["opaque", opaque, fixture("portrait.jpg"), { width: 480, height: 480, quality: 90 }],
    ["transparent", transparent, fixture("alpha.png"), { width: 120, height: 120, format: "png", quality: 90 }],
  ];
  for (const [sub, { version }, upload, recipe] of cases) {
    const master = render(upload, recipe);
    assert.equal(version, master.sha256.slice(0, 16));
    for (const [extension, format] of [["jpg", "jpeg"], ["png", "png"], ["webp", "webp"]] as const) {
      const wanted = render(master.bytes, { width: 96, height: 96, format });
      const versioned = await harness.get(`/avatars/${sub}/${version}/96.${extension}`);
      assert.equal(versioned.headers.get("content-type"), `image/${format}`);
      assert.equal(versioned.headers.get("cache-control"), "public, max-age=31536000, immutable");
      assert.equal(versioned.headers.get("etag"), `"${version}-96-${extension}"`);
      assert.doesNotMatch(versioned.headers.get("vary") ?? "", /Accept/);
      assertSame(await bytesOf(versioned), wanted.bytes);
      // What the URL says counts, whatever the client would rather have.
      const alias = await harness.get(`/avatars/${sub}.${extension}?size=96`, { headers: { accept: "image/gif" } });
      assert.equal(alias.headers.get("content-type"), `image/${format}`);
      assert.doesNotMatch(alias.headers.get("vary") ?? "", /Accept/);
      assertSame(await bytesOf(alias), wanted.bytes);
      const picture = await sharp(wanted.bytes).metadata();
      assert.deepEqual([picture.format, picture.width, picture.height], [format, 96, 96]);
      assert.equal(picture.hasAlpha, sub === "transparent" && format !== "jpeg", `${sub}.${extension}`);
    }
  }
});

test("without a format the client's Accept decides, and never with 406", async () => {
  const cases: [accept: string, opaque: string, transparent: string][] = [
    [CHROMIUM, "webp", "webp"],
    [FIREFOX, "webp", "webp"],
    [OLD_SAFARI, "jpg", "png"],
    ["*/*", "jpg", "png"],
    ["image/*", "jpg", "png"],
    ["image/png", "png", "png"],
    ["image/jpeg", "jpg", "jpg"],
    ["image/webp;q=0, */*", "jpg", "png"],
    ["image/webp;q=0.5, image/jpeg", "jpg", "jpg"],
    ["nonsense;;, image/webp", "webp", "webp"],
    ["text/html", "jpg", "jpg"],
    ["image/avif", "jpg", "jpg"],
    ["*/*;q=0", "jpg", "jpg"],
    ["", "jpg", "png"],
    [`${"x/y,".repeat(1000)}image/webp`, "jpg", "png"],
  ];
  for (const [accept, ...wanted] of cases) {
    for (const [index, [sub, { version }]] of ([["opaque", opaque], ["transparent", transparent]] as const).entries()) {
      const extension = wanted[index];
      const response = await harness.get(`/avatars/${sub}?size=64`, { headers: { accept } });
      assert.equal(response.headers.get("etag"), `"${version}-64-${extension}"`, `${accept.slice(0, 100)} for ${sub}`);
      assert.equal(response.headers.get("content-type"), `image/${extension === "jpg" ? "jpeg" : extension}`);
      assert.equal(response.headers.get("cache-control"), "public, max-age=60, stale-while-revalidate=600");
      assert.match(response.headers.get("vary") ?? "", /^Accept, Origin$/);
      assert.equal(response.headers.get("cross-origin-resource-policy"), "cross-origin");
      assertGuarded(response);
      assertSame(await bytesOf(response), await bytesOf(await harness.get(`/avatars/${sub}/${version}/64.${extension}`)));
    }
  }
});

test("several Accept fields count as one", async () => {
  const ask = (accept: string[]): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      get(`${harness.origin}/avatars/opaque`, { headers: { accept } as never }, (response) => {
        response.resume();
        resolve(response.headers["content-type"]);
      }).on("error", reject);
    });
  assert.equal(await ask(["text/html", "image/webp"]), "image/webp");
  assert.equal(await ask(["image/webp;q=0.5", "image/png"]), "image/png");
  assert.equal(await ask(["text/html", "application/json"]), "image/jpeg");
});

test("a 304, a HEAD and a failure vary with Accept as well", async () => {
  const path = "/avatars/opaque?size=128";
  const webp = `"${opaque.version}-128-webp"`;
  const revalidated = await harness.get(path, { headers: { accept: CHROMIUM, "if-none-match": webp } });
  assert.equal(revalidated.status, 304);
  assert.equal(revalidated.headers.get("etag"), webp);
  assert.match(revalidated.headers.get("vary") ?? "", /Accept/);
  const other = await harness.get(path, { headers: { accept: "image/jpeg", "if-none-match": webp } });
  assert.equal(other.status, 200, "a copy in another format is no copy");

  const head = await harness.get(path, { method: "HEAD", headers: { accept: CHROMIUM } });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get("etag"), webp);
  assert.equal(head.headers.get("content-length"), String((await bytesOf(await harness.get(path, { headers: { accept: CHROMIUM } }))).length));

  const missing = await harness.get("/avatars/nobody?d=404", { headers: { accept: CHROMIUM } });
  assert.match(missing.headers.get("vary") ?? "", /Accept/);
  await assertProblem(missing, 404, "not_found");
  await assertProblem(await harness.get("/avatars/opaque?size=65"), 400, "bad_size");
  await assertProblem(await harness.get("/avatars/opaque", { method: "POST" }), 405, "method_not_allowed");
});

test("a header of any kind makes no more copies than there are formats", async () => {
  await harness.upload("copies", "jpg", fixture("portrait.jpg"));
  const { version } = await harness.publish("copies");
  for (let index = 0; index < 20; index++) {
    const accept = `image/webp;q=0.${100 + index}, x/y${index}, image/jpeg;q=0.0${index % 10}`;
    await bytesOf(await harness.get("/avatars/copies?size=48", { headers: { accept } }));
  }
  const key = `avatars/copies/${version}/48.webp`;
  for (let waited = 0; waited < 5_000 && !(await stored(key)); waited += 50) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(await harness.keys("assets", `avatars/copies/${version}/48.`), [key]);
});

/** Frames of one colour each, 96 x 64. */
async function frames(...colours: string[]): Promise<ReturnType<typeof sharp>> {
  const of = (background: string): Promise<Buffer> => sharp({ create: { width: 96, height: 64, channels: 3, background } }).png().toBuffer();
  const pictures = await Promise.all(colours.map(of));
  return pictures.length > 1 ? sharp(pictures, { join: { animated: true } }) : sharp(pictures[0]);
}

async function meanColour(picture: Uint8Array): Promise<number[]> {
  const { channels } = await sharp(picture).stats();
  return channels.map(({ mean }) => Math.round(mean));
}

test("WebP and GIF uploads are taken, of an animation its first frame where it cannot move", async () => {
  const uploads: [sub: string, extension: string, bytes: Buffer | Uint8Array][] = [
    ["webp-still", "webp", await (await frames("#ff0000")).webp().toBuffer()],
    ["webp-lossless", "webp", await (await frames("#ff0000")).webp({ lossless: true }).toBuffer()],
    ["webp-animated", "webp", await (await frames("#ff0000", "#0000ff", "#00ff00")).webp({ lossless: true }).toBuffer()],
    ["gif-still", "gif", await (await frames("#ff0000")).gif().toBuffer()],
    ["gif-animated", "gif", await (await frames("#ff0000", "#0000ff", "#00ff00")).gif().toBuffer()],
  ];
  for (const [sub, extension, bytes] of uploads) {
    assert.equal((await sharp(bytes).metadata()).pages ?? 1, sub.endsWith("animated") ? 3 : 1, sub);
    await harness.upload(sub, extension, new Uint8Array(bytes));
    const { version, url } = await harness.publish(sub);
    const red = await meanColour(await bytesOf(await fetch(url)));
    assert.ok((red[0] ?? 0) > 245 && (red[1] ?? 255) < 10 && (red[2] ?? 255) < 10, `${sub}: ${red.join()}`);
    for (const format of ["png", "webp"]) {
      const picture = await sharp(await bytesOf(await harness.get(`/avatars/${sub}/${version}/64.${format}`))).metadata();
      const moves = format === "webp" && sub.endsWith("animated");
      assert.deepEqual([picture.format, picture.width, picture.height, picture.pages ?? 1], [format, 64, 64, moves ? 3 : 1], sub);
    }
    assert.deepEqual(await harness.keys("uploads", `avatars/${sub}`), [`avatars/${sub}.${extension}`]);
  }
});

test("transparency keeps a PNG master, whatever the upload was", async () => {
  for (const [name, extension] of [["animated.png", "png"], ["transparent.gif", "gif"], ["lossy-alpha.webp", "webp"], ["lossless-alpha.webp", "webp"]] as const) {
    const sub = name.replace(".", "-");
    const upload = fixture(name);
    await harness.upload(sub, extension, upload);
    const { version } = await harness.publish(sub);
    const { width = 0, height = 0, pageHeight = height } = await sharp(upload).metadata();
    const side = Math.min(width, pageHeight);
    const master = render(upload, { width: side, height: side, format: "png", quality: 90 });
    assert.ok((await harness.object("assets", `avatars/${sub}/${version}/master.png`)).equals(master.bytes), name);
    // What moves has a version of both its masters.
    const digests: Uint8Array[] = [Buffer.from(master.sha256, "hex")];
    if (name === "animated.png") digests.push(sha256(await harness.object("assets", `avatars/${sub}/${version}/animation.webp`)));
    const digest = digests.length > 1 ? sha256(Buffer.concat(digests)).toString("hex") : master.sha256;
    assert.equal(version, digest.slice(0, 16), name);
    const response = await harness.get(`/avatars/${sub}?size=128`, { headers: { accept: "*/*" } });
    assert.equal(response.headers.get("content-type"), "image/png");
    const { hasAlpha, pages } = await sharp(await bytesOf(response)).metadata();
    assert.deepEqual([hasAlpha, pages ?? 1], [true, 1]);
  }
});

test("of an APNG its first frame is the picture", async () => {
  await harness.upload("apng", "png", fixture("animated.png"));
  await harness.publish("apng");
  const grid = (picture: ReturnType<typeof sharp>): Promise<Buffer> => picture.resize(16, 16, { fit: "cover" }).flatten({ background: "#ffffff" }).removeAlpha().raw().toBuffer();
  const shown = await grid(sharp(await bytesOf(await harness.get("/avatars/apng.png?size=64"))));
  const differences: number[] = [];
  for (let frame = 0; frame < 6; frame++) {
    const wanted = await grid(sharp(fixture("animated-frames.png")).extract({ left: 0, top: 32 * frame, width: 48, height: 32 }));
    differences.push(shown.reduce((sum, value, index) => sum + Math.abs(value - (wanted[index] ?? 0)), 0) / shown.length);
  }
  const [first = Infinity, ...others] = differences;
  assert.ok(first < 8 && first < Math.min(...others) / 2, `mean differences to its frames: ${differences.map((value) => value.toFixed(1)).join()}`);
});

test("what an upload is called has to be what it is", async () => {
  const webp = new Uint8Array(await (await frames("#ff0000")).webp().toBuffer());
  const gif = new Uint8Array(await (await frames("#ff0000")).gif().toBuffer());
  for (const [sub, extension, bytes] of [
    ["webp-as-gif", "gif", webp],
    ["webp-as-jpg", "jpeg", webp],
    ["gif-as-webp", "webp", gif],
    ["gif-as-png", "png", gif],
    ["jpg-as-webp", "webp", fixture("portrait.jpg")],
    ["bmp-as-png", "png", fixture("24.bmp")],
  ] as const) {
    await harness.upload(sub, extension, bytes);
    await assertProblem(await harness.post("/avatars/publish", sub), 415, "content_type_mismatch");
    assert.deepEqual(await harness.keys("assets", `avatars/${sub}/`), [], sub);
  }
  for (const extension of ["bmp", "avif", "heic", "apng", "tiff"]) {
    await assertProblem(await harness.post("/avatars/key_upload", "wrong", { extension }), 400, "bad_extension");
  }
});

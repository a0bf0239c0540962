/** Uploads from a page: with progress, called off midway, and to the real worker and storage. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { ready, render } from "roundel";
import { uploadAvatar } from "roundel/upload";
import sharp from "sharp";
import { startHarness, type Harness } from "../../../edge/tests/harness.ts";
import { presign } from "../../../edge/tests/presign.ts";
import { startBrowser } from "../../../infra/local/browser.ts";
import { inRoot } from "../../../infra/setup/paths.ts";
import { startUploadServer, type Reply, type UploadServer } from "./upload-server.ts";

type Package = typeof import("../src/index.ts");
type UploadModule = typeof import("../src/upload.ts");

/** Opens a page of an origin that has the package's files beside its own. */
async function open(browser: Browser, origin: string): Promise<Page> {
  const page = await browser.newPage();
  for (const [folder, path] of [["package", inRoot("wasm", "npm", "dist")], ["fixtures", inRoot("wasm", "tests", "fixtures")]] as const) {
    await page.route(`${origin}/${folder}/**`, (route) => {
      const name = new URL(route.request().url()).pathname.split("/").slice(2).join("/");
      const contentType = name.endsWith(".wasm") ? "application/wasm" : name.endsWith(".js") ? "text/javascript" : "image/jpeg";
      return route.fulfill({ contentType, body: readFileSync(`${path}/${name}`) });
    });
  }
  await page.goto(origin);
  return page;
}

describe("an upload from a page", () => {
  let browser: Browser;
  let server: UploadServer;
  before(async () => {
    server = await startUploadServer();
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  it("tells how much has gone out, and stops midway", async () => {
    const page = await open(browser, server.origin);
    const session = await page.context().newCDPSession(page);
    const story = async (): Promise<{ outcome: string; loaded: number[]; total: number }> =>
      page.evaluate(async (limit) => {
        const { ready, renderPixels } = (await import("/package/index.js" as string)) as Package;
        const { uploadAvatar } = (await import("/package/upload.js" as string)) as UploadModule;
        await ready();
        const noise = new Uint8ClampedArray(4 * 600 * 600);
        for (let seed = 1, at = 0; at < noise.length; at++) noise[at] = (seed = (seed * 48271) % 0x7fff_ffff) & 255;
        const rendered = renderPixels({ data: noise, width: 600, height: 600 }, { width: 600, height: 600, format: "png" });
        const controller = new AbortController();
        const loaded: number[] = [];
        const outcome = await uploadAvatar({
          ...{ api: location.origin, token: "t", rendered, signal: controller.signal },
          onProgress: (progress) => {
            if (progress.phase !== "uploading") return;
            loaded.push(progress.loaded);
            if (progress.loaded > limit) controller.abort(new Error("enough"));
          },
        }).then(({ version }) => version, (error: Error) => error.message);
        return { outcome, loaded, total: rendered.bytes.length };
      }, limit);
    let limit = Infinity;
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 1_500_000 });
    const whole = await story();
    assert.equal(whole.outcome, "0123456789abcdef");
    assert.ok(whole.total > 1_000_000 && new Set(whole.loaded).size >= 3, whole.loaded.join());
    assert.deepEqual(whole.loaded, whole.loaded.toSorted((one, other) => one - other));
    assert.deepEqual([whole.loaded[0], whole.loaded.at(-1)], [0, whole.total]);

    server.reset();
    limit = 100_000;
    const part = await story();
    assert.equal(part.outcome, "enough");
    assert.ok((part.loaded.at(-1) ?? 0) < part.total);
    assert.ok(!server.asked.some(({ route }) => route === "POST /avatars/publish"));
    await page.close();
  });

  it("is told from a lost connection, and tried again", async () => {
    const page = await open(browser, server.origin);
    server.reset();
    server.next("PUT /storage", "hang up", { status: 503, headers: { "retry-after": "0" } });
    const outcome = await page.evaluate(async () => {
      const { ready, render } = (await import("/package/index.js" as string)) as Package;
      const { uploadAvatar } = (await import("/package/upload.js" as string)) as UploadModule;
      await ready();
      const rendered = render(new Uint8Array(await (await fetch("/fixtures/portrait.jpg")).arrayBuffer()));
      return (await uploadAvatar({ api: location.origin, token: "t", rendered, retryDelayMs: 5 })).version;
    });
    assert.equal(outcome, "0123456789abcdef");
    assert.equal(server.asked.filter(({ route }) => route === "PUT /storage").length, 3);
    server.reset();
    server.next("PUT /storage", ...Array.from({ length: 3 }, () => "hang up" as const));
    const lost = await page.evaluate(async () => {
      const { render } = (await import("/package/index.js" as string)) as Package;
      const { uploadAvatar, UploadError } = (await import("/package/upload.js" as string)) as UploadModule;
      const rendered = render(new Uint8Array(await (await fetch("/fixtures/portrait.jpg")).arrayBuffer()));
      return uploadAvatar({ api: location.origin, token: "t", rendered, retries: 1, retryDelayMs: 5 }).catch((error: unknown) => (error instanceof UploadError ? [error.code, error.status, error.retryable] : String(error)));
    });
    assert.deepEqual(lost, ["network", 0, true]);
    await page.close();
  });

  describe("to the real worker and storage", () => {
    let harness: Harness;
    before(async () => {
      harness = await startHarness({ faults: true });
    });
    after(() => harness?.stop());

    const upload = async (page: Page, kind: "uploadAvatar" | "uploadBanner", token: string): Promise<Record<string, unknown>> =>
      page.evaluate(
        async ({ kind, token }) => {
          const { ready, render } = (await import("/package/index.js" as string)) as Package;
          const module = (await import("/package/upload.js" as string)) as UploadModule;
          await ready();
          const photo = new Uint8Array(await (await fetch("/fixtures/portrait.jpg")).arrayBuffer());
          const rendered = render(photo, kind === "uploadAvatar" ? { width: 512, height: 512 } : { width: 1500, height: 500, format: "png" });
          const phases: string[] = [];
          return module[kind]({ api: location.origin, token, rendered, retryDelayMs: 5, onProgress: ({ phase }) => phases.at(-1) === phase || phases.push(phase) }).then(
            (published) => ({ ...published, phases }),
            (error: { code: string; status: number; problem: string }) => ({ code: error.code, status: error.status, problem: error.problem }),
          );
        },
        { kind, token },
      );

    it("publishes an avatar and a banner", async () => {
      const page = await open(browser, harness.origin);
      const token = await harness.stack.issuer.accessToken({ sub: "of-the-package" });
      for (const [kind, width, height] of [["uploadAvatar", 256, 256], ["uploadBanner", 1500, 500]] as const) {
        const published = await upload(page, kind, token);
        assert.deepEqual([published["published"], published["phases"]], [true, ["signing", "uploading", "publishing"]], JSON.stringify(published));
        assert.deepEqual([published["width"], published["height"]], [width, height]);
        const picture = await sharp(await (await fetch(published["url"] as string)).arrayBuffer()).metadata();
        assert.deepEqual([picture.width, picture.height], [width, height]);
        for (const variant of published["variants"] as { width: number; height: number; url: string }[]) assert.ok(variant.width > 0 && variant.height > 0 && variant.url.startsWith(harness.origin));
      }
      await page.close();
    });

    it("asks for a fresh address where the storage says that the old one has ended", async () => {
      const { endpoint, uploadsBucket: bucket, accessKeyId, secretAccessKey } = harness.stack.s3;
      const ticket = (at: Date): Reply => ({
        status: 200,
        body: { url: presign({ method: "PUT", endpoint, bucket, key: "avatars/late.jpg", accessKeyId, secretAccessKey, headers: { "content-type": "image/jpeg" }, at, expiresInSeconds: 300 }), headers: { "content-type": "image/jpeg" } },
      });
      server.reset();
      server.next("POST /avatars/key_upload", ticket(new Date(Date.now() - 3_600_000)), ticket(new Date()));
      await ready();
      const rendered = render(new Uint8Array(readFileSync(inRoot("wasm", "tests", "fixtures", "portrait.jpg"))));
      await uploadAvatar({ api: server.origin, token: "t", rendered, retryDelayMs: 5 });
      assert.deepEqual(server.asked.map(({ route }) => route), ["POST /avatars/key_upload", "POST /avatars/key_upload", "POST /avatars/publish"]);
      assert.ok((await harness.object("uploads", "avatars/late.jpg")).equals(rendered.bytes));
    });

    it("outlives a storage that fails for a while, and says what it was where it does not come back", async () => {
      const page = await open(browser, harness.origin);
      const token = await harness.stack.issuer.accessToken({ sub: "of-the-package-2" });
      await harness.faults([{ method: "PUT", key_prefix: `${harness.stack.s3.uploadsBucket}/avatars/of-the-package-2`, status: 503, times: 2 }]);
      assert.equal((await upload(page, "uploadAvatar", token))["published"], true);
      await harness.faults([{ method: "PUT", key_prefix: `${harness.stack.s3.uploadsBucket}/avatars/of-the-package-2`, status: 403 }]);
      assert.deepEqual(await upload(page, "uploadAvatar", token), { code: "refused", status: 403, problem: "storage_refused" });
      await harness.faults([]);
      assert.deepEqual(await upload(page, "uploadAvatar", "no token"), { code: "unauthorized", status: 401, problem: "unauthorized" });
      await page.close();
    });
  });
});

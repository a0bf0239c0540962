/** The packed package in the hands of those who install it: bundlers, plain files, Node, workerd; see `wasm/npm/packaging`. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { build as viteBuild, createServer as createViteServer } from "vite";
import webpack from "webpack";
import { startBrowser } from "../../../infra/local/browser.ts";
import { freePort } from "../../../infra/local/ports.ts";
import { startWrangler } from "../../../infra/local/wrangler.ts";
import { inRoot } from "../../../infra/setup/paths.ts";
import { fixture, goldenCases } from "./golden.ts";
import { installPacked, type Packed } from "./packed.ts";
import { startPlainServer, type PlainServer } from "./plain-server.ts";

const photo = inRoot("wasm", "tests", "fixtures", "portrait.jpg");
const golden = goldenCases.find(({ input, recipe }) => input === "portrait.jpg" && Object.keys(recipe).length === 0)?.sha256 ?? assert.fail();
const TYPES: Record<string, string | undefined> = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm", ".jpg": "image/jpeg" };

describe("the packed package", () => {
  let packed: Packed;
  before(() => {
    packed = installPacked();
  });
  after(() => packed?.remove());

  const inNode = async (cwd: string, ...args: string[]): Promise<string> => (await promisify(execFile)(process.execPath, args, { cwd })).stdout;

  describe("in a page, under a strict policy", () => {
    let browser: Browser;
    let server: PlainServer;
    /** What is served, and what it comes from. */
    let site = "";
    before(async () => {
      const instead = (path: string): { type: string; body: Uint8Array } | undefined => {
        const file = path === "/photo.jpg" ? photo : join(site, path === "/" ? "index.html" : path);
        return existsSync(file) ? { type: TYPES[extname(file)] ?? "text/plain", body: readFileSync(file) } : undefined;
      };
      server = await startPlainServer({ instead });
      browser = await startBrowser();
    });
    after(async () => {
      await browser?.close();
      server?.close();
    });

    /** Opens the page and waits for its pictures; says what it started and complained about. */
    const visit = async (origin: string): Promise<{ made: unknown; workers: string[]; complaints: string[] }> => {
      const page = await browser.newPage();
      const [workers, complaints]: [string[], string[]] = [[], []];
      page.on("worker", (worker) => workers.push(worker.url()));
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(origin);
      const made = await page.waitForFunction(() => document.documentElement.dataset["made"], undefined, { timeout: 30_000 }).then((handle) => handle.jsonValue(), () => `nothing; ${complaints.join("\n")}`);
      await page.close();
      return { made, workers, complaints };
    };

    const check = async (folder: string): Promise<void> => {
      site = folder;
      const { made, workers, complaints } = await visit(server.origin);
      assert.deepEqual([made, complaints], [JSON.stringify({ onThread: golden, offThread: golden }), []]);
      assert.equal(workers.length, 1);
      assert.ok(workers[0]?.startsWith(`${server.origin}/`), workers[0]);
    };

    it("built by Vite", async () => {
      const project = packed.project("browser", "vite");
      await viteBuild({ root: project, configFile: false, logLevel: "error" });
      await check(join(project, "dist"));
    });

    it("served by Vite while it is being written", async () => {
      const project = packed.project("browser", "vite");
      cpSync(photo, join(project, "public", "photo.jpg"));
      const vite = await createViteServer({ root: project, configFile: false, logLevel: "error", server: { host: "127.0.0.1", port: 0, ws: false } });
      await vite.listen();
      try {
        const origin = `http://127.0.0.1:${(vite.httpServer?.address() as { port: number }).port}`;
        const { made, workers } = await visit(origin);
        assert.deepEqual([made, workers.length], [JSON.stringify({ onThread: golden, offThread: golden }), 1]);
      } finally {
        await vite.close();
      }
    });

    it("built by webpack", async () => {
      const project = packed.project("browser", "webpack");
      const options = (await import(join(project, "webpack.config.cjs"))) as { default: webpack.Configuration };
      const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
        const compiler = webpack({ ...options.default, context: project, output: { ...options.default.output, path: join(project, "dist") } });
        compiler?.run((error, stats) => compiler.close(() => (error ? reject(error) : resolve(stats))));
      });
      const { errors, warnings } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {};
      assert.deepEqual([errors, warnings?.filter(({ message }) => !/size limit|code splitting/.test(message))], [[], []]);
      cpSync(join(project, "index.html"), join(project, "dist", "index.html"));
      await check(join(project, "dist"));
    });

    it("built by esbuild", async () => {
      const project = packed.project("browser", "esbuild");
      symlinkSync(inRoot("node_modules", "esbuild"), join(packed.folder, "node_modules", "esbuild"));
      await inNode(project, "build.js");
      cpSync(join(project, "index.html"), join(project, "dist", "index.html"));
      await check(join(project, "dist"));
    });

    it("built by nobody", async () => {
      const project = packed.project("script");
      cpSync(join(packed.installed, "wasm", "npm", "dist"), join(project, "roundel"), { recursive: true });
      const app = readFileSync(inRoot("wasm", "npm", "packaging", "browser", "app.js"), "utf8");
      writeFileSync(join(project, "app.js"), app.replace('"roundel"', '"/roundel/index.js"').replace('"roundel/studio"', '"/roundel/studio.js"'));
      await check(project);
    });
  });

  it("works in Node", async () => {
    assert.deepEqual(JSON.parse(await inNode(packed.project("node"), "use.js", photo)), { onThread: golden, offThread: golden });
  });

  for (const entry of ["worker.js", "slim.js"]) {
    it(`works in workerd, by ${entry} that wrangler built`, async () => {
      const project = packed.project("workerd");
      const port = await freePort(0, "PORT");
      const child = startWrangler({ name: "consumer", cwd: project, port, logs: project, args: [entry] });
      try {
        await child.printed(/Ready on/, 60_000);
        const response = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body: fixture("portrait.jpg") });
        assert.deepEqual(JSON.parse(await response.text()), { onThread: golden, offThread: golden, upload: "function" });
      } finally {
        await child.stop();
      }
    });
  }
});

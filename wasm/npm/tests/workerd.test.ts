/** The package in workerd, in a worker of somebody who installed it and runs wrangler. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Child } from "../../../infra/local/child.ts";
import { freePort } from "../../../infra/local/ports.ts";
import { startWrangler } from "../../../infra/local/wrangler.ts";
import { inRoot } from "../../../infra/setup/paths.ts";
import { fixture, goldenCases } from "./golden.ts";

const WORKER = `
import { ready, render, RoundelError } from "roundel";
export default {
  async fetch(request) {
    await ready();
    const recipe = JSON.parse(request.headers.get("x-recipe"));
    try {
      return new Response(render(new Uint8Array(await request.arrayBuffer()), recipe).sha256);
    } catch (error) {
      return new Response(error instanceof RoundelError ? error.code : String(error), { status: 422 });
    }
  },
};
`;

describe("in workerd", () => {
  const consumer = mkdtempSync(join(tmpdir(), "roundel-workerd-"));
  let child: Child;
  let origin: string;

  const ask = async (bytes: Uint8Array<ArrayBuffer>, recipe: object): Promise<string> =>
    (await fetch(origin, { method: "POST", headers: { "x-recipe": JSON.stringify(recipe) }, body: bytes })).text();

  before(async () => {
    mkdirSync(join(consumer, "node_modules"));
    symlinkSync(inRoot(), join(consumer, "node_modules", "roundel"));
    writeFileSync(join(consumer, "worker.js"), WORKER);
    writeFileSync(join(consumer, "wrangler.toml"), 'name = "consumer"\nmain = "worker.js"\ncompatibility_date = "2026-06-01"\n');
    const port = await freePort(0, "PORT");
    origin = `http://127.0.0.1:${port}`;
    child = startWrangler({ name: "worker", cwd: consumer, port, logs: consumer });
    await child.printed(/Ready on/, 60_000);
  });
  after(async () => {
    await child.stop();
    rmSync(consumer, { recursive: true });
  });

  it("gives the golden bytes", async () => {
    for (const { input, recipe, sha256 } of goldenCases) assert.equal(await ask(fixture(input), recipe), sha256, `${input} ${JSON.stringify(recipe)}`);
  });

  it("refuses what is no picture, and goes on", async () => {
    assert.equal(await ask(new Uint8Array([1, 2, 3]), {}), "unsupported_format");
    assert.equal(await ask(fixture("portrait.jpg").slice(0, 9000), {}), "truncated");
    assert.equal((await ask(fixture("portrait.jpg"), {})).length, 64);
  });
});

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
    const form = await request.formData();
    const photo = new Uint8Array(await form.get("photo").arrayBuffer());
    const make = (recipe) => {
      try {
        const { sha256, thumbhash } = render(photo, recipe);
        return { sha256, thumbhash };
      } catch (error) {
        return error instanceof RoundelError ? error.code : String(error);
      }
    };
    return Response.json(JSON.parse(form.get("recipes")).map(make));
  },
};
`;

describe("in workerd", () => {
  const consumer = mkdtempSync(join(tmpdir(), "roundel-workerd-"));
  let child: Child;
  let origin: string;

  /** What becomes of a photo, recipe by recipe: hashes, or the code of the failure. */
  const ask = async (bytes: Uint8Array<ArrayBuffer>, recipes: object[]): Promise<unknown[]> => {
    const body = new FormData();
    body.set("photo", new Blob([bytes]));
    body.set("recipes", JSON.stringify(recipes));
    const response = await fetch(origin, { method: "POST", body });
    assert.equal(response.status, 200, await response.clone().text());
    return (await response.json()) as unknown[];
  };

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
    for (const input of new Set(goldenCases.map(({ input }) => input))) {
      const cases = goldenCases.filter((one) => one.input === input);
      const made = await ask(fixture(input), cases.map(({ recipe }) => recipe));
      assert.deepEqual(made.map((hashes, index) => ({ input, recipe: cases[index]?.recipe, ...(hashes as object) })), cases);
    }
  });

  it("refuses what is no picture, and goes on", async () => {
    assert.deepEqual(await ask(new Uint8Array([1, 2, 3]), [{}]), ["unsupported_format"]);
    assert.deepEqual(await ask(fixture("portrait.jpg").slice(0, 9000), [{}, {}]), ["truncated", "truncated"]);
    const [refused, made] = await ask(fixture("portrait.jpg"), [{ width: 0 }, {}]);
    assert.equal(refused, "bad_recipe");
    assert.equal((made as { sha256: string }).sha256.length, 64);
  });
});

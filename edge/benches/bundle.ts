/** What is uploaded: the bundle that wrangler makes, compressed as it counts it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { inRoot } from "../../infra/setup/paths.ts";
import { run } from "../../infra/setup/process.ts";
import type { Limit } from "../../wasm/benches/limits.ts";
import { decimals, type Table } from "../../wasm/benches/tables.ts";

export async function bundle(): Promise<{ table: Table; limits: Limit[] }> {
  const folder = mkdtempSync(join(tmpdir(), "roundel-bundle-"));
  try {
    const wrangler = inRoot("node_modules", "wrangler", "bin", "wrangler.js");
    const env = { WRANGLER_SEND_METRICS: "false", WRANGLER_LOG: "error", WRANGLER_LOG_PATH: folder, CI: "1" };
    await run(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", join(folder, "out")], { cwd: inRoot("edge"), env });
    const files = readdirSync(join(folder, "out"))
      .filter((name) => /\.(js|mjs|wasm)$/.test(name))
      .map((name) => readFileSync(join(folder, "out", name)))
      .map((content) => ({ raw: content.length, gzip: gzipSync(content, { level: 9 }).length }));
    const total = (kind: "raw" | "gzip"): number => files.reduce((sum, file) => sum + file[kind], 0) / 1000;
    return {
      table: { title: "The worker to upload, kB", columns: ["bundle", "raw", "gzip"], rows: [["edge worker, full image core", decimals(total("raw"), 0), decimals(total("gzip"), 0)]] },
      limits: [{ figure: "edge worker, gzip", relation: "at most", wanted: 900, got: total("gzip"), unit: "kB", digits: 0 }],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// esbuild follows no `new URL(…, import.meta.url)`: what the package looks for beside itself is put beside the bundle.
import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

await build({
  entryPoints: { app: "app.js", "studio-worker": "roundel/studio-worker" },
  bundle: true,
  format: "esm",
  splitting: true,
  minify: true,
  outdir: "dist",
});
await copyFile(fileURLToPath(import.meta.resolve("roundel/roundel.wasm")), "dist/roundel.wasm");

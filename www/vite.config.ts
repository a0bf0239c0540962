import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const packaged = (file: string) => here(`../wasm/npm/dist/${file}`);

export default defineConfig({
  root: here("."),
  base: "/",
  resolve: {
    alias: [
      { find: /^roundel$/, replacement: packaged("index.js") },
      { find: /^roundel\/studio$/, replacement: packaged("studio.js") },
      { find: /^roundel\/upload$/, replacement: packaged("upload.js") },
      { find: /^roundel\/editor$/, replacement: packaged("editor/index.js") },
    ],
  },
  worker: { format: "es" },
  build: {
    outDir: here("dist"),
    emptyOutDir: true,
    target: "es2022",
    // The content security policy knows no data: URL for scripts, fonts or wasm: every asset is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

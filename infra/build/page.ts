import { inRoot } from "../setup/paths.ts";
import { run, say } from "../setup/process.ts";
import { whenChanged } from "./changed.ts";
import { buildPackage } from "./package.ts";

/** Builds the page into www/dist, on the npm package. */
export async function buildPage(): Promise<void> {
  await buildPackage();
  await whenChanged(inRoot("www", "dist", "index.html"), ["package-lock.json", "wasm/npm/dist", "www", "infra/build/page.ts"], async () => {
    say("building the page");
    await run("vite", ["build", "--config", "www/vite.config.ts", "--logLevel", "warn"]);
  });
}

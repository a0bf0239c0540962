/** `npm run build`: leaves a publishable package, a deployable worker and the page that it serves. */
import { main, say } from "../setup/process.ts";
import { buildPackage } from "./package.ts";
import { buildPage } from "./page.ts";
import { buildWorker } from "./worker.ts";

await main(async () => {
  await buildPackage();
  await buildPage();
  await buildWorker();
  say("built: the npm package (npm pack), the worker in edge/build, the page in www/dist");
});

/**
 * `npm run test:browsers`: the package and the page in Firefox and in WebKit. Installs both where they are missing, which `npm test` does not do: it tests
 * those that are there.
 */
import { globSync } from "node:fs";
import { buildAvatar } from "./build/avatar.ts";
import { buildWithoutSimd } from "./build/without-simd.ts";
import { buildStack } from "./local/stack.ts";
import { runTests } from "./run-tests.ts";
import { ensureFirefox } from "./setup/firefox.ts";
import { root } from "./setup/paths.ts";
import { main, say } from "./setup/process.ts";
import { ensureWebKit } from "./setup/webkit.ts";

await main(async () => {
  await ensureFirefox();
  await ensureWebKit();
  say("── what the tests run on");
  await buildStack();
  await buildAvatar();
  await buildWithoutSimd();
  await runTests(globSync("{wasm/npm,www}/tests/browsers.test.ts", { cwd: root }));
});

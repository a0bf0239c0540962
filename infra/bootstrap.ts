/** `npm run bootstrap`: brings and builds now what the other commands would bring and build when they first need it. Starts nothing. */
import { buildAvatar } from "./build/avatar.ts";
import { buildStack } from "./local/stack.ts";
import { ensureChromium } from "./setup/chromium.ts";
import { ensureDjpeg } from "./setup/djpeg.ts";
import { ensureLibwebp } from "./setup/libwebp.ts";
import { main, say } from "./setup/process.ts";
import { ensureMoto } from "./setup/python.ts";
import { ensureRustLints } from "./setup/rust.ts";

await main(async () => {
  say("bringing and building what `npm start`, `npm run build` and `npm run avatar` need");
  await buildStack();
  await buildAvatar();
  say("bringing what `npm test` needs beyond that");
  await ensureRustLints();
  await ensureDjpeg();
  await ensureLibwebp();
  await ensureChromium();
  await ensureMoto();
  say("all is here: `npm start` starts at once");
});

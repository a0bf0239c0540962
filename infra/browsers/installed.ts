/** The engines besides Chromium, and which of them are on this machine. */
import { findFirefox } from "../setup/firefox.ts";
import { findWebKit } from "../setup/webkit.ts";
import type { Engine } from "./engine.ts";
import { FIREFOX_TEST_CAMERA, startFirefox } from "./firefox.ts";
import { startWebKit } from "./webkit.ts";

export type Candidate = {
  readonly name: string;
  start(): Promise<Engine>;
  /** Why it is left out; nothing where it can be started. */
  readonly leftOut: string | undefined;
};

const HOW = "`npm run test:browsers` installs what is missing";

export function candidates(): Candidate[] {
  return [
    { name: "Firefox", start: () => startFirefox({ preferences: FIREFOX_TEST_CAMERA }), leftOut: findFirefox() ? undefined : `Firefox is not installed; ${HOW}` },
    { name: "WebKit", start: startWebKit, leftOut: findWebKit() ? undefined : `WebKit's driver, browser or X server is not installed; ${HOW}` },
  ];
}

import { closeSync, openSync, readSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { ensureDebianPackages, hasApt } from "./debian.ts";
import { ask, find, isExecutable, SetupError } from "./process.ts";

const ON_PATH = ["firefox-esr", "firefox"];
const ON_MACOS = ["/Applications/Firefox.app/Contents/MacOS/firefox"];

/** The path of a Firefox that is installed: `FIREFOX`, or where it usually is. */
export function findFirefox(): string | undefined {
  const named = process.env["FIREFOX"];
  if (named) {
    if (isExecutable(named)) return named;
    throw new SetupError("FIREFOX does not name a program that can be run; unset it, or give the path of Firefox");
  }
  return ON_PATH.map(find).find((path) => path !== undefined && !isSnap(path)) ?? ON_MACOS.find(isExecutable);
}

/** The path of a Firefox, after installing Debian's where there is none. */
export async function ensureFirefox(): Promise<string> {
  const found = findFirefox();
  if (found) return found;
  // Ubuntu's package of the name `firefox` only brings a snap.
  if (hasApt() && ask("apt-cache", ["show", "firefox-esr"])) await ensureDebianPackages(["firefox-esr"], "the tests drive the page in Firefox");
  const installed = findFirefox();
  if (installed) return installed;
  throw new SetupError("there is no Firefox that can be driven (a snap cannot); install one, or name it: FIREFOX=/path/to/firefox npm run test:browsers");
}

/** A snap sees neither the empty profile nor the photos that a test gives it: both are in the folder of temporary files. */
function isSnap(path: string): boolean {
  if (basename(realpathSync(path)) === "snap") return true;
  const start = Buffer.alloc(4096);
  const file = openSync(path, "r");
  try {
    readSync(file, start, 0, start.length, 0);
  } finally {
    closeSync(file);
  }
  return start.includes("/snap/bin/");
}

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
  return ON_PATH.map(find).find((path) => path !== undefined) ?? ON_MACOS.find(isExecutable);
}

/** The path of a Firefox, after installing Debian's where there is none. */
export async function ensureFirefox(): Promise<string> {
  const found = findFirefox();
  if (found) return found;
  const why = "the same flow is to be seen in Firefox";
  if (hasApt()) await ensureFirefoxPackage(why);
  const installed = findFirefox();
  if (installed) return installed;
  throw new SetupError("there is no Firefox; install one, or name it: FIREFOX=/path/to/firefox npm run test:browsers");
}

/** Debian has the long-term version alone, its kin the current one, by another name. */
async function ensureFirefoxPackage(why: string): Promise<void> {
  const name = ask("apt-cache", ["show", "firefox-esr"]) ? "firefox-esr" : "firefox";
  await ensureDebianPackages([name], why);
}

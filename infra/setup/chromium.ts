import { ensureDebianPackages, hasApt } from "./debian.ts";
import { find, isExecutable, SetupError } from "./process.ts";

const ON_PATH = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];
const ON_MACOS = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
];

function present(): string | undefined {
  return ON_PATH.map(find).find((path) => path !== undefined) ?? ON_MACOS.find(isExecutable);
}

/** The path of a Chromium-based browser: `CHROME`, one that is installed, or Debian's package. */
export async function ensureChromium(): Promise<string> {
  const named = process.env["CHROME"];
  if (named) {
    if (isExecutable(named)) return named;
    throw new SetupError("CHROME does not name a program that can be run; unset it, or give the path of Chromium or Chrome");
  }
  const found = present();
  if (found) return found;
  if (hasApt()) await ensureDebianPackages(["chromium"], "the tests drive the page in a real browser");
  const installed = present();
  if (installed) return installed;
  throw new SetupError("there is no Chromium or Chrome; install one, or name it: CHROME=/path/to/chrome npm test");
}

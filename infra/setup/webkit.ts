import { globSync } from "node:fs";
import { ensureDebianPackages, hasApt } from "./debian.ts";
import { find, isExecutable, SetupError } from "./process.ts";

/** What WebKit needs to be driven: paths of programs. */
export type WebKit = {
  /** Speaks WebDriver, and starts the browser. */
  readonly driver: string;
  /** WebKitGTK's own small browser. */
  readonly browser: string;
  /** The X server without a screen: the browser has no headless mode. */
  readonly screen: string;
};

/** The Debian packages of {@link WebKit}'s programs. */
const PACKAGES = ["webkit2gtk-driver", "xvfb"];

/** Debian puts the browser beside the library's other programs, Fedora and Arch in libexec or lib. The newest interface is the last by name. */
const BROWSERS = ["/usr/lib/*/webkit2gtk-4.*/MiniBrowser", "/usr/lib*/webkit2gtk-4.*/MiniBrowser", "/usr/libexec/webkit2gtk-4.*/MiniBrowser"];

/** WebKitGTK, where all that it needs is installed. */
export function findWebKit(): WebKit | undefined {
  const [driver, screen] = [find("WebKitWebDriver"), find("Xvfb")];
  const browser = globSync(BROWSERS).filter(isExecutable).sort().at(-1);
  return driver && screen && browser ? { driver, browser, screen } : undefined;
}

/** WebKitGTK, after installing Debian's where something is missing. */
export async function ensureWebKit(): Promise<WebKit> {
  const found = findWebKit();
  if (found) return found;
  if (hasApt()) await ensureDebianPackages(PACKAGES, "the same flow is to be seen in WebKit, the engine of Safari");
  const installed = findWebKit();
  if (installed) return installed;
  throw new SetupError("WebKit cannot be driven here: WebKitWebDriver, MiniBrowser and Xvfb are needed, which are Debian's webkit2gtk-driver and xvfb; there is no WebKitGTK for macOS or Windows");
}

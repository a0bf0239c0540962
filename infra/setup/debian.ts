import { ask, find, run, say, SetupError } from "./process.ts";

/** Whether packages can be installed the Debian way (Debian, Ubuntu and their kin). */
export function hasApt(): boolean {
  return find("apt-get") !== undefined && find("dpkg") !== undefined;
}

function installed(name: string): boolean {
  return ask("dpkg-query", ["-W", "-f=${db:Status-Status}", name]) === "installed";
}

let listsAreFresh = false;

/** Installs the packages that are missing; says which and why before it does. */
export async function ensureDebianPackages(names: string[], why: string): Promise<void> {
  const missing = names.filter((name) => !installed(name));
  if (missing.length === 0) return;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !find("sudo")) {
    throw new SetupError(`${why} needs the packages ${missing.join(" ")}; as an administrator run: apt-get install ${missing.join(" ")}`);
  }
  say(`installing the Debian packages ${missing.join(", ")}: ${why}`);
  const [program, before] = isRoot ? ["apt-get", []] : ["sudo", ["apt-get"]];
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  if (!listsAreFresh) {
    await run(program, [...before, "update", "-qq"], { env, advice: "The package lists could not be read: check the network and /etc/apt/sources.list*" });
    listsAreFresh = true;
  }
  const advice = `Install them by hand: apt-get install ${missing.join(" ")}`;
  await run(program, [...before, "install", "-y", "-qq", "--no-install-recommends", ...missing], { env, advice });
}

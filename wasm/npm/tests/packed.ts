/** The tarball of `npm pack`, unpacked where a project of somebody else would have it. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inRoot } from "../../../infra/setup/paths.ts";

export type Packed = {
  /** A folder with nothing but a `node_modules` and a `package.json`. */
  folder: string;
  /** Where the package lies in it. */
  installed: string;
  /** What the tarball holds. */
  files: string[];
  /** A copy of a project of `wasm/npm/packaging`, where it finds the package. */
  project(...names: string[]): string;
  remove(): void;
};

export function installPacked(): Packed {
  const folder = mkdtempSync(join(tmpdir(), "roundel-consumer-"));
  const installed = join(folder, "node_modules", "roundel");
  const told = execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: inRoot(), encoding: "utf8" });
  const [description] = Object.values(JSON.parse(told) as Record<string, { filename: string; files: { path: string }[] }>);
  if (!description) throw new Error("npm pack told of no package");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, description.filename), "-C", installed, "--strip-components=1"]);
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }');
  return {
    folder,
    installed,
    files: description.files.map(({ path }) => path),
    project: (...names) => {
      const project = join(folder, names.join("-"));
      for (const name of names) cpSync(inRoot("wasm", "npm", "packaging", name), project, { recursive: true });
      return project;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

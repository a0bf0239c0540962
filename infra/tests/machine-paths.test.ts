/** What is published says nothing of the machine that built it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { describe, it } from "node:test";
import { inRoot, root } from "../setup/paths.ts";
import { cargoHome } from "../setup/rust.ts";

/** Folders of this machine. In a container the home may be the root, which is in every path. */
const folders = [root, homedir(), cargoHome()].filter((folder) => folder.length > 1);

function telling(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && /\.(wasm|js|map|ts)$/.test(entry.name));
  assert.ok(files.some(({ name }) => name.endsWith(".wasm")));
  return files.flatMap(({ name, parentPath }) => {
    const content = readFileSync(`${parentPath}/${name}`, "latin1");
    const found = folders.find((path) => content.includes(path)) ?? /[/\\]\.cargo[/\\]/.exec(content)?.[0];
    return found === undefined ? [] : [`${name}: ${found}`];
  });
}

describe("no folder of the machine that built it is named", () => {
  it("in the npm package", () => assert.deepEqual(telling(inRoot("wasm", "npm", "dist")), []));
  it("in the worker", () => assert.deepEqual(telling(inRoot("edge", "build")), []));
});

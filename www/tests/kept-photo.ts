/** Large files for tests: made once, and kept in `target`. */
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inRoot } from "../../infra/setup/paths.ts";

export async function keptPhoto(name: string, make: () => Promise<Buffer>): Promise<{ path: string; bytes: Buffer }> {
  const folder = inRoot("target", "test-photos");
  const path = join(folder, name);
  if (!existsSync(path)) {
    await mkdir(folder, { recursive: true });
    await writeFile(`${path}.part`, await make());
    await rename(`${path}.part`, path);
  }
  return { path, bytes: await readFile(path) };
}

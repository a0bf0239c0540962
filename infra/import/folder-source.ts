/** A folder of this machine as a source. */
import { opendir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { SetupError } from "../setup/process.ts";
import { ChangedError, isHidden, type Entry, type Source } from "./entry.ts";

export type FolderOptions = { recursive: boolean };

export async function openFolder(folder: string, { recursive }: FolderOptions): Promise<Source> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    throw new SetupError(`${folder} cannot be read (${error.code}); a source is a folder, or s3://bucket/folder`);
  });
  if (!found.isDirectory()) throw new SetupError(`${folder} is a file; a source is a folder, or s3://bucket/folder`);
  let skippedFolders = 0;
  const describe = async (name: string): Promise<Entry | undefined> => {
    // A link counts as what it leads to; one that leads nowhere is no file, and so is one that went while it was listed.
    const found = await stat(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ELOOP") return undefined;
      throw error;
    });
    if (!found?.isFile()) return undefined;
    return { name, sizeBytes: found.size, modifiedAt: found.mtime, fingerprint: `${found.size}-${Math.round(found.mtimeMs)}` };
  };
  return {
    description: folder,
    skippedFolders: () => skippedFolders,
    async *list() {
      skippedFolders = 0;
      for await (const item of await opendir(folder, { recursive })) {
        const name = relative(folder, join(item.parentPath, item.name)).split(sep).join("/");
        if (isHidden(name)) continue;
        if (item.isDirectory()) {
          if (!recursive) skippedFolders += 1;
          continue;
        }
        const entry = await describe(name);
        if (entry) yield entry;
      }
    },
    read: async ({ name, fingerprint }) => {
      const bytes = await readFile(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
        throw error.code === "ENOENT" ? new ChangedError("it is no longer there") : error;
      });
      if ((await describe(name))?.fingerprint !== fingerprint) throw new ChangedError("it was changed while it was imported");
      return new Uint8Array(bytes);
    },
  };
}

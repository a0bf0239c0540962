/** The files of an existing service: what a source lists, and how one of them is read. */

/** A file of the source, as its listing shows it. */
export type Entry = {
  /** Its path below the source, with `/` between the parts. */
  name: string;
  sizeBytes: number;
  modifiedAt: Date;
  /** Changes with the content: the ETag of an object, size and time of a file. */
  fingerprint: string;
};

export type Source = {
  /** For people, and for the journal: `s3://bucket/folder` or a path. */
  description: string;
  /** Goes through the files once, page by page. What begins with a dot is left out. */
  list(): AsyncIterable<Entry>;
  /** How many folders the listing has stepped over. */
  skippedFolders(): number;
  /** The bytes of a file that was listed; refuses one that has changed since. */
  read(entry: Entry): Promise<Uint8Array>;
};

/** A file that is no longer the one that was listed. */
export class ChangedError extends Error {
  override readonly name = "ChangedError";
}

/** `.DS_Store` and the like: nobody's picture. */
export function isHidden(name: string): boolean {
  return name.split("/").some((part) => part.startsWith("."));
}

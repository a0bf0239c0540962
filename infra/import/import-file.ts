/** One file on its way: looked at, read, uploaded, published. Repeating it any number of times, from whichever step, publishes it once. */
import { createHash } from "node:crypto";
import type { Source } from "./entry.ts";
import { TransientError, UnknownUploadError } from "./failure.ts";
import { formatOf } from "./format.ts";
import type { Entered, Journal } from "./journal.ts";
import type { Reason } from "./naming.ts";
import type { Held, People, Upload } from "./person.ts";
import { isSettled, type Task } from "./plan.ts";
import type { Worker } from "./worker.ts";

/** What became of a file. */
export type Result = { sha256?: string; /** An earlier run did it. */ isOld?: true } & ({ outcome: "published"; version: string } | ({ outcome: "refused" | "kept" } & Reason));

export type Way = {
  source: Source;
  journal: Journal;
  people: People;
  worker: Worker;
  replace: boolean;
  retryRefused: boolean;
};

export async function importFile({ entry, sub }: Task, way: Way): Promise<Result> {
  const { source, journal, people, worker, replace } = way;
  const held = await people.look(sub);
  const marks = await marksOf(held, people);
  const isImported = pictureIsImported(held, marks, sub, journal);
  if (!replace && held.picture && !isImported) return keep("has_picture", "the person has a picture in Roundel already; --replace replaces it");
  if (!replace && held.uploads.some((upload) => !marks.get(upload.key) && upload.etag !== held.picture?.upload.etag)) {
    return keep("has_upload", "the person has uploaded a picture that is not published yet; --replace replaces it");
  }
  if (!replace && !held.picture && held.uploads.length === 0 && journal.hasImported(sub)) {
    return keep("removed", "the person has removed the picture that was imported before; --replace brings this one");
  }

  const bytes = await source.read(entry);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const before = journal.last(entry.name);
  if (before?.sha256 === sha256 && isSettled(before, sub, way)) return again(before);
  const extension = formatOf(bytes);
  if (!extension) return { outcome: "refused", code: "unsupported_format", detail: "it is no JPEG, PNG, WebP or GIF", sha256 };

  const there = held.uploads.find(({ key }) => key.endsWith(`.${extension}`));
  // An earlier run may have come so far, and no further.
  const isThere = there !== undefined && marks.get(there.key) === sha256 && (!held.picture || isSame(there, held.picture.upload));
  const upload = isThere ? there : await people.put({ sub, extension, bytes, sha256, over: there });
  const answer = await worker.publish(upload.key);
  switch (answer.kind) {
    case "refused":
      return { outcome: "refused", code: answer.code, detail: answer.detail, sha256 };
    case "nothing":
      throw new UnknownUploadError("the worker knows nothing of the upload: is UPLOADS_BUCKET_NAME the worker's, or has the person removed their pictures just now?");
    case "counts":
      if (isSame(answer.upload, upload)) return { outcome: "published", version: answer.version, sha256 };
      // Of two uploads within the storage's second, the one whose key sorts last counts.
      if (replace || isImported) throw new TransientError("an upload of the same second counts");
      return { ...keep("has_picture", "the person has uploaded a newer picture meanwhile"), sha256 };
  }
}

function keep(code: string, detail: string): Result {
  return { outcome: "kept", code, detail };
}

/** The file has another time, and the same content. */
function again({ outcome, version = "", code = "", detail = "", sha256 }: Entered): Result {
  const known = { isOld: true as const, ...(sha256 === undefined ? {} : { sha256 }) };
  return outcome === "published" ? { outcome, version, ...known } : { outcome, code, detail, ...known };
}

/** Of each upload that imports made, the file's SHA-256. */
async function marksOf({ uploads }: Held, people: People): Promise<ReadonlyMap<string, string | undefined>> {
  return new Map(await Promise.all(uploads.map(async (upload) => [upload.key, await people.importedFrom(upload)] as const)));
}

function pictureIsImported({ picture, uploads }: Held, marks: ReadonlyMap<string, string | undefined>, sub: string, journal: Journal): boolean {
  if (!picture) return false;
  return journal.hasPublished(sub, picture.version) || uploads.some((upload) => isSame(upload, picture.upload) && marks.get(upload.key) !== undefined);
}

function isSame(a: Upload, b: Upload): boolean {
  return a.key === b.key && a.etag === b.etag;
}

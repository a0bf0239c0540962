/** What is uploaded is a picture and nothing else, and the very file whose hash is stated. */
import { fileBytes } from "./boundary.ts";
import { vouched } from "./proof.ts";
import { UploadError } from "./upload-error.ts";

export type Proven = { bytes: Uint8Array<ArrayBuffer>; sha256: string };

/**
 * A file that is proven clean: `render` made it and nobody changed it since, or the module has looked through it, which loads the module where it is not yet.
 *
 * @throws {UploadError}
 */
export async function proven(file: { bytes: unknown; sha256: unknown }): Promise<Proven> {
  const bytes = readable(file.bytes);
  const { sha256 } = file;
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) throw notClean("the picture comes without its SHA-256; upload what render() gave");
  const actual = await digest(bytes);
  if (actual !== undefined && actual !== sha256) throw notClean("the picture is not the one whose SHA-256 is stated: its bytes were changed after render()");
  const isMade = actual !== undefined && vouched(bytes) === sha256;
  if (!isMade && !(await isCleanByModule(bytes))) throw notClean("the file holds more than a picture, such as metadata; upload what render() gave");
  return { bytes, sha256 };
}

function readable(bytes: unknown): Uint8Array<ArrayBuffer> {
  try {
    const view = fileBytes(bytes);
    // Shared memory can be sent nowhere, and may change meanwhile.
    return view.buffer instanceof ArrayBuffer ? (view as Uint8Array<ArrayBuffer>) : view.slice();
  } catch (cause) {
    throw new UploadError("unsupported", "the picture has to come as render() gave it", { cause });
  }
}

/** Nothing where the runtime hashes for secure pages only. */
async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) return undefined;
  const hash = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function isCleanByModule(bytes: Uint8Array): Promise<boolean> {
  try {
    const { isClean, ready } = await import("./index.ts");
    await ready();
    return isClean(bytes);
  } catch (cause) {
    throw notClean("whether the file holds nothing but a picture could not be checked: the wasm module did not load", cause);
  }
}

function notClean(message: string, cause?: unknown): UploadError {
  return new UploadError("not_clean", message, cause === undefined ? {} : { cause });
}

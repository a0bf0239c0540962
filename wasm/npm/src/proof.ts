/** Which files came out of `render`, here or in the Web Worker of a studio: of those it is known that they are pictures and nothing else. */
import type { Rendered } from "./types.ts";

/** The SHA-256 of each as it was made, by its memory. */
const made = new WeakMap<ArrayBufferLike, string>();

/** Remembers a file that `render` made. */
export function vouch({ bytes, sha256 }: Pick<Rendered, "bytes" | "sha256">): void {
  made.set(bytes.buffer, sha256);
}

/** The SHA-256 that this memory's file had when `render` made it. */
export function vouched(bytes: Uint8Array): string | undefined {
  return made.get(bytes.buffer);
}

/**
 * What is in a file, by its first bytes. Old services name every file `.jpg`; an upload's ending has to say what is in it. Whether the
 * picture is whole, and small enough, is the worker's to decide.
 */
export type Extension = "jpg" | "png" | "webp" | "gif";

export const CONTENT_TYPES: Record<Extension, string> = { jpg: "image/jpeg", png: "image/png", webp: "image/webp", gif: "image/gif" };

/** `undefined`: none of the formats that can be uploaded. */
export function formatOf(bytes: Uint8Array): Extension | undefined {
  const text = (start: number, end: number): string => String.fromCharCode(...bytes.subarray(start, end));
  if (text(0, 3) === "\xff\xd8\xff") return "jpg";
  if (text(0, 8) === "\x89PNG\r\n\x1a\n") return "png";
  if (text(0, 4) === "RIFF" && text(8, 12) === "WEBP") return "webp";
  if (/^GIF8[79]a$/.test(text(0, 6))) return "gif";
  return undefined;
}

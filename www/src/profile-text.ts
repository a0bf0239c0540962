/** Display name and bio as the worker counts and keeps them (docs/profiles.md): normalised, trimmed, in Unicode scalar values. */

export const MAX_NAME = 50;
export const MAX_BIO = 160;

/** A bio as it is counted and sent: each line break is one character. */
export function bioText(typed: string): string {
  return typed.replace(/\r\n?|[\u2028\u2029]/g, "\n").normalize("NFC").trim();
}

export function nameText(typed: string): string {
  return typed.normalize("NFC").trim();
}

/** How many characters the worker counts. */
export function characters(text: string): number {
  return [...text].length;
}

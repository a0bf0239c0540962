/** What goes wrong on the way, by what there is to do about it. */
import { SetupError } from "../setup/process.ts";

/** Ends the run: the next file would meet the same. */
export class FatalError extends SetupError {}

/** May go well the next time. */
export class TransientError extends Error {
  override readonly name = "TransientError";
  /** How long the other side wants to be left alone; undefined where it has not said. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs?: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** RFC 9110 section 10.2.3: seconds, or a date. */
export function parseRetryAfter(value: string | null | undefined, now = Date.now()): number | undefined {
  if (value === null || value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value.trim()) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** 408, 409 of a storage that is just writing the same object, 425, 429 and what is the server's own fault. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 409 || status === 425 || status === 429 || status >= 500;
}

/** The worker was told of an upload, and found none. */
export class UnknownUploadError extends Error {
  override readonly name = "UnknownUploadError";
}

/** What a server answers to `key_upload`: where to PUT the file, and until when. */
import { UploadError } from "./upload-error.ts";

export type Ticket = {
  url: URL;
  headers: Record<string, string>;
  key: string | undefined;
  /** A plain server tells the URL alone: there is nothing to publish there. */
  isPlain: boolean;
  /** When the URL ends, by this device's clock, in milliseconds since 1970. */
  endsAtMs: number;
};

/** A request that starts later than so long before the end may arrive after it, in milliseconds. */
const MARGIN_MS = 2000;

/**
 * Reads the answer.
 *
 * @param nowMs when it was asked for
 * @throws {UploadError}
 */
export function readTicket(answer: unknown, { api, contentType, nowMs }: { api: URL; contentType: string; nowMs: number }): Ticket {
  const { url: address, headers, method, key, expires_at: expiresAt } = (typeof answer === "object" && answer !== null ? answer : {}) as Record<string, unknown>;
  const url = typeof address === "string" ? parsed(address, api) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || (method !== undefined && method !== "PUT")) {
    throw new UploadError("server", "the server's answer names no address to upload to", { status: 200 });
  }
  const isPlain = typeof headers !== "object" || headers === null;
  const signed = isPlain ? { "content-type": contentType } : Object.fromEntries(Object.entries(headers).filter(([, value]) => typeof value === "string"));
  return { url, headers: signed as Record<string, string>, key: typeof key === "string" ? key : undefined, isPlain, endsAtMs: nowMs + lifetimeMs(url, expiresAt, nowMs) };
}

/** `URL.canParse` is younger than the browsers that are supported. */
function parsed(address: string, base: URL): URL | undefined {
  try {
    return new URL(address, base);
  } catch {
    return undefined;
  }
}

/** As the URL itself states it, in seconds from its signing, whatever this device's clock says; else by `expires_at`. */
function lifetimeMs(url: URL, expiresAt: unknown, nowMs: number): number {
  const seconds = Number(url.searchParams.get("X-Amz-Expires") ?? Number.NaN);
  if (seconds > 0) return seconds * 1000;
  const left = typeof expiresAt === "string" ? Date.parse(expiresAt) - nowMs : Number.NaN;
  // A moment in the past is a clock that goes wrong: the storage will tell.
  return left > 0 ? left : Infinity;
}

/** Whether the URL has ended, or will before a request arrives. */
export function hasEnded({ endsAtMs }: Ticket, nowMs = Date.now()): boolean {
  return nowMs > endsAtMs - MARGIN_MS;
}

/** Whether a 403 says that the URL came too late: S3 does by its message, others by their code. */
export function tellsOfExpiry(xml: string): boolean {
  return /<Message>[^<]{0,200}expired[^<]{0,200}<\/Message>|<Code>\w{0,40}Expired\w{0,40}<\/Code>/i.test(xml);
}

/** Trying again, later and later. */
import { UploadError } from "./upload-error.ts";

export type RetryRule = {
  /** How often, beyond the first time. */
  retries: number;
  /** Before the first retry, in milliseconds; twice as long before each further one. */
  delayMs: number;
};

/** Between two tries nobody waits longer, in milliseconds. */
const MAX_DELAY_MS = 10_000;

/** A server that asks for more is told to the caller instead, in milliseconds. */
const MAX_RETRY_AFTER_MS = 30_000;

/**
 * Does the work until it succeeds, fails for good or was tried often enough. The waits are spread by chance, so that those who failed together do not come back together.
 *
 * @throws {UploadError} of the last try, or the reason of the signal
 */
export async function retrying<T>(work: () => Promise<T>, { retries, delayMs }: RetryRule, signal: AbortSignal | undefined): Promise<T> {
  for (let retry = 0; ; retry++) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof UploadError) || !error.retryable || !(retry < retries)) throw error;
      const { retryAfterMs } = error;
      if (retryAfterMs !== undefined && retryAfterMs > MAX_RETRY_AFTER_MS) throw error;
      const longest = Math.min(delayMs * 2 ** retry, MAX_DELAY_MS);
      await pause(retryAfterMs ?? longest * (0.5 + Math.random() / 2), signal);
    }
  }
}

function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** What `Retry-After` says, in milliseconds; RFC 9110, section 10.2.3. */
export function retryAfterMs(header: string | null | undefined, nowMs = Date.now()): number | undefined {
  if (!header) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** When to ask again: everybody waits while the other side asks for it, and each failure of one file is given longer than the one before. */
import { setTimeout as sleep } from "node:timers/promises";
import { TransientError } from "./failure.ts";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** The run was stopped while a file waited. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}

export class Pace {
  #notBefore = 0;
  readonly #stop: AbortSignal;

  constructor(stop: AbortSignal) {
    this.#stop = stop;
  }

  /**
   * Does the work, and does it again while it fails in a way that may pass, for so long after the first failure; then the last failure is the
   * caller's. `announce` is told of each pause before it begins.
   */
  async persist<T>(work: () => Promise<T>, retryForMs: number, announce: (reason: string, pauseMs: number) => void): Promise<T> {
    let deadline: number | undefined;
    for (let failures = 0; ; failures++) {
      await this.#turn();
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        deadline ??= Date.now() + retryForMs;
        const pauseMs = Math.max(error.retryAfterMs ?? 0, backoffMs(failures));
        if (Date.now() + pauseMs > deadline) throw error;
        announce(error.message, pauseMs);
        // Whoever is told to wait is told so for all.
        if (error.retryAfterMs !== undefined) this.#notBefore = Math.max(this.#notBefore, Date.now() + error.retryAfterMs);
        await this.#rest(pauseMs);
      }
    }
  }

  async #turn(): Promise<void> {
    for (let left = this.#notBefore - Date.now(); left > 0; left = this.#notBefore - Date.now()) await this.#rest(left);
    if (this.#stop.aborted) throw new StoppedError();
  }

  async #rest(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.#stop }).catch(() => {
      throw new StoppedError();
    });
  }
}

/** Twice as long each time, and not the same for all that failed together. */
function backoffMs(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures) * (0.5 + Math.random() / 2);
}

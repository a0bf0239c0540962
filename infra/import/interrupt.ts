/** Ctrl-C: once to stop after the files under way, once more to leave at once. */

/** npm, and the script that it runs, hand a signal on that the terminal has sent to everybody: these are one. */
const ECHO_MS = 1_000;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export type Interrupt = {
  /** Aborted at the first signal. */
  signal: AbortSignal;
  /** Signals do again what they do by default. */
  release(): void;
};

export function catchInterrupt(first: () => void): Interrupt {
  const controller = new AbortController();
  let firstAt = 0;
  const take = (): void => {
    if (!controller.signal.aborted) {
      firstAt = Date.now();
      controller.abort();
      first();
    } else if (Date.now() - firstAt > ECHO_MS) {
      process.exit(INTERRUPTED);
    }
  };
  for (const signal of SIGNALS) process.on(signal, take);
  return { signal: controller.signal, release: () => SIGNALS.forEach((signal) => process.off(signal, take)) };
}

/** As shells have it for a command that Ctrl-C has ended. */
export const INTERRUPTED = 130;

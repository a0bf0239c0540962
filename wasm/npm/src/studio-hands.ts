/** Who does the jobs of a studio: a Web Worker, or the thread of the caller where there is none. */
import { viewOf } from "./boundary.ts";
import { outOfMemory, RoundelError } from "./error.ts";
import type { WebWorker } from "./platform.ts";
import { vouch } from "./proof.ts";
import type { Perform } from "./studio-job.ts";
import type { Done, Order, Report, WorkPhase } from "./studio-protocol.ts";

export type Task = { order: Order; transfer: boolean; tell(phase: WorkPhase): void };

/** Does one task at a time. */
export type Hand = {
  perform(task: Task): Promise<Done>;
  /** Ends the task that runs, if it can be ended. */
  stop(): void;
};

/** So many starts in a row may fail before a studio stays on its caller's thread. A connection may be lost once; a policy against Web Workers stays. */
const MAX_FAILED_STARTS = 2;

class Stopped extends Error {}

/** The caller's own thread: nothing can be interrupted there, but between two jobs the page gets its turn. */
export function sameThread(): Hand {
  let perform: Perform | undefined;
  return {
    async perform({ order, tell }) {
      await new Promise((resolve) => setTimeout(resolve));
      perform ??= (await import("./studio-job.ts")).performer();
      return perform(order, tell);
    },
    stop() {},
  };
}

/**
 * A Web Worker, started for the first job and replaced when it was stopped or crashed; jobs go to `fallback` where it does not start.
 *
 * @param start makes one
 */
export function workerThread(start: () => WebWorker, fallback: Hand): Hand {
  let worker: Worker | undefined;
  let isInformed = false;
  let failedStarts = 0;
  let listener: { report(report: Report): void; fail(error: Error): void } | undefined;

  function dismiss(): void {
    worker?.terminate();
    worker = undefined;
  }

  /** A new one, as soon as it says that it runs. */
  function hire(): Promise<Worker> {
    return new Promise((resolve, reject) => {
      const hired = start();
      worker = hired;
      isInformed = false;
      hired.onmessage = ({ data }: MessageEvent<Report>) => {
        if (worker === hired) listener?.report(data);
      };
      const fail = (words: string): void => {
        if (worker !== hired) return;
        dismiss();
        listener?.fail(new Error(`the Web Worker of Roundel could not run: ${words}`));
      };
      hired.onerror = (event) => {
        event.preventDefault();
        fail(event.message || "it did not load");
      };
      hired.onmessageerror = () => fail("its answer could not be read");
      listener = { report: () => resolve(hired), fail: reject };
    });
  }

  /** A worker; nothing where none starts. */
  async function started(): Promise<Worker | undefined> {
    if (worker) return worker;
    if (failedStarts >= MAX_FAILED_STARTS) return undefined;
    try {
      const hired = await hire();
      failedStarts = 0;
      return hired;
    } catch (error) {
      if (error instanceof Stopped) throw error;
      failedStarts++;
      return undefined;
    }
  }

  function answered(hired: Worker, { order, transfer, tell }: Task): Promise<Done> {
    return new Promise((resolve, reject) => {
      listener = {
        fail: reject,
        report(report) {
          if ("phase" in report) return tell(report.phase);
          if ("done" in report) {
            if ("bytes" in report.done) vouch(report.done);
            resolve(report.done);
          } else if ("failure" in report) {
            reject(new RoundelError(report.failure.code, report.failure.message));
          } else if ("crash" in report) {
            // Nobody knows what state it is in: the next job gets a fresh one, which also loads the module anew.
            dismiss();
            reject(new Error(report.crash));
          }
        },
      };
      send(hired, isInformed ? { ...order, wasm: undefined } : order, transfer);
      isInformed = true;
    });
  }

  return {
    async perform(task) {
      const hired = await started();
      if (!hired) return fallback.perform(task);
      try {
        return await answered(hired, task);
      } finally {
        listener = undefined;
      }
    },
    stop() {
      // The wasm call cannot be interrupted; its thread can.
      dismiss();
      listener?.fail(new Stopped("the job was stopped"));
      fallback.stop();
    },
  };
}

/** Bytes go as a copy of their own, so that the caller keeps them, or for good where that is wished. */
function send(worker: Worker, order: Order, transfer: boolean): void {
  try {
    const bytes = viewOf(order.job.source);
    if (!bytes) return worker.postMessage(order);
    const sent = transfer && bytes.buffer instanceof ArrayBuffer ? bytes : bytes.slice();
    worker.postMessage({ ...order, job: { ...order.job, source: sent } }, [sent.buffer as ArrayBuffer]);
  } catch (error) {
    if (error instanceof RangeError) throw outOfMemory(error);
    throw new RoundelError("bad_recipe", "photo and recipe must be plain data", { cause: error });
  }
}

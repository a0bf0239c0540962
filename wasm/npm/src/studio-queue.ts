/** The jobs of a studio: one after the other, each of which can be called off. */
import type { Signal } from "./platform.ts";
import type { Hand, Task } from "./studio-hands.ts";
import type { Done, Job, Order } from "./studio-protocol.ts";

/** How far a job is. */
export type JobPhase = "queued" | "started" | "loading" | "reading" | "working" | "done";

export type Submission = {
  job: Job;
  file: Order["file"];
  wasm: Order["wasm"];
  transfer: boolean;
  signal: Signal | undefined;
  onPhase: ((phase: JobPhase) => void) | undefined;
};

type Waiting = { task: Task; onPhase(phase: JobPhase): void; resolve(done: Done): void; reject(error: unknown): void };

export type Queue = { submit(submission: Submission): Promise<Done>; close(): void };

export function createQueue(hand: Hand): Queue {
  const waiting: Waiting[] = [];
  let running: Waiting | undefined;
  let isClosed = false;

  async function work(): Promise<void> {
    if (running) return;
    while ((running = waiting.shift())) {
      const { task, onPhase, resolve, reject } = running;
      onPhase("started");
      try {
        const done = await hand.perform(task);
        onPhase("done");
        resolve(done);
      } catch (error) {
        reject(error);
      }
    }
  }

  function withdraw(one: Waiting): void {
    if (one === running) return hand.stop();
    const index = waiting.indexOf(one);
    if (index >= 0) waiting.splice(index, 1);
  }

  return {
    submit({ job, file, wasm, transfer, signal, onPhase }) {
      return new Promise<Done>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        if (isClosed) return reject(closedError());
        let isSettled = false;
        const settle = (tell: () => void): void => {
          isSettled = true;
          signal?.removeEventListener("abort", onAbort);
          tell();
        };
        const hear = (phase: JobPhase): void => {
          if (!isSettled) heard(onPhase, phase);
        };
        const one: Waiting = {
          task: { order: { job, file, wasm }, transfer, tell: hear },
          onPhase: hear,
          resolve: (done) => settle(() => resolve(done)),
          reject: (error) => settle(() => reject(error)),
        };
        const onAbort = (): void => {
          one.reject(signal?.reason);
          withdraw(one);
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        waiting.push(one);
        hear("queued");
        void work();
      });
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      for (const one of [running, ...waiting.splice(0)]) one?.reject(closedError());
      hand.stop();
    },
  };
}

/** What a listener throws is its own affair: it is told as any uncaught error, and the job goes on. */
function heard(onPhase: Submission["onPhase"], phase: JobPhase): void {
  try {
    onPhase?.(phase);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function closedError(): DOMException {
  return new DOMException("the studio is closed", "AbortError");
}

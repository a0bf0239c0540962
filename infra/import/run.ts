/** All files, several at a time. */
import { ChangedError } from "./entry.ts";
import { FatalError, TransientError, UnknownUploadError } from "./failure.ts";
import type { Result } from "./import-file.ts";
import { Pace, StoppedError } from "./pace.ts";
import type { Task } from "./plan.ts";
import { statusOf } from "./s3.ts";

/** So many failures without a success in between, and the next file would fail as well. */
const MOST_FAILURES_IN_A_ROW = 10;

export type RunOptions = {
  tasks: readonly Task[];
  /** How many files at a time. */
  parallel: number;
  /** How long one file is tried after its first failure. */
  retryForMs: number;
  importFile(task: Task): Promise<Result>;
  /** Told of each file that something became of; the next one of the same lane waits for it. */
  done(task: Task, result: Result): Promise<void>;
  /** Told of each file that could not be imported this time. */
  failed(task: Task, reason: string): void;
  /** Told before a file is tried again. */
  waiting(reason: string, pauseMs: number): void;
  /** No file is begun after it; those under way are finished. */
  stop: AbortSignal;
};

export type RunEnd = { /** Why no further file was begun, where that was not asked for. */ brokenOff: FatalError | undefined };

export async function runImport(options: RunOptions): Promise<RunEnd> {
  const { tasks, parallel, stop } = options;
  const halt = new AbortController();
  const pace = new Pace(AbortSignal.any([stop, halt.signal]));
  let next = 0;
  let failuresInARow = 0;
  let brokenOff: FatalError | undefined;
  const breakOff = (error: FatalError): void => {
    brokenOff ??= error;
    halt.abort();
  };
  const lane = async (): Promise<void> => {
    for (let task = tasks[next++]; task !== undefined && !stop.aborted && !brokenOff; task = tasks[next++]) {
      const one = task;
      try {
        const result = await pace.persist(() => options.importFile(one), options.retryForMs, options.waiting);
        failuresInARow = 0;
        await options.done(one, result);
      } catch (error) {
        if (error instanceof StoppedError) return;
        if (error instanceof FatalError) return breakOff(error);
        const reason = reasonOf(error);
        if (reason === undefined) throw error;
        options.failed(one, reason);
        if (++failuresInARow >= MOST_FAILURES_IN_A_ROW) breakOff(new FatalError(`${failuresInARow} files in a row failed, the last one thus: ${reason}`));
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(parallel, tasks.length) }, lane));
  const broken = lanes.find((end) => end.status === "rejected");
  if (broken) throw broken.reason;
  return { brokenOff };
}

/** What is said of a file that failed; undefined where the failure is none of the file's, but ours. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof TransientError || error instanceof ChangedError) return error.message;
  const status = statusOf(error);
  if (status !== undefined) return `S3 answers ${status} ${(error as Error).name}`;
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && /^E[A-Z]+$/.test(code)) return `it cannot be read (${code})`;
  return error instanceof UnknownUploadError ? error.message : undefined;
}

/**
 * Roundel off the main thread, in a Web Worker from the package's own origin.
 *
 * @example
 * import { createStudio } from "roundel/studio";
 * const studio = createStudio();
 * const avatar = await studio.render(file, { width: 256, height: 256 }, { signal });
 * studio.close();
 */
import { outOfMemory, RoundelError } from "./error.ts";
import type { Job, Outcome } from "./studio-protocol.ts";
import type { ImageInfo, Limits, Recipe, Rendered } from "./types.ts";

export { RoundelError, type RoundelErrorCode } from "./error.ts";
export type { Crop, ImageInfo, Limits, Recipe, Rendered } from "./types.ts";

/** A photo: a file the person chose, or its bytes. Bytes are copied; the caller keeps them. */
export type Photo = Blob | Uint8Array;

export type JobOptions = {
  /** Ends the job, also in the middle of the work; the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
};

export type RenderOptions = JobOptions & {
  /**
   * Of a photo that the browser decodes, `maxPixels` bounds the photo and `memoryBudgetBytes`, where it is given, the copy of its pixels that Roundel works on:
   * a larger photo is copied smaller, or refused where the output would suffer.
   */
  limits?: Limits | undefined;
};

/** Does its jobs one after the other, in the order in which they were asked for. */
export type Studio = {
  /** As `inspect` of the main entry. */
  inspect(photo: Photo, options?: JobOptions): Promise<ImageInfo>;
  /**
   * As `render` of the main entry; and what Roundel has no decoder for, AVIF and HEIC above all, by the browser's own where it has one. `source` of the result
   * says so: such a picture is not the same to the byte in every browser.
   */
  render(photo: Photo, recipe?: Recipe, options?: RenderOptions): Promise<Rendered>;
  /** Ends the Web Worker. Jobs that are not done reject with an `AbortError`. */
  close(): void;
};

type Waiting = {
  job: Job;
  resolve(done: ImageInfo | Rendered): void;
  reject(error: unknown): void;
};

/** Starts nothing yet: the Web Worker and the wasm module are loaded for the first job. */
export function createStudio(): Studio {
  let worker: Worker | undefined;
  let running: Waiting | undefined;
  let closed = false;
  let lastId = 0;
  const queue: Waiting[] = [];

  function dismissWorker(): void {
    worker?.terminate();
    worker = undefined;
  }

  function hire(): Worker {
    const hired = new Worker(new URL("./studio-worker.js", import.meta.url), { type: "module", name: "roundel" });
    hired.onmessage = ({ data }: MessageEvent<Outcome>) => {
      if (worker === hired && running?.job.id === data.id) settle(data);
    };
    hired.onerror = (event) => {
      event.preventDefault();
      if (worker !== hired) return;
      dismissWorker();
      finish((waiting) => waiting.reject(new Error(`the Web Worker of Roundel could not run: ${event.message || "it did not load"}`)));
    };
    return hired;
  }

  function settle(outcome: Outcome): void {
    if ("done" in outcome) {
      finish((waiting) => waiting.resolve(outcome.done));
    } else if ("failure" in outcome) {
      finish((waiting) => waiting.reject(new RoundelError(outcome.failure.code, outcome.failure.message)));
    } else {
      // Nobody knows what state it is in: the next job gets a fresh one, which also loads the module anew.
      dismissWorker();
      finish((waiting) => waiting.reject(new Error(outcome.crash)));
    }
  }

  function finish(tell: (waiting: Waiting) => void): void {
    const finished = running;
    running = undefined;
    if (finished) tell(finished);
    next();
  }

  function next(): void {
    if (running || closed) return;
    running = queue.shift();
    if (!running) return;
    worker ??= hire();
    try {
      worker.postMessage(running.job);
    } catch (error) {
      // The photo or the recipe cannot be copied to another thread: a function in it, say, or memory that is not there.
      const reason = error instanceof RangeError ? outOfMemory(error) : new RoundelError("bad_recipe", "photo and recipe must be plain data", { cause: error });
      finish((waiting) => waiting.reject(reason));
    }
  }

  function withdraw(job: Job): void {
    if (running?.job === job) {
      // The wasm call cannot be interrupted; its thread can.
      dismissWorker();
      running = undefined;
      next();
      return;
    }
    const index = queue.findIndex((waiting) => waiting.job === job);
    if (index >= 0) queue.splice(index, 1);
  }

  function submit<T extends ImageInfo | Rendered>(job: Job, signal: AbortSignal | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (closed) return reject(closedError());
      const onAbort = (): void => {
        withdraw(job);
        reject(signal?.reason);
      };
      const settled = (): void => signal?.removeEventListener("abort", onAbort);
      signal?.addEventListener("abort", onAbort, { once: true });
      queue.push({
        job,
        resolve: (done) => (settled(), resolve(done as T)),
        reject: (error) => (settled(), reject(error)),
      });
      next();
    });
  }

  return {
    inspect: (photo, options) => submit<ImageInfo>({ id: ++lastId, method: "inspect", source: photo }, options?.signal),
    render: (photo, recipe, options) => submit<Rendered>({ id: ++lastId, method: "render", source: photo, recipe, limits: options?.limits }, options?.signal),
    close() {
      if (closed) return;
      closed = true;
      dismissWorker();
      for (const waiting of [running, ...queue]) waiting?.reject(closedError());
      running = undefined;
      queue.length = 0;
    },
  };
}

function closedError(): DOMException {
  return new DOMException("the studio is closed", "AbortError");
}

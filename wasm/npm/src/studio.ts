/**
 * Roundel off the main thread, in a Web Worker from the package's own origin.
 *
 * @example
 * import { createStudio } from "roundel/studio";
 * const studio = createStudio();
 * const avatar = await studio.render(file, { width: 256, height: 256 }, { signal });
 * studio.close();
 */
import { plain, viewOf } from "./boundary.ts";
import { RoundelError } from "./error.ts";
import type { WasmSource } from "./module.ts";
import type { BlobLike, FetchResponse, Signal, WebWorker } from "./platform.ts";
import { sameThread, workerThread } from "./studio-hands.ts";
import type { Job } from "./studio-protocol.ts";
import { createQueue, type JobPhase, type Submission } from "./studio-queue.ts";
import type { ImageInfo, Limits, Recipe, Rendered } from "./types.ts";

export { RoundelError, type RoundelErrorCode } from "./error.ts";
export type { JobPhase } from "./studio-queue.ts";
export type { Crop, ImageInfo, Limits, Recipe, Rendered } from "./types.ts";

/** A photo: a file the person chose, or its bytes. They are read when the job starts, and stay the caller's; see `transfer`. */
export type Photo = BlobLike | Uint8Array;

export type StudioOptions = {
  /**
   * Starts the Web Worker, where a bundler wants it spelled its own way. Default: `studio-worker.js` beside this file, as a module; the file is also
   * `roundel/studio-worker`.
   */
  worker?: (() => WebWorker) | undefined;
  /** Where the wasm module is. Default: `roundel.wasm` beside the file. */
  wasm?: Exclude<WasmSource, FetchResponse> | undefined;
};

/** How far a job is. */
export type JobProgress = {
  /**
   * `queued`, `started`; then, only where there is something to wait for, `loading` (the wasm module) and `reading` (the file); `working`, `done`.
   * Each at most once and in this order; none after a failure or an abort.
   */
  phase: JobPhase;
};

export type JobOptions = {
  /** Ends the job, also in the middle of the work; the promise rejects at once with the signal's reason. */
  signal?: Signal | undefined;
  onProgress?: ((progress: JobProgress) => void) | undefined;
  /** Gives the memory of the bytes away instead of copying it: the caller's view is empty once the job has started. Default false. */
  transfer?: boolean | undefined;
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
  /**
   * Ends the Web Worker, at once. Jobs that are not done reject with an `AbortError`, and so do later ones; a second call does nothing. Until then the Web
   * Worker stays, and with it the memory that the largest photo took, and the file that was read last: a page that has made its picture closes its studio.
   */
  close(): void;
};

/**
 * Starts nothing yet: the Web Worker and the wasm module are loaded for the first job.
 *
 * The Web Worker is replaced when a running job is aborted, and when it crashed. Where none can be had, in Node, or under a policy that forbids it, the jobs
 * run on the caller's thread, with the same results; a running one cannot be interrupted there.
 */
export function createStudio({ worker, wasm }: StudioOptions = {}): Studio {
  const source = absolute(wasm);
  const own = sameThread();
  const start = worker ?? (() => new Worker(new URL("./studio-worker.js", import.meta.url), { type: "module", name: "roundel" }));
  const queue = createQueue(worker || typeof Worker === "function" ? workerThread(start, own) : own);

  function submit(job: Job, options: JobOptions): Promise<unknown> {
    const { signal, onProgress, transfer = false } = options;
    const onPhase: Submission["onPhase"] = onProgress && ((phase) => onProgress({ phase }));
    return queue.submit({ job, file: numberOf(job.source), wasm: source, transfer, signal, onPhase });
  }

  return {
    async inspect(photo, options = {}) {
      return (await submit({ method: "inspect", source: checked(photo) }, options)) as ImageInfo;
    },
    async render(photo, recipe, options = {}) {
      const wanted = { recipe: plain(recipe, "recipe"), limits: plain(options.limits, "limits") };
      return (await submit({ method: "render", source: checked(photo), ...wanted }, options)) as Rendered;
    },
    close: () => queue.close(),
  };
}

function checked(photo: unknown): Photo {
  if (photo instanceof Blob || viewOf(photo)) return photo as Photo;
  throw new RoundelError("unsupported_format", "the photo has to come as a File, a Blob or a Uint8Array of its bytes");
}

/** A file is another object on each thread that it is sent to; by its number it is known again. */
const numbers = new WeakMap<object, number>();
let lastNumber = 0;

function numberOf(photo: Photo): number | undefined {
  if (!(photo instanceof Blob)) return undefined;
  const number = numbers.get(photo) ?? ++lastNumber;
  numbers.set(photo, number);
  return number;
}

/** As this thread means it: the Web Worker has another address to start from. */
function absolute(wasm: StudioOptions["wasm"]): StudioOptions["wasm"] {
  const here = (globalThis as { location?: { href: string } }).location?.href;
  return typeof wasm === "string" || wasm instanceof URL ? new URL(wasm, here).href : wasm;
}

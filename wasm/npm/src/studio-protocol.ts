import type { Failure } from "./error.ts";
import type { WasmSource } from "./module.ts";
import type { BlobLike } from "./platform.ts";
import type { ImageInfo, Limits, Recipe, Rendered } from "./types.ts";

/** One job. */
export type Job = { source: BlobLike | Uint8Array } & ({ method: "inspect" } | { method: "render"; recipe: Recipe | undefined; limits: Limits | undefined });

/** How far a job is, where it is done. */
export type WorkPhase = "loading" | "reading" | "working";

/** What a job comes to. */
export type Done = ImageInfo | Rendered;

/**
 * From the page to its Web Worker: one job; a number of the file that is its source, the same for the same file; and where the module is, if that is not the
 * usual place.
 */
export type Order = { job: Job; file: number | undefined; wasm: WasmSource | undefined };

/** From the Web Worker: that it runs, how far the job is, what became of it. */
export type Report = { hello: true } | { phase: WorkPhase } | { done: Done } | { failure: Failure } | { crash: string };

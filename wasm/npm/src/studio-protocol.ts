import type { Failure } from "./error.ts";
import type { ImageInfo, Limits, Recipe, Rendered } from "./types.ts";

/** From the page to its Web Worker: one job. */
export type Job = { id: number; source: Blob | Uint8Array } & ({ method: "inspect" } | { method: "render"; recipe: Recipe | undefined; limits: Limits | undefined });

/** From the Web Worker: what became of the job. */
export type Outcome = { id: number } & ({ done: ImageInfo | Rendered } | { failure: Failure } | { crash: string });

/** The jobs of a studio, on whatever thread. */
import { viewOf } from "./boundary.ts";
import { renderByBrowser } from "./browser-decoder.ts";
import { inspect, ready, render, RoundelError } from "./index.ts";
import { hasLoaded } from "./module.ts";
import type { Done, Order, WorkPhase } from "./studio-protocol.ts";
import { PhotoReader } from "./studio-reader.ts";
import type { Limits, Recipe, Rendered } from "./types.ts";

/** Does a job; `tell` hears how far it is. */
export type Perform = (order: Order, tell: (phase: WorkPhase) => void) => Promise<Done>;

/** Who does the jobs of a studio, one at a time. */
export function performer(): Perform {
  const reader = new PhotoReader();
  return async ({ job, file, wasm }, tell) => {
    if (!hasLoaded()) tell("loading");
    await ready(wasm);
    const bytes = viewOf(job.source) ?? (await reader.read(job.source as Blob, file, () => tell("reading")));
    tell("working");
    return job.method === "inspect" ? inspect(bytes) : renderSomehow(bytes, job.recipe, job.limits);
  };
}

/** With the browser's decoder where Roundel has none for the format. */
async function renderSomehow(bytes: Uint8Array, recipe: Recipe | undefined, limits: Limits | undefined): Promise<Rendered> {
  try {
    return render(bytes, recipe, limits);
  } catch (error) {
    if (!(error instanceof RoundelError) || error.code !== "unsupported_format") throw error;
    const rendered = await renderByBrowser(bytes, recipe, limits);
    if (rendered === undefined) throw error;
    return rendered;
  }
}

/** One job of a studio, on whatever thread. */
import { viewOf } from "./boundary.ts";
import { renderByBrowser } from "./browser-decoder.ts";
import { inspect, ready, render, RoundelError } from "./index.ts";
import { hasLoaded } from "./module.ts";
import type { Done, Order, WorkPhase } from "./studio-protocol.ts";
import type { Limits, Recipe, Rendered } from "./types.ts";

/** Does it; `tell` hears how far it is. */
export async function perform({ job, wasm }: Order, tell: (phase: WorkPhase) => void): Promise<Done> {
  if (!hasLoaded()) tell("loading");
  await ready(wasm);
  let bytes = viewOf(job.source);
  if (!bytes) {
    tell("reading");
    bytes = new Uint8Array(await (job.source as Blob).arrayBuffer());
  }
  tell("working");
  return job.method === "inspect" ? inspect(bytes) : renderSomehow(bytes, job.recipe, job.limits);
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

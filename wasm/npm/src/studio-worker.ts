/** The Web Worker of `roundel/studio`: does one job at a time, with the code of the package's main entry. */
import { renderByBrowser } from "./browser-decoder.ts";
import { inspect, ready, render, RoundelError } from "./index.ts";
import type { Job, Outcome } from "./studio-protocol.ts";
import type { ImageInfo, Limits, Recipe, Rendered } from "./types.ts";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Job>) => void;
  postMessage(outcome: Outcome, transfer: Transferable[]): void;
};

async function run(job: Job): Promise<ImageInfo | Rendered> {
  await ready();
  const bytes = job.source instanceof Uint8Array ? job.source : new Uint8Array(await job.source.arrayBuffer());
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

scope.onmessage = ({ data: job }) => {
  run(job).then(
    (done) => scope.postMessage({ id: job.id, done }, "bytes" in done ? [done.bytes.buffer] : []),
    (error: unknown) => {
      if (error instanceof RoundelError) {
        scope.postMessage({ id: job.id, failure: { code: error.code, message: error.message } }, []);
      } else {
        scope.postMessage({ id: job.id, crash: error instanceof Error ? error.message : String(error) }, []);
      }
    },
  );
};

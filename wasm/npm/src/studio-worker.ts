/** The Web Worker of `roundel/studio`: does one job at a time, with the code of the package's main entry. */
import { inspect, ready, render, RoundelError } from "./index.ts";
import type { Job, Outcome } from "./studio-protocol.ts";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Job>) => void;
  postMessage(outcome: Outcome, transfer: Transferable[]): void;
};

async function run(job: Job): Promise<ReturnType<typeof inspect> | ReturnType<typeof render>> {
  await ready();
  const bytes = job.source instanceof Uint8Array ? job.source : new Uint8Array(await job.source.arrayBuffer());
  return job.method === "inspect" ? inspect(bytes) : render(bytes, job.recipe);
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

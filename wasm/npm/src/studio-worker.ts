/** The Web Worker of `roundel/studio`: does one job at a time, with the code of the package's main entry. */
import { RoundelError } from "./error.ts";
import { performer } from "./studio-job.ts";
import type { Order, Report } from "./studio-protocol.ts";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Order>) => void;
  postMessage(report: Report, transfer?: Transferable[]): void;
};

/** Imported anywhere else, by a bundler's server build say, this file does nothing. */
const isWebWorker = typeof scope.postMessage === "function" && !("document" in globalThis);

if (isWebWorker) {
  const perform = performer();
  scope.onmessage = ({ data: order }) => {
    perform(order, (phase) => scope.postMessage({ phase })).then(
      (done) => scope.postMessage({ done }, "bytes" in done ? [done.bytes.buffer] : []),
      (error: unknown) => {
        if (error instanceof RoundelError) scope.postMessage({ failure: { code: error.code, message: error.message } });
        else scope.postMessage({ crash: error instanceof Error ? error.message : String(error) });
      },
    );
  };
  scope.postMessage({ hello: true });
}

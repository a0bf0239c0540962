/** The preview that the browser's own decoder makes, in a Web Worker of its own. */
import type { Size } from "./geometry/framing.ts";
import type { PreviewPictures, PreviewRequest, PreviewResponse } from "./preview-worker.ts";

let worker: Worker | undefined;
let lastId = 0;

/** Starts the Web Worker, unless it runs: worth doing before the first photo. Nothing where none can be had. */
export function startBrowserPreview(): Worker | undefined {
  if (worker) return worker;
  try {
    const started = new Worker(new URL("./preview-worker.js", import.meta.url), { type: "module", name: "roundel-preview" });
    // Another one is tried for the next photo.
    started.addEventListener("error", () => {
      if (worker === started) worker = undefined;
    });
    return (worker = started);
  } catch {
    // From a page of another origin.
    return undefined;
  }
}

/** Nothing where the browser cannot show the photo as it is meant to be. */
export async function browserPreview(file: Blob, size: Size): Promise<PreviewPictures | undefined> {
  const running = startBrowserPreview();
  if (!running) return undefined;
  const id = ++lastId;
  return new Promise((resolve) => {
    const finish = (pictures?: PreviewPictures): void => {
      running.removeEventListener("message", onMessage);
      running.removeEventListener("error", onError);
      resolve(pictures);
    };
    const onMessage = (event: MessageEvent<PreviewResponse>): void => {
      if (event.data.id === id) finish(event.data.pictures);
    };
    const onError = (): void => finish();
    running.addEventListener("message", onMessage);
    running.addEventListener("error", onError);
    running.postMessage({ id, file, size } satisfies PreviewRequest);
  });
}

/** The preview that the browser's own decoder makes, in a Web Worker that is started for the first photo. */
import type { Size } from "./geometry/framing.ts";
import type { PreviewPictures, PreviewRequest, PreviewResponse } from "./preview-worker.ts";

let worker: Worker | undefined;
let lastId = 0;

/** Nothing where the browser cannot show the photo as it is meant to be, or {@link PreviewRequest.isReadLater | cannot give its pixels} later. */
export function browserPreview(file: Blob, size: Size, { isReadLater }: { isReadLater: boolean }): Promise<PreviewPictures | undefined> {
  const running = (worker ??= new Worker(new URL("./preview-worker.js", import.meta.url), { type: "module", name: "roundel-preview" }));
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
    const onError = (): void => {
      if (worker === running) worker = undefined;
      finish();
    };
    running.addEventListener("message", onMessage);
    running.addEventListener("error", onError);
    running.postMessage({ id, file, size, isReadLater } satisfies PreviewRequest);
  });
}

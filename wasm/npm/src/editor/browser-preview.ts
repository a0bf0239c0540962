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

/** The first pictures and the sharp one, as each is there; nothing in their place where the browser cannot show the photo as it is meant to be. */
export type BrowserPreview = { readonly first: Promise<PreviewPictures | undefined>; readonly sharp: Promise<ImageBitmap | undefined> };

const NONE: BrowserPreview = { first: Promise.resolve(undefined), sharp: Promise.resolve(undefined) };

/**
 * @param options.isFirst whether the first pictures are wanted, which are small and there sooner
 * @param options.isReadLater whether the photo is to be shown only if {@link PreviewRequest.isReadLater | it can be saved} later
 */
export function browserPreview(file: Blob, size: Size, { isFirst, isReadLater }: { isFirst: boolean; isReadLater: boolean }): BrowserPreview {
  const running = startBrowserPreview();
  if (!running) return NONE;
  const id = ++lastId;
  const first = isFirst ? answer(running, id, "first") : NONE.first;
  const sharp = answer(running, id, "sharp");
  running.postMessage({ id, file, size, isFirst, isReadLater } satisfies PreviewRequest);
  return { first, sharp };
}

type Answers = { first: PreviewPictures; sharp: ImageBitmap };

function answer<Kind extends keyof Answers>(running: Worker, id: number, kind: Kind): Promise<Answers[Kind] | undefined> {
  return new Promise((resolve) => {
    const finish = (pictures?: Answers[Kind]): void => {
      running.removeEventListener("message", onMessage);
      running.removeEventListener("error", onError);
      resolve(pictures);
    };
    const onMessage = ({ data }: MessageEvent<PreviewResponse>): void => {
      if (data.id === id && kind in data) finish((data as Partial<Answers>)[kind]);
    };
    const onError = (): void => finish();
    running.addEventListener("message", onMessage);
    running.addEventListener("error", onError);
  });
}

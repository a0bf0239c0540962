/** From a file to a photo that can be placed on the stage. */
import type { ImageInfo, Studio } from "roundel/studio";
import type { Size } from "./crop.ts";
import { previewSize } from "./preview-size.ts";
import type { PreviewRequest, PreviewResponse } from "./preview.worker.ts";

/** A photo that can be placed and saved. */
export type Photo = {
  readonly file: File;
  /** In pixels, as a person sees it. */
  readonly size: Size;
  /** The photo the right way up, not larger than a screen needs. The stage takes it over. */
  readonly preview: ImageBitmap;
};

/** A file that is not opened, although Roundel itself has nothing against it. */
export class PhotoError extends Error {
  override readonly name = "PhotoError";
  readonly code: "empty" | "too_large" | "unsupported_here" | "too_many_pixels" | "not_shown";

  constructor(code: PhotoError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** A larger file would fill the memory of a phone while it is read. */
const MAX_FILE_BYTES = 128 * 1024 * 1024;

/** As many as `render` takes; the browser's decoder would try more, and fill the memory. */
const MAX_PIXELS = 50_000_000;

/** What Roundel leaves to the browser's decoder, which not every browser has. */
const FORMATS_OF_BROWSERS: readonly ImageInfo["format"][] = ["avif", "heic"];

/** Of a preview that Roundel makes: high, as it is looked at closely, and never saved. */
const PREVIEW_QUALITY = 92;

let worker: Worker | undefined;
let lastId = 0;

/**
 * Reads a file's header and makes its preview, both away from the main thread.
 *
 * @throws {PhotoError} for an empty or huge file, or a photo that this browser cannot show.
 * @throws RoundelError where it is no picture that Roundel reads.
 */
export async function openPhoto(file: File, studio: Studio): Promise<Photo> {
  if (file.size === 0) throw new PhotoError("empty", "the file has no bytes");
  if (file.size > MAX_FILE_BYTES) throw new PhotoError("too_large", `the file has more than ${MAX_FILE_BYTES} bytes`);
  const { format, orientation, width, height } = await studio.inspect(file);
  if (width * height > MAX_PIXELS) throw new PhotoError("too_many_pixels", `${width} x ${height} pixels are too many`);
  const size = { width, height };
  const isForBrowsers = FORMATS_OF_BROWSERS.includes(format);
  // Of other files than JPEG and those that are its own, a browser may not heed the orientation: Chromium does not of WebP.
  const isUpright = orientation === 1 || format === "jpeg" || isForBrowsers;
  let preview = isUpright ? await makePreview(file, size) : undefined;
  if (!preview && isForBrowsers) throw new PhotoError("unsupported_here", `this browser cannot show ${format}`);
  preview ??= await makePreview(...(await renderUpright(file, size, studio)));
  if (!preview) throw new PhotoError("not_shown", "the browser cannot show this photo");
  return { file, size, preview };
}

/** The photo as Roundel reads it, for the browser to show: the right way up, and not larger than the preview. */
async function renderUpright(file: File, size: Size, studio: Studio): Promise<[Blob, Size]> {
  const { width, height } = previewSize(size);
  const { bytes, contentType } = await studio.render(file, { width, height, quality: PREVIEW_QUALITY });
  return [new Blob([bytes], { type: contentType }), { width, height }];
}

/** Nothing where the browser cannot show the photo as it is meant to be. */
function makePreview(file: Blob, size: Size): Promise<ImageBitmap | undefined> {
  const running = (worker ??= new Worker(new URL("./preview.worker.ts", import.meta.url), { type: "module" }));
  const id = ++lastId;
  return new Promise((resolve) => {
    const finish = (bitmap: ImageBitmap | undefined) => {
      running.removeEventListener("message", onMessage);
      running.removeEventListener("error", onError);
      resolve(bitmap);
    };
    const onMessage = (event: MessageEvent<PreviewResponse>) => {
      if (event.data.id === id) finish(event.data.bitmap);
    };
    const onError = () => {
      worker = undefined;
      finish(undefined);
    };
    running.addEventListener("message", onMessage);
    running.addEventListener("error", onError);
    running.postMessage({ id, file, size } satisfies PreviewRequest);
  });
}

/** From a file to a photo that can be placed on the stage. */
import type { Studio } from "roundel/studio";
import type { Size } from "./crop.ts";
import type { PreviewRequest, PreviewResponse } from "./preview.worker.ts";

/** A photo that both Roundel and the browser can read. */
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
  readonly code: "empty" | "too_large" | "unsupported_format" | "too_many_pixels" | "not_shown";

  constructor(code: PhotoError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** A larger file would fill the memory of a phone while it is read. */
const MAX_FILE_BYTES = 128 * 1024 * 1024;

/** As many as `render` takes; the browser's decoder would try more, and fill the memory. */
const MAX_PIXELS = 50_000_000;

/** What `render` reads; the file dialog in index.html offers the same. */
const READ_FORMATS: readonly string[] = ["jpeg", "png"];

let worker: Worker | undefined;
let lastId = 0;

/**
 * Reads a file's header and makes its preview, both away from the main thread.
 *
 * @throws {PhotoError} for an empty or huge file, a format that is not rendered, or a photo that the browser cannot show.
 * @throws RoundelError where it is no picture that Roundel reads.
 */
export async function openPhoto(file: File, studio: Studio): Promise<Photo> {
  if (file.size === 0) throw new PhotoError("empty", "the file has no bytes");
  if (file.size > MAX_FILE_BYTES) throw new PhotoError("too_large", `the file has more than ${MAX_FILE_BYTES} bytes`);
  const { format, width, height } = await studio.inspect(file);
  if (!READ_FORMATS.includes(format)) throw new PhotoError("unsupported_format", `this version does not read ${format}`);
  if (width * height > MAX_PIXELS) throw new PhotoError("too_many_pixels", `${width} x ${height} pixels are too many`);
  const size = { width, height };
  return { file, size, preview: await makePreview(file, size) };
}

function makePreview(file: File, size: Size): Promise<ImageBitmap> {
  const running = (worker ??= new Worker(new URL("./preview.worker.ts", import.meta.url), { type: "module" }));
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    const finish = (bitmap: ImageBitmap | undefined) => {
      running.removeEventListener("message", onMessage);
      running.removeEventListener("error", onError);
      if (bitmap) resolve(bitmap);
      else reject(new PhotoError("not_shown", "the browser cannot show this photo"));
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

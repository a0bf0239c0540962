/** From a file to a photo that can be placed on the stage. */
import type { Studio } from "../studio.ts";
import type { ImageInfo } from "../types.ts";
import { browserPreview } from "./browser-preview.ts";
import type { Size } from "./geometry/framing.ts";
import { hasPosition } from "./position.ts";
import type { PreviewPictures } from "./preview-worker.ts";
import { previewSize, quickSize } from "./preview-size.ts";

/** A photo that can be placed and saved. */
export type Photo = {
  readonly file: Blob;
  readonly info: ImageInfo;
  /** Whether the file tells where the photo was taken: known a little later. */
  readonly hasPosition: Promise<boolean>;
  /** The photo the right way up, at once; blurred where the photo is large. */
  readonly shown: ImageBitmap;
  /** The same, small: what is smaller is drawn from it. */
  readonly small: ImageBitmap;
  /** One as sharp as a screen needs; nothing where `shown` is it, or none can be made. */
  readonly sharpen: () => Promise<ImageBitmap | undefined>;
  /** Gives the memory of the pictures back, of a photo that is not shown. */
  readonly discard: () => void;
};

type Pictures = Pick<Photo, "shown" | "small" | "sharpen" | "discard">;

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

/**
 * Reads a file's header and makes its first preview, away from the main thread. Roundel decodes only what a small picture needs of a JPEG, so that one is
 * there at once; the sharp one is the browser's, which shows colours as the rest of the page, or Roundel's where the browser shows other ones. Of other formats
 * everything has to be decoded, which the browser does sooner: theirs is its own from the beginning.
 *
 * @throws {PhotoError} for an empty or huge file, or a photo that this browser cannot show.
 * @throws RoundelError where it is no picture that Roundel reads.
 */
export async function openPhoto(file: Blob, studio: Studio): Promise<Photo> {
  if (file.size === 0) throw new PhotoError("empty", "the file has no bytes");
  if (file.size > MAX_FILE_BYTES) throw new PhotoError("too_large", `the file has more than ${MAX_FILE_BYTES} bytes`);
  const info = await studio.inspect(file);
  const { width, height } = info;
  if (width * height > MAX_PIXELS) throw new PhotoError("too_many_pixels", `${width} x ${height} pixels are too many`);
  const isForBrowsers = FORMATS_OF_BROWSERS.includes(info.format);
  const made = isForBrowsers || (info.format !== "jpeg" && isShownAlike(info)) ? await byBrowser(file, info, { isReadLater: isForBrowsers }) : undefined;
  if (!made && isForBrowsers) throw new PhotoError("unsupported_here", `this browser cannot show ${info.format}`);
  return { file, info, hasPosition: hasPosition(file).catch(() => false), ...(made ?? (await quickFirst(file, info, studio))) };
}

/** Nothing where the browser cannot show it. */
async function byBrowser(file: Blob, info: ImageInfo, { isReadLater }: { isReadLater: boolean }): Promise<Pictures | undefined> {
  const { first, sharp } = browserPreview(file, info, { isFirst: true, isReadLater });
  const pictures = await first;
  if (!pictures) return undefined;
  const discard = (): void => {
    close(pictures);
    void sharp.then((picture) => picture?.close());
  };
  return { ...pictures, sharpen: () => sharp, discard };
}

async function quickFirst(file: Blob, info: ImageInfo, studio: Studio): Promise<Pictures> {
  const size = quickSize(info);
  const quick = await ownPreview(file, size, studio, "fast");
  const isSharp = size.width === info.width;
  return { ...quick, sharpen: () => (isSharp ? Promise.resolve(undefined) : sharpPreview(file, info, studio)), discard: () => close(quick) };
}

async function sharpPreview(file: Blob, info: ImageInfo, studio: Studio): Promise<ImageBitmap | undefined> {
  const made = isShownAlike(info) ? await browserPreview(file, info, { isFirst: false, isReadLater: false }).sharp : undefined;
  if (made) return made;
  const own = await ownPreview(file, previewSize(info), studio, "best").catch(() => undefined);
  own?.small.close();
  return own?.shown;
}

function close({ shown, small }: PreviewPictures): void {
  shown.close();
  small.close();
}

/**
 * Whether the browser shows the photo as Roundel renders it. Of other files than JPEG a browser may not heed the orientation (Chromium does not of WebP),
 * and CMYK and unusual profiles it may convert in another way.
 */
function isShownAlike({ format, orientation, colorSpace }: ImageInfo): boolean {
  return (orientation === 1 || format === "jpeg") && colorSpace !== "cmyk" && colorSpace !== "other";
}

async function ownPreview(file: Blob, { width, height }: Size, studio: Studio, effort: "fast" | "best"): Promise<PreviewPictures> {
  const { bytes, contentType } = await studio.render(file, { width, height, quality: PREVIEW_QUALITY, effort });
  const blob = new Blob([bytes], { type: contentType });
  const smaller = quickSize({ width, height });
  const decoded = Promise.all([createImageBitmap(blob), createImageBitmap(blob, { resizeWidth: smaller.width, resizeHeight: smaller.height })]);
  const [shown, small] = await decoded.catch(() => {
    throw new PhotoError("not_shown", "the browser cannot show this photo");
  });
  return { shown, small };
}

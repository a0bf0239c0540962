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
  /** The photo the right way up, at once; blurred where the photo is large and `sharp` follows. */
  readonly shown: ImageBitmap;
  /** The same, small: what is smaller is drawn from it. */
  readonly small: ImageBitmap;
  /** As sharp as a screen needs, as soon as it is there; nothing where `shown` is it. */
  readonly sharp: Promise<ImageBitmap | undefined>;
};

type Pictures = Pick<Photo, "shown" | "small" | "sharp">;

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
 * everything has to be decoded, which the browser does sooner: theirs is sharp at once.
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
  const isQuicker = info.format !== "jpeg" && isShownAlike(info);
  const made = isQuicker || FORMATS_OF_BROWSERS.includes(info.format) ? await sharpAtOnce(file, info, studio) : await quickFirst(file, info, studio);
  return { file, info, hasPosition: hasPosition(file).catch(() => false), ...made };
}

/** Gives the memory of a photo's pictures back, of one that is not shown. */
export function discard({ shown, small, sharp }: Photo): void {
  for (const picture of [shown, small]) picture.close();
  void sharp.then((picture) => picture?.close());
}

async function quickFirst(file: Blob, info: ImageInfo, studio: Studio): Promise<Pictures> {
  const size = quickSize(info);
  const quick = await ownPreview(file, size, studio, "fast");
  if (size.width === info.width) return { ...quick, sharp: Promise.resolve(undefined) };
  const sharp = sharpPreview(file, info, studio).then(
    ({ shown, small }) => {
      small.close();
      return shown;
    },
    () => undefined,
  );
  return { ...quick, sharp };
}

async function sharpAtOnce(file: Blob, info: ImageInfo, studio: Studio): Promise<Pictures> {
  return { ...(await sharpPreview(file, info, studio)), sharp: Promise.resolve(undefined) };
}

async function sharpPreview(file: Blob, info: ImageInfo, studio: Studio): Promise<PreviewPictures> {
  const isForBrowsers = FORMATS_OF_BROWSERS.includes(info.format);
  const pictures = isForBrowsers || isShownAlike(info) ? await browserPreview(file, info) : undefined;
  if (pictures) return pictures;
  if (isForBrowsers) throw new PhotoError("unsupported_here", `this browser cannot show ${info.format}`);
  return ownPreview(file, previewSize(info), studio, "best");
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

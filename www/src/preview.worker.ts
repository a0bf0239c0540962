/**
 * Makes the picture that is moved about on the stage: the browser's own decoder turns it the right way up, and it is
 * made small enough to pan smoothly on a phone. All of it happens here, away from the main thread.
 */
import type { Size } from "./crop.ts";

/** A job for this worker. */
export type PreviewRequest = {
  readonly id: number;
  readonly file: Blob;
  /** The photo's size as a person sees it: what the decoder must agree with. */
  readonly size: Size;
};

/** Its answer: a bitmap, or nothing where the browser cannot show this photo as it is meant to be. */
export type PreviewResponse = { readonly id: number; readonly bitmap?: ImageBitmap };

/** 6 million pixels are 24 MB, and still sharper than a phone's screen when zoomed in. */
const MAX_PREVIEW_PIXELS = 6_000_000;

/** Longer textures are cut down by some graphics chips. */
const MAX_PREVIEW_SIDE = 4096;

const port = self as unknown as {
  onmessage: ((event: MessageEvent<PreviewRequest>) => void) | null;
  postMessage(message: PreviewResponse, transfer: Transferable[]): void;
};

port.onmessage = (event) => {
  const { id, file, size } = event.data;
  preview(file, size).then(
    (bitmap) => port.postMessage({ id, bitmap }, [bitmap]),
    () => port.postMessage({ id }, []),
  );
};

async function preview(file: Blob, size: Size): Promise<ImageBitmap> {
  const whole = await createImageBitmap(file, { imageOrientation: "from-image" });
  if (whole.width !== size.width || whole.height !== size.height) {
    whole.close();
    throw new RangeError("the browser's decoder sees another size than the photo's header states");
  }
  const shrink = Math.min(
    1,
    Math.sqrt(MAX_PREVIEW_PIXELS / (size.width * size.height)),
    MAX_PREVIEW_SIDE / Math.max(size.width, size.height),
  );
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(size.width * shrink)),
    Math.max(1, Math.round(size.height * shrink)),
  );
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("the browser has no memory for a canvas");
  // Drawn even where nothing shrinks: a bitmap may carry its orientation as a mark that only drawing heeds.
  pen.imageSmoothingQuality = "medium";
  pen.drawImage(whole, 0, 0, canvas.width, canvas.height);
  whole.close();
  return canvas.transferToImageBitmap();
}

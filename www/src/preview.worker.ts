/**
 * Makes the picture that is moved about on the stage: the browser's own decoder turns it the right way up, and it is
 * made small enough to pan smoothly on a phone. All of it happens here, away from the main thread.
 */
import type { Size } from "./crop.ts";
import { previewSize } from "./preview-size.ts";

/** A job for this worker. */
export type PreviewRequest = {
  readonly id: number;
  readonly file: Blob;
  /** The photo's size as a person sees it: what the decoder must agree with. */
  readonly size: Size;
};

/** Its answer: a bitmap, or nothing where the browser cannot show this photo as it is meant to be. */
export type PreviewResponse = { readonly id: number; readonly bitmap?: ImageBitmap };

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
  const { width, height } = previewSize(size);
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("the browser has no memory for a canvas");
  // What is transparent is saved on white.
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, width, height);
  // Drawn even where nothing shrinks: a bitmap may carry its orientation as a mark that only drawing heeds.
  pen.imageSmoothingQuality = "medium";
  pen.drawImage(whole, 0, 0, canvas.width, canvas.height);
  whole.close();
  return canvas.transferToImageBitmap();
}

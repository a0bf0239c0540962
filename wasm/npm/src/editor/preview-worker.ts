/**
 * Makes the picture that is moved about on the stage: the browser's own decoder turns it the right way up, and it is
 * made small enough to pan smoothly on a phone. All of it happens here, away from the main thread.
 */
import { readsCanvases } from "../canvas.ts";
import { decodeUpright } from "../upright.ts";
import type { Size } from "./geometry/framing.ts";
import { previewSize, quickSize } from "./preview-size.ts";

/** A job for this worker. */
export type PreviewRequest = {
  readonly id: number;
  readonly file: Blob;
  /** Whether a small picture comes ahead of the sharp one. */
  readonly isFirst: boolean;
  /** The photo's size as a person sees it: what the decoder must agree with. */
  readonly size: Size;
  /** Whether the finished picture will be read from a canvas too, as Roundel does not decode the format: it can be shown, but not saved, where that gives noise. */
  readonly isReadLater: boolean;
};

/** The photo as the stage draws it, and as the small previews are drawn from. */
export type PreviewPictures = { readonly shown: ImageBitmap; readonly small: ImageBitmap };

/** Its answers: the first pictures, where they are wanted, then the sharp one; nothing in the place of each where the browser cannot show this photo as it is meant to be. */
export type PreviewResponse = { readonly id: number } & ({ readonly first: PreviewPictures | undefined } | { readonly sharp: ImageBitmap | undefined });

const port = self as unknown as {
  onmessage: ((event: MessageEvent<PreviewRequest>) => void) | null;
  postMessage(message: PreviewResponse, transfer: Transferable[]): void;
};

port.onmessage = (event) => {
  const { id, isFirst } = event.data;
  preview(event.data).catch(() => {
    if (isFirst) port.postMessage({ id, first: undefined }, []);
    port.postMessage({ id, sharp: undefined }, []);
  });
};

async function preview({ id, file, size, isFirst, isReadLater }: PreviewRequest): Promise<void> {
  if (isReadLater && !readsCanvases()) throw new Error("the browser gives noise for what is in a canvas");
  const whole = await decodeUpright(file, size);
  try {
    if (whole.width !== size.width || whole.height !== size.height) throw new RangeError("the browser's decoder sees another size than the photo's header states");
    if (isFirst) {
      const shown = drawn(whole, quickSize(size));
      const small = drawn(shown, shown);
      port.postMessage({ id, first: { shown, small } }, [shown, small]);
    }
    const sharp = drawn(whole, previewSize(size));
    port.postMessage({ id, sharp }, [sharp]);
  } finally {
    whole.close();
  }
}

function drawn(whole: ImageBitmap, { width, height }: Size): ImageBitmap {
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("the browser has no memory for a canvas");
  // What is transparent is saved on white.
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, width, height);
  // Drawn even where nothing shrinks: a bitmap may carry its orientation as a mark that only drawing heeds.
  pen.imageSmoothingQuality = "medium";
  pen.drawImage(whole, 0, 0, width, height);
  return canvas.transferToImageBitmap();
}

/** Photos that the browser decodes, the right way up. To turn a picture by its `irot` (ISO/IEC 23008-12, 6.5.10) is the decoder's work; WebKitGTK leaves it out. */
import type { Size } from "./extract.ts";

/** The boxes that describe the pictures of a file come before the pictures, and fill no more than this, in bytes. */
const MAX_DESCRIPTION = 65_536;

/**
 * Decodes a photo.
 *
 * @param stated as a person sees the photo, by its header, where that is known
 * @throws where the browser cannot decode it
 */
export async function decodeUpright(file: Blob, stated: Readonly<Size> | undefined): Promise<ImageBitmap> {
  const decoded = await createImageBitmap(file, { imageOrientation: "from-image" });
  const { width, height } = decoded;
  if (!stated || width === height || width !== stated.height || height !== stated.width) return decoded;
  try {
    const canvas = new OffscreenCanvas(height, width);
    const pen = canvas.getContext("2d");
    if (!pen) throw new RangeError("the browser has no memory for a canvas");
    pen.translate(height / 2, width / 2);
    pen.rotate((await quartersAnticlockwise(file)) * (-Math.PI / 2));
    pen.drawImage(decoded, -width / 2, -height / 2);
    return canvas.transferToImageBitmap();
  } finally {
    decoded.close();
  }
}

/** By the first such box: what else is in a file (its transparency, a small copy) is turned as its picture is. */
async function quartersAnticlockwise(file: Blob): Promise<number> {
  const description = new TextDecoder("latin1").decode(await file.slice(0, MAX_DESCRIPTION).arrayBuffer());
  return /\0\0\0\tirot([\x01\x03])/.exec(description)?.[1]?.charCodeAt(0) ?? 0;
}

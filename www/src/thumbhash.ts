/** A ThumbHash as pixels: what is shown of a picture while it loads. */
import { thumbHashToRGBA } from "thumbhash";

/** Rows of red, green, blue and alpha. */
export type Pixels = { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray<ArrayBuffer> };

/** Bytes of the shortest: the header, without any waves. */
const LEAST_BYTES = 5;

/** Nothing for what is no ThumbHash. */
export function thumbhashPixels(base64: string): Pixels | undefined {
  const bytes = decoded(base64);
  if (bytes.length < LEAST_BYTES) return undefined;
  // The short side's count of waves: of none, the package makes a picture without a width.
  const [shortSide = 0] = bytes.subarray(3, 4);
  if ((shortSide & 7) === 0) bytes[3] = shortSide | 1;
  const { w: width, h: height, rgba } = thumbHashToRGBA(bytes);
  return { width, height, data: new Uint8ClampedArray(rgba) };
}

function decoded(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

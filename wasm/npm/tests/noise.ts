/** As extensions against fingerprinting do, in each thread: what is read from a canvas has noise in it. */
export const NOISE = `for (const kind of [globalThis.CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
  if (!kind) continue;
  const { getImageData } = kind.prototype;
  kind.prototype.getImageData = function (...given) {
    const read = getImageData.apply(this, given);
    read.data.forEach((value, at) => (read.data[at] = value ^ ((at * 2654435761) >>> 25)));
    return read;
  };
}
`;

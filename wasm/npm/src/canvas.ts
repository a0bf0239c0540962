/** What is read from a canvas is not what was drawn where a browser, or an extension, protects people against being recognised by their machine. */

/** Pixels a side. */
const SIDE = 8;

const COLOR = [0x33, 0x66, 0xcc, 0xff];

/** A sample may be so far off: some browsers only change the lowest bits, which nobody sees in a photo. */
const MOST_OFF = 8;

/** Whether a canvas gives back what is drawn on it, as near as one can see. A person may allow it later. */
export function givesBackWhatIsDrawn(pen: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null): boolean {
  if (pen === null) return false;
  pen.fillStyle = "#36c";
  pen.fillRect(0, 0, SIDE, SIDE);
  return pen.getImageData(0, 0, SIDE, SIDE).data.every((sample, at) => Math.abs(sample - (COLOR[at % 4] ?? 0)) <= MOST_OFF);
}

/** The same, of the canvases that are on no page. */
export function readsCanvases(): boolean {
  return givesBackWhatIsDrawn(new OffscreenCanvas(SIDE, SIDE).getContext("2d", { willReadFrequently: true }));
}

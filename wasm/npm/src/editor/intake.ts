/** The ways in for a photo: the file dialog, a drop and paste. The camera is `camera.ts`. */
import { make } from "./dom.ts";

/** What every browser decodes, or Roundel itself. */
const TYPES = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp"];

/** What only some browsers decode: the others are not led into choosing it. */
const TYPES_OF_BROWSERS = ["image/avif", "image/heic"];

/** An input for files that calls `take` with each one chosen. Nobody sees it: buttons open its dialog. */
export function fileInput(part: string, take: (file: File) => void): HTMLInputElement {
  const input = make("input", { type: "file", class: "unseen", part, tabindex: "-1", "aria-hidden": "true", accept: TYPES.join() });
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    // Emptied, so that the same file can be chosen again.
    if (file) {
      take(file);
      input.value = "";
    }
  });
  for (const type of TYPES_OF_BROWSERS) {
    void decodes(type).then((isDecoded) => {
      if (isDecoded) input.accept += `,${type}`;
    });
  }
  return input;
}

/** Whether the browser says that it decodes a type. One that cannot be asked is not offered it: of an iPhone's HEIC photos, iOS then hands over JPEG files. */
async function decodes(type: string): Promise<boolean> {
  return typeof ImageDecoder === "function" && ImageDecoder.isTypeSupported(type);
}

/** Calls `take` with each file that is dropped on `target` or pasted into it; `mark` is told while one hovers over it. */
export function listenForFiles(target: HTMLElement, take: (file: File) => void, mark: (isHovering: boolean) => void): void {
  target.addEventListener("paste", (event) => {
    if (offer(event.clipboardData, take)) event.preventDefault();
  });

  let depth = 0;
  const enter = (change: number): void => {
    depth = Math.max(0, depth + change);
    mark(depth > 0);
  };
  target.addEventListener("dragenter", () => enter(1));
  target.addEventListener("dragleave", () => enter(-1));
  target.addEventListener("dragover", (event) => event.preventDefault());
  target.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    enter(-depth);
    offer(event.dataTransfer, take);
  });
}

function offer(data: DataTransfer | null, take: (file: File) => void): boolean {
  const file = data?.files[0];
  if (file) take(file);
  return file !== undefined;
}

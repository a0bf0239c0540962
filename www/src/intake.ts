/** The ways in for a photo: the file dialog, a drop anywhere on the page, and paste. */
import { element } from "./element.ts";

/** What only some browsers decode: the others are not led into choosing it. */
const TYPES_OF_BROWSERS = ["image/avif", "image/heic"];

/** Calls `take` with each file that a person offers, by whatever way. */
export function listenForPhotos(take: (file: File) => void): void {
  const input = element("file", HTMLInputElement);
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

  document.addEventListener("paste", (event) => offer(event.clipboardData, take));

  // A file dropped beside a drop area would replace the page, so the whole page is one.
  let depth = 0;
  const mark = (change: number) => {
    depth = Math.max(0, depth + change);
    document.body.classList.toggle("dropping", depth > 0);
  };
  document.addEventListener("dragenter", () => mark(1));
  document.addEventListener("dragleave", () => mark(-1));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(-depth);
    offer(event.dataTransfer, take);
  });
}

/** Whether the browser says that it decodes a type. One that cannot be asked is not offered it: of an iPhone's HEIC photos, iOS then hands over JPEG files. */
async function decodes(type: string): Promise<boolean> {
  return typeof ImageDecoder === "function" && ImageDecoder.isTypeSupported(type);
}

/** Opens the browser's file dialog. */
export function openFileDialog(): void {
  element("file", HTMLInputElement).click();
}

function offer(data: DataTransfer | null, take: (file: File) => void): void {
  const file = data?.files[0];
  if (file) take(file);
}

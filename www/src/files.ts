/** Files that are dropped or pasted anywhere on the page. The editor takes those that come to it. */

export type FileListener = {
  /** A file hovers over the page. */
  readonly onNear: () => void;
  readonly onFile: (file: File) => void;
};

export function listenForFiles({ onNear, onFile }: FileListener): void {
  const offer = (data: DataTransfer | null): void => {
    const file = data?.files[0];
    if (file) onFile(file);
  };
  document.addEventListener("paste", (event) => {
    if (!event.defaultPrevented) offer(event.clipboardData);
  });
  // A file dropped beside a drop area would replace the page, so the whole page is one.
  let depth = 0;
  const mark = (change: number): void => {
    depth = Math.max(0, depth + change);
    document.body.classList.toggle("dropping", depth > 0);
  };
  document.addEventListener("dragenter", () => {
    mark(1);
    onNear();
  });
  document.addEventListener("dragleave", () => mark(-1));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener(
    "drop",
    (event) => {
      event.preventDefault();
      mark(-depth);
    },
    { capture: true },
  );
  document.addEventListener("drop", (event) => offer(event.dataTransfer));
}

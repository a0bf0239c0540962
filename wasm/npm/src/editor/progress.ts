/** How far saving is, as a bar and in words. */
import type { UploadProgress } from "../upload.ts";
import { make } from "./dom.ts";
import type { LabelKey, Labels } from "./labels.ts";

/** What a person is told while a picture is being saved. */
export type Progress = {
  readonly label: LabelKey;
  /** Of the whole way, 0..1. */
  readonly done: number;
  /** Of the upload, 0..1, while it is under way. */
  readonly uploaded?: number;
  /** True from where on cancelling may come too late. */
  readonly late?: boolean;
};

export const BEGUN: Progress = { label: "preparing", done: 0.02 };

/** Uploading takes the longest by far, so it has the most of the bar. */
export function progressOf({ phase, loaded, total }: UploadProgress): Progress {
  if (phase === "signing") return { label: "preparing", done: 0.08 };
  if (phase === "publishing") return { label: "finishing", done: 0.88, late: true };
  const uploaded = total > 0 ? Math.min(1, loaded / total) : 0;
  return { label: "uploading", done: 0.1 + 0.75 * uploaded, uploaded };
}

export class ProgressBar {
  readonly #filled = make("div", { class: "filled" });
  readonly #words = make("p", { class: "progress-words" });
  readonly #bar = make("div", { class: "bar", part: "progress", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" }, this.#filled);
  readonly element = make("div", { class: "progress" }, this.#bar, this.#words);

  show({ label, done, uploaded }: Progress, labels: Labels): void {
    const percent = uploaded === undefined ? "" : `, ${Math.round(uploaded * 100)} %`;
    const words = `${labels[label]}${percent}`;
    this.#filled.style.inlineSize = `${done * 100}%`;
    this.#bar.setAttribute("aria-label", labels.saving);
    this.#bar.setAttribute("aria-valuenow", String(Math.round(done * 100)));
    this.#bar.setAttribute("aria-valuetext", words);
    this.#words.textContent = words;
  }
}

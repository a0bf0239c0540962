/** The ring around the picture, which fills while the picture is being saved. */
import { element } from "./element.ts";
import type { Progress } from "./save.ts";

/** Draws progress on the ring and in words. */
export function showProgress({ words, done, uploaded }: Progress): void {
  element("ring-arc", SVGCircleElement).style.strokeDashoffset = String(100 - done * 100);
  const percent = uploaded === undefined ? "" : `${Math.round(uploaded * 100)} %`;
  const bar = element("progress");
  bar.setAttribute("aria-valuenow", String(Math.round(done * 100)));
  bar.setAttribute("aria-valuetext", percent ? `${words}, ${percent}` : words);
  element("progress-words").textContent = words;
  element("progress-percent").textContent = percent;
}

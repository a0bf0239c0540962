/** How the picture will look, at the sizes that it will have, and what becomes of the file. */
import type { Rendered } from "../types.ts";
import { make } from "./dom.ts";
import { ASPECTS, type Kind } from "./output.ts";
import type { Framing } from "./geometry/framing.ts";
import { filled, type Labels } from "./labels.ts";
import type { Photo } from "./photo.ts";
import { drawFramed } from "./stage.ts";

/** Widths in CSS pixels. */
const WIDTHS: Readonly<Record<Kind, readonly number[]>> = { avatar: [128, 48, 24], banner: [240] };

export class Previews {
  readonly #row = make("div", { class: "sizes", part: "previews" });
  readonly #shape = make("button", { type: "button", class: "small", part: "button preview-shape", "aria-pressed": "false" });
  readonly #facts = make("p", { class: "facts", part: "facts" });
  readonly element = make("div", { class: "previews", role: "group" }, this.#row, make("div", { class: "beside" }, this.#facts, this.#shape));
  #canvases: HTMLCanvasElement[] = [];
  #labels: Labels;
  #kind: Kind | undefined;
  #source: ImageBitmap | undefined;
  #drawing: number | undefined;

  constructor(labels: Labels) {
    this.#labels = labels;
    this.#shape.addEventListener("click", () => {
      const isSquare = this.element.classList.toggle("square");
      this.#shape.setAttribute("aria-pressed", String(isSquare));
    });
    this.relabel(labels);
  }

  relabel(labels: Labels): void {
    this.#labels = labels;
    this.element.setAttribute("aria-label", labels.previews);
    this.#shape.textContent = labels.square;
    for (const canvas of this.#canvases) this.#name(canvas);
  }

  /** Begins with a photo: `picture` is drawn until the rendered one is there. */
  start(kind: Kind, picture: ImageBitmap): void {
    this.#source?.close();
    this.#source = picture;
    this.#facts.textContent = "";
    this.#shape.hidden = kind === "banner";
    if (kind === this.#kind) return;
    this.#kind = kind;
    this.#canvases = WIDTHS[kind].map((width) => canvasOf(width, (width * ASPECTS[kind].height) / ASPECTS[kind].width));
    for (const canvas of this.#canvases) this.#name(canvas);
    this.#row.replaceChildren(...this.#canvases);
  }

  /** Draws a framing at the next frame; of several in between, the last. */
  draw(framing: Framing): void {
    if (this.#drawing !== undefined) cancelAnimationFrame(this.#drawing);
    this.#drawing = requestAnimationFrame(() => {
      this.#drawing = undefined;
      if (this.#source) for (const canvas of this.#canvases) drawFramed(framing, this.#source, canvas);
    });
  }

  /** Shows the very picture that will be saved, and what its file weighs. */
  async settle(rendered: Rendered, photo: Photo): Promise<void> {
    const facts = [filled(this.#labels.fileSize, { size: Math.max(1, Math.round(rendered.bytes.length / 1000)) })];
    if (await photo.hasPosition) facts.push(this.#labels.positionRemoved);
    else if (photo.info.hasMetadata) facts.push(this.#labels.metadataRemoved);
    this.#facts.replaceChildren(...facts.map((fact) => make("bdi", {}, fact)));
    const picture = await createImageBitmap(new Blob([rendered.bytes], { type: rendered.contentType })).catch(() => undefined);
    if (!picture) return;
    if (this.#drawing === undefined) for (const canvas of this.#canvases) draw(picture, canvas);
    picture.close();
  }

  /** The canvases, for what draws into them itself: an animation. */
  get canvases(): readonly HTMLCanvasElement[] {
    return this.#canvases;
  }

  clear(): void {
    this.#source?.close();
    this.#source = undefined;
    this.#facts.textContent = "";
  }

  #name(canvas: HTMLCanvasElement): void {
    canvas.setAttribute("aria-label", filled(this.#labels.previewSize, { pixels: parseInt(canvas.style.width) }));
  }
}

/** Draws a picture over the whole of a canvas. */
export function draw(picture: CanvasImageSource, canvas: HTMLCanvasElement): void {
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.imageSmoothingQuality = "high";
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
}

/** As many pixels as the screen has for it. */
function canvasOf(width: number, height: number): HTMLCanvasElement {
  const canvas = make("canvas", { role: "img", class: "preview", part: "preview" });
  const density = Math.min(3, Math.max(1, globalThis.devicePixelRatio || 1));
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  return canvas;
}

/** The stage: draws the photo under the round mask and turns what hands do into a framing. */
import {
  cropRectangle,
  maxZoom,
  panned,
  placement,
  startFraming,
  turned,
  zoomedTo,
  type CropRectangle,
  type Framing,
  type QuarterTurn,
} from "./crop.ts";
import { announce } from "./announce.ts";
import { element } from "./element.ts";
import { listenToGestures, type Gesture } from "./gestures.ts";
import type { Photo } from "./photo.ts";

/** The mask's diameter as a part of the stage's side; the same figure is in style.css. */
const MASK_PART = 0.9;

/** What `roundel` has to do to a photo to get what the mask shows. */
export type StageRecipe = { readonly rotate: QuarterTurn; readonly crop: CropRectangle };

/** The stage with its zoom slider and its buttons. There is one, and it lives as long as the page. */
export class Stage {
  readonly #stage = element("stage");
  readonly #layer = element("photo-layer");
  readonly #slider = element("zoom", HTMLInputElement);
  #framing: Framing | undefined;
  #picture: HTMLCanvasElement | undefined;
  /** Degrees clockwise, never wrapped, so that a turn is drawn in the direction it was asked for. */
  #drawnAngle = 0;
  /** True while a finger is down: then the photo follows it without rounding to whole pixels. */
  #held = false;
  /** True while a picture is being saved: what is saved is what stays on the stage. */
  locked = false;

  constructor() {
    listenToGestures(this.#stage, MASK_PART, (gesture) => this.#act(gesture));
    this.#slider.addEventListener("input", () => {
      if (this.#framing) this.#act({ kind: "zoom", to: maxZoom(this.#framing.photo) ** (this.#slider.valueAsNumber / 100) });
    });
    element("zoom-in").addEventListener("click", () => this.#act({ kind: "zoom", by: 1.25 }));
    element("zoom-out").addEventListener("click", () => this.#act({ kind: "zoom", by: 1 / 1.25 }));
    element("turn-left").addEventListener("click", () => this.#act({ kind: "turn", direction: "counterclockwise" }));
    element("turn-right").addEventListener("click", () => this.#act({ kind: "turn", direction: "clockwise" }));
    new ResizeObserver(() => this.#draw()).observe(this.#stage);
  }

  /** Puts a photo on the stage, in place of the one before. Takes over its preview. */
  show(photo: Photo): void {
    const picture = document.createElement("canvas");
    picture.width = photo.preview.width;
    picture.height = photo.preview.height;
    picture.getContext("bitmaprenderer")?.transferFromImageBitmap(photo.preview);
    this.#layer.replaceChildren(picture);
    this.#picture = picture;
    this.#framing = startFraming(photo.size);
    this.#drawnAngle = 0;
    this.#held = false;
    this.#draw();
  }

  /** Takes the photo off the stage and gives its memory back. */
  clear(): void {
    this.#layer.replaceChildren();
    this.#picture = undefined;
    this.#framing = undefined;
  }

  /** The part of the recipe that says what the mask shows, or nothing where there is no photo. */
  get recipe(): StageRecipe | undefined {
    return this.#framing && { rotate: this.#framing.rotate, crop: cropRectangle(this.#framing) };
  }

  #act(gesture: Gesture): void {
    const before = this.#framing;
    if (!before || this.locked) return;
    if (gesture.kind === "hold" || gesture.kind === "release") {
      this.#held = gesture.kind === "hold";
      this.#stage.classList.toggle("held", this.#held);
    } else if (gesture.kind === "move") {
      this.#framing = panned(before, gesture.by);
      const stuck = this.#framing.centre.x === before.centre.x && this.#framing.centre.y === before.centre.y;
      if (stuck && gesture.byKey) announce("The photo ends here.");
    } else if (gesture.kind === "zoom") {
      this.#framing = zoomedTo(before, gesture.to ?? before.zoom * (gesture.by ?? 1), gesture.anchor);
      announce(`Zoom ${this.#zoomInWords()}`);
    } else {
      this.#framing = turned(before, gesture.direction);
      this.#drawnAngle += gesture.direction === "clockwise" ? 90 : -90;
      this.#stage.classList.add("turning");
      announce(gesture.direction === "clockwise" ? "Turned right" : "Turned left");
    }
    if (gesture.kind !== "turn") this.#stage.classList.remove("turning");
    this.#draw();
  }

  #draw(): void {
    const framing = this.#framing;
    const picture = this.#picture;
    if (!framing || !picture) return;
    const maskSide = this.#stage.clientWidth * MASK_PART;
    const { scale, offset } = placement(framing, this.#held);
    const previewScale = (scale * maskSide * framing.photo.width) / picture.width;
    const previewScaleY = (scale * maskSide * framing.photo.height) / picture.height;
    picture.style.transform =
      `translate(-50%, -50%) translate(${offset.x * maskSide}px, ${offset.y * maskSide}px) ` +
      `rotate(${this.#drawnAngle}deg) scale(${previewScale}, ${previewScaleY})`;

    const most = maxZoom(framing.photo);
    this.#slider.disabled = most === 1;
    this.#slider.valueAsNumber = most === 1 ? 0 : Math.round((Math.log(framing.zoom) / Math.log(most)) * 100);
    this.#slider.style.setProperty("--filled", `${this.#slider.value}%`);
    this.#slider.setAttribute("aria-valuetext", this.#zoomInWords());
    element("zoom-in", HTMLButtonElement).setAttribute("aria-disabled", String(framing.zoom >= most));
    element("zoom-out", HTMLButtonElement).setAttribute("aria-disabled", String(framing.zoom <= 1));
  }

  #zoomInWords(): string {
    return `${Math.round((this.#framing?.zoom ?? 1) * 10) / 10} times`;
  }
}

/** The stage: draws the photo under the mask. */
import { make } from "./dom.ts";
import { frameSize, type Framing, type Size } from "./geometry/framing.ts";
import { placement } from "./geometry/placement.ts";

/** How a framing is drawn. */
export type DrawOptions = {
  /** True while a finger is down: then the photo follows it without rounding to whole pixels. */
  readonly exact: boolean;
  /** Whether the change is a turn, which is shown as one. */
  readonly animated: boolean;
};

export class Stage {
  readonly #layer = make("div", { class: "layer" });
  readonly mask = make("div", { class: "mask", part: "mask" });
  readonly element = make("div", { class: "stage", part: "stage", tabindex: "0", role: "application", "aria-describedby": "stage-keys" }, this.#layer, this.mask);
  #picture: HTMLCanvasElement | undefined;
  #framing: Framing | undefined;
  /** Degrees clockwise, never wrapped, so that a turn is drawn in the direction it was asked for. */
  #drawnTurn = 0;
  #exact = false;

  constructor() {
    new ResizeObserver(() => this.#place()).observe(this.element);
  }

  /** Puts a picture of the photo on the stage, in place of the one before. Takes it over. */
  show(picture: ImageBitmap): void {
    const canvas = make("canvas");
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(picture);
    this.#layer.replaceChildren(canvas);
    this.#picture = canvas;
    this.#place();
  }

  draw(framing: Framing, { exact, animated }: DrawOptions): void {
    this.#framing = framing;
    this.#exact = exact;
    this.#drawnTurn = nearestTurn(framing.rotate, this.#drawnTurn);
    this.element.classList.toggle("turning", animated);
    this.element.classList.toggle("held", exact);
    this.#place();
  }

  /** Takes the photo off the stage and gives its memory back. */
  clear(): void {
    this.#layer.replaceChildren();
    this.#picture = undefined;
    this.#framing = undefined;
    this.#drawnTurn = 0;
  }

  #place(): void {
    const [framing, picture] = [this.#framing, this.#picture];
    if (framing && picture) picture.style.transform = transform(framing, picture, { maskWidth: this.mask.clientWidth, turn: this.#drawnTurn, exact: this.#exact });
  }
}

type TransformOptions = { readonly maskWidth: number; readonly turn: number; readonly exact: boolean };

/** The steps of a recipe as CSS has them: those on the right come first. */
function transform(framing: Framing, picture: Size, { maskWidth, turn, exact }: TransformOptions): string {
  const { scale, offset } = placement(framing, { exact });
  const [x, y] = [(scale * maskWidth * framing.photo.width) / picture.width, (scale * maskWidth * framing.photo.height) / picture.height];
  return (
    `translate(-50%, -50%) translate(${offset.x * maskWidth}px, ${offset.y * maskWidth}px) ` +
    `rotate(${framing.straighten / 100}deg) scale(${framing.flip ? -1 : 1}, 1) rotate(${turn}deg) scale(${x}, ${y})`
  );
}

function nearestTurn(rotate: number, drawn: number): number {
  return rotate + 360 * Math.round((drawn - rotate) / 360);
}

/** Draws what the mask shows into a canvas, at its size: as `transform`, without a page. */
export function drawFramed(framing: Framing, picture: ImageBitmap, canvas: HTMLCanvasElement): void {
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const { scale, offset } = placement(framing);
  const frame = frameSize(framing);
  pen.save();
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  pen.translate(canvas.width / 2 + offset.x * canvas.width, canvas.height / 2 + offset.y * canvas.width);
  pen.rotate((framing.straighten * Math.PI) / 18_000);
  if (framing.flip) pen.scale(-1, 1);
  pen.rotate((framing.rotate * Math.PI) / 180);
  const isLying = frame.width !== framing.photo.width;
  const [width, height] = isLying ? [frame.height, frame.width] : [frame.width, frame.height];
  const size = scale * canvas.width;
  pen.drawImage(picture, (-width * size) / 2, (-height * size) / 2, width * size, height * size);
  pen.restore();
}

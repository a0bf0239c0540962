/** The sliders and buttons beside the stage: every gesture without dragging. */
import { iconButton, make } from "./dom.ts";
import type { Framer } from "./framer.ts";
import { leastZoom, mostStraighten, mostZoom, shownZoom, type Framing } from "./geometry/framing.ts";
import type { Gesture } from "./gestures.ts";
import { ICONS } from "./icons.ts";
import { filled, type LabelKey, type Labels } from "./labels.ts";

/** How much the buttons beside the slider zoom. */
const ZOOM_STEP = 1.25;

/** Of the zoom slider, which is logarithmic. */
const ZOOM_STEPS = 100;

/** Of the straighten slider, in hundredths of a degree: finer than a finger, and a key press is seen. */
const STRAIGHTEN_STEP = 10;

/** The buttons in their order, and what each does. */
const BUTTONS = {
  turnLeft: { kind: "turn", direction: "counterclockwise" },
  turnRight: { kind: "turn", direction: "clockwise" },
  flip: { kind: "flip" },
  undo: { kind: "undo" },
  redo: { kind: "redo" },
  reset: { kind: "reset" },
} as const satisfies Partial<Record<LabelKey, Gesture>>;

type ButtonName = keyof typeof BUTTONS;

export class Controls {
  readonly #act: (gesture: Gesture) => void;
  readonly #zoomOut = iconButton("zoom-out", ICONS.minus);
  readonly #zoom = make("input", { type: "range", part: "slider zoom", min: "0", max: String(ZOOM_STEPS), step: "1" });
  readonly #zoomIn = iconButton("zoom-in", ICONS.plus);
  readonly #straighten = make("input", { type: "range", part: "slider straighten", class: "middle", step: String(STRAIGHTEN_STEP) });
  readonly #degrees = make("output", { class: "degrees", part: "degrees", "aria-hidden": "true" });
  readonly #straightenWord = make("span", { class: "word", "aria-hidden": "true" });
  readonly #buttons: Readonly<Record<ButtonName, HTMLButtonElement>> = {
    turnLeft: iconButton("turn-left", ICONS.turnLeft),
    turnRight: iconButton("turn-right", ICONS.turnRight),
    flip: iconButton("flip", ICONS.flip),
    undo: iconButton("undo", ICONS.undo),
    redo: iconButton("redo", ICONS.redo),
    reset: iconButton("reset", ICONS.reset),
  };
  #labels: Labels;

  readonly element = make(
    "div",
    { class: "controls", part: "controls" },
    make("div", { class: "row" }, this.#zoomOut, this.#zoom, this.#zoomIn),
    make("div", { class: "row" }, this.#straightenWord, this.#straighten, this.#degrees),
    make("div", { class: "row buttons" }, ...Object.values(this.#buttons)),
  );

  constructor(labels: Labels, act: (gesture: Gesture) => void) {
    this.#act = act;
    this.#labels = labels;
    for (const [name, gesture] of Object.entries(BUTTONS)) this.#on(this.#buttons[name as ButtonName], gesture);
    this.#on(this.#zoomIn, { kind: "zoom", by: ZOOM_STEP });
    this.#on(this.#zoomOut, { kind: "zoom", by: 1 / ZOOM_STEP });
    this.#straighten.addEventListener("input", () => this.#act({ kind: "straighten", to: this.#straighten.valueAsNumber }));
    this.relabel(labels);
  }

  relabel(labels: Labels): void {
    this.#labels = labels;
    for (const [name, button] of Object.entries({ ...this.#buttons, zoomIn: this.#zoomIn, zoomOut: this.#zoomOut })) {
      const label = labels[name as LabelKey];
      button.setAttribute("aria-label", label);
      button.title = label;
    }
    this.#zoom.setAttribute("aria-label", labels.zoom);
    this.#straighten.setAttribute("aria-label", labels.straighten);
    this.#straightenWord.textContent = labels.straighten;
  }

  show(framer: Framer): void {
    const { framing } = framer;
    this.#showZoom(framing);
    const most = mostStraighten(framing);
    this.#straighten.disabled = most === 0;
    this.#straighten.min = String(-most);
    this.#straighten.max = String(most);
    this.#straighten.valueAsNumber = framing.straighten;
    const degrees = (framing.straighten / 100).toFixed(1);
    this.#degrees.textContent = `${degrees}°`;
    this.#straighten.setAttribute("aria-valuetext", filled(this.#labels.straightenValue, { degrees }));
    setDisabled(this.#buttons.undo, !framer.canUndo);
    setDisabled(this.#buttons.redo, !framer.canRedo);
    setDisabled(this.#buttons.reset, !framer.isChanged);
  }

  /** The zoom of a framing in words. */
  zoomInWords(framing: Framing): string {
    return filled(this.#labels.zoomValue, { times: Math.round(shownZoom(framing) * 10) / 10 });
  }

  #showZoom(framing: Framing): void {
    const [least, most, now] = [leastZoom(framing), mostZoom(framing), shownZoom(framing)];
    const part = most > least ? Math.log(now / least) / Math.log(most / least) : 0;
    this.#zoom.disabled = most <= least;
    this.#zoom.valueAsNumber = Math.round(part * ZOOM_STEPS);
    this.#zoom.style.setProperty("--filled", `${part * 100}%`);
    this.#zoom.setAttribute("aria-valuetext", this.zoomInWords(framing));
    this.#zoom.oninput = () => this.#act({ kind: "zoom", to: least * (most / least) ** (this.#zoom.valueAsNumber / ZOOM_STEPS) });
    setDisabled(this.#zoomIn, now >= most);
    setDisabled(this.#zoomOut, now <= least);
  }

  #on(button: HTMLButtonElement, gesture: Gesture): void {
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") !== "true") this.#act(gesture);
    });
  }
}

/** Not by `disabled`: a button that has the focus would lose it. */
function setDisabled(button: HTMLButtonElement, isDisabled: boolean): void {
  button.setAttribute("aria-disabled", String(isDisabled));
}

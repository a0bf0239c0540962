/** From gestures to a framing, with its history. Knows no DOM; a clock only as the pause after which a step ends. */
import { cropRectangle } from "./geometry/crop.ts";
import { flipped, panned, shownZoom, startFraming, straightened, turned, zoomedTo, type Framing, type QuarterTurn, type Size } from "./geometry/framing.ts";
import type { Gesture } from "./gestures.ts";
import { History } from "./history.ts";
import type { Crop } from "../types.ts";

/** What has to be done to a photo to get what the mask shows: a part of a recipe. */
export type FramingRecipe = {
  readonly rotate: QuarterTurn;
  readonly flip: boolean;
  readonly straighten: number;
  readonly crop: Crop;
};

/** Wheel steps and key presses in a row are one step of the history until nothing has come for so many milliseconds. */
const PAUSE_MS = 600;

/** What a gesture did. */
export type Outcome = {
  /** False where the photo was at its end already. */
  readonly changed: boolean;
};

/** Frames one photo. */
export class Framer {
  readonly #history: History<Framing>;
  #held = false;
  /** Where a movement of the straighten slider began: the photo comes back there when the slider does. */
  #straightenFrom: Framing | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(photo: Size, aspect: Size) {
    this.#history = new History(startFraming(photo, aspect));
  }

  get framing(): Framing {
    return this.#history.now;
  }

  /** True while a finger is down. */
  get held(): boolean {
    return this.#held;
  }

  get canUndo(): boolean {
    return this.#history.canUndo;
  }

  get canRedo(): boolean {
    return this.#history.canRedo;
  }

  /** Whether there is anything to reset. */
  get isChanged(): boolean {
    const { photo, aspect } = this.framing;
    return JSON.stringify(this.framing) !== JSON.stringify(startFraming(photo, aspect));
  }

  get recipe(): FramingRecipe {
    const { rotate, flip, straighten } = this.framing;
    return { rotate, flip, straighten, crop: cropRectangle(this.framing) };
  }

  act(gesture: Gesture): Outcome {
    const before = this.framing;
    switch (gesture.kind) {
      case "hold":
      case "release":
        this.#held = gesture.kind === "hold";
        if (!this.#held) this.#endStep();
        break;
      case "undo":
        this.#endStep();
        return { changed: this.#history.undo() };
      case "redo":
        this.#endStep();
        return { changed: this.#history.redo() };
      case "reset":
        this.#step(startFraming(before.photo, before.aspect));
        break;
      case "move":
        this.#step(panned(before, gesture.by), "move");
        break;
      case "zoom":
        this.#step(zoomedTo(before, gesture.to ?? shownZoom(before) * (gesture.by ?? 1), gesture.anchor), "zoom");
        break;
      case "straighten":
        this.#straightenFrom ??= before;
        this.#step(straightened(this.#straightenFrom, gesture.to), "straighten");
        break;
      case "turn":
        this.#step(turned(before, gesture.direction));
        break;
      case "flip":
        this.#step(flipped(before));
        break;
    }
    return { changed: !isSame(before, this.framing) };
  }

  #step(next: Framing, group?: string): void {
    if (group !== "straighten") this.#straightenFrom = undefined;
    if (isSame(this.framing, next)) return;
    // While a finger is down all that it does is one step.
    this.#history.push(next, this.#held ? "held" : group);
    clearTimeout(this.#pause);
    if (group && !this.#held) this.#pause = setTimeout(() => this.#endStep(), PAUSE_MS);
  }

  #endStep(): void {
    clearTimeout(this.#pause);
    this.#straightenFrom = undefined;
    this.#history.endGroup();
  }
}

function isSame(a: Framing, b: Framing): boolean {
  return a.rotate === b.rotate && a.flip === b.flip && a.straighten === b.straighten && a.zoom === b.zoom && a.centre.x === b.centre.x && a.centre.y === b.centre.y;
}

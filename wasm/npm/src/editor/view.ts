/** The parts of the editor on the page, and which of them is shown when. Decides nothing. */
import { Announcer } from "./announcer.ts";
import { make } from "./dom.ts";
import type { EditorState } from "./events.ts";
import { filled, type Labels } from "./labels.ts";
import { canAnimate, hindrance, MAX_FRAMES } from "./output.ts";
import { ProgressBar } from "./progress.ts";
import { Stage } from "./stage.ts";
import type { ImageInfo } from "../types.ts";

const button = (name: string, kind: string): HTMLButtonElement => make("button", { type: "button", class: kind, part: `button ${name}` });

/** In which states a part is seen. */
const SEEN: readonly [part: "empty" | "opening" | "stageBox" | "tools" | "saving" | "done" | "panel", states: readonly EditorState[]][] = [
  ["empty", ["empty"]],
  ["opening", ["opening"]],
  ["stageBox", ["editing", "saving", "saved"]],
  ["panel", ["editing", "saving", "saved"]],
  ["tools", ["editing"]],
  ["saving", ["saving"]],
  ["done", ["saved"]],
];

export class View {
  readonly stage = new Stage();
  readonly progress = new ProgressBar();
  readonly choose = button("choose", "primary");
  readonly useCamera = button("use-camera", "secondary");
  readonly save = button("save", "primary");
  readonly chooseOther = button("choose-other", "quiet");
  readonly chooseNext = button("choose-next", "secondary");
  readonly cancel = button("cancel", "secondary");
  readonly animate = make("input", { type: "checkbox", part: "animate" });
  readonly #animateWord = make("span");
  readonly #animateRow = make("label", { class: "switch", hidden: true }, this.animate, this.#animateWord);
  readonly #animationNote = make("p", { class: "hint", hidden: true });
  readonly #hint = make("p", { class: "hint" });
  readonly #openingWord = make("p", { class: "hint" });
  readonly #doneWord = make("p", { class: "done-word", part: "done" });
  readonly #keys = make("p", { id: "stage-keys", hidden: true });
  readonly notice = make("p", { class: "notice", part: "notice", hidden: true });
  readonly #status = make("p", { class: "unseen", role: "status", "aria-live": "polite", part: "status" });
  readonly announcer = new Announcer(this.#status);

  readonly #parts = {
    empty: make("div", { class: "empty", part: "empty" }, make("slot", { name: "empty" }, make("div", { class: "nobody" })), make("div", { class: "actions" }, this.choose, this.useCamera, this.#hint)),
    opening: make("div", { class: "opening" }, make("div", { class: "spinner" }), this.#openingWord),
    stageBox: make("div", { class: "stage-box" }, this.stage.element, this.#keys),
    tools: make("div", { class: "tools" }),
    saving: make("div", { class: "saving" }, this.progress.element, this.cancel),
    done: make("div", { class: "actions" }, this.#doneWord, this.chooseNext),
    panel: make("div", { class: "panel", part: "panel" }),
  };
  readonly root = make("div", { class: "editor" });
  #labels: Labels;

  /** `controls` and `previews` are beside the stage, `camera` in its place, `inputs` are not seen. */
  constructor(labels: Labels, { controls, previews, camera, inputs }: { controls: HTMLElement; previews: HTMLElement; camera: HTMLElement; inputs: HTMLElement[] }) {
    this.#labels = labels;
    const { empty, opening, stageBox, tools, saving, done, panel } = this.#parts;
    tools.append(controls, this.#animateRow, this.#animationNote);
    panel.append(tools, previews, make("div", { class: "actions" }, this.save, this.chooseOther), saving, done);
    this.root.append(this.notice, empty, opening, camera, make("div", { class: "work" }, stageBox, panel), ...inputs, this.#status);
    this.relabel(labels);
    this.show("empty");
  }

  relabel(labels: Labels): void {
    this.#labels = labels;
    this.choose.textContent = labels.choose;
    this.chooseOther.textContent = this.chooseNext.textContent = labels.chooseOther;
    this.useCamera.textContent = labels.useCamera;
    this.cancel.textContent = labels.cancel;
    this.save.textContent = labels.save;
    this.#hint.textContent = labels.dropHint;
    this.#openingWord.textContent = labels.opening;
    this.#doneWord.textContent = labels.saved;
    this.#keys.textContent = labels.stageKeys;
    this.stage.element.setAttribute("aria-label", labels.stage);
  }

  show(state: EditorState): void {
    this.root.dataset["state"] = state;
    for (const [part, states] of SEEN) this.#parts[part].hidden = !states.includes(state);
    this.save.hidden = this.chooseOther.hidden = state !== "editing";
  }

  /** Says what went wrong, or takes it away. */
  tell(sentence: string | undefined, { retry = false } = {}): void {
    this.notice.hidden = sentence === undefined;
    this.notice.textContent = sentence ?? "";
    this.save.textContent = retry ? this.#labels.tryAgain : this.#labels.save;
    if (sentence !== undefined) this.announcer.sayNow(sentence);
  }

  /** Offers to keep an animation, or says why not. */
  offerAnimation(info: ImageInfo, isOffered: boolean): void {
    const { frames } = info;
    const why = hindrance(info);
    this.animate.checked = false;
    this.#animateRow.hidden = !isOffered || !canAnimate(info);
    this.#animationNote.hidden = !isOffered || why === undefined;
    this.#animateWord.textContent = filled(this.#labels.animation, { frames });
    this.#animationNote.textContent = why === "large" ? this.#labels.animationTooLarge : filled(this.#labels.animationTooLong, { frames, most: MAX_FRAMES });
  }
}

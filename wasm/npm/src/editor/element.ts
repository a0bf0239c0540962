/** `<roundel-editor>`: ties the parts together. */
import { createStudio, type Studio } from "../studio.ts";
import type { ImageInfo, Recipe, Rendered } from "../types.ts";
import { EditorAttributes } from "./attributes.ts";
import { Camera, hasCamera } from "./camera.ts";
import { Controls } from "./controls.ts";
import { painted } from "./dom.ts";
import type { EditorEvents, EditorState } from "./events.ts";
import { Finisher } from "./finisher.ts";
import { Framer } from "./framer.ts";
import { listenToHands, type Gesture } from "./gestures.ts";
import { fileInput, listenForFiles } from "./intake.ts";
import { editorGesture, stageGesture } from "./keyboard.ts";
import { ENGLISH, labelsFrom, labelsWith, type Labels } from "./labels.ts";
import { ASPECTS, canAnimate, recipeFor } from "./output.ts";
import { openPhoto, type Photo } from "./photo.ts";
import { Previews } from "./previews.ts";
import { problemOf } from "./problem.ts";
import { BEGUN, type Progress } from "./progress.ts";
import { publish } from "./saving.ts";
import { sentenceFor } from "./sentences.ts";
import { styleSheet } from "./styles/index.ts";
import { View } from "./view.ts";
import { warmUp } from "./warm-up.ts";

/** A photo that opens faster than this, in milliseconds, needs no view that says so. */
const OPENING_SHOWN_AFTER_MS = 200;

export class RoundelEditor extends EditorAttributes {
  static readonly formAssociated = true;
  static readonly observedAttributes = ["kind", "shape", "labels", "animation"];

  readonly #internals = this.attachInternals();
  readonly #previews = new Previews(ENGLISH);
  readonly #controls = new Controls(ENGLISH, (gesture) => this.#act(gesture));
  readonly #camera = new Camera(ENGLISH, {
    use: (file) => void this.open(file),
    close: () => this.#settleDown(),
    said: (sentence) => this.#view.announcer.sayNow(sentence),
  });
  readonly #input = fileInput("file", (file) => void this.open(file));
  /** On a phone without `getUserMedia` this opens its camera program. */
  readonly #captureInput = fileInput("capture", (file) => void this.open(file));
  readonly #view = new View(ENGLISH, {
    controls: this.#controls.element,
    previews: this.#previews.element,
    camera: this.#camera.element,
    inputs: [this.#input, this.#captureInput],
  });
  readonly #finisher = new Finisher({
    studio: () => this.#ensureStudio(),
    previews: this.#previews,
    onFinished: (rendered) => this.#internals.setFormValue(rendered ? this.#fileOf(rendered) : null),
    // A preview of the browser's says nothing of a file that is damaged.
    onFailed: (error) => this.#state === "editing" && this.#fail(error),
  });

  #labels: Labels = ENGLISH;
  #studio: Studio | undefined;
  #state: EditorState = "empty";
  #photo: Photo | undefined;
  #framer: Framer | undefined;
  #saving: AbortController | undefined;
  #isPreloaded = false;
  /** Counts the photos offered, so that only the last one comes to the stage. */
  #offered = 0;

  constructor() {
    super();
    this.#captureInput.setAttribute("capture", "user");
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.adoptedStyleSheets = [styleSheet()];
    root.append(this.#view.root);
    this.#listen();
  }

  connectedCallback(): void {
    this.#showShape();
    addEventListener("online", this.#onConnection);
    addEventListener("offline", this.#onConnection);
    this.#view.useCamera.hidden = !hasCamera() && !matchMedia("(pointer: coarse)").matches;
  }

  disconnectedCallback(): void {
    removeEventListener("online", this.#onConnection);
    removeEventListener("offline", this.#onConnection);
    this.#camera.stop();
    this.#finisher.stop();
    // Moved within the page it is connected again at once; otherwise it gives its memory back.
    setTimeout(() => {
      if (this.isConnected) return;
      this.clear();
      this.#studio?.close();
      this.#studio = undefined;
      this.#isPreloaded = false;
    });
  }

  attributeChangedCallback(name: string): void {
    if (name === "labels") this.labels = labelsFrom(this.getAttribute("labels"));
    if (name === "kind" && this.#photo) this.clear();
    if (name === "animation" && this.#photo) this.#view.offerAnimation(this.#photo.info, this.animation);
    this.#showShape();
  }

  formResetCallback(): void {
    this.clear();
  }

  /** The words of another language; what is left out is said in English. As an attribute: the same as JSON. */
  get labels(): Labels {
    return this.#labels;
  }
  set labels(labels: Partial<Labels> | null | undefined) {
    this.#labels = labelsWith(labels);
    for (const part of [this.#controls, this.#previews, this.#camera, this.#view]) part.relabel(this.#labels);
    if (this.#framer) this.#controls.show(this.#framer);
  }

  get state(): EditorState {
    return this.#state;
  }

  /** What the photo says of itself, where there is one. */
  get info(): ImageInfo | undefined {
    return this.#photo?.info;
  }

  /** How the photo would be rendered now. */
  get recipe(): Recipe | undefined {
    if (!this.#framer || !this.#photo) return undefined;
    const isKept = this.#view.animate.checked && this.animation && canAnimate(this.#photo.info);
    return recipeFor(this.#framer.recipe, { kind: this.kind, width: this.width, format: this.format, frames: isKept ? this.#photo.info.frames : 1 });
  }

  /** Loads the wasm module ahead of the first photo, and gets it going: worth calling when somebody is about to choose one. */
  preload(): void {
    if (this.#isPreloaded) return;
    this.#isPreloaded = true;
    void warmUp(this.#ensureStudio(), () => this.#offered === 0);
  }

  /** Opens the browser's file dialog; as browsers want it, in answer to a click or a key. */
  chooseFile(): void {
    this.#input.click();
  }

  /** Takes a photo, in place of the one before. Resolves when it is shown or was refused. */
  async open(file: Blob): Promise<void> {
    if (this.#state === "saving") return;
    const mine = ++this.#offered;
    const isWanted = (): boolean => mine === this.#offered && this.#state !== "saving";
    const slow = setTimeout(() => isWanted() && this.#show("opening"), OPENING_SHOWN_AFTER_MS);
    try {
      const photo = await openPhoto(file, this.#ensureStudio());
      if (isWanted()) this.#begin(photo);
      else photo.discard();
    } catch (error) {
      // The photo of before, where there is one, is still on the stage.
      if (isWanted()) this.#settleDown();
      if (isWanted()) this.#fail(error);
    } finally {
      clearTimeout(slow);
    }
  }

  /** Shows what the camera sees; where a page cannot, opens the phone's camera program. */
  async openCamera(): Promise<void> {
    if (this.#state === "saving") return;
    if (!hasCamera()) {
      this.#captureInput.click();
      return;
    }
    try {
      await this.#camera.start();
      this.#view.tell(undefined);
      this.#show("camera");
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Goes back to the beginning: no photo. */
  clear(): void {
    this.#saving?.abort();
    this.#offered++;
    this.#camera.stop();
    this.#forget();
    this.#view.tell(undefined);
    this.#show("empty");
  }

  undo(): void {
    this.#act({ kind: "undo" });
  }

  redo(): void {
    this.#act({ kind: "redo" });
  }

  reset(): void {
    this.#act({ kind: "reset" });
  }

  /** The finished picture of what the mask shows now: byte for byte what `render` of the package gives for the file and {@link recipe}. */
  async render(signal?: AbortSignal): Promise<Rendered> {
    const [photo, recipe] = [this.#photo, this.recipe];
    if (!photo || !recipe) throw new DOMException("there is no photo", "InvalidStateError");
    return this.#finisher.render({ photo, recipe }, signal);
  }

  /** As the button: makes the picture, tells `roundel-save`, and with `api` uploads and publishes it. */
  async save(): Promise<void> {
    const [photo, recipe] = [this.#photo, this.recipe];
    if (!photo || !recipe || this.#saving) return;
    const controller = new AbortController();
    const { signal } = controller;
    let isLate = false;
    const onProgress = (progress: Progress): void => {
      if (signal.aborted) return;
      isLate ||= progress.late === true;
      this.#view.progress.show(progress, this.#labels);
    };
    this.#saving = controller;
    this.#view.tell(undefined);
    onProgress(BEGUN);
    this.#show("saving");
    this.#view.announcer.sayNow(this.#labels.saving);
    try {
      await this.#hand(photo, recipe, signal, onProgress);
      signal.throwIfAborted();
      this.#show("saved");
      this.#view.announcer.sayNow(this.#labels.saved);
    } catch (error) {
      if (this.#saving !== controller || !this.#photo) return;
      this.#show("editing");
      if (!signal.aborted) this.#fail(error, { retry: true });
      else if (isLate) this.#view.tell(this.#labels.cancelledLate);
      else this.#view.announcer.sayNow(this.#labels.cancelled);
    } finally {
      if (this.#saving === controller) this.#saving = undefined;
    }
  }

  /** Ends saving; the photo stays. */
  cancel(): void {
    this.#saving?.abort();
  }

  #listen(): void {
    const view = this.#view;
    const { element, mask } = view.stage;
    listenToHands(element, mask, (gesture) => this.#act(gesture));
    this.#onKey(element, stageGesture);
    this.#onKey(view.root, editorGesture);
    listenForFiles(this, (file) => void this.open(file), (isHovering) => view.root.classList.toggle("dropping", isHovering));
    for (const button of [view.choose, view.chooseOther, view.chooseNext]) button.addEventListener("click", () => this.chooseFile());
    for (const name of ["pointerenter", "focus"]) view.choose.addEventListener(name, () => this.preload(), { once: true });
    view.useCamera.addEventListener("click", () => void this.openCamera());
    view.save.addEventListener("click", () => void this.save());
    view.cancel.addEventListener("click", () => this.cancel());
    view.animate.addEventListener("change", () => this.#changed());
  }

  #onKey(target: HTMLElement, gestureOf: (event: KeyboardEvent) => Gesture | undefined): void {
    target.addEventListener("keydown", (event) => {
      const gesture = this.#framer ? gestureOf(event) : undefined;
      if (!gesture) return;
      event.preventDefault();
      this.#act(gesture);
    });
  }

  readonly #onConnection = (): void => {
    if (this.#state !== "editing") return;
    if (!navigator.onLine) this.#view.tell(this.#labels.offline);
    else {
      this.#view.tell(undefined);
      this.#view.announcer.sayNow(this.#labels.online);
    }
  };

  #showShape(): void {
    this.#view.root.dataset["kind"] = this.kind;
    this.#view.root.dataset["shape"] = this.shape;
  }

  #ensureStudio(): Studio {
    return (this.#studio ??= createStudio());
  }

  #begin(photo: Photo): void {
    this.#camera.stop();
    this.#forget();
    this.#photo = photo;
    this.#framer = new Framer(photo.info, ASPECTS[this.kind]);
    this.#view.offerAnimation(photo.info, this.animation);
    this.#view.tell(navigator.onLine ? undefined : this.#labels.offline);
    this.#show("editing");
    this.#view.announcer.sayNow(this.#labels.opened);
    void this.#showPictures(photo);
    this.#changed();
    this.#view.stage.element.focus({ preventScroll: true });
  }

  async #showPictures(photo: Photo): Promise<void> {
    this.#view.stage.show(photo.shown);
    this.#previews.start(this.kind, photo.small);
    this.#draw(false);
    // Made sooner, the sharp one would keep the first one from being painted.
    await painted();
    const sharp = await photo.sharpen();
    if (sharp && this.#photo === photo) this.#view.stage.show(sharp);
    else sharp?.close();
  }

  #act(gesture: Gesture): void {
    const framer = this.#framer;
    if (!framer || this.#state !== "editing") return;
    const { changed } = framer.act(gesture);
    const sentence = sentenceFor(gesture, changed, this.#labels, this.#controls.zoomInWords(framer.framing));
    if (sentence !== undefined) this.#view.announcer.say(sentence);
    this.#draw(gesture.kind === "turn" || gesture.kind === "flip" || gesture.kind === "undo" || gesture.kind === "redo");
    if (changed) this.#changed();
  }

  #draw(animated: boolean): void {
    const framer = this.#framer;
    if (!framer) return;
    this.#view.stage.draw(framer.framing, { exact: framer.held, animated });
    this.#controls.show(framer);
    this.#previews.draw(framer.framing);
  }

  #changed(): void {
    const [photo, recipe] = [this.#photo, this.recipe];
    if (!photo || !recipe) return;
    this.#finisher.change({ photo, recipe });
    this.#tell("roundel-change", { recipe, info: photo.info });
  }

  #fileOf({ bytes, contentType }: Rendered): File {
    return new File([bytes], `${this.kind}.${contentType.slice("image/".length)}`, { type: contentType });
  }

  async #hand(photo: Photo, recipe: Recipe, signal: AbortSignal, onProgress: (progress: Progress) => void): Promise<void> {
    const rendered = await this.render(signal);
    signal.throwIfAborted();
    const waiting: Promise<unknown>[] = [];
    const isWanted = this.#tell("roundel-save", { rendered, recipe, file: photo.file, waitUntil: (promise) => void waiting.push(promise) }, { cancelable: true });
    const { api } = this;
    if (isWanted && api !== null) this.#tell("roundel-publish", await publish({ kind: this.kind, api, token: this.token, rendered, signal, onProgress }));
    await Promise.all(waiting);
  }

  #fail(error: unknown, { retry = false } = {}): void {
    const { code, label } = problemOf(error);
    this.#view.tell(this.#labels[label], { retry });
    this.#tell("roundel-error", { error, code });
  }

  /** Where there is nothing to do but what was done before. */
  #settleDown(): void {
    this.#camera.stop();
    this.#show(this.#photo ? "editing" : "empty");
  }

  #forget(): void {
    this.#finisher.clear();
    this.#photo = undefined;
    this.#framer = undefined;
    this.#view.stage.clear();
    this.#previews.clear();
  }

  #show(state: EditorState): void {
    if (state === this.#state) return;
    const hadFocus = this.shadowRoot?.activeElement != null;
    this.#state = state;
    this.#view.show(state);
    this.#tell("roundel-state", { state });
    // What had the focus may be hidden now.
    const next = { saving: this.#view.cancel, saved: this.#view.chooseNext, empty: this.#view.choose, editing: this.#view.stage.element, opening: undefined, camera: undefined }[state];
    if (hadFocus) next?.focus({ preventScroll: true });
  }

  #tell<Name extends keyof EditorEvents>(name: Name, detail: EditorEvents[Name]["detail"], { cancelable = false } = {}): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable }));
  }
}

export interface RoundelEditor {
  addEventListener<Name extends keyof EditorEvents>(name: Name, listener: (this: RoundelEditor, event: EditorEvents[Name]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener<Name extends keyof HTMLElementEventMap>(name: Name, listener: (this: RoundelEditor, event: HTMLElementEventMap[Name]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener(name: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

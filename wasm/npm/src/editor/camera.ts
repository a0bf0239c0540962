/** A photo from the camera: shows what it sees, takes a picture, and lets one take another. */
import { givesBackWhatIsDrawn } from "../canvas.ts";
import { make } from "./dom.ts";
import type { Labels } from "./labels.ts";

/** The camera cannot be used. */
export class CameraError extends Error {
  override readonly name = "CameraError";
  readonly code: "camera_refused" | "camera_missing" | "camera_busy" | "camera_hidden";

  constructor(code: CameraError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What is asked of the camera; it gives the nearest that it has. */
const WANTED: MediaStreamConstraints = { audio: false, video: { facingMode: "user", width: { ideal: 1920 }, height: { ideal: 1920 } } };

/** Of the JPEG that a picture of the camera becomes, 0..1: it is the photo that everything else is made from. */
const QUALITY = 0.95;

/** Whether a camera can be shown here. Otherwise a phone's own camera program may still take the picture, by an input with `capture`. */
export function hasCamera(): boolean {
  return typeof navigator.mediaDevices?.getUserMedia === "function";
}

export type CameraEvents = {
  /** A person wants this picture. */
  readonly use: (file: File) => void;
  readonly close: () => void;
  /** Something to say to people who listen. */
  readonly said: (sentence: string) => void;
};

export class Camera {
  readonly #video = make("video", { playsinline: true, class: "seen", part: "video" });
  readonly #still = make("canvas", { class: "seen", role: "img", hidden: true });
  readonly #take = make("button", { type: "button", class: "primary", part: "button take-picture" });
  readonly #use = make("button", { type: "button", class: "primary", part: "button use-picture", hidden: true });
  readonly #again = make("button", { type: "button", class: "secondary", part: "button retake", hidden: true });
  readonly #close = make("button", { type: "button", class: "quiet", part: "button close-camera" });
  readonly element = make(
    "div",
    { class: "camera", part: "camera", hidden: true },
    make("div", { class: "viewfinder" }, this.#video, this.#still, make("div", { class: "mask" })),
    make("div", { class: "actions" }, this.#take, this.#use, this.#again, this.#close),
  );
  #stream: MediaStream | undefined;
  #labels: Labels;
  readonly #events: CameraEvents;

  constructor(labels: Labels, events: CameraEvents) {
    this.#labels = labels;
    this.#events = events;
    this.#video.muted = true;
    this.#take.addEventListener("click", () => this.#freeze());
    this.#again.addEventListener("click", () => this.#thaw());
    this.#use.addEventListener("click", () => void this.#hand());
    this.#close.addEventListener("click", () => {
      this.stop();
      events.close();
    });
    this.relabel(labels);
  }

  relabel(labels: Labels): void {
    this.#labels = labels;
    this.#video.setAttribute("aria-label", labels.cameraView);
    this.#still.setAttribute("aria-label", labels.cameraView);
    this.#take.textContent = labels.takePicture;
    this.#use.textContent = labels.usePicture;
    this.#again.textContent = labels.retake;
    this.#close.textContent = labels.closeCamera;
  }

  /**
   * Asks for the camera and shows what it sees.
   *
   * @throws {CameraError}
   */
  async start(): Promise<void> {
    // A picture is taken by a canvas. Asked before the person is asked for the camera.
    if (!givesBackWhatIsDrawn(make("canvas").getContext("2d"))) throw new CameraError("camera_hidden", "the browser gives noise for what is in a canvas");
    const stream = await navigator.mediaDevices.getUserMedia(WANTED).catch((cause: unknown) => {
      throw cameraError(cause);
    });
    this.stop();
    this.#stream = stream;
    this.#video.srcObject = stream;
    // A camera that looks at the person shows a mirror, as people know themselves; the picture itself is as others see them.
    const facing = stream.getVideoTracks()[0]?.getSettings().facingMode;
    this.element.classList.toggle("mirrored", facing !== "environment");
    this.element.hidden = false;
    this.#thaw();
    await this.#video.play();
    this.#take.focus();
  }

  /** Gives the camera back. */
  stop(): void {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    this.#video.srcObject = null;
    this.element.hidden = true;
  }

  #freeze(): void {
    const { videoWidth, videoHeight } = this.#video;
    if (videoWidth === 0) return;
    this.#still.width = videoWidth;
    this.#still.height = videoHeight;
    this.#still.getContext("2d")?.drawImage(this.#video, 0, 0);
    this.#showStill(true);
    this.#use.focus();
    this.#events.said(this.#labels.pictureTaken);
  }

  #thaw(): void {
    this.#showStill(false);
    this.#take.focus();
  }

  #showStill(isStill: boolean): void {
    this.#still.hidden = this.#use.hidden = this.#again.hidden = !isStill;
    this.#video.hidden = this.#take.hidden = isStill;
  }

  async #hand(): Promise<void> {
    const blob = await new Promise<Blob | null>((resolve) => this.#still.toBlob(resolve, "image/jpeg", QUALITY));
    if (!blob) return;
    this.stop();
    this.#events.use(new File([blob], "camera.jpg", { type: blob.type }));
  }
}

function cameraError(cause: unknown): CameraError {
  const name = cause instanceof DOMException ? cause.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return new CameraError("camera_refused", "the camera may not be used", { cause });
  if (name === "NotFoundError" || name === "OverconstrainedError") return new CameraError("camera_missing", "there is no camera", { cause });
  return new CameraError("camera_busy", "the camera did not start", { cause });
}

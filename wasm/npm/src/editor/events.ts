/** What the editor tells the page around it. */
import type { ImageInfo, Recipe, Rendered } from "../types.ts";
import type { PublishedAvatar, PublishedBanner } from "../upload.ts";

/** What the editor is about. */
export type EditorState = "empty" | "opening" | "camera" | "editing" | "saving" | "saved";

export type ChangeDetail = {
  readonly recipe: Recipe;
  readonly info: ImageInfo;
};

export type SaveDetail = {
  readonly rendered: Rendered;
  readonly recipe: Recipe;
  /** The photo as it was chosen. */
  readonly file: Blob;
  /** Keeps the editor saving until the promise is settled: what it rejects with is told in words, and the person can try again. Call it at once. */
  waitUntil(promise: Promise<unknown>): void;
};

export type ErrorDetail = {
  readonly error: unknown;
  /** Stable: that of the package or the worker, or `network`, `unauthorized`, `camera_refused`, `unknown`… */
  readonly code: string;
};

/** All bubble. `roundel-save` can be prevented: then the editor uploads nothing, even with `api`. */
export type EditorEvents = {
  "roundel-state": CustomEvent<{ readonly state: EditorState }>;
  "roundel-change": CustomEvent<ChangeDetail>;
  "roundel-save": CustomEvent<SaveDetail>;
  "roundel-publish": CustomEvent<PublishedAvatar | PublishedBanner>;
  "roundel-error": CustomEvent<ErrorDetail>;
};

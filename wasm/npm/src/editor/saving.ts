/** Saving: what happens from the finished picture to its being published, and what the page around has to say about it. */
import type { Rendered } from "../types.ts";
import { uploadAvatar, uploadBanner, type PublishedAvatar, type PublishedBanner, type UploadOptions } from "../upload.ts";
import type { Kind } from "./output.ts";
import { BEGUN, progressOf, type Progress } from "./progress.ts";

/** The access token of the person, or what gets a fresh one. */
export type Token = UploadOptions["token"];

export type PublishOptions = {
  readonly kind: Kind;
  readonly api: string;
  readonly token: Token | undefined;
  readonly rendered: Rendered;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
};

/** Nobody is signed in. */
export class NoTokenError extends Error {
  override readonly name = "NoTokenError";
  readonly code = "unauthorized";
}

/** The browser knows that there is no connection. */
export class OfflineError extends Error {
  override readonly name = "OfflineError";
  readonly code = "network";
}

/**
 * Uploads and publishes.
 *
 * @throws {NoTokenError} {@link OfflineError}, UploadError, or the reason of the signal
 */
export async function publish({ kind, api, token, rendered, signal, onProgress }: PublishOptions): Promise<PublishedAvatar | PublishedBanner> {
  if (token === undefined || token === "") throw new NoTokenError("no access token was given");
  if (!navigator.onLine) throw new OfflineError("the browser is offline");
  onProgress(BEGUN);
  const upload = kind === "avatar" ? uploadAvatar : uploadBanner;
  return upload({ api: new URL(api, document.baseURI), token, rendered, signal, onProgress: (progress) => onProgress(progressOf(progress)) });
}

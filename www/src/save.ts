/** Saving: the package makes the picture, uploads it and has it published; this adds up the progress. */
import type { Rendered, Studio } from "roundel/studio";
import { uploadAvatar, type PublishedAvatar } from "roundel/upload";
import { isExpired, SessionExpiredError, type Session } from "./session.ts";
import type { StageRecipe } from "./stage.ts";

/** The edge keeps no master with a longer side, in pixels; a larger upload would be wasted. */
const MAX_SIDE_PX = 1024;

/** What a person is told while a picture is being saved. */
export type Progress = {
  readonly words: string;
  /** Of the whole way, 0..1. */
  readonly done: number;
  /** Of the upload, 0..1, while it is under way. */
  readonly uploaded?: number;
  /** True from where on cancelling may come too late. */
  readonly late?: boolean;
};

/** What to save, for whom, and how to tell and stop. */
export type SaveOptions = {
  readonly file: File;
  readonly recipe: StageRecipe;
  readonly session: Session;
  readonly studio: Studio;
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
};

/**
 * Renders what the mask shows and makes it the person's picture.
 *
 * @throws {SessionExpiredError} when the sign-in has ended.
 * @throws RoundelError, UploadError of the package; the signal's reason after an abort.
 */
export async function saveAvatar(options: SaveOptions): Promise<PublishedAvatar> {
  const { session, signal, onProgress } = options;
  if (isExpired(session)) throw new SessionExpiredError("the access token has ended");
  onProgress({ words: "Preparing", done: 0.02 });
  const rendered = await renderPicture(options);
  return uploadAvatar({
    api: location.origin,
    token: session.accessToken,
    rendered,
    signal,
    onProgress: ({ phase, loaded, total }) => {
      if (phase === "signing") onProgress({ words: "Preparing", done: 0.08 });
      else if (phase === "publishing") onProgress({ words: "Finishing", done: 0.88, late: true });
      else {
        const uploaded = total > 0 ? Math.min(1, loaded / total) : 0;
        onProgress({ words: "Uploading", done: 0.1 + 0.75 * uploaded, uploaded });
      }
    },
  });
}

async function renderPicture({ file, recipe, studio, signal }: SaveOptions): Promise<Rendered> {
  const side = Math.min(MAX_SIDE_PX, recipe.crop.width);
  return studio.render(file, { ...recipe, width: side, height: side, format: "jpeg", quality: 90 }, { signal });
}

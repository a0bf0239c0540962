/** What went wrong, in words that a person can act on. */
import { ConfigError } from "./config.ts";
import { PhotoError } from "./photo.ts";
import { NotServedError } from "./served.ts";
import { SessionExpiredError } from "./session.ts";
import { SignInError } from "./sign-in.ts";

/** A sentence or two, and whether signing in again is the way on. */
export type Notice = { readonly text: string; readonly signInAgain?: boolean };

/** For a sign-in that has ended, or is about to. */
export const SIGN_IN_ENDED: Notice = {
  text: "Your sign-in has ended. Sign in again, then choose your photo once more.",
  signInAgain: true,
};

const OFFLINE = "The connection was lost. Check that you are online, then try again.";

/** By the stable codes of the package, of the worker, and of this page. */
const BY_CODE: Readonly<Record<string, string>> = {
  // The photo
  unsupported_format: "This file is not a photo that can be used here. Choose a JPEG, PNG, WebP, GIF or BMP.",
  unsupported_here: "This browser cannot open photos of this kind. Save it as JPEG first, or choose another one.",
  truncated: "Part of this photo is missing. Choose another one, or get the file once more from where it came.",
  malformed: "This photo is damaged. Choose another one, or get the file once more from where it came.",
  too_many_pixels: "This photo has too many pixels. Choose a smaller one, up to 50 megapixels.",
  too_many_frames: "This animation is too long. Choose a still photo.",
  out_of_memory_budget: "This photo is too large to be worked on here. Choose a smaller one.",
  bad_recipe: "This part of the photo could not be cut out. Move the photo a little and save again.",
  empty: "This file is empty. Choose another photo.",
  not_shown: "This photo cannot be shown. It may be damaged: choose another one, or save it as JPEG first.",
  // The worker
  too_large: "This file is too large. Choose a smaller photo.",
  content_type_mismatch: "The picture arrived as something else. Please save it again.",
  no_upload: "The picture did not arrive. Please save it again.",
  rate_limited: "That was very often in a short time. Wait a minute, then save again.",
  storage_refused: "The upload was not accepted. Please save the picture again.",
  storage_unavailable: "Pictures cannot be stored at the moment. Your photo is still here: try again soon.",
  keys_unavailable: "Sign-ins cannot be checked at the moment. Your photo is still here: try again soon.",
  misconfigured: "The server is not set up correctly. Please tell the people who run it.",
  // The way there
  network: OFFLINE,
};

const BY_SIGN_IN: Readonly<Record<SignInError["code"], string>> = {
  issuer_unreachable: "The sign-in page cannot be reached. Check that you are online, then try again.",
  refused: "You were not signed in. Try again when you are ready.",
  failed: "Signing in did not work. Please try once more.",
};

/** Finds the words for an error of any part of the page. */
export function noticeFor(error: unknown): Notice {
  if (error instanceof SessionExpiredError) return SIGN_IN_ENDED;
  if (error instanceof SignInError) return { text: BY_SIGN_IN[error.code] };
  if (error instanceof ConfigError) {
    return { text: "The server does not answer. Check that you are online, then try again." };
  }
  if (error instanceof NotServedError) {
    return { text: "Your picture is saved, but it cannot be shown just now. Reload the page in a moment." };
  }
  const { problem, code, status } = marks(error);
  if (status === 401 || code === "unauthorized") return SIGN_IN_ENDED;
  const words = BY_CODE[problem ?? ""] ?? BY_CODE[code ?? ""];
  if (words !== undefined) return { text: words };
  if (error instanceof PhotoError) return { text: "This photo cannot be opened. Choose another one." };
  if (status === 429) return { text: BY_CODE["rate_limited"] ?? "" };
  if (status !== undefined && status >= 500) {
    return { text: "The server has a problem. Your photo is still here: try again in a moment." };
  }
  if (error instanceof TypeError || status === 0) return { text: OFFLINE };
  return { text: "That did not work. Please try again." };
}

/** The codes and the HTTP status of an error, by shape: the package's classes may come from another bundle. */
function marks(error: unknown): { problem?: string; code?: string; status?: number } {
  if (typeof error !== "object" || error === null) return {};
  // The worker's own code says more than the package's.
  const problem = "problem" in error && typeof error.problem === "string" ? error.problem : undefined;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const status = "status" in error && typeof error.status === "number" ? error.status : undefined;
  return { ...(problem === undefined ? {} : { problem }), ...(code === undefined ? {} : { code }), ...(status === undefined ? {} : { status }) };
}

/** What went wrong on the page, in words that a person can act on. What goes wrong with a photo the editor says itself. */
import { ConfigError } from "./config.ts";
import { NotServedError } from "./pictures.ts";
import { ProfileError } from "./profile-api.ts";
import { SessionExpiredError } from "./session.ts";
import { SignInError } from "./sign-in-error.ts";

/** For a sign-in that has ended, or is about to. */
export const SIGN_IN_ENDED = "Your sign-in has ended. Sign in again, then choose your photo once more.";

const OFFLINE = "The connection was lost. Check that you are online, then try again.";

const BY_SIGN_IN: Readonly<Record<SignInError["code"], string>> = {
  issuer_unreachable: "The sign-in page cannot be reached. Check that you are online, then try again.",
  refused: "You were not signed in. Try again when you are ready.",
  failed: "Signing in did not work. Please try once more.",
};

const BY_PROFILE: Readonly<Record<string, string | undefined>> = {
  network: OFFLINE,
  precondition_failed: "Your profile was changed somewhere else meanwhile; above is what it says now. Save again to put yours in its place.",
  rate_limited: "That was very often in a short time. Wait a minute, then save again.",
  database_unavailable: "Profiles cannot be reached at the moment. Try again soon.",
};

/** Finds the words for an error of any part of the page. */
export function noticeFor(error: unknown): string {
  if (error instanceof SessionExpiredError) return SIGN_IN_ENDED;
  if (error instanceof SignInError) return BY_SIGN_IN[error.code];
  if (error instanceof ConfigError) return "The server does not answer. Check that you are online, then try again.";
  if (error instanceof NotServedError) return "Your picture is saved, but it cannot be shown just now. Reload the page in a moment.";
  if (error instanceof ProfileError) return BY_PROFILE[error.code] ?? "The server has a problem. Try again in a moment.";
  if (error instanceof TypeError) return OFFLINE;
  return "That did not work. Please try again.";
}

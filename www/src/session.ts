/**
 * Who is signed in, in this tab.
 *
 * The access token lives in memory and in sessionStorage, so that a reload does not sign anybody out and closing
 * the tab does. It is sent to the worker only, and never written to a log or a message.
 */

/** A signed-in person. */
export type Session = {
  readonly accessToken: string;
  /** The token's `sub`: the name under which pictures are served. */
  readonly subject: string;
  /** When the token ends, in milliseconds since 1970. */
  readonly expiresAtMs: number;
};

/** The access token has ended, or the worker no longer accepts it. */
export class SessionExpiredError extends Error {
  override readonly name = "SessionExpiredError";
  /** As the worker calls it. */
  readonly code = "unauthorized";
}

const STORAGE_KEY = "roundel.access_token";

/**
 * Reads an access token without checking its signature: that is the worker's business, the page only wants to know
 * whose picture to show and when to ask for a new sign-in. Gives nothing for what is no such token.
 */
export function readSession(accessToken: string): Session | undefined {
  try {
    const payload = accessToken.split(".")[1] ?? "";
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof claims !== "object" || claims === null || !("sub" in claims) || !("exp" in claims)) return undefined;
    const { sub, exp } = claims;
    if (typeof sub !== "string" || typeof exp !== "number") return undefined;
    return { accessToken, subject: sub, expiresAtMs: exp * 1000 };
  } catch {
    return undefined;
  }
}

/** The session of this tab, if there is one and it has not ended. */
export function restoreSession(): Session | undefined {
  const session = readSession(sessionStorage.getItem(STORAGE_KEY) ?? "");
  if (session && !isExpired(session)) return session;
  forgetSession();
  return undefined;
}

/** Keeps the session for this tab, over reloads. */
export function keepSession(session: Session): void {
  sessionStorage.setItem(STORAGE_KEY, session.accessToken);
}

/** True when the page was opened by the redirect of the sign-in provider. */
export function isReturning(): boolean {
  const query = new URLSearchParams(location.search);
  return query.has("state") && (query.has("code") || query.has("error"));
}

/** Signs out in this tab. The provider's own sign-in, where it keeps one, is not touched. */
export function forgetSession(): void {
  sessionStorage.removeItem(STORAGE_KEY);
}

/** True when the token has ended by this device's clock, or will within so many milliseconds. */
export function isExpired(session: Session, withinMs = 0): boolean {
  return session.expiresAtMs <= Date.now() + withinMs;
}

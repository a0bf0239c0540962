/** Profiles as the worker has them: `GET /profiles/<sub>` and `PUT /profile`. */
import type { Served } from "./pictures.ts";

export type ProfilePicture = Served & { readonly thumbhash: string };

export type Profile = {
  readonly displayName: string;
  readonly bio: string;
  readonly avatar: ProfilePicture | null;
  readonly banner: ProfilePicture | null;
  /** Of the revision that was read: a write that names it does not run over another one. */
  readonly etag: string | undefined;
};

export type ProfileFields = { readonly displayName: string; readonly bio: string };

/** A profile was not read or written. */
export class ProfileError extends Error {
  override readonly name = "ProfileError";
  /** As the worker gave it: `bad_profile`, `precondition_failed`, `unauthorized`… `network` where there was no answer. */
  readonly code: string;
  /** What is at fault, where it is a text: `display_name` or `bio`. */
  readonly member: string | undefined;

  constructor(code: string, message: string, { member, ...options }: ErrorOptions & { member?: string | undefined } = {}) {
    super(message, options);
    this.code = code;
    this.member = member;
  }
}

/** Of somebody of whom the worker knows nothing. */
export const NO_PROFILE: Profile = { displayName: "", bio: "", avatar: null, banner: null, etag: undefined };

/** @throws {ProfileError} */
export async function readProfile(subject: string): Promise<Profile> {
  const response = await send(`/profiles/${encodeURIComponent(subject)}`, { cache: "no-cache" });
  if (response.status === 404) {
    // Of a body that nobody reads the browser keeps the connection.
    await response.body?.cancel();
    return NO_PROFILE;
  }
  return profileOf(response);
}

/**
 * Writes the profile whole, unless somebody has written it since `etag` was read.
 *
 * @throws {ProfileError} `precondition_failed` then
 */
export async function writeProfile({ displayName, bio }: ProfileFields, etag: string | undefined, token: string): Promise<Profile> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  headers[etag === undefined ? "if-none-match" : "if-match"] = etag ?? "*";
  return profileOf(await send("/profile", { method: "PUT", headers, body: JSON.stringify({ display_name: displayName, bio }) }));
}

async function send(path: string, request: RequestInit): Promise<Response> {
  return fetch(path, { ...request, credentials: "omit" }).catch((cause: unknown) => {
    throw new ProfileError("network", "there was no answer", { cause });
  });
}

async function profileOf(response: Response): Promise<Profile> {
  const answer = ((await response.json().catch(() => undefined)) ?? {}) as Record<string, unknown>;
  if (!response.ok) {
    const code = typeof answer["code"] === "string" ? answer["code"] : "server";
    throw new ProfileError(code, `status ${response.status}`, { member: typeof answer["member"] === "string" ? answer["member"] : undefined });
  }
  return {
    displayName: typeof answer["display_name"] === "string" ? answer["display_name"] : "",
    bio: typeof answer["bio"] === "string" ? answer["bio"] : "",
    avatar: (answer["avatar"] ?? null) as ProfilePicture | null,
    banner: (answer["banner"] ?? null) as ProfilePicture | null,
    etag: response.headers.get("etag") ?? undefined,
  };
}

/** A person's profile on the page: name, words and pictures. */
import { element } from "./element.ts";
import { showCurrent } from "./pictures.ts";
import { readProfile, type Profile, type ProfileFields } from "./profile-api.ts";
import { closeProfileForm, fillProfileForm } from "./profile-form.ts";
import { currentView } from "./views.ts";

/** Of the profile that is shown. */
let etag: string | undefined;

export function shownEtag(): string | undefined {
  return etag;
}

/**
 * Reads and shows a profile with its pictures.
 *
 * @param options.keepFields leaves what was typed into the form
 * @throws {ProfileError}
 */
export async function showProfile(subject: string, { keepFields = false } = {}): Promise<void> {
  const profile = await readProfile(subject);
  showWritten(profile);
  if (!keepFields) fillProfileForm(profile);
  // A picture that does not come leaves its place as it is: the profile is there all the same.
  await Promise.all((["avatar", "banner"] as const).map((kind) => showCurrent(kind, subject, profile[kind]).catch(() => undefined)));
}

/** Shows name and words. */
export function showWritten({ displayName, bio, etag: tag }: ProfileFields & Pick<Profile, "etag">): void {
  etag = tag;
  const name = element("name").firstElementChild ?? element("name");
  name.textContent = displayName || (currentView() === "person" ? "A profile" : "Your profile");
  document.title = displayName ? `${displayName} – Roundel` : "Roundel";
  element("bio-shown").textContent = bio;
  element("bio-shown").hidden = bio === "";
}

/** As if nobody had been here. */
export function forgetProfile(): void {
  showWritten({ displayName: "", bio: "", etag: undefined });
  closeProfileForm();
}

/** The form for name and bio: counts, checks before it sends, and says beside a field what is wrong with it. */
import { announce } from "./announce.ts";
import { element } from "./element.ts";
import { ProfileError, type Profile, type ProfileFields } from "./profile-api.ts";
import { bioText, characters, MAX_BIO, MAX_NAME, nameText } from "./profile-text.ts";

export type ProfileFormEvents = {
  /** Saves, and gives the profile as it is then. */
  readonly save: (fields: ProfileFields) => Promise<Profile>;
  /** What is no fault of a field. */
  readonly failed: (error: unknown) => void;
};

type Field = "display-name" | "bio";

const SAVED = "Your profile is saved.";
const NAME_MISSING = "Say what you want to be called.";
const NOT_LIKED = "There is a character in it that cannot be used here, or too many of them.";

export function listenToProfileForm({ save, failed }: ProfileFormEvents): void {
  const form = element("profile-form", HTMLFormElement);
  let isSaving = false;
  for (const field of ["display-name", "bio"] as const) input(field).addEventListener("input", () => showCount(field));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isSaving) return;
    const fields = { displayName: nameText(input("display-name").value), bio: bioText(input("bio").value) };
    if (!isSound(fields)) return;
    isSaving = true;
    save(fields)
      .then(
        (profile) => {
          fillProfileForm(profile);
          element("profile-said").textContent = SAVED;
          announce(SAVED);
        },
        (error: unknown) => {
          if (error instanceof ProfileError && error.code === "bad_profile") complain(error.member === "bio" ? "bio" : "display-name", NOT_LIKED);
          else failed(error);
        },
      )
      .finally(() => (isSaving = false));
  });
}

/** Puts a profile into the fields, which wait for it: nothing that was typed is lost to a profile that comes late. */
export function fillProfileForm({ displayName, bio }: ProfileFields): void {
  element("profile-fields", HTMLFieldSetElement).disabled = false;
  input("display-name").value = displayName;
  input("bio").value = bio;
  element("profile-said").textContent = "";
  for (const field of ["display-name", "bio"] as const) showCount(field);
}

/** Empties the fields, until there is a profile again. */
export function closeProfileForm(): void {
  fillProfileForm({ displayName: "", bio: "" });
  element("profile-fields", HTMLFieldSetElement).disabled = true;
}

function isSound({ displayName, bio }: ProfileFields): boolean {
  const wrong: [Field, string | undefined][] = [
    ["display-name", displayName === "" ? NAME_MISSING : tooLong(displayName, MAX_NAME)],
    ["bio", tooLong(bio, MAX_BIO)],
  ];
  for (const [field, words] of wrong) complain(field, words);
  const first = wrong.find(([, words]) => words !== undefined);
  if (first) input(first[0]).focus();
  return first === undefined;
}

function tooLong(text: string, most: number): string | undefined {
  const over = characters(text) - most;
  return over > 0 ? `That is ${over} too many. Up to ${most} fit.` : undefined;
}

function showCount(field: Field): void {
  const [text, most] = field === "bio" ? [bioText(input(field).value), MAX_BIO] : [nameText(input(field).value), MAX_NAME];
  const left = most - characters(text);
  element(`${field}-left`).textContent = `${left} left`;
  element(`${field}-left`).classList.toggle("over", left < 0);
  complain(field, undefined);
}

function complain(field: Field, words: string | undefined): void {
  const place = element(`${field}-wrong`);
  place.textContent = words ?? "";
  place.hidden = words === undefined;
  if (words === undefined) input(field).removeAttribute("aria-invalid");
  else input(field).setAttribute("aria-invalid", "true");
}

function input(field: Field): HTMLInputElement | HTMLTextAreaElement {
  return field === "bio" ? element(field, HTMLTextAreaElement) : element(field, HTMLInputElement);
}

/** The views of the page: what a person sees, one at a time. */
import { announce } from "./announce.ts";
import { element } from "./element.ts";

/** The name of a view. `unavailable` shows when the worker is away, `person` is somebody else's profile. */
export type View = "starting" | "unavailable" | "signed-out" | "profile" | "person" | "editing";

type Wording = { readonly title: string; readonly lead: string };

const WORDING: Partial<Record<View, Wording>> = {
  starting: { title: "Make your profile picture", lead: "" },
  unavailable: { title: "Roundel is out of reach", lead: "" },
  "signed-out": { title: "Make your profile picture", lead: "Sign in, choose a photo, place it in the circle. That is all." },
};

/** Where the focus goes: the heading of the view. */
const HEADINGS: Record<View, string> = {
  starting: "title",
  unavailable: "title",
  "signed-out": "title",
  profile: "name",
  person: "name",
  editing: "editing-title",
};

/** The view that is shown. */
export function currentView(): View {
  return element("main").dataset["view"] as View;
}

/** Shows a view, moves the focus to where its work begins and announces it. A notice of before goes away. */
export function showView(view: View, notice?: string): void {
  const before = currentView();
  element("main").dataset["view"] = view;
  const wording = WORDING[view];
  if (wording) {
    element("title").textContent = wording.title;
    element("lead").textContent = wording.lead;
  }
  for (const section of document.querySelectorAll<HTMLElement>("section[data-for]")) {
    section.hidden = !section.dataset["for"]?.split(" ").includes(view);
  }
  element("sign-in").hidden = view !== "signed-out";
  element("reload").hidden = view !== "unavailable";
  for (const part of document.querySelectorAll<HTMLElement>(".own")) part.hidden = view === "person";
  showNotice(notice);
  const heading = element(HEADINGS[view]);
  if (notice === undefined) announce(heading.textContent);
  if (before === "starting" || (before === view && notice !== undefined)) return;
  heading.focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

/** Shows and announces a sentence about what went wrong, or takes it away. */
export function showNotice(notice: string | undefined): void {
  const place = element("notice");
  place.hidden = notice === undefined;
  place.textContent = notice ?? "";
  // The notice says what to do next.
  element("lead").hidden = notice !== undefined || element("lead").textContent === "";
  if (notice !== undefined) announce(notice);
}

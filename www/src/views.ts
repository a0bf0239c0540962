/** The views of the page: what a person sees, one at a time. */
import { announce } from "./announce.ts";
import { element } from "./element.ts";

/** The name of a view. `opening` shows while a photo is being read, `unavailable` when the worker is away. */
export type View = "starting" | "unavailable" | "signed-out" | "choose" | "opening" | "edit" | "saving" | "saved";

/** `touchLead` is said in place of `lead` on a device that is worked with fingers. */
type Wording = { readonly title: string; readonly lead: string; readonly touchLead?: string };

const WORDING: Record<View, Wording> = {
  starting: { title: "Make your profile picture", lead: "" },
  unavailable: { title: "Roundel is out of reach", lead: "" },
  "signed-out": {
    title: "Make your profile picture",
    lead: "Sign in, choose a photo, place it in the circle. That is all.",
  },
  choose: {
    title: "Choose a photo",
    lead: "Pick one, drop it on this page, or paste it.",
    touchLead: "Pick one from this device.",
  },
  opening: { title: "Opening your photo", lead: "One moment." },
  edit: {
    title: "Place it in the circle",
    lead: "Drag to move it, scroll to zoom.",
    touchLead: "Drag to move it, pinch to zoom.",
  },
  saving: { title: "Saving your picture", lead: "Please keep this page open." },
  saved: { title: "Your picture is saved", lead: "This is how others see you." },
};

/** The view that is shown. */
export function currentView(): View {
  return element("main").dataset["view"] as View;
}

/** Shows a view, moves the focus to where its work begins and announces it. A notice of before goes away. */
export function showView(view: View, notice?: string): void {
  const before = currentView();
  element("main").dataset["view"] = view;
  const { title, touchLead, ...wording } = WORDING[view];
  const lead = (matchMedia("(pointer: coarse)").matches ? touchLead : undefined) ?? wording.lead;
  element("title").textContent = title;
  element("lead").textContent = lead;
  for (const section of document.querySelectorAll<HTMLElement>("section[data-for]")) {
    section.hidden = section.dataset["for"] !== view;
  }
  element("stage").hidden = !["edit", "saving"].includes(view);
  element("face").hidden = ["edit", "saving", "saved"].includes(view);
  element("saved-large").hidden = view !== "saved";
  showNotice(notice);
  if (notice === undefined) announce(lead ? `${title}. ${lead}` : title, { soon: true });
  if (before === "starting" || (before === view && notice !== undefined)) return;
  element(view === "edit" ? "stage" : "title").focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

/** Shows and announces a sentence about what went wrong, or takes it away. */
export function showNotice(notice: string | undefined): void {
  const place = element("notice");
  place.hidden = notice === undefined;
  place.textContent = notice ?? "";
  // The notice says what to do next; both together would push the buttons off a small screen.
  element("lead").hidden = notice !== undefined || element("lead").textContent === "";
  if (notice !== undefined) announce(notice, { soon: true });
}

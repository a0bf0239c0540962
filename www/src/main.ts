/** The page: what follows on what. */
import type { RoundelEditor } from "roundel/editor";
import { announce } from "./announce.ts";
import { loadConfig, type PageConfig } from "./config.ts";
import { editorOnPage, loadEditor, type EditorHost } from "./editor-host.ts";
import { element } from "./element.ts";
import { listenForFiles } from "./files.ts";
import { hidePictures, showPicture, type Kind, type Served } from "./pictures.ts";
import { writeProfile } from "./profile-api.ts";
import { listenToProfileForm } from "./profile-form.ts";
import { forgetProfile, shownEtag, showProfile, showWritten } from "./profile-view.ts";
import { forgetSession, isExpired, isReturning, keepSession, restoreSession, SessionExpiredError, type Session } from "./session.ts";
import { currentView, showNotice, showView } from "./views.ts";
import { noticeFor, SIGN_IN_ENDED } from "./words.ts";

/** A sign-in that ends sooner, in milliseconds, would end while the photo is being placed. */
const LEAST_SESSION_MS = 60_000;

const EDITING: Readonly<Record<Kind, { title: string; lead: string; saved: string }>> = {
  avatar: { title: "Your picture", lead: "Move it until your face is in the circle.", saved: "Your picture is saved. This is how others see you." },
  banner: { title: "Your banner", lead: "A wide picture for the top of your profile.", saved: "Your banner is saved." },
};

let config: PageConfig | undefined;
let session: Session | undefined;

const host: EditorHost = {
  token: () => {
    if (!session || isExpired(session)) throw new SessionExpiredError("the access token has ended");
    return session.accessToken;
  },
  onPublish: (kind, picture) => void published(kind, picture),
  onError: (code) => {
    if (code === "unauthorized") signOut(SIGN_IN_ENDED);
  },
};

async function start(): Promise<void> {
  let notice: string | undefined;
  try {
    config = await loadConfig();
    if (isReturning()) {
      const { finishSignIn } = await import("./sign-in.ts");
      session = await finishSignIn(config);
      keepSession(session);
    }
  } catch (error) {
    notice = noticeFor(error);
  }
  session ??= restoreSession();
  element("account").hidden = session === undefined;
  const person = new URLSearchParams(location.search).get("person");
  if (!config) showView("unavailable", notice);
  else if (person !== null && person !== session?.subject) showPerson(person);
  else if (session) showOwn(session);
  else showView("signed-out", notice);
}

function showOwn({ subject }: Session): void {
  showView("profile");
  void showProfile(subject).catch(tell);
}

function showPerson(subject: string): void {
  showView("person");
  void showProfile(subject).catch(tell);
}

function tell(error: unknown): void {
  showNotice(noticeFor(error));
}

function signOut(notice?: string): void {
  forgetSession();
  session = undefined;
  editorOnPage()?.clear();
  hidePictures();
  forgetProfile();
  element("account").hidden = true;
  showView("signed-out", notice);
}

async function signIn(): Promise<void> {
  const button = element("sign-in", HTMLButtonElement);
  if (!config || button.disabled) return;
  button.disabled = true;
  try {
    const { startSignIn } = await import("./sign-in.ts");
    await startSignIn(config);
  } catch (error) {
    showNotice(noticeFor(error));
    button.disabled = false;
  }
}

/** Goes to the editor; gives nothing where nobody may edit now. */
async function edit(kind: Kind): Promise<RoundelEditor | undefined> {
  if (!session) {
    if (currentView() === "signed-out") showNotice("Sign in first, then choose your photo.");
    return undefined;
  }
  if (isExpired(session, LEAST_SESSION_MS)) {
    signOut(SIGN_IN_ENDED);
    return undefined;
  }
  try {
    const editor = await loadEditor(host);
    if (currentView() !== "editing") {
      editor.clear();
      editor.kind = kind;
      // The worker keeps no others.
      editor.animation = kind === "avatar";
      element("editing-title").textContent = EDITING[kind].title;
      element("editing-lead").textContent = EDITING[kind].lead;
      showView("editing");
    }
    return editor;
  } catch (error) {
    showNotice(noticeFor(error));
    return undefined;
  }
}

async function published(kind: Kind, picture: Served): Promise<void> {
  try {
    await showPicture(kind, picture);
    if (!session) return;
    leaveEditor();
    announce(EDITING[kind].saved);
  } catch (error) {
    if (!session) return;
    leaveEditor();
    showNotice(noticeFor(error));
  }
}

function leaveEditor(): void {
  editorOnPage()?.clear();
  showView("profile");
}

element("sign-in").addEventListener("click", () => void signIn());
element("sign-out").addEventListener("click", () => signOut());
element("reload").addEventListener("click", () => location.reload());
element("back").addEventListener("click", leaveEditor);
for (const [id, kind] of [["choose", "avatar"], ["choose-banner", "banner"]] as const) {
  const button = element(id);
  // Loaded when a hand or the focus is on its way, so that nothing is waited for after the choice.
  for (const name of ["pointerenter", "focus"]) button.addEventListener(name, () => void loadEditor(host).catch(() => undefined), { once: true });
  button.addEventListener("click", () => void edit(kind).then((editor) => editor?.chooseFile()));
}
listenToProfileForm({
  save: async (fields) => {
    const profile = await writeProfile(fields, shownEtag(), host.token());
    showWritten(profile);
    return profile;
  },
  failed: (error) => {
    if (codeOf(error) === "unauthorized") return signOut(SIGN_IN_ENDED);
    tell(error);
    // What somebody else wrote is shown beside what was typed here; saving once more writes over it.
    if (codeOf(error) === "precondition_failed" && session) void showProfile(session.subject, { keepFields: true }).catch(tell);
  },
});
listenForFiles({
  onNear: () => session && void loadEditor(host).catch(() => undefined),
  onFile: (file) => void edit("avatar").then((editor) => editor?.open(file)),
});
// A page that comes back from the browser's memory after signing in elsewhere begins anew.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

void start();

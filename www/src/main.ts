/** The page: what follows on what. */
import { createStudio } from "roundel/studio";
import { announce } from "./announce.ts";
import { loadConfig, type PageConfig } from "./config.ts";
import { element } from "./element.ts";
import { listenForPhotos, openFileDialog } from "./intake.ts";
import { openPhoto, type Photo } from "./photo.ts";
import { showProgress } from "./ring.ts";
import { saveAvatar } from "./save.ts";
import { hideCurrent, showCurrent, showSaved } from "./served.ts";
import { forgetSession, isExpired, keepSession, restoreSession, type Session } from "./session.ts";
import { finishSignIn, isReturning, startSignIn } from "./sign-in.ts";
import { Stage } from "./stage.ts";
import { currentView, showNotice, showView } from "./views.ts";
import { noticeFor, SIGN_IN_ENDED } from "./words.ts";

/** A photo that opens faster than this, in milliseconds, needs no view that says so. */
const OPENING_SHOWN_AFTER_MS = 200;

/** A sign-in that ends sooner, in milliseconds, would end while the photo is being placed. */
const LEAST_SESSION_MS = 60_000;

const studio = createStudio();
const stage = new Stage();

let config: PageConfig | undefined;
let session: Session | undefined;
let photo: Photo | undefined;
let saving: AbortController | undefined;
/** Counts the photos offered, so that only the last one comes to the stage. */
let offered = 0;

async function start(): Promise<void> {
  let notice: string | undefined;
  try {
    config = await loadConfig();
    if (isReturning()) {
      session = await finishSignIn(config);
      keepSession(session);
    }
  } catch (error) {
    notice = noticeFor(error).text;
  }
  session ??= restoreSession();
  if (!config) showView("unavailable", notice);
  else if (session) signedIn(session);
  else showView("signed-out", notice);
}

function signedIn({ subject }: Session): void {
  element("sign-out").hidden = false;
  showView("choose");
  void showCurrent(subject);
}

function signOut(notice?: string): void {
  saving?.abort();
  offered++;
  forgetSession();
  session = undefined;
  photo = undefined;
  stage.clear();
  hideCurrent();
  element("sign-out").hidden = true;
  showView("signed-out", notice);
}

async function signIn(): Promise<void> {
  const button = element("sign-in", HTMLButtonElement);
  if (!config || button.disabled) return;
  button.disabled = true;
  try {
    await startSignIn(config);
  } catch (error) {
    showNotice(noticeFor(error).text);
    button.disabled = false;
  }
}

async function take(file: File): Promise<void> {
  const view = currentView();
  if (view === "saving") return;
  if (!session) {
    if (view === "signed-out") showNotice("Sign in first, then choose your photo.");
    return;
  }
  if (isExpired(session, LEAST_SESSION_MS)) {
    signOut(SIGN_IN_ENDED.text);
    return;
  }
  const mine = ++offered;
  const isWanted = () => mine === offered && !saving;
  const slow = setTimeout(() => isWanted() && showView("opening"), OPENING_SHOWN_AFTER_MS);
  try {
    const opened = await openPhoto(file, studio);
    if (!isWanted()) {
      opened.preview.close();
      return;
    }
    photo = opened;
    showView("edit");
    stage.show(opened);
  } catch (error) {
    // The photo of before, where there is one, is still on the stage.
    if (isWanted()) showView(photo ? "edit" : "choose", noticeFor(error).text);
  } finally {
    clearTimeout(slow);
  }
}

async function save(): Promise<void> {
  const { recipe } = stage;
  if (!photo || !recipe || !session || saving) return;
  const controller = new AbortController();
  const { signal } = controller;
  let late = false;
  saving = controller;
  stage.locked = true;
  showProgress({ words: "Preparing", done: 0 });
  showView("saving");
  try {
    const { variants } = await saveAvatar({
      file: photo.file,
      recipe,
      session,
      studio,
      signal,
      onProgress: (progress) => {
        if (signal.aborted) return;
        late ||= progress.late === true;
        showProgress(progress);
      },
    });
    await showSaved(variants, signal);
    showProgress({ words: "Saved", done: 1 });
    photo = undefined;
    stage.clear();
    showView("saved");
    void showCurrent(session.subject);
  } catch (error) {
    if (!session) return;
    if (signal.aborted) {
      showView("edit", late ? "You cancelled when the picture had arrived already: it may be saved all the same." : undefined);
      if (!late) announce("Cancelled. Your photo is still here.", { soon: true });
      return;
    }
    const { text, signInAgain } = noticeFor(error);
    if (signInAgain) signOut(text);
    else showView("edit", text);
  } finally {
    stage.locked = false;
    saving = undefined;
  }
}

element("sign-in").addEventListener("click", () => void signIn());
element("sign-out").addEventListener("click", () => signOut());
element("reload").addEventListener("click", () => location.reload());
for (const id of ["choose", "choose-other", "choose-next"]) element(id).addEventListener("click", openFileDialog);
element("face").addEventListener("click", () => {
  if (currentView() === "choose") openFileDialog();
});
element("save").addEventListener("click", () => void save());
element("cancel").addEventListener("click", () => saving?.abort());
listenForPhotos((file) => void take(file));
// A page that comes back from the browser's memory after signing in elsewhere begins anew.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

void start();

/** The editor on this page: fetched when somebody is about to need it, and told whose picture it makes. */
import type { EditorEvents, RoundelEditor } from "roundel/editor";
import { element } from "./element.ts";
import type { Kind } from "./pictures.ts";

export type EditorHost = {
  /** Of the person who is signed in; asked for at each upload. */
  readonly token: () => string;
  readonly onPublish: (kind: Kind, published: EditorEvents["roundel-publish"]["detail"]) => void;
  readonly onError: (code: string) => void;
};

let loading: Promise<RoundelEditor> | undefined;

/** Loads the editor, once, and its wasm module after it. */
export function loadEditor(host: EditorHost): Promise<RoundelEditor> {
  loading ??= make(host).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** The editor where it is there already. */
export function editorOnPage(): RoundelEditor | null {
  return document.querySelector("roundel-editor");
}

async function make({ token, onPublish, onError }: EditorHost): Promise<RoundelEditor> {
  const { RoundelEditor } = await import("roundel/editor");
  const editor = new RoundelEditor();
  editor.api = location.origin;
  editor.token = token;
  editor.addEventListener("roundel-publish", ({ detail }) => onPublish(editor.kind, detail));
  editor.addEventListener("roundel-error", ({ detail }) => onError(detail.code));
  element("editor-place").append(editor);
  editor.preload();
  return editor;
}

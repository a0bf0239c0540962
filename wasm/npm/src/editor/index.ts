/**
 * The custom element `<roundel-editor>`: a person chooses a photo, places it under a mask and saves it. Importing this defines it.
 *
 * @example
 * import "roundel/editor";
 * // <roundel-editor api="https://avatars.example.com"></roundel-editor>
 * const editor = document.querySelector("roundel-editor");
 * editor.token = () => session.accessToken();
 * editor.addEventListener("roundel-publish", ({ detail }) => (image.src = detail.url));
 */
import { RoundelEditor } from "./element.ts";

export { RoundelEditor };
export type { ChangeDetail, EditorEvents, EditorState, ErrorDetail, SaveDetail } from "./events.ts";
export { ENGLISH, type LabelKey, type Labels } from "./labels.ts";

declare global {
  interface HTMLElementTagNameMap {
    "roundel-editor": RoundelEditor;
  }
}

if (globalThis.customElements && !customElements.get("roundel-editor")) customElements.define("roundel-editor", RoundelEditor);

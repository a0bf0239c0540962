/** The editor's style, as one sheet that all editors share: made by script, so that no policy has to allow inline styles. */
import { CONTROLS } from "./controls.ts";
import { LAYOUT } from "./layout.ts";
import { STAGE } from "./stage.ts";
import { THEME } from "./theme.ts";

let sheet: CSSStyleSheet | undefined;

export function styleSheet(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync([THEME, LAYOUT, STAGE, CONTROLS].join("\n"));
  }
  return sheet;
}

/**
 * Colours, each of which a page can replace by a custom property of its own. Text on its ground has a contrast of at least 4.5 to 1, in both themes.
 * `scheme="light"` or `scheme="dark"` on the element holds against what the device says.
 */
const LIGHT = `
  --paper: var(--roundel-paper, #ffffff);
  --ink: var(--roundel-ink, #1a1f23);
  --ink-soft: var(--roundel-ink-soft, #55606a);
  --line: var(--roundel-line, #d6d6cf);
  --line-strong: var(--roundel-line-strong, #7c848a);
  --accent: var(--roundel-accent, #0b6b77);
  --accent-strong: var(--roundel-accent-strong, #08535d);
  --on-accent: var(--roundel-on-accent, #ffffff);
  --accent-paper: var(--roundel-accent-paper, #e0eced);
  --warn-paper: var(--roundel-warn-paper, #fbe9e2);
  --warn-ink: var(--roundel-warn-ink, #7c2a12);
  --veil: var(--roundel-veil, rgb(255 255 255 / 0.62));`;

const DARK = `
  --paper: var(--roundel-paper, #121517);
  --ink: var(--roundel-ink, #eef1f2);
  --ink-soft: var(--roundel-ink-soft, #a4afb6);
  --line: var(--roundel-line, #30373c);
  --line-strong: var(--roundel-line-strong, #828d95);
  --accent: var(--roundel-accent, #63c6d1);
  --accent-strong: var(--roundel-accent-strong, #8bdbe3);
  --on-accent: var(--roundel-on-accent, #06282c);
  --accent-paper: var(--roundel-accent-paper, #173034);
  --warn-paper: var(--roundel-warn-paper, #3a1f16);
  --warn-ink: var(--roundel-warn-ink, #ffc9b3);
  --veil: var(--roundel-veil, rgb(18 21 23 / 0.66));`;

/** On the root and not on the host: a page that gives `--roundel-paper` a `--paper` of its own means its own. */
export const THEME = `
:host {
  display: block;
  container-type: inline-size;
  color-scheme: light dark;
}
.editor {
  color: var(--ink);
  font: var(--roundel-font, 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  --quick: 160ms cubic-bezier(0.2, 0.7, 0.2, 1);
  --round: 999px;
  ${LIGHT}
}
@media (prefers-color-scheme: dark) {
  .editor {${DARK}
  }
}
:host([scheme="light"]) { color-scheme: light; }
:host([scheme="light"]) .editor {${LIGHT}
}
:host([scheme="dark"]) { color-scheme: dark; }
:host([scheme="dark"]) .editor {${DARK}
}
@media (prefers-reduced-motion: reduce) {
  .editor { --quick: 0s; }
}
:host([hidden]) { display: none; }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
`;

/** Buttons and sliders. Nothing that is touched is smaller than 44 pixels. */
const TRACK = `height: 4px; border-radius: 2px;
  background: linear-gradient(to var(--end, right), var(--accent) var(--filled), var(--line-strong) var(--filled));`;

const THUMB = `box-sizing: border-box; width: 1.5rem; height: 1.5rem; border: 5px solid var(--accent); border-radius: 50%; background: var(--paper);`;

export const CONTROLS = `
button {
  min-height: 2.75rem;
  padding: 0.6rem 1.25rem;
  border: 1px solid transparent;
  border-radius: var(--round);
  background: none;
  color: inherit;
  font: inherit;
  font-weight: 580;
  cursor: pointer;
  touch-action: manipulation;
  -webkit-tap-highlight-color: transparent;
  transition: background-color var(--quick), border-color var(--quick), color var(--quick);
}
.primary { min-height: 3.25rem; font-size: 1.0625rem; background: var(--accent); color: var(--on-accent); }
.primary:hover, .primary:active { background: var(--accent-strong); }
.secondary { min-height: 3.25rem; border-color: var(--line-strong); }
.quiet { color: var(--ink-soft); }
.small { padding: 0.25rem 0.875rem; border-color: var(--line); font-size: 0.875rem; }
.small[aria-pressed="true"] { border-color: var(--accent); background: var(--accent-paper); }
.secondary:hover, .quiet:hover, .icon:hover, .small:hover { background: var(--accent-paper); color: var(--ink); }
.icon { flex: none; display: grid; place-items: center; width: 2.75rem; padding: 0; }
.icon[aria-disabled="true"] { color: var(--line-strong); cursor: default; background: none; }
.icon svg { width: 1.375rem; height: 1.375rem; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
.row { display: flex; align-items: center; gap: 0.25rem; min-height: 2.75rem; }
.buttons { flex-wrap: wrap; justify-content: space-between; gap: 0; max-width: 22rem; }
.word { flex: none; margin-inline-end: 0.5rem; color: var(--ink-soft); font-size: 0.9375rem; }
.degrees { flex: none; min-width: 3.25rem; text-align: end; font-variant-numeric: tabular-nums; color: var(--ink-soft); font-size: 0.9375rem; }
.switch { display: flex; align-items: center; gap: 0.625rem; min-height: 2.75rem; cursor: pointer; }
.switch input { flex: none; width: 1.5rem; height: 1.5rem; margin: 0; accent-color: var(--accent); }
input[type="range"] {
  --filled: 0%;
  flex: 1;
  min-width: 0;
  height: 2.75rem;
  margin: 0;
  appearance: none;
  background: none;
  border-radius: var(--round);
  cursor: pointer;
}
input[type="range"]:dir(rtl) { --end: left; }
input[type="range"]:focus-visible { outline-offset: -2px; }
input[type="range"]::-webkit-slider-runnable-track { ${TRACK} }
input[type="range"]::-moz-range-track { ${TRACK} }
input[type="range"]::-webkit-slider-thumb { appearance: none; margin-top: calc(2px - 0.75rem); ${THUMB} }
input[type="range"]::-moz-range-thumb { ${THUMB} }
input[type="range"]:disabled { opacity: 0.45; cursor: default; }
@media (forced-colors: active) {
  input[type="range"] { forced-color-adjust: none; }
}
`;

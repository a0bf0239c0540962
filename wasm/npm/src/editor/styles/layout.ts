/** Where things stand: one column where there is little room, two where there is more. */
export const LAYOUT = `
.editor {
  position: relative;
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  gap: 1rem;
}
.work {
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  gap: 1.25rem;
}
.work:not(:has(> :not([hidden]))) { display: none; }
.panel, .tools, .actions, .saving, .controls {
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  gap: 0.75rem;
  align-content: start;
}
.panel { gap: 1rem; }
.controls { gap: 0.25rem; }
p { margin: 0; }
.hint {
  color: var(--ink-soft);
  font-size: 0.9375rem;
  text-align: center;
  text-wrap: balance;
}
.notice {
  padding: 0.7rem 0.9rem;
  border-radius: 0.75rem;
  background: var(--warn-paper);
  color: var(--warn-ink);
  text-wrap: pretty;
}
.empty, .opening { display: grid; gap: 1rem; justify-items: stretch; }
.empty {
  padding: 2rem 1.25rem;
  border: 2px dashed var(--line-strong);
  border-radius: 1.25rem;
  justify-items: center;
}
.empty .actions { width: 100%; max-width: 20rem; }
/* A quiet head and shoulders, in the mask that the photo will have. */
.nobody {
  --shape: color-mix(in srgb, var(--accent) 30%, var(--accent-paper));
  width: 8rem;
  aspect-ratio: 1;
  border-radius: 50%;
  background:
    radial-gradient(circle at 50% 40%, var(--shape) 0 17.5%, transparent 18%),
    radial-gradient(ellipse 36% 40% at 50% 102%, var(--shape) 0 99%, transparent 100%),
    var(--accent-paper);
}
[data-shape="square"] .nobody { border-radius: 0.5rem; }
[data-kind="banner"] .nobody { width: min(100%, 18rem); aspect-ratio: 3; background: var(--accent-paper); }
.opening { min-height: 12rem; place-content: center; justify-items: center; }
.spinner {
  width: 3.5rem;
  aspect-ratio: 1;
  border: 4px solid var(--line);
  border-block-start-color: var(--accent);
  border-radius: 50%;
  animation: round 1.1s linear infinite;
}
@keyframes round { to { transform: rotate(1turn); } }
.dropping::after {
  content: "";
  position: absolute;
  inset: -0.5rem;
  border: 3px dashed var(--accent);
  border-radius: 1.5rem;
  background: var(--veil);
  pointer-events: none;
}
.sizes {
  display: flex;
  flex-wrap: wrap;
  align-items: end;
  justify-content: center;
  gap: 1.25rem;
}
.preview { display: block; border-radius: 50%; background: var(--line); }
.square .preview { border-radius: 12%; }
[data-kind="banner"] .preview { border-radius: 0.375rem; }
.previews { display: grid; gap: 0.5rem; }
.beside {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: center;
  gap: 0.25rem 0.75rem;
  min-height: 2.75rem;
}
.facts {
  display: flex;
  flex-wrap: wrap;
  gap: 0 0.75rem;
  color: var(--ink-soft);
  font-size: 0.875rem;
  font-variant-numeric: tabular-nums;
}
.done-word { font-weight: 600; text-align: center; }
.bar { height: 0.5rem; border-radius: var(--round); background: var(--line); overflow: hidden; }
.filled { block-size: 100%; inline-size: 0; border-radius: inherit; background: var(--accent); transition: inline-size 200ms linear; }
.progress { display: grid; gap: 0.5rem; }
.progress-words { text-align: center; font-variant-numeric: tabular-nums; }
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  margin: -1px;
  padding: 0;
  border: 0;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
@container (min-width: 42rem) {
  .work { grid-template-columns: minmax(0, min(27rem, 52svh)) minmax(0, 24rem); column-gap: 2.5rem; align-items: start; }
  [data-kind="banner"] .work { grid-template-columns: minmax(0, 1fr); }
  .sizes, .beside { justify-content: start; }
}
@media (prefers-reduced-motion: reduce) {
  .spinner { animation: none; }
  .filled { transition: none; }
}
`;

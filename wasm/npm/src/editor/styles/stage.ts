/** The stage and the camera's view. The mask's width is 0.9 of the stage's; for a banner there is as much room above as beside. */
export const STAGE = `
.stage-box { justify-self: center; width: 100%; max-width: min(100%, 52svh); }
[data-kind="banner"] .stage-box { max-width: 100%; }
.stage {
  position: relative;
  width: 100%;
  aspect-ratio: 1;
  overflow: hidden;
  border-radius: 1.25rem;
  background: var(--line);
  touch-action: none;
  user-select: none;
  -webkit-user-select: none;
  cursor: grab;
}
[data-kind="banner"] .stage { aspect-ratio: 5 / 2; }
.stage.held { cursor: grabbing; }
.layer { position: absolute; inset: 0; }
/* Where a photo is transparent, a JPEG of it is white. */
.layer canvas {
  position: absolute;
  left: 50%;
  top: 50%;
  max-width: none;
  background: #ffffff;
  will-change: transform;
}
.stage.turning canvas { transition: transform var(--quick); }
.mask {
  position: absolute;
  inset: 5%;
  border-radius: 50%;
  box-shadow: 0 0 0 100vmax var(--veil);
  outline: 2px solid #ffffff;
  outline-offset: -1px;
  pointer-events: none;
}
[data-shape="square"] .mask { border-radius: 0.25rem; }
[data-kind="banner"] .mask { inset: 12.5% 5%; }
[data-state="saving"] .stage, [data-state="saved"] .stage { background: none; cursor: default; }
[data-state="saving"] .mask, [data-state="saved"] .mask { box-shadow: 0 0 0 100vmax var(--paper); outline: none; }
.camera { display: grid; gap: 1rem; }
.camera .actions { justify-self: center; width: 100%; max-width: max(16rem, min(100%, 52svh)); }
.viewfinder {
  position: relative;
  justify-self: center;
  width: 100%;
  max-width: min(100%, 52svh);
  aspect-ratio: 1;
  overflow: hidden;
  border-radius: 1.25rem;
  background: #000000;
}
.seen { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover; }
.mirrored .seen { transform: scaleX(-1); }
@media (forced-colors: active) {
  .mask { outline-color: CanvasText; }
}
`;

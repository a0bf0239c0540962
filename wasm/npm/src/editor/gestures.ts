/** Hands on the stage: mouse, fingers, pen and wheel, each turned into one of a few gestures. */
import type { Point } from "./geometry/framing.ts";

/** What a person did. Distances and places are in mask widths, from the middle of the mask. */
export type Gesture =
  | { readonly kind: "hold" }
  | { readonly kind: "release" }
  | { readonly kind: "move"; readonly by: Point; readonly byKey?: boolean }
  | { readonly kind: "zoom"; readonly by?: number; readonly to?: number; readonly anchor?: Point }
  | { readonly kind: "turn"; readonly direction: "clockwise" | "counterclockwise" }
  | { readonly kind: "flip" }
  /** In hundredths of a degree. */
  | { readonly kind: "straighten"; readonly to: number }
  | { readonly kind: "undo" | "redo" | "reset" };

/** How much a wheel's pixel zooms. A pinch on a touch pad arrives as small wheel steps with ctrlKey. */
const WHEEL_ZOOM_PER_PX = 0.0015;
const TOUCH_PAD_ZOOM_PER_PX = 0.01;

/** One notch of any wheel changes the zoom by at most this many of its pixels. */
const MAX_WHEEL_STEP_PX = 240;

const WHEEL_LINE_PX = 16;

/** Listens on `stage`; `mask` has the same middle. */
export function listenToHands(stage: HTMLElement, mask: HTMLElement, act: (gesture: Gesture) => void): void {
  listenToPointers(stage, mask, act);
  stage.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? WHEEL_LINE_PX : 1;
      const step = Math.max(-MAX_WHEEL_STEP_PX, Math.min(MAX_WHEEL_STEP_PX, event.deltaY * lines));
      const by = Math.exp(-step * (event.ctrlKey ? TOUCH_PAD_ZOOM_PER_PX : WHEEL_ZOOM_PER_PX));
      act({ kind: "zoom", by, anchor: place(mask, event) });
    },
    { passive: false },
  );
}

/** One pointer moves the photo; two move and zoom it about the point between them. */
function listenToPointers(stage: HTMLElement, mask: HTMLElement, act: (gesture: Gesture) => void): void {
  const held = new Map<number, Point>();

  // `touch-action: none` keeps the page from scrolling, but not Chromium from taking a quick drag for a fling, which the next tap would only stop.
  stage.addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });

  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || held.size === 2) return;
    stage.setPointerCapture(event.pointerId);
    held.set(event.pointerId, place(mask, event));
    act({ kind: "hold" });
  });

  stage.addEventListener("pointermove", (event) => {
    const from = held.get(event.pointerId);
    if (!from) return;
    const to = place(mask, event);
    const other = [...held].find(([id]) => id !== event.pointerId)?.[1];
    held.set(event.pointerId, to);
    if (!other) {
      act({ kind: "move", by: { x: to.x - from.x, y: to.y - from.y } });
      return;
    }
    const spread = (point: Point): number => Math.max(Number.EPSILON, Math.hypot(point.x - other.x, point.y - other.y));
    const between = (point: Point): Point => ({ x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 });
    const by = spread(to) / spread(from);
    const move: Gesture = { kind: "move", by: { x: (to.x - from.x) / 2, y: (to.y - from.y) / 2 } };
    // What makes room comes first: the photo stops at its edges after each of the two.
    if (by < 1) act(move);
    act({ kind: "zoom", by, anchor: between(by < 1 ? to : from) });
    if (by >= 1) act(move);
  });

  for (const name of ["pointerup", "pointercancel", "lostpointercapture"] as const) {
    stage.addEventListener(name, (event) => {
      if (held.delete(event.pointerId) && held.size === 0) act({ kind: "release" });
    });
  }
}

function place(mask: HTMLElement, event: MouseEvent): Point {
  const box = mask.getBoundingClientRect();
  return { x: (event.clientX - box.left - box.width / 2) / box.width, y: (event.clientY - box.top - box.height / 2) / box.width };
}

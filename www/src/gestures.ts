/** Hands on the stage: mouse, fingers, pen, wheel and keys, each turned into one of a few gestures. */
import type { Point } from "./crop.ts";

/** What a person did. Distances and places are in mask diameters, from the middle of the mask. */
export type Gesture =
  | { readonly kind: "hold" }
  | { readonly kind: "release" }
  | { readonly kind: "move"; readonly by: Point; readonly byKey?: boolean }
  | { readonly kind: "zoom"; readonly by?: number; readonly to?: number; readonly anchor?: Point }
  | { readonly kind: "turn"; readonly direction: "clockwise" | "counterclockwise" };

/** How far an arrow key moves the photo, in mask diameters; with Shift ten times as far. */
const KEY_STEP = 0.01;

/** How much a wheel's pixel zooms. A pinch on a touch pad arrives as small wheel steps with ctrlKey. */
const WHEEL_ZOOM_PER_PX = 0.0015;
const TOUCH_PAD_ZOOM_PER_PX = 0.01;

/** One notch of any wheel changes the zoom by at most this many of its pixels. */
const MAX_WHEEL_STEP_PX = 240;

const KEYS: Readonly<Record<string, Gesture>> = {
  ArrowLeft: { kind: "move", by: { x: -KEY_STEP, y: 0 }, byKey: true },
  ArrowRight: { kind: "move", by: { x: KEY_STEP, y: 0 }, byKey: true },
  ArrowUp: { kind: "move", by: { x: 0, y: -KEY_STEP }, byKey: true },
  ArrowDown: { kind: "move", by: { x: 0, y: KEY_STEP }, byKey: true },
  "+": { kind: "zoom", by: 1.1 },
  "=": { kind: "zoom", by: 1.1 },
  "-": { kind: "zoom", by: 1 / 1.1 },
  "[": { kind: "turn", direction: "counterclockwise" },
  "]": { kind: "turn", direction: "clockwise" },
};

/** Listens on `stage`, a square whose middle is the mask's; `maskPart` is the mask's diameter as a part of its side. */
export function listenToGestures(stage: HTMLElement, maskPart: number, act: (gesture: Gesture) => void): void {
  listenToPointers(stage, maskPart, act);

  stage.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const step = Math.max(-MAX_WHEEL_STEP_PX, Math.min(MAX_WHEEL_STEP_PX, event.deltaY * lines));
      const by = Math.exp(-step * (event.ctrlKey ? TOUCH_PAD_ZOOM_PER_PX : WHEEL_ZOOM_PER_PX));
      act({ kind: "zoom", by, anchor: place(stage, maskPart, event) });
    },
    { passive: false },
  );

  stage.addEventListener("keydown", (event) => {
    const gesture = KEYS[event.key];
    if (!gesture || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (gesture.kind === "move" && event.shiftKey) {
      act({ ...gesture, by: { x: gesture.by.x * 10, y: gesture.by.y * 10 } });
    } else {
      act(gesture);
    }
  });
}

/** One pointer moves the photo; two move and zoom it about the point between them. */
function listenToPointers(stage: HTMLElement, maskPart: number, act: (gesture: Gesture) => void): void {
  const held = new Map<number, Point>();

  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || held.size === 2) return;
    stage.setPointerCapture(event.pointerId);
    held.set(event.pointerId, place(stage, maskPart, event));
    act({ kind: "hold" });
  });

  stage.addEventListener("pointermove", (event) => {
    const from = held.get(event.pointerId);
    if (!from) return;
    const to = place(stage, maskPart, event);
    const other = [...held].find(([id]) => id !== event.pointerId)?.[1];
    held.set(event.pointerId, to);
    if (!other) {
      act({ kind: "move", by: { x: to.x - from.x, y: to.y - from.y } });
      return;
    }
    const spread = (point: Point) => Math.hypot(point.x - other.x, point.y - other.y);
    const middle = { x: (from.x + other.x) / 2, y: (from.y + other.y) / 2 };
    act({ kind: "move", by: { x: (to.x - from.x) / 2, y: (to.y - from.y) / 2 } });
    if (spread(from) > 0) {
      const anchor = { x: middle.x + (to.x - from.x) / 2, y: middle.y + (to.y - from.y) / 2 };
      act({ kind: "zoom", by: spread(to) / spread(from), anchor });
    }
  });

  for (const name of ["pointerup", "pointercancel", "lostpointercapture"] as const) {
    stage.addEventListener(name, (event) => {
      if (held.delete(event.pointerId) && held.size === 0) act({ kind: "release" });
    });
  }
}

function place(stage: HTMLElement, maskPart: number, event: MouseEvent): Point {
  const box = stage.getBoundingClientRect();
  const maskSide = box.width * maskPart;
  return {
    x: (event.clientX - box.left - box.width / 2) / maskSide,
    y: (event.clientY - box.top - box.height / 2) / maskSide,
  };
}

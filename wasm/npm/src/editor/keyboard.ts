/** Keys, each turned into the gesture that a hand would make. */
import type { Point } from "./geometry/framing.ts";
import type { Gesture } from "./gestures.ts";

/** How far an arrow key moves the photo, in mask widths; with Shift ten times as far. */
const STEP = 0.01;
const LARGE_STEP = 10 * STEP;

/** How much + and - zoom. */
const ZOOM = 1.1;

const ARROWS: ReadonlyMap<string, Point> = new Map([
  ["ArrowLeft", { x: -1, y: 0 }],
  ["ArrowRight", { x: 1, y: 0 }],
  ["ArrowUp", { x: 0, y: -1 }],
  ["ArrowDown", { x: 0, y: 1 }],
]);

const KEYS: ReadonlyMap<string, Gesture> = new Map<string, Gesture>([
  ["+", { kind: "zoom", by: ZOOM }],
  ["=", { kind: "zoom", by: ZOOM }],
  ["-", { kind: "zoom", by: 1 / ZOOM }],
  ["[", { kind: "turn", direction: "counterclockwise" }],
  ["]", { kind: "turn", direction: "clockwise" }],
]);

type Press = Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">;

/** What a key does on the stage; `undefined` where it is not for it. */
export function stageGesture({ key, shiftKey, ctrlKey, metaKey, altKey }: Press): Gesture | undefined {
  if (ctrlKey || metaKey || altKey) return undefined;
  const arrow = ARROWS.get(key);
  if (!arrow) return KEYS.get(key);
  const step = shiftKey ? LARGE_STEP : STEP;
  return { kind: "move", by: { x: arrow.x * step, y: arrow.y * step }, byKey: true };
}

/** What a key does anywhere in the editor: Ctrl+Z and Ctrl+Shift+Z or Ctrl+Y, with the command key of a Mac as well. */
export function editorGesture({ key, shiftKey, ctrlKey, metaKey, altKey }: Press): Gesture | undefined {
  if (!(ctrlKey || metaKey) || altKey) return undefined;
  const letter = key.toLowerCase();
  if (letter === "z") return { kind: shiftKey ? "redo" : "undo" };
  return letter === "y" && !shiftKey ? { kind: "redo" } : undefined;
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { editorGesture, stageGesture } from "../../src/editor/keyboard.ts";

const press = (key: string, held: Partial<Record<"shiftKey" | "ctrlKey" | "metaKey" | "altKey", boolean>> = {}) => ({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...held });

test("arrows move, with Shift ten times as far", () => {
  assert.deepEqual(stageGesture(press("ArrowLeft")), { kind: "move", by: { x: -0.01, y: 0 }, byKey: true });
  assert.deepEqual(stageGesture(press("ArrowDown", { shiftKey: true })), { kind: "move", by: { x: 0, y: 0.1 }, byKey: true });
});

test("plus and minus zoom there and back, brackets turn", () => {
  const [more, less] = [stageGesture(press("+", { shiftKey: true })), stageGesture(press("-"))];
  assert.ok(more?.kind === "zoom" && less?.kind === "zoom");
  assert.ok(Math.abs((more.by ?? 0) * (less.by ?? 0) - 1) < 1e-12);
  assert.deepEqual(stageGesture(press("[")), { kind: "turn", direction: "counterclockwise" });
  assert.deepEqual(stageGesture(press("]")), { kind: "turn", direction: "clockwise" });
});

test("the browser keeps its own keys", () => {
  for (const key of ["+", "-", "ArrowLeft"]) assert.equal(stageGesture(press(key, { ctrlKey: true })), undefined);
  for (const key of ["a", "Tab", "Enter", "toString", "__proto__"]) {
    assert.equal(stageGesture(press(key)), undefined, key);
    assert.equal(editorGesture(press(key, { ctrlKey: true })), undefined, key);
  }
  assert.equal(editorGesture(press("z")), undefined);
});

test("Ctrl and the command key undo and redo", () => {
  assert.deepEqual(editorGesture(press("z", { ctrlKey: true })), { kind: "undo" });
  assert.deepEqual(editorGesture(press("Z", { metaKey: true, shiftKey: true })), { kind: "redo" });
  assert.deepEqual(editorGesture(press("y", { ctrlKey: true })), { kind: "redo" });
});

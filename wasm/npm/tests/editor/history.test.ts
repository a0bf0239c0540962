import assert from "node:assert/strict";
import { test } from "node:test";
import { Framer } from "../../src/editor/framer.ts";
import { History } from "../../src/editor/history.ts";

test("what was undone can be redone, until something else is done", () => {
  const history = new History(0);
  assert.equal(history.undo(), false);
  for (const state of [1, 2, 3]) history.push(state);
  assert.ok(history.undo() && history.undo());
  assert.equal(history.now, 1);
  assert.ok(history.redo());
  assert.equal(history.now, 2);
  history.push(9);
  assert.equal(history.canRedo, false);
  assert.ok(history.undo());
  assert.equal(history.now, 2);
});

test("steps of a group are one, until the group ends", () => {
  const history = new History(0);
  for (const state of [1, 2, 3]) history.push(state, "drag");
  history.endGroup();
  for (const state of [4, 5]) history.push(state, "drag");
  history.undo();
  assert.equal(history.now, 3);
  history.undo();
  assert.equal(history.now, 0);
  assert.equal(history.canUndo, false);
});

test("it forgets the oldest steps, not the newest", () => {
  const history = new History(0);
  for (let state = 1; state <= 1000; state++) history.push(state);
  let steps = 0;
  while (history.undo()) steps++;
  assert.equal(steps, 200);
  assert.equal(history.now, 800);
});

const framer = (): Framer => new Framer({ width: 1000, height: 800 }, { width: 1, height: 1 });

test("a drag with its pinch is one step back", () => {
  const frame = framer();
  const start = frame.recipe;
  frame.act({ kind: "hold" });
  for (let step = 0; step < 5; step++) {
    frame.act({ kind: "zoom", by: 1.1 });
    frame.act({ kind: "move", by: { x: 0.01, y: 0 } });
  }
  frame.act({ kind: "release" });
  const moved = frame.recipe;
  frame.act({ kind: "hold" });
  frame.act({ kind: "move", by: { x: 0.05, y: 0 } });
  frame.act({ kind: "release" });
  frame.act({ kind: "undo" });
  assert.deepEqual(frame.recipe, moved);
  frame.act({ kind: "undo" });
  assert.deepEqual(frame.recipe, start);
  assert.equal(frame.canUndo, false);
  frame.act({ kind: "redo" });
  assert.deepEqual(frame.recipe, moved);
});

test("a reset can be undone, and what does nothing is no step", () => {
  const frame = framer();
  assert.equal(frame.act({ kind: "reset" }).changed, false);
  assert.equal(frame.canUndo, false);
  frame.act({ kind: "flip" });
  assert.ok(frame.isChanged);
  frame.act({ kind: "reset" });
  assert.ok(!frame.isChanged);
  frame.act({ kind: "undo" });
  assert.equal(frame.recipe.flip, true);
});

test("the straighten slider there and back leaves the photo where it was", () => {
  const frame = framer();
  frame.act({ kind: "zoom", to: 2 });
  frame.act({ kind: "move", by: { x: 5, y: 5 } });
  const before = frame.recipe;
  for (const to of [500, 1500, 4500, -4500, 100, 0]) frame.act({ kind: "straighten", to });
  assert.deepEqual(frame.recipe, before);
});

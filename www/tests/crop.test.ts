import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cropRectangle,
  cropSide,
  maxZoom,
  panned,
  placement,
  startFraming,
  turned,
  turnedSize,
  zoomedTo,
  type Framing,
  type Point,
} from "../src/crop.ts";

/** A small generator with a fixed seed, so that a failing run can be repeated. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Which photo pixel, in the turned photo, lies under a point of the mask. */
function under(framing: Framing, point: Point): Point {
  const { scale, offset } = placement(framing, true);
  const size = turnedSize(framing);
  return { x: size.width / 2 + (point.x - offset.x) / scale, y: size.height / 2 + (point.y - offset.y) / scale };
}

function assertNear(actual: Point, expected: Point): void {
  assert.ok(
    Math.abs(actual.x - expected.x) < 1e-6 && Math.abs(actual.y - expected.y) < 1e-6,
    `${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`,
  );
}

test("a new photo shows its largest middle square", () => {
  assert.deepEqual(cropRectangle(startFraming({ width: 480, height: 640 })), { x: 0, y: 80, width: 480, height: 480 });
  assert.deepEqual(cropRectangle(startFraming({ width: 640, height: 480 })), { x: 80, y: 0, width: 480, height: 480 });
});

test("a photo of one pixel, and a very long one, have a crop", () => {
  assert.deepEqual(cropRectangle(startFraming({ width: 1, height: 1 })), { x: 0, y: 0, width: 1, height: 1 });
  const long = zoomedTo(startFraming({ width: 1, height: 10000 }), 5);
  assert.equal(long.zoom, 1);
  assert.deepEqual(cropRectangle(panned(long, { x: 0, y: -1e9 })), { x: 0, y: 9999, width: 1, height: 1 });
});

test("dragging to the right uncovers what is on the left, and stops at the edge", () => {
  const start = zoomedTo(startFraming({ width: 1000, height: 1000 }), 2);
  assert.deepEqual(cropRectangle(start), { x: 250, y: 250, width: 500, height: 500 });
  assert.deepEqual(cropRectangle(panned(start, { x: 0.1, y: -0.1 })), { x: 200, y: 300, width: 500, height: 500 });
  assert.deepEqual(cropRectangle(panned(start, { x: 9, y: 9 })), { x: 0, y: 0, width: 500, height: 500 });
  assert.deepEqual(cropRectangle(panned(start, { x: -9, y: -9 })), { x: 500, y: 500, width: 500, height: 500 });
});

test("zooming about a point keeps the photo still there", () => {
  const start = zoomedTo(startFraming({ width: 3000, height: 4000 }), 2);
  for (const anchor of [{ x: 0, y: 0 }, { x: 0.3, y: -0.2 }, { x: -0.5, y: 0.5 }]) {
    for (const zoom of [2.5, 4, 8]) {
      assertNear(under(zoomedTo(start, zoom, anchor), anchor), under(start, anchor));
    }
  }
});

test("zooming out at an edge moves the photo so that the mask stays covered", () => {
  const corner = panned(zoomedTo(startFraming({ width: 1000, height: 1000 }), 4), { x: 9, y: 9 });
  assert.deepEqual(cropRectangle(corner), { x: 0, y: 0, width: 250, height: 250 });
  assert.deepEqual(cropRectangle(zoomedTo(corner, 1)), { x: 0, y: 0, width: 1000, height: 1000 });
});

test("zoom stays between the whole square and 64 pixels, at most eightfold", () => {
  assert.equal(maxZoom({ width: 4000, height: 3000 }), 8);
  assert.equal(maxZoom({ width: 128, height: 300 }), 2);
  assert.equal(maxZoom({ width: 20, height: 300 }), 1);
  const photo = startFraming({ width: 128, height: 300 });
  assert.equal(cropRectangle(zoomedTo(photo, 99)).width, 64);
  assert.equal(zoomedTo(photo, 0.01).zoom, 1);
});

test("a clockwise turn moves the top left of the photo to the top right", () => {
  const topLeft = panned(zoomedTo(startFraming({ width: 300, height: 400 }), 2), { x: 9, y: 9 });
  assert.deepEqual(cropRectangle(topLeft), { x: 0, y: 0, width: 150, height: 150 });
  const once = turned(topLeft, "clockwise");
  assert.equal(once.rotate, 90);
  assert.deepEqual(turnedSize(once), { width: 400, height: 300 });
  assert.deepEqual(cropRectangle(once), { x: 250, y: 0, width: 150, height: 150 });
  const twice = turned(once, "clockwise");
  assert.deepEqual(cropRectangle(twice), { x: 150, y: 250, width: 150, height: 150 });
});

test("four turns, or one there and back, change nothing", () => {
  const start = panned(zoomedTo(startFraming({ width: 301, height: 407 }), 1.7), { x: 0.2, y: -0.1 });
  let framing = start;
  for (let turn = 0; turn < 4; turn++) framing = turned(framing, "clockwise");
  assert.deepEqual(cropRectangle(framing), cropRectangle(start));
  assert.equal(framing.rotate, 0);
  const back = turned(turned(start, "counterclockwise"), "clockwise");
  assert.deepEqual(cropRectangle(back), cropRectangle(start));
  assert.equal(turned(start, "counterclockwise").rotate, 270);
});

test("at rest the mask shows exactly the crop rectangle", () => {
  const framing = panned(zoomedTo(startFraming({ width: 301, height: 407 }), 1.73), { x: 0.111, y: -0.057 });
  const crop = cropRectangle(framing);
  const { scale, offset } = placement(framing);
  const size = turnedSize(framing);
  const edge = (from: number, length: number) => (from - length / 2) * scale;
  assert.ok(Math.abs(edge(crop.x, size.width) + offset.x + 0.5) < 1e-9, "the left edge of the crop is the mask's");
  assert.ok(Math.abs(edge(crop.y + crop.height, size.height) + offset.y - 0.5) < 1e-9, "so is its lower edge");
});

test("whatever a person does, the crop is a square of whole pixels inside the photo and the mask is covered", () => {
  const random = randomNumbers(20);
  for (let photo = 0; photo < 200; photo++) {
    const side = () => 1 + Math.floor(random() ** 3 * 6000);
    let framing = startFraming({ width: side(), height: side() });
    for (let step = 0; step < 50; step++) {
      const point = { x: random() * 2 - 1, y: random() * 2 - 1 };
      const choice = random();
      if (choice < 0.4) framing = panned(framing, point);
      else if (choice < 0.8) framing = zoomedTo(framing, framing.zoom * 2 ** (random() * 4 - 2), point);
      else framing = turned(framing, choice < 0.9 ? "clockwise" : "counterclockwise");

      const { width, height } = turnedSize(framing);
      const crop = cropRectangle(framing);
      const told = JSON.stringify({ framing, crop });
      for (const value of Object.values(crop)) assert.ok(Number.isInteger(value), told);
      assert.ok(crop.width === crop.height && crop.width >= 1, told);
      assert.ok(crop.x >= 0 && crop.y >= 0 && crop.x + crop.width <= width && crop.y + crop.height <= height, told);
      const half = cropSide(framing) / 2;
      assert.ok(framing.centre.x - half > -1e-6 && framing.centre.x + half < width + 1e-6, told);
      assert.ok(framing.centre.y - half > -1e-6 && framing.centre.y + half < height + 1e-6, told);
    }
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { isCovered, radians } from "../../src/editor/geometry/cover.ts";
import { cropRectangle } from "../../src/editor/geometry/crop.ts";
import { flipped, frameSize, leastZoom, maskSize, mostStraighten, mostZoom, panned, shownZoom, startFraming, straightened, turned, zoomedTo, type Framing, type Point, type Size } from "../../src/editor/geometry/framing.ts";
import { placement } from "../../src/editor/geometry/placement.ts";

const BANNER = { width: 3, height: 1 };

/** A small generator with a fixed seed, so that a failing run can be repeated. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Which place of the photo, from its middle and before any turn or flip, lies under a point of the mask. */
function under(framing: Framing, point: Point): Point {
  const { scale, offset } = placement(framing, { exact: true });
  const back = ({ x, y }: Point, degrees: number): Point => {
    const angle = (-degrees * Math.PI) / 180;
    return { x: x * Math.cos(angle) - y * Math.sin(angle), y: x * Math.sin(angle) + y * Math.cos(angle) };
  };
  const straight = back({ x: (point.x - offset.x) / scale, y: (point.y - offset.y) / scale }, framing.straighten / 100);
  return back({ x: framing.flip ? -straight.x : straight.x, y: straight.y }, framing.rotate);
}

function assertNear(actual: Point, expected: Point, told = ""): void {
  const isNear = Math.abs(actual.x - expected.x) < 1e-6 && Math.abs(actual.y - expected.y) < 1e-6;
  assert.ok(isNear, `${told} ${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
}

test("a new photo shows its largest middle square", () => {
  assert.deepEqual(cropRectangle(startFraming({ width: 480, height: 640 })), { x: 0, y: 80, width: 480, height: 480 });
  assert.deepEqual(cropRectangle(startFraming({ width: 640, height: 480 })), { x: 80, y: 0, width: 480, height: 480 });
});

test("a banner shows the largest middle part that is three times as wide as high, to the pixel", () => {
  assert.deepEqual(cropRectangle(startFraming({ width: 4000, height: 3000 }, BANNER)), { x: 1, y: 834, width: 3999, height: 1333 });
  assert.deepEqual(cropRectangle(turned(startFraming({ width: 4000, height: 3000 }, BANNER), "clockwise")), { x: 0, y: 1500, width: 3000, height: 1000 });
});

test("a photo of one pixel, and a very long one, have a crop", () => {
  assert.deepEqual(cropRectangle(startFraming({ width: 1, height: 1 })), { x: 0, y: 0, width: 1, height: 1 });
  assert.deepEqual(cropRectangle(startFraming({ width: 1, height: 1 }, BANNER)), { x: 0, y: 0, width: 1, height: 1 });
  const long = zoomedTo(startFraming({ width: 1, height: 10000 }), 5);
  assert.equal(long.zoom, 1);
  assert.deepEqual(cropRectangle(panned(long, { x: 0, y: -1e9 })), { x: 0, y: 9999, width: 1, height: 1 });
  assert.equal(straightened(long, 1000).straighten, 0, "it is too thin to be straightened");
});

test("dragging to the right uncovers what is on the left, and stops at the edge", () => {
  const start = zoomedTo(startFraming({ width: 1000, height: 1000 }), 2);
  assert.deepEqual(cropRectangle(start), { x: 250, y: 250, width: 500, height: 500 });
  assert.deepEqual(cropRectangle(panned(start, { x: 0.1, y: -0.1 })), { x: 200, y: 300, width: 500, height: 500 });
  assert.deepEqual(cropRectangle(panned(start, { x: 9, y: 9 })), { x: 0, y: 0, width: 500, height: 500 });
  assert.deepEqual(cropRectangle(panned(start, { x: -9, y: -9 })), { x: 500, y: 500, width: 500, height: 500 });
});

test("zooming about a point keeps the photo still there, straightened or not", () => {
  for (const angle of [0, 1234]) {
    const start = zoomedTo(straightened(startFraming({ width: 3000, height: 4000 }), angle), 2);
    for (const anchor of [{ x: 0, y: 0 }, { x: 0.3, y: -0.2 }, { x: -0.5, y: 0.5 }]) {
      for (const zoom of [2.5, 4, 8]) assertNear(under(zoomedTo(start, zoom, anchor), anchor), under(start, anchor));
    }
  }
});

test("zooming out at an edge moves the photo so that the mask stays covered", () => {
  const corner = panned(zoomedTo(startFraming({ width: 1000, height: 1000 }), 4), { x: 9, y: 9 });
  assert.deepEqual(cropRectangle(corner), { x: 0, y: 0, width: 250, height: 250 });
  assert.deepEqual(cropRectangle(zoomedTo(corner, 1)), { x: 0, y: 0, width: 1000, height: 1000 });
});

test("zoom stays between the whole square and 64 pixels, at most eightfold", () => {
  assert.equal(mostZoom(startFraming({ width: 4000, height: 3000 })), 8);
  assert.equal(mostZoom(startFraming({ width: 128, height: 300 })), 2);
  assert.equal(mostZoom(startFraming({ width: 20, height: 300 })), 1);
  const photo = startFraming({ width: 128, height: 300 });
  assert.equal(cropRectangle(zoomedTo(photo, 99)).width, 64);
  assert.equal(zoomedTo(photo, 0.01).zoom, 1);
});

test("a clockwise turn moves the top left of the photo to the top right", () => {
  const topLeft = panned(zoomedTo(startFraming({ width: 300, height: 400 }), 2), { x: 9, y: 9 });
  assert.deepEqual(cropRectangle(topLeft), { x: 0, y: 0, width: 150, height: 150 });
  const once = turned(topLeft, "clockwise");
  assert.equal(once.rotate, 90);
  assert.deepEqual(frameSize(once), { width: 400, height: 300 });
  assert.deepEqual(cropRectangle(once), { x: 250, y: 0, width: 150, height: 150 });
  assert.deepEqual(cropRectangle(turned(once, "clockwise")), { x: 150, y: 250, width: 150, height: 150 });
});

test("four turns, two flips, or one of them there and back, change nothing", () => {
  const start = panned(zoomedTo(straightened(startFraming({ width: 301, height: 407 }), -250), 1.7), { x: 0.2, y: -0.1 });
  let framing = start;
  for (let turn = 0; turn < 4; turn++) framing = turned(framing, "clockwise");
  assert.deepEqual(cropRectangle(framing), cropRectangle(start));
  assert.equal(framing.rotate, 0);
  assert.deepEqual(cropRectangle(turned(turned(start, "counterclockwise"), "clockwise")), cropRectangle(start));
  assert.equal(turned(start, "counterclockwise").rotate, 270);
  const twice = flipped(flipped(start));
  assert.deepEqual({ ...twice, centre: undefined }, { ...start, centre: undefined });
  assertNear(twice.centre, start.centre);
});

test("what is seen turns and flips as it is seen, whatever was done before", () => {
  const start = panned(zoomedTo(straightened(startFraming({ width: 800, height: 600 }), 700), 3), { x: 0.2, y: 0.1 });
  const clockwise = ({ x, y }: Point): Point => ({ x: y, y: -x });
  const mirrored = ({ x, y }: Point): Point => ({ x: -x, y });
  for (const framing of [start, flipped(start), turned(start, "clockwise"), turned(flipped(start), "counterclockwise")]) {
    for (const point of [{ x: 0, y: 0 }, { x: 0.4, y: -0.1 }, { x: -0.2, y: 0.3 }]) {
      assertNear(under(turned(framing, "clockwise"), point), under(framing, clockwise(point)), "turned");
      assertNear(under(flipped(framing), point), under(framing, mirrored(point)), "flipped");
    }
  }
});

test("straightening keeps what is in the middle of the mask, zooms in as far as needed, and out again", () => {
  const start = zoomedTo(startFraming({ width: 2000, height: 1500 }), 3);
  assertNear(under(straightened(start, 1500), { x: 0, y: 0 }), under(start, { x: 0, y: 0 }));
  const whole = startFraming({ width: 1000, height: 1000 });
  const leaning = straightened(whole, 4500);
  assert.ok(Math.abs(shownZoom(leaning) - Math.SQRT2) < 1e-9, "a square turned by 45 degrees has half of its area upright");
  assert.equal(leastZoom(leaning), shownZoom(leaning));
  assert.deepEqual(cropRectangle(straightened(leaning, 0)), cropRectangle(whole));
  assert.equal(straightened(whole, 99_999).straighten, mostStraighten(whole));
  assert.equal(straightened(whole, 12.4).straighten, 12);
});

test("at rest the mask shows exactly the crop rectangle", () => {
  const framing = panned(zoomedTo(startFraming({ width: 301, height: 407 }), 1.73), { x: 0.111, y: -0.057 });
  const crop = cropRectangle(framing);
  const { scale, offset } = placement(framing);
  const size = frameSize(framing);
  const edge = (from: number, length: number): number => (from - length / 2) * scale;
  assert.ok(Math.abs(edge(crop.x, size.width) + offset.x + 0.5) < 1e-9, "the left edge of the crop is the mask's");
  assert.ok(Math.abs(edge(crop.y + crop.height, size.height) + offset.y - 0.5) < 1e-9, "so is its lower edge");
});

/** The corners of a rectangle in the frame, as places of the photo before `straighten`, from its upper left. */
function corners(crop: { x: number; y: number; width: number; height: number }, frame: Size, straighten: number): Point[] {
  const angle = radians(straighten);
  return [0, 1].flatMap((right) =>
    [0, 1].map((low) => {
      const [x, y] = [crop.x + right * crop.width - frame.width / 2, crop.y + low * crop.height - frame.height / 2];
      return { x: x * Math.cos(angle) + y * Math.sin(angle) + frame.width / 2, y: y * Math.cos(angle) - x * Math.sin(angle) + frame.height / 2 };
    }),
  );
}

function assertSound(framing: Framing, told: string): void {
  const frame = frameSize(framing);
  const crop = cropRectangle(framing);
  for (const value of Object.values(crop)) assert.ok(Number.isInteger(value), told);
  assert.ok(crop.width >= 1 && crop.height >= 1, told);
  assert.ok(crop.x >= 0 && crop.y >= 0 && crop.x + crop.width <= frame.width && crop.y + crop.height <= frame.height, told);
  const { aspect } = framing;
  if (frame.width >= aspect.width && frame.height >= aspect.height) assert.equal(crop.width * aspect.height, crop.height * aspect.width, told);
  for (const { x, y } of corners(crop, frame, framing.straighten)) {
    assert.ok(x > -1e-5 && y > -1e-5 && x < frame.width + 1e-5 && y < frame.height + 1e-5, `a corner of the crop is free: ${told}`);
  }
  assert.ok(isCovered(framing.centre, maskSize(framing), frame, framing.straighten), `a corner of the mask is free: ${told}`);
  assert.ok(Math.abs(framing.straighten) <= mostStraighten(framing) && Number.isInteger(framing.straighten), told);
  // Rounding to whole pixels is not seen: the crop is where the mask is, to a few of the photo's pixels.
  const middle = { x: crop.x + crop.width / 2, y: crop.y + crop.height / 2 };
  assert.ok(Math.hypot(middle.x - framing.centre.x, middle.y - framing.centre.y) < 4, told);
  assert.ok(Math.abs(crop.width - maskSize(framing).width) < 4 * aspect.width, told);
}

test("whatever a person does, the mask is covered and the crop is whole pixels of its shape inside the photo", () => {
  const random = randomNumbers(20);
  for (let photo = 0; photo < 300; photo++) {
    const side = (): number => 1 + Math.floor(random() ** 3 * 6000);
    const steps: string[] = [];
    let framing = startFraming({ width: side(), height: side() }, photo % 3 === 0 ? BANNER : { width: 1, height: 1 });
    for (let step = 0; step < 60; step++) {
      const point = { x: random() * 2 - 1, y: random() * 2 - 1 };
      const choice = random();
      if (choice < 0.35) framing = panned(framing, point);
      else if (choice < 0.6) framing = zoomedTo(framing, framing.zoom * 2 ** (random() * 4 - 2), point);
      else if (choice < 0.8) framing = straightened(framing, (random() - 0.5) * 10_000 * random());
      else if (choice < 0.9) framing = flipped(framing);
      else framing = turned(framing, choice < 0.95 ? "clockwise" : "counterclockwise");
      steps.push(choice.toFixed(2));
      assertSound(framing, JSON.stringify({ framing, crop: cropRectangle(framing), steps }));
    }
  }
});

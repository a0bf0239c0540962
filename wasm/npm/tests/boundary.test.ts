/** Whatever a caller hands over, of whatever type: a typed error or a picture, never a trap, and the same instance goes on. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import { defaultPicture, inspect, isClean, ready, render, renderPixels, RoundelError } from "roundel";
import { fixture, goldenCases } from "./golden.ts";

const photo = fixture("exif-6.jpg");
const golden = goldenCases.find(({ input, recipe }) => input === "exif-6.jpg" && Object.keys(recipe).length === 0)?.sha256 ?? assert.fail();

function throwing(): never {
  throw new RangeError("from the caller's own code");
}

function cyclic(): object {
  const self: Record<string, unknown> = {};
  self["width"] = self;
  self["crop"] = self;
  return self;
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** A proxy in whose every trap the caller's own code throws. */
const hostile = new Proxy({}, Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((trap) => [trap, throwing])));

function detached(): Uint8Array {
  const bytes = photo.slice();
  structuredClone(bytes, { transfer: [bytes.buffer] });
  return bytes;
}

/** ECMAScript 2024, of which the compiler's library in use knows nothing. */
const Resizable = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => ArrayBuffer & { resize(length: number): void };

function shrunk(): Uint8Array {
  const buffer = new Resizable(photo.length, { maxByteLength: photo.length });
  const bytes = new Uint8Array(buffer, 10, 100);
  buffer.resize(5);
  return bytes;
}

class Liar extends Uint8Array {
  override get length(): number {
    return 0x7fff_0000;
  }
  override get byteLength(): number {
    return -1;
  }
}

/** Anything but a recipe, a picture's bytes or a number. */
const ODD: [string, unknown][] = [
  ["undefined", undefined],
  ["null", null],
  ["true", true],
  ["-0", -0],
  ["NaN", Number.NaN],
  ["infinity", 1e309],
  ["2^53", 2 ** 53],
  ["-1.5", -1.5],
  ["a BigInt", 256n],
  ["a symbol", Symbol("width")],
  ["a string", "256"],
  ["a lone surrogate", "\ud800"],
  ["an array", [1, 2, 3]],
  ["an array of arrays", [[[]]]],
  ["a function", () => 256],
  ["a class", RoundelError],
  ["an empty object", {}],
  ["an object without a prototype", Object.create(null)],
  ["a cyclic object", cyclic()],
  ["a date", new Date(0)],
  ["a regular expression", /./],
  ["a map", new Map([["width", 1]])],
  ["a promise", Promise.resolve(photo)],
  ["a boxed number", Object(256)],
  ["a boxed string", Object("x".repeat(1000))],
  ["what converts itself by throwing", { valueOf: throwing, toString: throwing, [Symbol.toPrimitive]: throwing }],
  ["a proxy that throws", hostile],
  ["a revoked proxy", revoked({})],
  ["a revoked proxy of an array", revoked([])],
  ["an ArrayBuffer", photo.slice().buffer],
  ["a DataView", new DataView(photo.slice().buffer)],
  ["words of 16 bits", new Uint16Array(4)],
  ["many bytes", new Uint8Array(1 << 20)],
];

const BYTES: [string, unknown][] = [
  ...ODD,
  ["no bytes", new Uint8Array(0)],
  ["detached bytes", detached()],
  ["bytes of a buffer that shrank", shrunk()],
  ["a proxy of bytes", new Proxy(photo, {})],
  ["a revoked proxy of bytes", revoked(photo)],
  ["what only looks like bytes", Object.create(Uint8Array.prototype)],
  ["a blob", new Blob([photo])],
];

const getter = (name: string, get: () => unknown): object => Object.defineProperty({}, name, { get, enumerable: true });

const RECIPES: [string, unknown][] = [
  ...ODD,
  ...["width", "crop", "background", "animate"].flatMap((member) => ODD.map(([what, value]): [string, unknown] => [`${member}: ${what}`, { [member]: value }])),
  ...["x", "height"].flatMap((member) => ODD.map(([what, value]): [string, unknown] => [`crop.${member}: ${what}`, { crop: { x: 0, y: 0, width: 10, height: 10, [member]: value } }])),
  ["a getter that throws", getter("width", throwing)],
  ["a getter that throws in the crop", { crop: getter("x", throwing) }],
  ["a getter that throws nothing sensible", getter("width", () => {
    throw undefined;
  })],
  ["a getter that renders", getter("width", () => render(photo, { width: 8 }).width)],
  ["a getter that has a render fail", getter("width", () => assert.throws(() => render(photo.subarray(0, 50))))],
  ["an own __proto__", JSON.parse('{"__proto__": {"width": 1}}')],
  ["very many members", Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`m${index}`, index]))],
  ["a member with a very long name", { ["w".repeat(1 << 20)]: 1 }],
  ["a very long text", { background: "#".repeat(1 << 22) }],
];

/** Fails where it is anything but a picture, a `RoundelError` or a plain `TypeError`, or where the instance had to be replaced. */
function outcome(what: string, work: () => unknown): string {
  try {
    work();
    return "done";
  } catch (error) {
    assert.ok(error instanceof RoundelError || (error instanceof TypeError && error.message.length > 10), `${what}: ${String(error)}`);
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) assert.ok(!(cause instanceof WebAssembly.RuntimeError), `${what}: a trap`);
    return error instanceof RoundelError ? error.code : "TypeError";
  }
}

const goesOn = (what: string): void => assert.equal(render(photo).sha256, golden, `after ${what}`);

describe("the boundary to JavaScript", () => {
  before(() => ready());

  it("takes any value as bytes", () => {
    const functions = [inspect, isClean, render] as ((bytes: never) => unknown)[];
    for (const [what, value] of BYTES) {
      const codes = functions.map((run) => outcome(what, () => run(value as never)));
      // What is bytes but no picture is clean of nothing.
      assert.ok(codes.every((code, index) => code === "unsupported_format" || (index === 1 && code === "done" && value instanceof Uint8Array)), `${what}: ${codes.join()}`);
      goesOn(what);
    }
  });

  it("takes any value as a recipe, as limits and as options", () => {
    assert.ok(RECIPES.length > 200);
    for (const [what, value] of RECIPES) {
      const codes = [
        outcome(what, () => render(photo, value as object)),
        outcome(what, () => render(photo, {}, value as object)),
        outcome(what, () => defaultPicture(value as object)),
        outcome(what, () => renderPixels({ data: new Uint8Array(16), width: 2, height: 2 }, value as object)),
      ];
      assert.ok(codes.every((code) => code === "done" || code === "bad_recipe"), `${what}: ${codes.join()}`);
      goesOn(what);
    }
  });

  it("takes any value as pixels and as their size", () => {
    for (const [what, value] of BYTES) {
      outcome(what, () => renderPixels(value as never));
      outcome(what, () => renderPixels({ data: value as never, width: 2, height: 2 }));
      outcome(what, () => renderPixels({ data: new Uint8Array(16), width: value as never, height: 2 }));
      for (const width of [2 ** 32 + 2, -2, 2 ** 31, 2.5]) assert.equal(outcome(what, () => renderPixels({ data: new Uint8Array(16), width, height: 2 })), "bad_recipe");
      goesOn(what);
    }
  });

  it("takes any pair of them", () => {
    const some = <T>(list: T[], step: number): T[] => list.filter((_, index) => index % step === 0);
    for (const [what, bytes] of some(BYTES, 3)) {
      for (const [with_, recipe] of some(RECIPES, 11)) outcome(`${what} with ${with_}`, () => render(bytes as Uint8Array, recipe as object));
    }
    goesOn("all of them");
  });

  it("refuses what would have done something else than was meant", () => {
    for (const recipe of ["256", 7, [], () => ({}), new Uint8Array(4), Object("x")]) assert.equal(outcome("recipe", () => render(photo, recipe as object)), "bad_recipe");
    assert.throws(() => render(photo, getter("width", throwing)), (error) => error instanceof RoundelError && /`width`/.test(error.message) && error.cause instanceof RangeError);
    assert.throws(() => render(photo, JSON.parse('{"__proto__": 1}') as object), /unknown name/);
  });

  it("reads bytes of every kind of memory, and as many as there are", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(photo.length + 7), 7);
    shared.set(photo);
    const resizable = new Uint8Array(new Resizable(photo.length, { maxByteLength: 1 << 20 }));
    resizable.set(photo);
    const foreign = runInNewContext("new Uint8Array(list)", { list: [...photo] }) as Uint8Array;
    assert.equal(foreign instanceof Uint8Array, false);
    for (const bytes of [shared, resizable, foreign, Buffer.from(photo), new Liar(photo)]) assert.equal(render(bytes).sha256, golden);
  });

  it("reads a recipe once, and before the bytes", () => {
    const reads: string[] = [];
    const recipe = new Proxy({ width: 16 }, {
      get: (target, name, receiver) => {
        reads.push(String(name));
        return Reflect.get(target, name, receiver) as unknown;
      },
    });
    assert.equal(render(photo, recipe).width, 16);
    assert.deepEqual(reads, ["width"]);
    const mine = photo.slice();
    const thief = getter("width", () => (structuredClone(mine, { transfer: [mine.buffer] }), 16));
    assert.equal(outcome("bytes that a getter takes away", () => render(mine, thief)), "unsupported_format");
    goesOn("that");
  });
});

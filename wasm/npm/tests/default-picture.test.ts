/** Default pictures in Node; `wasm/tests/default_pictures.rs` holds the crate against the same list. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { defaultPicture, inspect, ready, renderPixels, RoundelError, type DefaultPicture } from "roundel";
import { goldenDefaultPictures } from "./golden.ts";

describe("a default picture", () => {
  before(() => ready());

  it("has the golden bytes", () => {
    assert.ok(goldenDefaultPictures.length >= 30);
    for (const { options, sha256 } of goldenDefaultPictures) assert.equal(defaultPicture(options).sha256, sha256, JSON.stringify(options));
  });

  it("is described as a rendered photo is", () => {
    const { bytes, ...rest } = defaultPicture({ kind: "identicon", seed: "7", width: 90, height: 30, format: "jpeg", quality: 70 });
    assert.deepEqual({ ...rest, sha256: "", thumbhash: "" }, { width: 90, height: 30, contentType: "image/jpeg", sha256: "", thumbhash: "", quality: 70, frames: 1, source: "roundel" });
    const { format, width, height } = inspect(bytes);
    assert.deepEqual({ format, width, height }, { format: "jpeg", width: 90, height: 30 });
    assert.match(rest.thumbhash, /^[\w+/]{20,}=*$/);
  });

  it("takes absent members and undefined ones as the default", () => {
    const { sha256 } = defaultPicture();
    assert.equal(defaultPicture({ kind: undefined, name: undefined, seed: undefined, format: undefined }).sha256, sha256);
    assert.equal(defaultPicture({ name: "", width: 256 }).sha256, sha256);
  });

  it("refuses options by name, and goes on", () => {
    const bad: [unknown, RegExp][] = [
      [{ width: 0 }, /width/],
      [{ height: 4097 }, /height/],
      [{ quality: 101 }, /quality/],
      [{ kind: "robot" }, /`kind`/],
      [{ name: 7 }, /`name`/],
      [{ nmae: "Ada" }, /unknown name; there are kind, name/],
      ["Ada", /`options`/],
    ];
    for (const [options, words] of bad) {
      assert.throws(() => defaultPicture(options as DefaultPicture), (error) => error instanceof RoundelError && error.code === "bad_recipe" && words.test(error.message));
    }
    assert.equal(defaultPicture({ width: 16 }).width, 16);
  });
});

describe("pixels that something else decoded", () => {
  before(() => ready());

  const data = Uint8ClampedArray.from({ length: 4 * 60 }, (_, index) => (index % 4 === 3 ? 255 : (index * 7) % 256));

  it("become a picture", () => {
    const { width, height, source } = renderPixels({ data, width: 10, height: 6 }, { width: 32, height: 16 });
    assert.deepEqual({ width, height, source }, { width: 32, height: 16, source: "browser" });
    const padded = new Uint8Array(300);
    padded.set(data, 30);
    assert.equal(renderPixels({ data: padded.subarray(30, 270), width: 10, height: 6 }).sha256, renderPixels({ data, width: 10, height: 6 }).sha256);
  });

  it("have to be as many as their size says", () => {
    for (const wrong of [{ data, width: 10, height: 7 }, { data, width: 0, height: 0 }, { data: [1, 2, 3, 4] as unknown as Uint8Array, width: 1, height: 1 }]) {
      assert.throws(() => renderPixels(wrong), (error) => error instanceof RoundelError && error.code === "bad_recipe");
    }
    assert.equal(renderPixels({ data, width: 10, height: 6 }).width, 256);
  });
});

/** The studio where there is no Web Worker: on the caller's thread. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { createStudio, RoundelError } from "roundel/studio";
import { fixture, goldenCases } from "./golden.ts";

const golden = goldenCases.find(({ input, recipe }) => input === "portrait.jpg" && Object.keys(recipe).length === 0)?.sha256;
const photo = fixture("portrait.jpg");
const refused = (code: string) => (error: unknown): boolean => error instanceof RoundelError && error.code === code;

it("gives the golden bytes, of bytes and of a blob, and leaves the bytes alone", async () => {
  const studio = createStudio();
  const heard: string[] = [];
  const onProgress = ({ phase }: { phase: string }): void => void heard.push(phase);
  assert.equal((await studio.render(new Blob([photo]), {}, { onProgress })).sha256, golden);
  assert.deepEqual(heard, ["queued", "started", "loading", "reading", "working", "done"]);
  assert.equal((await studio.render(Buffer.from(photo), {}, { transfer: true })).sha256, golden);
  assert.deepEqual((await studio.inspect(photo)).width, 480);
});

it("does its jobs in their order, one at a time, and lets them be called off", async () => {
  const studio = createStudio();
  const story: string[] = [];
  const [running, waiting] = [new AbortController(), new AbortController()];
  const job = (name: string, signal?: AbortSignal): Promise<void> =>
    studio.render(photo, {}, { signal, onProgress: ({ phase }) => phase === "working" && story.push(`${name} works`) }).then(
      () => void story.push(name),
      (error: Error) => void story.push(`${name}: ${error.message}`),
    );
  const jobs = [job("first"), job("second", running.signal), job("third", waiting.signal), job("fourth")];
  waiting.abort(new Error("enough"));
  await jobs[0];
  running.abort(new Error("too late for the module, not for the promise"));
  await Promise.all(jobs);
  assert.deepEqual(story.filter((what) => !what.endsWith("works")), ["third: enough", "first", "second: too late for the module, not for the promise", "fourth"]);
});

it("tells what is wrong, and goes on", async () => {
  const studio = createStudio();
  for (const wrong of [undefined, null, 7, "photo", {}, [], new ArrayBuffer(8)]) await assert.rejects(studio.render(wrong as never), refused("unsupported_format"));
  await assert.rejects(studio.render(photo, { width: 0 }), refused("bad_recipe"));
  await assert.rejects(studio.render(photo, { width: (() => 1) as never }), refused("bad_recipe"));
  await assert.rejects(studio.render(photo, {}, { limits: { maxPixels: 1 } }), refused("too_many_pixels"));
  // Nobody decodes it here.
  await assert.rejects(studio.render(fixture("exif-6.avif")), refused("unsupported_format"));
  assert.equal((await studio.render(photo)).sha256, golden);
});

it("ends with close", async () => {
  const studio = createStudio();
  const [first, second] = [studio.render(photo), studio.render(photo)];
  studio.close();
  studio.close();
  for (const job of [first, second, studio.inspect(photo)]) await assert.rejects(job, { name: "AbortError" });
  await assert.rejects(studio.render(photo, {}, { signal: AbortSignal.abort(new Error("before")) }), /before/);
});

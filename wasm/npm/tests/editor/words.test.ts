import assert from "node:assert/strict";
import { test } from "node:test";
import { ENGLISH, filled, labelsWith } from "../../src/editor/labels.ts";
import { PhotoError } from "../../src/editor/photo.ts";
import { problemOf } from "../../src/editor/problem.ts";

const problem = (code: string, status?: number) => Object.assign(new Error("for developers"), { code, status });
const wordsFor = (error: unknown): string => ENGLISH[problemOf(error).label];

const UNKNOWN = wordsFor(new Error("anything"));

test("each code of the contract has words of its own, without the code in them", () => {
  const codes = ["unsupported_format", "truncated", "malformed", "too_many_pixels", "too_many_frames", "out_of_memory_budget", "bad_recipe"];
  const texts = codes.map((code) => wordsFor(problem(code)));
  for (const [index, text] of texts.entries()) {
    assert.notEqual(text, UNKNOWN, codes[index]);
    assert.doesNotMatch(text, /_|for developers/);
  }
  assert.equal(new Set(texts).size, codes.length);
});

test("401, in whatever dress, asks to sign in again", () => {
  for (const error of [problem("unauthorized", 401), problem("anything", 401), problem("unauthorized")]) {
    assert.equal(problemOf(error).code, "unauthorized");
    assert.match(wordsFor(error), /sign in again/i);
  }
});

test("a lost connection is called that", () => {
  assert.match(wordsFor(problem("network", 0)), /online/);
  assert.match(wordsFor(new TypeError("Failed to fetch")), /online/);
});

test("the worker's own code counts before that of the upload", () => {
  const error = Object.assign(problem("refused", 415), { problem: "content_type_mismatch" });
  assert.deepEqual(problemOf(error), { code: "content_type_mismatch", label: "wrongType" });
});

test("an unknown code is told by its status, and anything else in general words", () => {
  assert.match(wordsFor(problem("new_code", 503)), /server/i);
  assert.match(wordsFor(problem("new_code", 429)), /wait/i);
  assert.equal(wordsFor(problem("new_code", 418)), UNKNOWN);
  for (const thrown of [undefined, null, "text", 5, {}, { code: 5 }, problem("toString")]) assert.equal(wordsFor(thrown), UNKNOWN);
});

test("a file that the editor itself refuses says why", () => {
  assert.match(wordsFor(new PhotoError("empty", "")), /empty/);
  assert.match(wordsFor(new PhotoError("too_large", "")), /too large/);
  assert.match(wordsFor(new PhotoError("not_shown", "")), /damaged/);
  assert.match(wordsFor(new PhotoError("unsupported_here", "")), /this browser.*JPEG/i);
});

test("another language replaces what it has, and nothing else", () => {
  const labels = labelsWith({ save: "Sauver", zoom: 5, unknown: "x", toString: "y" });
  assert.equal(labels.save, "Sauver");
  assert.equal(labels.zoom, ENGLISH.zoom);
  assert.deepEqual(Object.keys(labels), Object.keys(ENGLISH));
  for (const other of [undefined, null, 5, "text"]) assert.equal(labelsWith(other), ENGLISH);
});

test("values come in the place of their names", () => {
  assert.equal(filled("{a} of {b}, {c}", { a: 1, b: "two" }), "1 of two, {c}");
  assert.equal(filled("{constructor}", {}), "{constructor}");
});

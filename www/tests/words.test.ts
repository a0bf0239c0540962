import assert from "node:assert/strict";
import { test } from "node:test";
import { PhotoError } from "../src/photo.ts";
import { SessionExpiredError } from "../src/session.ts";
import { noticeFor } from "../src/words.ts";

const problem = (code: string, status?: number) => Object.assign(new Error("for developers"), { code, status });

const UNKNOWN = noticeFor(new Error("anything")).text;

test("each code of the contract has words of its own, without the code in them", () => {
  const codes = ["unsupported_format", "truncated", "malformed", "too_many_pixels", "too_many_frames", "out_of_memory_budget", "bad_recipe"];
  const texts = codes.map((code) => noticeFor(problem(code)).text);
  for (const [index, text] of texts.entries()) {
    assert.notEqual(text, UNKNOWN, codes[index]);
    assert.doesNotMatch(text, /_|for developers/);
  }
  assert.equal(new Set(texts).size, codes.length);
});

test("401, in whatever dress, asks to sign in again", () => {
  for (const error of [problem("unauthorized", 401), problem("anything", 401), new SessionExpiredError("over")]) {
    assert.equal(noticeFor(error).signInAgain, true);
    assert.match(noticeFor(error).text, /sign in again/i);
  }
});

test("a lost connection is called that", () => {
  assert.match(noticeFor(problem("network", 0)).text, /online/);
  assert.match(noticeFor(new TypeError("Failed to fetch")).text, /online/);
});

test("an unknown code is told by its status, and anything else in general words", () => {
  assert.match(noticeFor(problem("new_code", 503)).text, /server/i);
  assert.match(noticeFor(problem("new_code", 429)).text, /wait/i);
  assert.equal(noticeFor(problem("new_code", 418)).text, UNKNOWN);
  for (const thrown of [undefined, null, "text", 5, {}]) assert.equal(noticeFor(thrown).text, UNKNOWN);
});

test("a file that the page itself refuses says why", () => {
  assert.match(noticeFor(new PhotoError("empty", "")).text, /empty/);
  assert.match(noticeFor(new PhotoError("too_large", "")).text, /too large/);
  assert.match(noticeFor(new PhotoError("not_shown", "")).text, /damaged/);
  assert.match(noticeFor(new PhotoError("unsupported_here", "")).text, /this browser.*JPEG/i);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { bioText, characters, nameText } from "../src/profile-text.ts";

test("text is counted as the worker counts it", () => {
  assert.equal(characters("👩‍👩‍👧"), 5);
  assert.equal(characters(nameText(" Zoe\u0308 ")), 3);
  assert.equal(bioText(" a\r\nb\rc\u2028d "), "a\nb\nc\nd");
  assert.equal(characters(bioText("\n")), 0);
});

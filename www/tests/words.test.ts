import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../src/config.ts";
import { NotServedError } from "../src/pictures.ts";
import { SessionExpiredError } from "../src/session.ts";
import { SignInError } from "../src/sign-in-error.ts";
import { noticeFor } from "../src/words.ts";

test("each failure of the page has words of its own that say what to do", () => {
  const errors = [
    new SessionExpiredError("over"),
    new ConfigError(""),
    new NotServedError(""),
    new TypeError("Failed to fetch"),
    ...(["issuer_unreachable", "refused", "failed"] as const).map((code) => new SignInError(code, "for developers")),
    new Error("anything"),
  ];
  const texts = errors.map(noticeFor);
  assert.equal(new Set(texts).size, errors.length);
  for (const text of texts) assert.doesNotMatch(text, /for developers|_/);
  assert.match(texts[0] ?? "", /sign in again/i);
  assert.match(texts[3] ?? "", /online/);
});

test("whatever is thrown has words", () => {
  for (const thrown of [undefined, null, "text", 5, {}]) assert.match(noticeFor(thrown), /try again/);
});

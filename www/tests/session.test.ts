import assert from "node:assert/strict";
import { test } from "node:test";
import { isExpired, readSession } from "../src/session.ts";

function token(payload: unknown): string {
  return `e30.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.c2ln`;
}

test("a token says whose it is and when it ends", () => {
  const session = readSession(token({ sub: "a1-b2", exp: 4_000_000_000, name: "Zoë ✓?>" }));
  assert.equal(session?.subject, "a1-b2");
  assert.equal(session?.expiresAtMs, 4_000_000_000_000);
});

test("what is no such token is no session", () => {
  const texts = ["", ".", "a.b.c", "e30.e30.e30", "e30.bnVsbA.x", "e30.%%%.x", token({ sub: 5, exp: 1 }), token({ sub: "a" })];
  for (const text of texts) assert.equal(readSession(text), undefined, text);
});

test("a token ends when its time has come, or is near where a margin is asked for", () => {
  const inOneMinute = readSession(token({ sub: "a", exp: Math.floor(Date.now() / 1000) + 60 }));
  const over = readSession(token({ sub: "a", exp: Math.floor(Date.now() / 1000) - 1 }));
  assert.ok(inOneMinute && over);
  assert.equal(isExpired(inOneMinute), false);
  assert.equal(isExpired(inOneMinute, 120_000), true);
  assert.equal(isExpired(over), true);
});

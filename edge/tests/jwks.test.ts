/** The issuer's keys: down, slow, elsewhere, too many, exchanged. What the worker then says, and how often it asks. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { accessToken, newSigningKey, signingKey, type SigningKey } from "../../infra/local/tokens.ts";
import { assertProblem, startHarness, type Harness } from "./harness.ts";
import { cut, dripping, endless, keys, keysWithoutType, late, packed, silence, startJwksServer, status, text, type Behaviour } from "./jwks-server.ts";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A little more than the worker waits before it asks again for keys when it has none. */
const COOLDOWN_MS = 1_100;

async function ask(harness: Harness, token: string): Promise<Response> {
  return harness.get("/avatars/key_upload", { method: "POST", headers: { authorization: `Bearer ${token}` }, body: JSON.stringify({ extension: "jpg" }) });
}

async function scratch<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "roundel-edge-jwks-"));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

describe("the issuer's keys", { concurrency: true }, () => {
  it("are taken from a good answer only; until there is one, nobody is let in and nobody is called an impostor", () =>
    scratch(async (stateDirectory) => {
      const [jwks, elsewhere, key] = [await startJwksServer(), await startJwksServer(), await signingKey(stateDirectory)];
      const harness = await startHarness({ stateDirectory, variables: { JWKS_URL: jwks.url } });
      try {
        const good = JSON.stringify({ keys: [key.publicJwk] });
        elsewhere.behave(keys(key.publicJwk));
        const behaviours: [name: string, behaviour: Behaviour, reason: string][] = [
          ["down", status(500), "jwks: status 500"],
          ["gone", status(404), "jwks: status 404"],
          ["hanging up", silence, "jwks: no answer in time"],
          ["redirecting", status(302, { location: elsewhere.url }), "jwks: status 302"],
          ["redirecting for ever", status(308, { location: elsewhere.url }), "jwks: status 308"],
          ["another content type", text(good, "text/html"), "jwks: not application/json"],
          ["5 MB, announced", text(good + " ".repeat(5_000_000)), "jwks: more than 65536 bytes"],
          ["5 MB, not announced", endless(good, 5_000_000), "jwks: more than 65536 bytes"],
          ["5 MB, packed", packed(good + " ".repeat(5_000_000)), "jwks: more than 65536 bytes"],
          ["broken off", cut(good), "jwks: no answer in time"],
          ["no content type", keysWithoutType(good), "jwks: not application/json"],
          ["no JSON", text("<html>"), "jwks: not a JWK set"],
          ["a member twice", text(`{"keys":[],${good.slice(1)}`), "jwks: not a JWK set"],
          ["no keys", keys(), "jwks: no key for JWT_ALGORITHM in it"],
          ["17 keys", keys(...Array.from({ length: 17 }, () => key.publicJwk)), "jwks: more than 16 keys"],
          ["different keys of one ID", keys(key.publicJwk, { ...(await newSigningKey()).publicJwk, kid: key.keyId }), "jwks: no key for JWT_ALGORITHM in it"],
          ["late", late(7_000, keys(key.publicJwk)), "jwks: no answer in time"],
          ["without an end", dripping(good), "jwks: no answer in time"],
        ];
        const token = await accessToken(key, { issuer: harness.stack.issuer.url });
        for (const [name, behaviour, reason] of behaviours) {
          await pause(COOLDOWN_MS);
          jwks.behave(behaviour);
          const [asked, from, started] = [jwks.requests(), harness.stack.workerLog().length, Date.now()];
          const response = await ask(harness, token);
          assert.match(response.headers.get("retry-after") ?? "", /^\d+$/, name);
          assert.equal(response.headers.get("www-authenticate"), null, name);
          await assertProblem(response, 503, "keys_unavailable");
          assert.ok(Date.now() - started < 6_500, `${name}: after ${Date.now() - started} ms`);
          assert.equal(jwks.requests(), asked + 1, `${name}: asked once`);
          // Asked again at once, it answers from what it knows.
          await assertProblem(await ask(harness, token), 503, "keys_unavailable");
          assert.equal(jwks.requests(), asked + 1, `${name}: and not once more`);
          await pause(50);
          assert.ok(harness.stack.workerLog().slice(from).includes(`"reason":"${reason}"`), `${name}: ${harness.stack.workerLog().slice(from)}`);
        }
        assert.equal(elsewhere.requests(), 0, "redirects are not followed");
        jwks.behave(keys(key.publicJwk));
        await pause(COOLDOWN_MS);
        assert.equal((await ask(harness, token)).status, 200, "all is well again at once");
      } finally {
        await Promise.all([harness.stop(), jwks.stop(), elsewhere.stop()]);
      }
    }));

  it("are asked for once by many, again for a new one after 30 seconds, and outlive the issuer and the isolate", () =>
    scratch(async (stateDirectory) => {
      const [jwks, key, next, stranger] = [await startJwksServer(), await signingKey(stateDirectory), await newSigningKey(), await newSigningKey()];
      const variables = { JWKS_URL: jwks.url };
      let harness = await startHarness({ stateDirectory, variables });
      const issuer = harness.stack.issuer.url;
      const token = (by: SigningKey): Promise<string> => accessToken(by, { issuer });
      try {
        jwks.behave(late(400, keys(key.publicJwk)));
        const own = await token(key);
        const burst = await Promise.all(Array.from({ length: 20 }, () => ask(harness, own)));
        const askedAt = Date.now();
        assert.deepEqual(burst.map((response) => response.status), Array.from({ length: 20 }, () => 200));
        assert.equal(jwks.requests(), 1, "twenty at once ask once");

        jwks.behave(keys(key.publicJwk, next.publicJwk));
        for (const by of [next, stranger, await newSigningKey()]) await assertProblem(await ask(harness, await token(by)), 401, "unauthorized");
        assert.equal(jwks.requests(), 1, "unknown keys do not make it ask within 30 seconds");

        await pause(askedAt + 30_200 - Date.now());
        const rotated = await Promise.all([next, next, key, next].map(async (by) => ask(harness, await token(by))));
        assert.deepEqual(rotated.map((response) => response.status), [200, 200, 200, 200]);
        for (const by of [stranger, stranger]) await assertProblem(await ask(harness, await token(by)), 401, "unauthorized");
        assert.equal(jwks.requests(), 2, "the new key was asked for once");

        jwks.behave(status(503));
        for (const by of [key, next]) assert.equal((await ask(harness, await token(by))).status, 200);
        // Another isolate: what it knows is what the data centre's cache kept.
        await harness.stop();
        harness = await startHarness({ stateDirectory, variables, issuerPort: Number(new URL(issuer).port) });
        for (const by of [key, next]) assert.equal((await ask(harness, await token(by))).status, 200);
        assert.equal(jwks.requests(), 2, "from the Cache API");
      } finally {
        await Promise.all([harness.stop(), jwks.stop()]);
      }
    }));
});

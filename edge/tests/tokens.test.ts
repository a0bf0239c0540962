/** Who gets in: one good access token, and every way to be refused. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SignJWT, UnsecuredJWT } from "jose";
import { accessToken, newSigningKey, signingKey, type TokenOptions } from "../../infra/local/tokens.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertProblem, startHarness, type Harness } from "./harness.ts";

let harness: Harness;
const keyDirectory = mkdtempSync(join(tmpdir(), "roundel-edge-key-"));
before(async () => {
  harness = await startHarness();
});
after(async () => {
  await harness?.stop();
  rmSync(keyDirectory, { recursive: true, force: true });
});

async function ask(authorization: string | undefined, path = "/avatars/key_upload"): Promise<Response> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  return harness.get(path, { method: "POST", headers, body: JSON.stringify({ extension: "jpg" }) });
}

async function assertRefused(token: string, why: string): Promise<void> {
  for (const path of ["/avatars/key_upload", "/avatars/publish"]) {
    const response = await ask(`Bearer ${token}`, path);
    assert.equal(response.status, 401, `${why}: ${path}`);
    assert.equal(response.headers.get("www-authenticate"), `Bearer error="invalid_token"`);
    await assertProblem(response, 401, "unauthorized");
  }
}

test("an access token of the issuer opens, and names the key of the upload", async () => {
  const response = await ask(`Bearer ${await harness.stack.issuer.accessToken({ sub: "somebody" })}`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal(((await response.json()) as { key: string }).key, "avatars/somebody.jpg");
});

test("a missing header and what is no token are refused", async () => {
  for (const value of [undefined, "Bearer", "Basic abc", "garbage"]) {
    const response = await ask(value);
    assert.equal(response.headers.get("www-authenticate"), "Bearer", "RFC 6750 section 3.1: no error for who brings no token");
    await assertProblem(response, 401, "unauthorized");
  }
  for (const token of ["garbage", "a.b.c", "..", "x".repeat(9000)]) await assertRefused(token, token.slice(0, 10));
});

test("claims that do not fit are refused", async () => {
  const { issuer } = harness.stack;
  const cases: [string, Partial<TokenOptions>][] = [
    ["expired", { expiresInSeconds: -120 }],
    ["another client", { clientId: "another" }],
    ["another issuer", { issuer: "https://issuer.example/pool" }],
    ["no exp", { claims: { exp: undefined } }],
    ["not yet valid", { claims: { nbf: Math.floor(Date.now() / 1000) + 600 } }],
    ["no token_use", { claims: { token_use: undefined } }],
    ["a sub that is a path", { sub: "../other" }],
    ["no sub", { claims: { sub: undefined } }],
  ];
  for (const [why, options] of cases) await assertRefused(await issuer.accessToken(options), why);
  await assertRefused(await issuer.idToken(), "an id token");
  await assertRefused(await issuer.idToken({ claims: { client_id: issuer.clientId } }), "an id token with a client_id");
});

test("keys and algorithms that are not the issuer's are refused", async () => {
  const { issuer } = harness.stack;
  await assertRefused(await issuer.accessToken({ keyId: "unknown" }), "an unknown kid");
  const own = await issuer.accessToken();
  const keyId = (JSON.parse(Buffer.from(own.split(".")[0] ?? "", "base64url").toString()) as { kid: string }).kid;
  await assertRefused(await accessToken(await newSigningKey(), { issuer: issuer.url, keyId }), "a stranger's key under the issuer's kid");
  const stranger = await signingKey(keyDirectory);
  const claims = JSON.parse(Buffer.from(own.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>;
  const carried = await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: keyId, jwk: stranger.publicJwk }).sign(stranger.privateKey);
  await assertRefused(carried, "a key that the token brings along");
  const jwks = await (await fetch(issuer.jwksUrl)).text();
  const confused = await new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: keyId }).sign(new TextEncoder().encode(jwks));
  await assertRefused(confused, "HS256 with the public key as its secret");
  await assertRefused(new UnsecuredJWT(claims).encode(), "alg none");
  const [header = "", payload = "", signature = ""] = own.split(".");
  const flipped = `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
  await assertRefused(`${header}.${payload}.${flipped}`, "a changed signature");
  const other = Buffer.from(JSON.stringify({ ...claims, sub: "other" })).toString("base64url");
  await assertRefused(`${header}.${other}.${signature}`, "changed claims");
});

test("the reason is in the log and nowhere else", () => {
  const log = harness.stack.workerLog();
  for (const reason of ["unknown kid", "wrong signature", "expired", "token_use is not access", "another client_id", "another iss"]) {
    assert.ok(log.includes(`"reason":"token: ${reason}"`), reason);
  }
});

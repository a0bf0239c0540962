/** The local sign-in issuer, as a browser and a worker see it. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { startIssuer, type Issuer } from "../local/issuer.ts";

const PAGE = "http://127.0.0.1:5000";

describe("the local issuer", () => {
  const stateDirectory = mkdtempSync(join(tmpdir(), "roundel-issuer-"));
  let issuer: Issuer;
  let origin: string;

  before(async () => {
    issuer = await startIssuer({ stateDirectory, port: 0, allowedOrigins: [PAGE] });
    origin = new URL(issuer.url).origin;
  });
  after(async () => {
    await issuer.stop();
    rmSync(stateDirectory, { recursive: true });
  });

  const verify = async (token: string): Promise<Record<string, unknown>> =>
    (await jwtVerify(token, createRemoteJWKSet(new URL(issuer.jwksUrl)), { issuer: issuer.url, algorithms: ["RS256"] })).payload;

  /** The browser's part of the authorization code flow. */
  async function authorize(changes: Record<string, string> = {}): Promise<{ response: Response; verifier: string }> {
    const verifier = randomBytes(32).toString("base64url");
    const query = new URLSearchParams({
      response_type: "code",
      client_id: issuer.clientId,
      redirect_uri: `${PAGE}/`,
      scope: "openid",
      state: "s1",
      nonce: "n1",
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...changes,
    });
    return { response: await fetch(`${origin}/oauth2/authorize?${query}`, { redirect: "manual" }), verifier };
  }

  const redeem = (code: string, verifier: string): Promise<Response> =>
    fetch(`${origin}/oauth2/token`, {
      method: "POST",
      headers: { origin: PAGE },
      body: new URLSearchParams({ grant_type: "authorization_code", client_id: issuer.clientId, redirect_uri: `${PAGE}/`, code, code_verifier: verifier }),
    });

  const codeOf = (response: Response): string => new URL(response.headers.get("location") ?? "").searchParams.get("code") ?? "";

  it("signs access tokens in Cognito's shape", async () => {
    const token = await issuer.accessToken({ sub: "ada", expiresInSeconds: 60 });
    const claims = await verify(token);
    assert.equal(claims["sub"], "ada");
    assert.equal(claims["token_use"], "access");
    assert.equal(claims["client_id"], issuer.clientId);
    assert.equal(claims["aud"], undefined);
    assert.equal(Number(claims["exp"]) - Number(claims["iat"]), 60);
    assert.deepEqual(Object.keys(decodeProtectedHeader(token)).sort(), ["alg", "kid"]);
  });

  it("signs in with a code that is good once, for the one who asked", async () => {
    const { response, verifier } = await authorize();
    assert.equal(response.status, 302);
    const back = new URL(response.headers.get("location") ?? "");
    assert.equal(back.origin, PAGE);
    assert.equal(back.searchParams.get("state"), "s1");

    const redeemed = await redeem(codeOf(response), verifier);
    assert.equal(redeemed.headers.get("access-control-allow-origin"), PAGE);
    const tokens = (await redeemed.json()) as { access_token: string; id_token: string };
    assert.equal((await verify(tokens.access_token))["token_use"], "access");
    assert.equal((await verify(tokens.id_token))["nonce"], "n1");
    assert.equal((await redeem(codeOf(response), verifier)).status, 400);

    const other = await authorize();
    assert.equal((await redeem(codeOf(other.response), verifier)).status, 400);
  });

  it("sends nobody to a place or for a client that it does not know", async () => {
    assert.equal((await authorize({ redirect_uri: "http://127.0.0.1:5001/" })).response.status, 400);
    assert.equal((await authorize({ redirect_uri: "nonsense" })).response.status, 400);
    assert.equal((await authorize({ client_id: "another" })).response.status, 400);
    const plain = (await authorize({ code_challenge_method: "plain" })).response;
    assert.match(plain.headers.get("location") ?? "", /error=invalid_request/);
  });

  it("keeps its key for itself, and over a restart", async () => {
    const token = await issuer.accessToken();
    const mode = statSync(join(stateDirectory, "issuer", "key.json")).mode & 0o777;
    assert.equal(mode, 0o600);
    const { keys } = (await (await fetch(issuer.jwksUrl)).json()) as { keys: Record<string, unknown>[] };
    assert.deepEqual(Object.keys(keys[0] ?? {}).sort(), ["alg", "e", "kid", "kty", "n", "use"]);
    const again = await startIssuer({ stateDirectory, port: 0, allowedOrigins: [] });
    const after = (await (await fetch(again.jwksUrl)).json()) as { keys: { kid: string }[] };
    await again.stop();
    assert.equal(after.keys[0]?.kid, decodeProtectedHeader(token).kid);
  });
});

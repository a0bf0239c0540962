/** Another OpenID provider than Cognito: signatures by ES256, access tokens as RFC 9068 has them. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTHeaderParameters } from "jose";
import { newSigningKey } from "../../infra/local/tokens.ts";
import { assertProblem, startHarness, type Harness } from "./harness.ts";
import { keys, startJwksServer, type JwksServer } from "./jwks-server.ts";

const ISSUER = "https://sign-in.example/tenant";
const AUDIENCE = "https://pictures.example";

let harness: Harness;
let jwks: JwksServer;
let privateKey: CryptoKey;
let rsaKey: CryptoKey;
before(async () => {
  jwks = await startJwksServer();
  const pair = await generateKeyPair("ES256");
  privateKey = pair.privateKey;
  const rsa = await newSigningKey();
  rsaKey = rsa.privateKey;
  jwks.behave(keys({ ...(await exportJWK(pair.publicKey)), kid: "ec", use: "sig", alg: "ES256" }, { ...rsa.publicJwk, kid: "rsa" }));
  const variables = { USER_POOL_ID: undefined, JWT_ISSUER: ISSUER, JWKS_URL: jwks.url, JWT_ALGORITHM: "ES256", JWT_AUDIENCE: AUDIENCE, CLIENT_ID: "page,phone" };
  harness = await startHarness({ variables });
});
after(() => Promise.all([harness?.stop(), jwks?.stop()]));

async function ask(claims: Record<string, unknown>, header: Partial<JWTHeaderParameters> = {}, key: CryptoKey = privateKey): Promise<Response> {
  const now = Math.floor(Date.now() / 1000);
  const payload = { iss: ISSUER, sub: "user-1", aud: [AUDIENCE], client_id: "page", iat: now, exp: now + 300, ...claims };
  const token = await new SignJWT(payload).setProtectedHeader({ alg: "ES256", kid: "ec", typ: "at+jwt", ...header }).sign(key);
  return harness.get("/avatars/key_upload", { method: "POST", headers: { authorization: `Bearer ${token}` }, body: JSON.stringify({ extension: "jpg" }) });
}

test("its access tokens open", async () => {
  // A dozen, because each has another signature: half of them have a large s.
  for (let count = 0; count < 12; count += 1) assert.equal((await ask({})).status, 200);
  assert.equal((await ask({ client_id: "phone", aud: AUDIENCE })).status, 200);
  assert.equal((await ask({ client_id: undefined, azp: "phone" }, { typ: "JWT" })).status, 200);
});

test("what is for another service, of another client or an identity token opens nothing", async () => {
  for (const claims of [{ aud: "https://mail.example" }, { aud: undefined }, { client_id: "stranger" }, { client_id: undefined }, { aud: "page", nonce: "n" }, { token_use: "id" }]) {
    await assertProblem(await ask(claims), 401, "unauthorized");
  }
});

test("its RSA key is not used, though its set has one", async () => {
  await assertProblem(await ask({}, { alg: "RS256", kid: "rsa" }, rsaKey), 401, "unauthorized");
  await assertProblem(await ask({}, { kid: "rsa" }), 401, "unauthorized");
  assert.match(harness.stack.workerLog(), /"reason":"token: another alg"/);
  assert.match(harness.stack.workerLog(), /"reason":"token: unknown kid"/);
});

test("an algorithm that is none of the two is a mistake of the set-up", async () => {
  const broken = await startHarness({ variables: { JWT_ALGORITHM: "HS256" } });
  try {
    await assertProblem(await broken.post("/avatars/key_upload", "somebody", { extension: "jpg" }), 500, "misconfigured");
    assert.match(broken.stack.workerLog(), /JWT_ALGORITHM is neither RS256 nor ES256/);
  } finally {
    await broken.stop();
  }
});

/** A person of a Cognito user pool signs in: the access token opens, everything else that Cognito gives or could have given does not. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startCognito, type Cognito } from "./cognito.ts";
import { assertProblem, fixture, startHarness, type Grant, type Harness } from "./harness.ts";

let cognito: Cognito;
let harness: Harness;
let poolId: string;
let clientId: string;
let sub: string;
const stateDirectory = mkdtempSync(join(tmpdir(), "roundel-edge-cognito-"));
before(async () => {
  cognito = await startCognito(stateDirectory);
  poolId = await cognito.createPool();
  clientId = await cognito.createClient(poolId);
  sub = await cognito.createPerson(poolId, "ada");
  // As deployed, but for the address of the keys: the issuer follows from the pool.
  const variables = { USER_POOL_ID: poolId, CLIENT_ID: `${clientId}, of-another-page`, JWT_ISSUER: undefined, JWKS_URL: cognito.jwksUrl(poolId) };
  harness = await startHarness({ variables });
});
after(async () => {
  await Promise.all([harness?.stop(), cognito?.stop()]);
  rmSync(stateDirectory, { recursive: true, force: true });
});

const post = (path: string, token: string, body: object = {}): Promise<Response> =>
  harness.get(path, { method: "POST", headers: { authorization: `Bearer ${token}` }, body: JSON.stringify(body) });

async function assertRefused(token: string, reason: string): Promise<void> {
  const from = harness.stack.workerLog().length;
  const response = await post("/avatars/key_upload", token, { extension: "jpg" });
  assert.equal(response.headers.get("www-authenticate"), 'Bearer error="invalid_token"');
  await assertProblem(response, 401, "unauthorized");
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(harness.stack.workerLog().slice(from).includes(`"reason":"token: ${reason}"`), reason);
}

test("the access token of a person who signed in opens, from the upload to the picture", async () => {
  const { accessToken } = await cognito.signIn(clientId, "ada");
  const response = await post("/avatars/key_upload", accessToken, { extension: "jpg" });
  assert.equal(response.status, 200, await response.clone().text());
  const grant = (await response.json()) as Grant;
  assert.equal(grant.key, `avatars/${sub}.jpg`);
  const put = await fetch(grant.url, { method: "PUT", headers: grant.headers, body: fixture("portrait.jpg") as Uint8Array<ArrayBuffer> });
  assert.equal(put.status, 200);
  assert.equal((await post("/avatars/publish", accessToken)).status, 200);
  assert.equal((await harness.get(`/avatars/${sub}.jpg`)).status, 200);
});

test("the page is told the pool and the first client", async () => {
  const config = (await (await harness.get("/config.json")).json()) as Record<string, unknown>;
  assert.equal(config["issuer"], `https://cognito-idp.us-east-1.amazonaws.com/${poolId}`);
  assert.equal(config["client_id"], clientId);
});

test("the identity token of the same sign-in opens nothing", async () => {
  const { idToken } = await cognito.signIn(clientId, "ada");
  await assertRefused(idToken, "token_use is not access");
});

test("a client of the same pool that is not on the list opens nothing", async () => {
  const { accessToken } = await cognito.signIn(await cognito.createClient(poolId), "ada");
  await assertRefused(accessToken, "another client_id");
});

test("a person of another pool opens nothing, even where both pools have one key", async () => {
  const otherPool = await cognito.createPool();
  await cognito.createPerson(otherPool, "ada");
  const { accessToken } = await cognito.signIn(await cognito.createClient(otherPool), "ada");
  await assertRefused(accessToken, "another iss");
});

/** Tokens in the shape of Amazon Cognito's, signed with a key of this machine. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, type CryptoKey, type JWK, type JWTPayload } from "jose";
import { readOrCreate } from "./state.ts";

export const LOCAL_USER_POOL_ID = "local_roundel";
export const LOCAL_CLIENT_ID = "roundel-local";
/** Who signs in when nobody else is named. */
export const LOCAL_SUB = "local-user";

/** An RSA key of the local issuer. */
export type SigningKey = { keyId: string; privateKey: CryptoKey; publicJwk: JWK };

/** The issuer's key, made on the first call and kept in the state folder. */
export async function signingKey(stateDirectory: string): Promise<SigningKey> {
  return readKey(await readOrCreate(join(stateDirectory, "issuer", "key.json"), generateJwk));
}

/** A key that no issuer knows. */
export async function newSigningKey(): Promise<SigningKey> {
  return readKey(await generateJwk());
}

async function generateJwk(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("RS256", { modulusLength: 2048, extractable: true });
  return exportJWK(privateKey);
}

async function readKey(jwk: JWK): Promise<SigningKey> {
  const keyId = await calculateJwkThumbprint(jwk);
  const { kty, n, e } = jwk as { kty: "RSA"; n: string; e: string };
  return { keyId, privateKey: (await importJWK(jwk, "RS256")) as CryptoKey, publicJwk: { kty, n, e, kid: keyId, use: "sig", alg: "RS256" } };
}

export type TokenOptions = {
  issuer: string;
  clientId?: string | undefined;
  sub?: string | undefined;
  /** Seconds; may be negative, for a token that has expired. Default 3600. */
  expiresInSeconds?: number | undefined;
  /** Members that replace or, as `undefined`, remove what stands in the payload. */
  claims?: Record<string, unknown> | undefined;
  /** Replaces the `kid` of the header. */
  keyId?: string | undefined;
};

/** What both kinds of token say. Members of `claims` that are `undefined` are left out of the JSON. */
async function sign(key: SigningKey, options: TokenOptions, kind: JWTPayload): Promise<string> {
  const { issuer, sub = LOCAL_SUB, expiresInSeconds = 3600, keyId = key.keyId, claims } = options;
  const now = Math.floor(Date.now() / 1000);
  const payload = { sub, iss: issuer, auth_time: now, iat: now, exp: now + expiresInSeconds, jti: randomUUID(), ...kind, ...claims };
  return new SignJWT(payload).setProtectedHeader({ kid: keyId, alg: "RS256" }).sign(key.privateKey);
}

/** An access token: no `aud`, but `client_id` and `token_use`, as Cognito writes them. */
export function accessToken(key: SigningKey, options: TokenOptions): Promise<string> {
  const { clientId = LOCAL_CLIENT_ID, sub = LOCAL_SUB } = options;
  const ids = { origin_jti: randomUUID(), event_id: randomUUID() };
  return sign(key, options, { token_use: "access", client_id: clientId, scope: "openid", username: sub, ...ids });
}

/** An identity token: it says who somebody is, and opens nothing. */
export function idToken(key: SigningKey, options: TokenOptions): Promise<string> {
  const { clientId = LOCAL_CLIENT_ID, sub = LOCAL_SUB } = options;
  return sign(key, options, { token_use: "id", aud: clientId, "cognito:username": sub });
}

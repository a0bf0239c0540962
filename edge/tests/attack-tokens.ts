/** Makes the tokens of attacks.json, whose own first lines tell how it is to be read; edge/src/auth/attacks.rs does the same natively. */
import { createHmac, createPublicKey, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SigningKey } from "../../infra/local/tokens.ts";

type Members = Record<string, string | null>;
type Edit = [operation: string, part: number, argument?: string | number];
export type Attack = {
  name: string;
  header?: Members;
  more_header?: string;
  header_text?: string;
  claims?: Members;
  more_claims?: string;
  claims_text?: string;
  signer?: "stranger" | "nobody" | "hmac_jwk" | "hmac_pem";
  edit?: Edit[];
  /** What the log says. */
  reason?: string;
  /** The few that are good. */
  accepted?: boolean;
};

/** Whose tokens the worker takes, and who would like to have some. */
export type Parties = { issuer: string; clientId: string; key: SigningKey; stranger: SigningKey };

export const attacks: Attack[] = (JSON.parse(readFileSync(join(import.meta.dirname, "attacks.json"), "utf8")) as { attacks: Attack[] }).attacks;

const HEADER: Members = { alg: '"$ALG"', kid: '"$KID"', typ: '"JWT"' };
const CLAIMS: Members = { iss: '"$ISS"', sub: '"user-1"', client_id: '"$CLIENT"', token_use: '"access"', iat: "$NOW-10", exp: "$NOW+300" };

const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString("base64url");

function object(base: Members, changes: Members = {}, more = ""): string {
  const members = Object.entries({ ...base, ...changes }).filter(([, value]) => value !== null);
  return `{${members.map(([name, value]) => `"${name}":${value}`).join(",")}${more}}`;
}

function filled(template: string, { issuer, clientId, key, stranger }: Parties): string {
  const now = Math.floor(Date.now() / 1000);
  return template
    .replaceAll("$OTHER_ALG", "ES256")
    .replaceAll("$ALG", "RS256")
    .replaceAll("$KID", key.keyId)
    .replaceAll("$JWK", JSON.stringify({ ...stranger.publicJwk, kid: key.keyId }))
    .replaceAll("$ISS2", issuer.replace(/[^/]+$/, "other_pool"))
    .replaceAll("$ISS", issuer)
    .replaceAll("$CLIENT", clientId)
    .replaceAll(/\$NOW([+-]\d+)?/g, (_, offset: string | undefined) => String(now + Number(offset ?? 0)))
    .replaceAll(/\$AAA\((\d+)\)/g, (_, count: string) => "A".repeat(Number(count)))
    .replaceAll(/\$NEST\((\d+)\)/g, (_, count: string) => "[".repeat(Number(count)) + "]".repeat(Number(count)));
}

/** The token of an attack. */
export async function attackToken(attack: Attack, parties: Parties): Promise<string> {
  const header = filled(attack.header_text ?? object(HEADER, attack.header, attack.more_header), parties);
  const claims = filled(attack.claims_text ?? object(CLAIMS, attack.claims, attack.more_claims), parties);
  const input = `${base64url(header)}.${base64url(claims)}`;
  const parts: string[] = [base64url(header), base64url(claims), base64url(await signature(attack.signer, input, parties))];
  let whole: string | undefined;
  for (const [operation, part, argument] of attack.edit ?? []) {
    if (part >= 0) parts[part] = edited(operation, parts[part] ?? "", argument, parties);
    else if (operation === "prefix") whole = `${argument}${parts.join(".")}`;
    else if (operation === "suffix") whole = `${parts.join(".")}${argument}`;
    else if (operation === "whole") whole = String(argument);
    else throw new Error(`no edit ${operation} of a whole token`);
  }
  return whole ?? parts.join(".");
}

async function signature(signer: Attack["signer"], input: string, { key, stranger }: Parties): Promise<Uint8Array> {
  const message = Buffer.from(input);
  const rs256 = async ({ privateKey }: SigningKey): Promise<Uint8Array> => new Uint8Array(await webcrypto.subtle.sign("RSASSA-PKCS1-v1_5", privateKey, message));
  const hmac = (secret: string): Uint8Array => createHmac("sha256", secret).update(message).digest();
  switch (signer) {
    case undefined:
      return rs256(key);
    case "stranger":
      return rs256(stranger);
    case "nobody":
      return new Uint8Array();
    case "hmac_jwk":
      return hmac(JSON.stringify(key.publicJwk));
    case "hmac_pem":
      return hmac(createPublicKey({ key: { ...key.publicJwk }, format: "jwk" }).export({ format: "pem", type: "spki" }).toString());
  }
}

function edited(operation: string, part: string, argument: string | number | undefined, parties: Parties): string {
  const bytes = Buffer.from(part, "base64url");
  switch (operation) {
    case "prefix":
      return `${argument}${part}`;
    case "suffix":
      return `${part}${argument}`;
    case "cut_bytes":
      return base64url(bytes.subarray(0, bytes.length - Number(argument)));
    case "more_bytes":
      return base64url(Buffer.concat([bytes, Buffer.alloc(Number(argument))]));
    case "halve":
      return base64url(bytes.subarray(0, bytes.length / 2));
    case "zero":
      return base64url(Buffer.alloc(bytes.length));
    case "flip_first":
      return base64url(Buffer.concat([Buffer.from([(bytes[0] ?? 0) ^ 0x80]), bytes.subarray(1)]));
    case "next_last": {
      const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      return `${part.slice(0, -1)}${alphabet[alphabet.indexOf(part.slice(-1)) + 1]}`;
    }
    case "standard_alphabet":
      return `+${part.slice(1).replaceAll("-", "+").replaceAll("_", "/")}`;
    case "other_claims":
      return base64url(filled(object(CLAIMS, {}, ',"x":1'), parties));
    case "other_header":
      return base64url(filled(object(HEADER, {}, ',"x":1'), parties));
    default:
      throw new Error(`no edit ${operation}`);
  }
}

/**
 * Makes vectors.json, a few signatures in the form of Project Wycheproof's, by node:crypto alone: `node edge/tests/vectors.ts`. The file is kept, this
 * tells how it came to be. Natively they are checked by edge/src/auth/wycheproof.rs.
 */
import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

type Case = { tcId: number; comment: string; jws: string; result: "valid" | "invalid" };

/** The order of P-256, FIPS 186-5. */
const ORDER = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString("base64url");
const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
const bytes32 = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, "0"), "hex");

let tcId = 0;
function group(alg: "RS256" | "ES256"): object {
  const { privateKey, publicKey } = alg === "RS256" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const kid = `vector-${alg.toLowerCase()}`;
  const signature = (input: string, key: KeyObject = privateKey): Buffer => sign("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" });
  const header = base64url(JSON.stringify({ alg, kid }));
  const tests: Case[] = [];
  const add = (comment: string, jws: string, result: Case["result"] = "invalid"): number => tests.push({ tcId: ++tcId, comment, jws, result });
  const signed = (head: string, payload: string): string => `${head}.${payload}.${base64url(signature(`${head}.${payload}`))}`;

  const payload = base64url("the payload");
  const input = `${header}.${payload}`;
  const good = signature(input);
  add("a text", `${input}.${base64url(good)}`, "valid");
  add("no payload", signed(header, ""), "valid");
  add("bytes that are no text", signed(header, base64url(Uint8Array.from({ length: 256 }, (_, byte) => byte))), "valid");
  add("typ JWT", signed(base64url(JSON.stringify({ alg, kid, typ: "JWT" })), payload), "valid");

  for (const length of [0, 1, 32, good.length - 1]) add(`signature cut to ${length} bytes`, `${input}.${base64url(good.subarray(0, length))}`);
  add("signature with a zero behind it", `${input}.${base64url(Buffer.concat([good, Buffer.alloc(1)]))}`);
  add("signature with a zero before it", `${input}.${base64url(Buffer.concat([Buffer.alloc(1), good]))}`);
  for (const at of [0, 31, 32, good.length - 1]) {
    const changed = Buffer.from(good);
    changed[at] = (changed[at] ?? 0) ^ 1;
    add(`signature with another bit in byte ${at}`, `${input}.${base64url(changed)}`);
  }
  add("signature of zeros", `${input}.${base64url(Buffer.alloc(good.length))}`);
  add("signature of ones", `${input}.${base64url(Buffer.alloc(good.length, 0xff))}`);
  add("signature with padding", `${input}.${base64url(good)}==`);
  add("signature with a line feed", `${input}.${base64url(good)}\n`);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const encoded = base64url(good);
  add("signature with bits beyond its last byte", `${input}.${encoded.slice(0, -1)}${alphabet[alphabet.indexOf(encoded.slice(-1)) + 1]}`);
  add("another payload", `${header}.${base64url("another payload")}.${encoded}`);
  add("no payload under the signature of one", `${header}..${encoded}`);
  add("no second dot", `${header}.${payload}`);
  add("a fourth part", `${input}.${encoded}.`);
  add("alg none", `${base64url(JSON.stringify({ alg: "none", kid }))}.${payload}.`);
  add("alg in small letters", signed(base64url(JSON.stringify({ alg: alg.toLowerCase(), kid })), payload));
  add("alg twice", signed(base64url(`{"alg":"none","kid":"${kid}","alg":"${alg}"}`), payload));
  add("crit", signed(base64url(JSON.stringify({ alg, kid, crit: ["exp"], exp: 1 })), payload));
  add("b64", signed(base64url(JSON.stringify({ alg, kid, b64: false, crit: ["b64"] })), payload));
  if (alg === "ES256") {
    const [r, s] = [number(good.subarray(0, 32)), number(good.subarray(32))];
    const jws = (first: bigint, second: bigint): string => `${input}.${base64url(Buffer.concat([bytes32(first), bytes32(second)]))}`;
    add("the other signature, with n - s", jws(r, ORDER - s), "valid");
    for (const [name, first, second] of [["r and s exchanged", s, r], ["r is 0", 0n, s], ["s is 0", r, 0n], ["r is n", ORDER, s], ["s is n", r, ORDER], ["r is n - r", ORDER - r, s]] as const) {
      add(name, jws(first, second));
    }
    add("DER", `${input}.${base64url(sign("sha256", Buffer.from(input), privateKey))}`);
  } else {
    const wrong = sign("sha512", Buffer.from(input), privateKey);
    add("SHA-512", `${input}.${base64url(wrong)}`);
    const modulus = number(Buffer.from(publicKey.export({ format: "jwk" }).n ?? "", "base64url"));
    const more = (number(good) + modulus).toString(16);
    add("signature plus the modulus", `${input}.${base64url(Buffer.from(more.padStart(more.length + (more.length % 2), "0"), "hex"))}`);
  }
  return { comment: alg, public: { ...createPublicKey(privateKey).export({ format: "jwk" }), kid, alg, use: "sig" }, tests };
}

const document = { generator: "edge/tests/vectors.ts", testGroups: [group("RS256"), group("ES256")] };
writeFileSync(join(import.meta.dirname, "vectors.json"), `${JSON.stringify(document, null, 1)}\n`);

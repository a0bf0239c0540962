/**
 * AWS Signature Version 4 in the query, written from the specification with node:crypto alone: a second opinion on what the worker
 * signs, and the tests' own way into the buckets.
 */
import { createHash, createHmac } from "node:crypto";

export type Presign = {
  method: string;
  endpoint: string;
  bucket: string;
  key: string;
  accessKeyId: string;
  secretAccessKey: string;
  query?: Record<string, string>;
  /** Signed headers beside `host`, lower case. */
  headers?: Record<string, string>;
  /** When it is signed; default now. */
  at?: Date;
  expiresInSeconds?: number;
};

const REGION = "us-east-1";

const encode = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

export function presign({ method, endpoint, bucket, key, accessKeyId, secretAccessKey, query = {}, headers = {}, at = new Date(), expiresInSeconds = 60 }: Presign): string {
  const time = at.toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${time.slice(0, 8)}/${REGION}/s3/aws4_request`;
  const signed = Object.entries({ ...headers, host: new URL(endpoint).host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(";");
  const parameters = {
    ...query,
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `${accessKeyId}/${scope}`,
    "X-Amz-Date": time,
    "X-Amz-Expires": String(expiresInSeconds),
    "X-Amz-SignedHeaders": names,
  };
  const canonicalQuery = Object.entries(parameters)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
  const path = `/${bucket}${key === "" ? "" : "/"}${key.split("/").map(encode).join("/")}`;
  const canonical = [method, path, canonicalQuery, ...signed.map(([name, value]) => `${name}:${value}`), "", names, "UNSIGNED-PAYLOAD"].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", time, scope, createHash("sha256").update(canonical).digest("hex")].join("\n");
  const signingKey = [time.slice(0, 8), REGION, "s3", "aws4_request"].reduce<string | Buffer>((held, part) => hmac(held, part), `AWS4${secretAccessKey}`);
  return `${endpoint}${path}?${canonicalQuery}&X-Amz-Signature=${hmac(signingKey, toSign).toString("hex")}`;
}

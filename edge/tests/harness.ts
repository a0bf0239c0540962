/** A started stack, and what the tests do with it again and again. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStack, type Stack, type StackOptions } from "../../infra/local/stack.ts";
import { inRoot } from "../../infra/setup/paths.ts";
import { presign } from "./presign.ts";

export type Grant = { url: string; method: string; headers: Record<string, string>; key: string; expires_at: string };
export type Published = { url: string; version: string; width: number; height: number; thumbhash: string; variants: { size: number; format: string; url: string }[] };
export type Fault = { method?: string; key_prefix?: string; status?: number; times?: number; delay_ms?: number; body?: "cut" | "short" | "stalled" | "garbled" };
export type BucketName = "uploads" | "assets";

export type Harness = {
  stack: Stack;
  origin: string;
  /** A GET of a path of the worker; `init` as for fetch. */
  get(path: string, init?: RequestInit): Promise<Response>;
  /** A POST with a token of this person. */
  post(path: string, sub: string, body?: unknown): Promise<Response>;
  /** Asks for an upload URL; `stated` beside the extension. */
  grant(sub: string, extension: string, stated?: Record<string, unknown>): Promise<Grant>;
  /** Asks for an upload URL and puts the file there; `stated` beside extension and length. */
  upload(sub: string, extension: string, bytes: Uint8Array, stated?: Record<string, unknown>): Promise<void>;
  publish(sub: string): Promise<Published>;
  /** Tells the worker, as EventBridge does, that there is a new object among the uploads. */
  tellCreated(key: string): Promise<Response>;
  /** The keys of a bucket that begin so, sorted. */
  keys(bucket: BucketName, prefix: string): Promise<string[]>;
  /** The bytes of an object. */
  object(bucket: BucketName, key: string): Promise<Buffer>;
  /** An object as the storage answers it. */
  stored(bucket: BucketName, key: string): Promise<Response>;
  remove(bucket: BucketName, key: string): Promise<void>;
  /** Puts an object beside the worker. */
  place(bucket: BucketName, key: string, bytes: Uint8Array): Promise<void>;
  /** Tells the S3 server which requests to fail; none: all is well again. */
  faults(faults: Fault[]): Promise<void>;
  /** What the S3 server was asked so far: method, path, status. */
  s3Requests(): string[];
  stop(): Promise<void>;
};

/** A picture of the package's tests. */
export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(inRoot("wasm", "tests", "fixtures", name)));
}

export const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

export async function startHarness(options: Partial<StackOptions> = {}): Promise<Harness> {
  const stateDirectory = options.stateDirectory ?? mkdtempSync(join(tmpdir(), "roundel-edge-"));
  const stack = await startStack({ notifications: false, ...options, stateDirectory });
  const { origin, s3, issuer } = stack;
  const bucketName = (bucket: BucketName): string => (bucket === "uploads" ? s3.uploadsBucket : s3.assetsBucket);
  const { endpoint, accessKeyId, secretAccessKey } = s3;
  const s3Url = (method: string, bucket: BucketName, key: string, query?: Record<string, string>): string =>
    presign({ method, endpoint, bucket: bucketName(bucket), key, accessKeyId, secretAccessKey, ...(query ? { query } : {}) });

  const harness: Harness = {
    stack,
    origin,
    get: (path, init) => fetch(`${origin}${path}`, init),
    post: async (path, sub, body) => {
      const authorization = `Bearer ${await issuer.accessToken({ sub })}`;
      return fetch(`${origin}${path}`, { method: "POST", headers: { authorization, "content-type": "application/json" }, body: JSON.stringify(body ?? {}) });
    },
    grant: async (sub, extension, stated = {}) => {
      const response = await harness.post("/avatars/key_upload", sub, { extension, ...stated });
      assert.equal(response.status, 200, await response.clone().text());
      return (await response.json()) as Grant;
    },
    upload: async (sub, extension, bytes, stated = {}) => {
      const { url, headers } = await harness.grant(sub, extension, { content_length: bytes.length || undefined, ...stated });
      const response = await fetch(url, { method: "PUT", headers, body: bytes as Uint8Array<ArrayBuffer> });
      assert.equal(response.status, 200, await response.text());
    },
    publish: async (sub) => {
      const response = await harness.post("/avatars/publish", sub);
      assert.equal(response.status, 200, await response.clone().text());
      return (await response.json()) as Published;
    },
    tellCreated: (key) => {
      const detail = { bucket: { name: s3.uploadsBucket }, object: { key } };
      return fetch(`${origin}/hooks/object-created`, {
        method: "POST",
        headers: { authorization: `Bearer ${stack.hookSecret}` },
        body: JSON.stringify({ source: "aws.s3", "detail-type": "Object Created", detail }),
      });
    },
    keys: async (bucket, prefix) => {
      const response = await fetch(s3Url("GET", bucket, "", { "list-type": "2", prefix }));
      const xml = await response.text();
      assert.equal(response.status, 200, xml);
      return [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map((match) => match[1] ?? "").sort();
    },
    stored: (bucket, key) => fetch(s3Url("GET", bucket, key)),
    object: async (bucket, key) => {
      const response = await harness.stored(bucket, key);
      assert.equal(response.status, 200, key);
      return Buffer.from(await response.arrayBuffer());
    },
    remove: async (bucket, key) => {
      assert.equal((await fetch(s3Url("DELETE", bucket, key), { method: "DELETE" })).status, 204);
    },
    place: async (bucket, key, bytes) => {
      const response = await fetch(s3Url("PUT", bucket, key), { method: "PUT", body: bytes as Uint8Array<ArrayBuffer> });
      assert.equal(response.status, 200, await response.text());
    },
    faults: async (faults) => {
      assert.ok(s3.control, "the stack was started without faults");
      const response = await fetch(`${s3.control}/faults`, { method: "PUT", body: JSON.stringify({ faults }), headers: { "content-type": "application/json" } });
      assert.ok(response.ok, await response.text());
    },
    s3Requests: () => readFileSync(join(stateDirectory, "logs", "s3.log"), "utf8").split("\n").filter((line) => /^[A-Z]+ \//.test(line)),
    stop: async () => {
      await stack.stop();
      // Whoever brought the folder may start another stack on it.
      if (options.stateDirectory === undefined) rmSync(stateDirectory, { recursive: true, force: true });
    },
  };
  return harness;
}

/** Another worker before the same storage, with caches of its own, as another data centre has them. */
export async function startElsewhere(harness: Harness): Promise<Harness> {
  const { endpoint, accessKeyId, secretAccessKey } = harness.stack.s3;
  return startHarness({ variables: { S3_ENDPOINT: endpoint, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } });
}

/** Checks that an answer is a problem of this status and code, as RFC 9457 writes them. */
export async function assertProblem(response: Response, status: number, code: string): Promise<void> {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const problem = JSON.parse(text) as Record<string, unknown>;
  assert.equal(problem["code"], code, text);
  assert.equal(problem["status"], status);
  for (const member of ["type", "title", "detail"]) assert.equal(typeof problem[member], "string", member);
  assertGuarded(response);
}

/** Headers that every response carries. */
export function assertGuarded(response: Response): void {
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  assert.equal(response.headers.get("referrer-policy"), "no-referrer");
}

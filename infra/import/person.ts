/** What Roundel has of a person, and the upload that is put there for them. */
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { FatalError, TransientError } from "./failure.ts";
import { CONTENT_TYPES, type Extension } from "./format.ts";
import { bare, sent, statusOf } from "./s3.ts";

export type Kind = "avatars" | "banners";

/** The mark of an upload that an import made: the SHA-256 of the file, in hexadecimal. */
const MARK = "roundel-import";

export type Upload = { key: string; etag: string };

export type Held = {
  /** What is served, where something was published. */
  picture: { version: string; upload: Upload } | undefined;
  /** What lies among the uploads. */
  uploads: Upload[];
};

export type Buckets = { client: S3Client; uploadsBucket: string; assetsBucket: string; kind: Kind };

export type NewUpload = { sub: string; extension: Extension; bytes: Uint8Array; sha256: string; over: Upload | undefined };

export class People {
  readonly #buckets: Buckets;

  constructor(buckets: Buckets) {
    this.#buckets = buckets;
  }

  async look(sub: string): Promise<Held> {
    const { client, uploadsBucket, kind } = this.#buckets;
    const picture = await this.#picture(sub);
    const { Contents = [] } = await this.#access(client.send(new ListObjectsV2Command({ Bucket: uploadsBucket, Prefix: `${kind}/${sub}.` })));
    return { picture, uploads: Contents.map(({ Key = "", ETag = "" }) => ({ key: Key, etag: bare(ETag) })) };
  }

  async #picture(sub: string): Promise<Held["picture"]> {
    const { client, assetsBucket, kind } = this.#buckets;
    try {
      const { Body } = await this.#access(client.send(new GetObjectCommand({ Bucket: assetsBucket, Key: `${kind}/${sub}/current.json` })));
      const { version, source } = JSON.parse((await Body?.transformToString()) ?? "{}") as { version?: string; source?: Upload };
      // Without a version it is a place that a publish has reserved.
      return version === undefined || !source ? undefined : { version, upload: { key: source.key, etag: bare(source.etag) } };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error instanceof SyntaxError ? new TransientError(`${kind}/${sub}/current.json cannot be read`) : error;
    }
  }

  /** The SHA-256 of the file that an import made an upload of; undefined where a person made it. */
  async importedFrom(upload: Upload): Promise<string | undefined> {
    const { client, uploadsBucket } = this.#buckets;
    try {
      const { Metadata = {} } = await this.#access(client.send(new HeadObjectCommand({ Bucket: uploadsBucket, Key: upload.key, IfMatch: `"${upload.etag}"` })));
      return Metadata[MARK];
    } catch (error) {
      // Gone, or another by now.
      if (statusOf(error) === 404 || statusOf(error) === 412) return undefined;
      throw error;
    }
  }

  /** Puts an upload where there is none, or over just the one that was seen; where somebody was faster the person is to be looked at again. */
  async put({ sub, extension, bytes, sha256, over }: NewUpload): Promise<Upload> {
    const { client, uploadsBucket, kind } = this.#buckets;
    const key = `${kind}/${sub}.${extension}`;
    try {
      const { ETag = "" } = await this.#access(client.send(new PutObjectCommand({
        ...{ Bucket: uploadsBucket, Key: key, Body: bytes, ContentLength: bytes.length, ContentType: CONTENT_TYPES[extension] },
        ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64"),
        Metadata: { [MARK]: sha256 },
        ...(over === undefined ? { IfNoneMatch: "*" } : { IfMatch: `"${over.etag}"` }),
      })));
      return { key, etag: bare(ETag) };
    } catch (error) {
      // 404: what was to be replaced is gone.
      if (statusOf(error) === 412 || statusOf(error) === 404) throw new TransientError("the person's uploads were changed meanwhile");
      throw error;
    }
  }

  /** Everybody of whom there is something among the pictures. */
  async *everybody(): AsyncIterable<string> {
    const { client, assetsBucket, kind } = this.#buckets;
    const folder = `${kind}/`;
    let token: string | undefined;
    do {
      const page = await this.#access(client.send(new ListObjectsV2Command({ Bucket: assetsBucket, Prefix: folder, Delimiter: "/", ContinuationToken: token })));
      for (const { Prefix = "" } of page.CommonPrefixes ?? []) yield Prefix.slice(folder.length, -1);
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** What is forbidden for one person is so for all. */
  async #access<Answer>(request: Promise<Answer>): Promise<Answer> {
    try {
      return await sent(request);
    } catch (error) {
      const { uploadsBucket, assetsBucket } = this.#buckets;
      if (statusOf(error) === 403) throw new FatalError(`access to ${uploadsBucket} or ${assetsBucket} is denied: docs/deploy.md, "Moving in", has the permissions that an import needs`);
      if (statusOf(error) === 301) throw new FatalError(`${uploadsBucket} or ${assetsBucket} is in another region than AWS_REGION says`);
      throw error;
    }
  }
}

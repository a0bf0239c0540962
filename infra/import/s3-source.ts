/** A folder of a bucket as a source. */
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { SetupError } from "../setup/process.ts";
import { ChangedError, isHidden, type Entry, type Source } from "./entry.ts";
import { TransientError } from "./failure.ts";
import { sent, statusOf } from "./s3.ts";

export type S3SourceOptions = {
  client: S3Client;
  recursive: boolean;
  /** Objects in one answer of the listing, 1 to 1000, which is the default. */
  pageSize?: number;
};

export type S3Address = { bucket: string; /** Empty, or with a slash at its end. */ folder: string };

/** Takes `s3://bucket/folder` apart. */
export function parseS3Address(text: string): S3Address {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(text);
  if (!match) throw new SetupError(`${text} is no address such as s3://bucket/folder`);
  const folder = (match[2] ?? "").replace(/\/+$/, "");
  return { bucket: match[1] ?? "", folder: folder === "" ? "" : `${folder}/` };
}

export function openS3(address: string, { client, recursive, pageSize = 1000 }: S3SourceOptions): Source {
  const { bucket, folder } = parseS3Address(address);
  let skippedFolders = 0;
  return {
    description: `s3://${bucket}/${folder}`,
    skippedFolders: () => skippedFolders,
    async *list() {
      skippedFolders = 0;
      let token: string | undefined;
      do {
        const page = await sent(client.send(new ListObjectsV2Command({
          ...{ Bucket: bucket, Prefix: folder, MaxKeys: pageSize, ContinuationToken: token },
          ...(recursive ? {} : { Delimiter: "/" }),
        }))).catch((error: Error) => {
          throw statusOf(error) === undefined ? error : new SetupError(`s3://${bucket}/${folder} cannot be listed: S3 answers ${statusOf(error)} ${error.name}. The credentials are those of SOURCE_AWS_ACCESS_KEY_ID, or where AWS's own tools look`);
        });
        skippedFolders += (page.CommonPrefixes ?? []).filter(({ Prefix = "" }) => !isHidden(Prefix.slice(folder.length))).length;
        for (const { Key = "", Size = 0, ETag = "", LastModified = new Date(0) } of page.Contents ?? []) {
          const name = Key.slice(folder.length);
          // What a console makes for an empty folder.
          if (name === "" || name.endsWith("/") || isHidden(name)) continue;
          yield { name, sizeBytes: Size, modifiedAt: LastModified, fingerprint: ETag };
        }
        token = page.IsTruncated ? page.NextContinuationToken : undefined;
      } while (token !== undefined);
    },
    read: async ({ name, fingerprint, sizeBytes }: Entry) => {
      try {
        const { Body } = await sent(client.send(new GetObjectCommand({ Bucket: bucket, Key: `${folder}${name}`, IfMatch: fingerprint })));
        const bytes = await sent(Body?.transformToByteArray() ?? Promise.resolve(new Uint8Array()));
        // A connection that ends early is no end of a file.
        if (bytes.length !== sizeBytes) throw new TransientError(`${bytes.length} of ${sizeBytes} bytes arrived`);
        return bytes;
      } catch (error) {
        if (statusOf(error) === 404) throw new ChangedError("it is no longer there");
        if (statusOf(error) === 412) throw new ChangedError("it was changed while it was imported");
        throw error;
      }
    },
  };
}

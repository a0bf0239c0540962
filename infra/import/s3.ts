/** Requests to S3, their failures sorted. */
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { FatalError, isTransientStatus, parseRetryAfter, TransientError } from "./failure.ts";

/** Where a bucket is, and as whom it is asked. */
export type S3Access = {
  region: string;
  /** Of another storage than AWS; its buckets are addressed in the path. */
  endpoint: string | undefined;
  /** Without them the SDK looks where all of AWS's tools look. */
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string | undefined } | undefined;
  profile: string | undefined;
};

/** S3's words for a caller that it does not know, or no longer. */
const NOT_KNOWN = ["InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired", "NoSuchBucket"];

const CONNECT_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 60_000;

export function openClient({ region, endpoint, credentials, profile }: S3Access): S3Client {
  const configuration: S3ClientConfig = {
    region,
    // A page of a listing is worth another try; what lasts longer is waited for by whoever calls, for all requests together.
    maxAttempts: 3,
    followRegionRedirects: endpoint === undefined,
    // Other storages do not know the newer checksums.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, requestTimeout: ANSWER_TIMEOUT_MS, throwOnRequestTimeout: true },
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(profile === undefined ? {} : { profile }),
    ...(credentials === undefined ? {} : { credentials: { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey, ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken }) } }),
  };
  return new S3Client(configuration);
}

type S3Failure = { name?: string; $metadata?: { httpStatusCode?: number }; $response?: { headers?: Record<string, string> } };

/** The status of an answer that was a failure; undefined where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return (error as S3Failure).$metadata?.httpStatusCode;
}

/** An answer of S3. A failure is sorted: fatal, transient, or the caller's to understand. */
export async function sent<Answer>(request: Promise<Answer>): Promise<Answer> {
  try {
    return await request;
  } catch (error) {
    throw sorted(error);
  }
}

function sorted(error: unknown): unknown {
  const { name = "", $response } = error as S3Failure;
  const status = statusOf(error);
  if (name === "CredentialsProviderError") return new FatalError("there are no credentials for S3 (AWS_PROFILE, AWS_ACCESS_KEY_ID or ~/.aws; for the source alone SOURCE_AWS_PROFILE or SOURCE_AWS_ACCESS_KEY_ID)");
  // Not its message: that may name a key.
  if (NOT_KNOWN.includes(name)) return new FatalError(`S3 answers ${name}: are the credentials, the region and the bucket's name right?`);
  if (status === undefined) return new TransientError(`S3 gives no answer (${codeOf(error)})`);
  if (isTransientStatus(status)) return new TransientError(`S3 answers ${status} ${name}`, parseRetryAfter($response?.headers?.["retry-after"]));
  return error;
}

/** The system's word for a failed connection, else the error's own name. */
export function codeOf(error: unknown): string {
  const { code, name, cause } = error as { code?: string; name?: string; cause?: { code?: string; message?: string } };
  return code ?? cause?.code ?? cause?.message ?? name ?? "unknown";
}

/** An entity tag without its quotes, which listings and headers do not write alike. */
export function bare(etag: string): string {
  return etag.replace(/^"|"$/g, "");
}

/** The stable words for what can go wrong with an upload. */
export type UploadErrorCode =
  /** There was no answer: no connection, a name that does not resolve, a policy that forbids it, silence for too long. */
  | "network"
  /** The worker does not accept the token; sign in again. */
  | "unauthorized"
  /** The storage's URL had ended each time before the file was there. */
  | "expired"
  /** Worker or storage will not have this upload; sending it again does not help. */
  | "refused"
  | "too_large"
  /** Too often in a short time. */
  | "rate_limited"
  /** Worker or storage has a problem, or answers in another language. */
  | "server"
  /** The file is not proven to be a picture and nothing else; nothing was sent. */
  | "not_clean"
  /** No JPEG, PNG or WebP file; nothing was sent. */
  | "unsupported";

/** Of these, the same upload may succeed later. */
const RETRYABLE: readonly UploadErrorCode[] = ["network", "expired", "rate_limited", "server"];

export type UploadErrorOptions = ErrorOptions & {
  status?: number | undefined;
  problem?: string | undefined;
  retryAfterMs?: number | undefined;
};

/** Why an upload failed, after the retries. The message is for a person. */
export class UploadError extends Error {
  override readonly name = "UploadError";
  readonly code: UploadErrorCode;
  /** HTTP status; 0 where there was no answer, or nothing was sent. */
  readonly status: number;
  /** The `code` of the worker's own problem details, such as `content_type_mismatch`, where it gave one; `storage_refused` of the storage. */
  readonly problem: string | undefined;
  /** Whether the same upload may succeed later. */
  readonly retryable: boolean;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(code: UploadErrorCode, message: string, { status = 0, problem, retryAfterMs, ...options }: UploadErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.status = status;
    this.problem = problem;
    this.retryable = RETRYABLE.includes(code);
    this.retryAfterMs = retryAfterMs;
  }
}

/** What a status means that is no success. */
export function codeOf(status: number): UploadErrorCode {
  if (status === 401) return "unauthorized";
  if (status === 413) return "too_large";
  if (status === 429) return "rate_limited";
  return status >= 400 && status <= 499 ? "refused" : "server";
}

/** Nobody answered. */
export function unreachable(cause?: unknown): UploadError {
  return new UploadError("network", "there was no answer; check the connection and try again", cause === undefined ? {} : { cause });
}

/**
 * A rendered picture to a Roundel worker: asks for a presigned URL, PUTs the file, publishes it.
 *
 * @example
 * import { uploadAvatar } from "roundel/upload";
 * const avatar = await uploadAvatar({ api: location.origin, token: accessToken, rendered });
 * image.src = avatar.url;
 */
import type { Rendered } from "./types.ts";

/** How far an upload is. `loaded` and `total` are bytes of the file. */
export type UploadProgress = { phase: "signing" | "uploading" | "publishing"; loaded: number; total: number };

export type UploadOptions = {
  /** Origin of the worker, such as `https://avatars.example.com`. */
  api: string | URL;
  /** The access token, or what gets a fresh one. */
  token: string | (() => string | Promise<string>);
  /** What `render` made. Its length, type and hash are signed: the URL is good for exactly this file. */
  rendered: Pick<Rendered, "bytes" | "contentType" | "sha256">;
  onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Ends the upload; the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
};

type Published<Variant> = {
  /** Absolute URL of this version; it never changes. */
  url: string;
  version: string;
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
  /** ThumbHash, base64. */
  thumbhash: string;
  /** The same version in all sizes (pixels). */
  variants: Variant[];
};

/** What the worker published. */
export type PublishedAvatar = Published<{ size: number; width: number; height: number; format: string; url: string }>;

/** What the worker published. */
export type PublishedBanner = Published<{ width: number; height: number; format: string; url: string }>;

/** Why an upload failed. */
export class UploadError extends Error {
  override readonly name = "UploadError";
  /** The problem's code as the worker gave it, `storage_refused` from the storage, or `network`. */
  readonly code: string;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;

  constructor(code: string, status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = status;
  }
}

const EXTENSIONS: Record<string, string | undefined> = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif" };

type UploadTicket = { url: string; headers: Record<string, string> };

/**
 * Uploads and publishes the caller's avatar.
 *
 * @throws {UploadError} or the reason of the signal
 */
export function uploadAvatar(options: UploadOptions): Promise<PublishedAvatar> {
  return upload<PublishedAvatar>("avatars", options);
}

/**
 * Uploads and publishes the caller's banner, which is three times as wide as high.
 *
 * @throws {UploadError} or the reason of the signal
 */
export function uploadBanner(options: UploadOptions): Promise<PublishedBanner> {
  return upload<PublishedBanner>("banners", options);
}

async function upload<T>(folder: "avatars" | "banners", options: UploadOptions): Promise<T> {
  const { rendered, signal } = options;
  const { bytes, contentType, sha256 } = rendered;
  const total = bytes.byteLength;
  const report = (phase: UploadProgress["phase"], loaded: number): void => options.onProgress?.({ phase, loaded, total });
  const extension = EXTENSIONS[contentType];
  if (!extension) throw new UploadError("bad_extension", 0, `a picture of type ${contentType} cannot be uploaded`);
  signal?.throwIfAborted();

  report("signing", 0);
  const stated = { extension, content_type: contentType, content_length: total, sha256 };
  const ticket = await ask<UploadTicket>(options, `/${folder}/key_upload`, stated);
  report("uploading", 0);
  await put(ticket, bytes, (loaded) => report("uploading", loaded), signal);
  report("publishing", total);
  return ask<T>(options, `/${folder}/publish`, undefined);
}

async function ask<T>(options: UploadOptions, path: string, body: unknown): Promise<T> {
  const token = typeof options.token === "function" ? await options.token() : options.token;
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  if (body !== undefined) headers["content-type"] = "application/json";
  const request: RequestInit = { method: "POST", headers, cache: "no-store", credentials: "omit" };
  if (body !== undefined) request.body = JSON.stringify(body);
  if (options.signal) request.signal = options.signal;
  const response = await reached(() => fetch(new URL(path, options.api), request), options.signal);
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && answer !== undefined) return answer as T;
  const problem = (typeof answer === "object" && answer !== null ? answer : {}) as { code?: unknown; detail?: unknown; title?: unknown };
  const code = typeof problem.code === "string" ? problem.code : "unexpected_answer";
  const words = [problem.detail, problem.title].find((text) => typeof text === "string");
  throw new UploadError(code, response.status, words ?? `the server answered with status ${response.status}`);
}

async function put(ticket: UploadTicket, bytes: Uint8Array<ArrayBuffer>, onLoaded: (loaded: number) => void, signal: AbortSignal | undefined): Promise<void> {
  const status = await (typeof XMLHttpRequest === "undefined" ? putByFetch(ticket, bytes, signal) : putWithProgress(ticket, bytes, onLoaded, signal));
  if (status < 200 || status > 299) {
    throw new UploadError("storage_refused", status, `the storage refused the file with status ${status}; ask for a new upload`);
  }
  onLoaded(bytes.byteLength);
}

/** `fetch` does not tell how much of a body has gone out; XMLHttpRequest does. */
function putWithProgress(ticket: UploadTicket, bytes: Uint8Array<ArrayBuffer>, onLoaded: (loaded: number) => void, signal: AbortSignal | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const request = new XMLHttpRequest();
    const onAbort = (): void => request.abort();
    request.open("PUT", ticket.url);
    for (const [name, value] of Object.entries(ticket.headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onLoaded(event.loaded);
    request.onload = () => resolve(request.status);
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(signal?.reason);
    request.onloadend = () => signal?.removeEventListener("abort", onAbort);
    signal?.addEventListener("abort", onAbort, { once: true });
    request.send(bytes);
  });
}

async function putByFetch(ticket: UploadTicket, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal | undefined): Promise<number> {
  const request: RequestInit = { method: "PUT", headers: ticket.headers, body: bytes };
  if (signal) request.signal = signal;
  return (await reached(() => fetch(ticket.url, request), signal)).status;
}

async function reached(send: () => Promise<Response>, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await send();
  } catch (cause) {
    signal?.throwIfAborted();
    throw unreachable(cause);
  }
}

function unreachable(cause?: unknown): UploadError {
  return new UploadError("network", 0, "there was no answer; check the connection and try again", { cause });
}

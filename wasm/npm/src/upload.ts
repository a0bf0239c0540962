/**
 * A rendered picture to a Roundel worker: asks for a presigned URL, PUTs the file, publishes it.
 *
 * @example
 * import { uploadAvatar } from "roundel/upload";
 * const avatar = await uploadAvatar({ api: location.origin, token: accessToken, rendered });
 * image.src = avatar.url;
 */
import type { Signal, Url } from "./platform.ts";
import type { Rendered } from "./types.ts";
import { codeOf, UploadError } from "./upload-error.ts";
import { proven, type Proven } from "./upload-proof.ts";
import { retryAfterMs, retrying, type RetryRule } from "./upload-retry.ts";
import { send, type Answer } from "./upload-send.ts";
import { hasEnded, readTicket, tellsOfExpiry, type Ticket } from "./upload-ticket.ts";

export { UploadError, type UploadErrorCode } from "./upload-error.ts";

/** How far an upload is. `loaded` and `total` are bytes of the file. A retry begins at 0 again. */
export type UploadProgress = { phase: "signing" | "uploading" | "publishing"; loaded: number; total: number };

export type UploadOptions = {
  /** Address of the worker, such as `https://avatars.example.com`; the routes follow it. */
  api: string | Url;
  /** The access token, or what gets a fresh one. */
  token: string | (() => string | Promise<string>);
  /** What `render` made. Its length, type and hash are signed: the URL is good for exactly this file. */
  rendered: Pick<Rendered, "bytes" | "contentType" | "sha256"> & Partial<Pick<Rendered, "width" | "height" | "thumbhash">>;
  onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Ends the upload; the promise rejects with the signal's reason. After `publishing` was told, the picture may be there all the same. */
  signal?: Signal | undefined;
  /** How often the upload, and then the publishing, is tried again after a failure that may pass. Default 3. */
  retries?: number | undefined;
  /** Before the first retry, in milliseconds, spread by chance; doubled for each further one, up to 10,000. Default 500. `Retry-After` counts instead, up to 30 s. */
  retryDelayMs?: number | undefined;
  /** The longest silence of a server, in milliseconds. Default 60,000. */
  timeoutMs?: number | undefined;
};

/** What the worker published. */
export type PublishedAvatar = {
  /** Absolute URL of this version; it never changes. Of a server that does not publish: of the file in the storage. */
  url: string;
  version: string;
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
  /** ThumbHash, base64. */
  thumbhash: string;
  /** Whether it moves: its WebP variants do then, and show the first frame alone with `?still=1`. Left out where it does not. */
  animated?: boolean;
  /** The same version in all sizes (pixels a side). */
  variants: { size: number; width: number; height: number; format: string; url: string }[];
  /**
   * False where the server knows no publishing, only `{extension}` -> `{url}`: the file is in the storage as it was rendered, and the rest here is told of it,
   * `version` by its hash; there are no variants.
   */
  published: boolean;
};

/** As an avatar, three times as wide as high; the variants go by their width. */
export type PublishedBanner = Omit<PublishedAvatar, "variants"> & { variants: { width: number; height: number; format: string; url: string }[] };

/**
 * Uploads and publishes the caller's avatar.
 *
 * @throws {UploadError} or the reason of the signal, or what `token` throws
 */
export async function uploadAvatar(options: UploadOptions): Promise<PublishedAvatar> {
  return (await upload("avatars", options)) as PublishedAvatar;
}

/**
 * Uploads and publishes the caller's banner.
 *
 * @throws {UploadError} or the reason of the signal, or what `token` throws
 */
export async function uploadBanner(options: UploadOptions): Promise<PublishedBanner> {
  return upload("banners", options);
}

const EXTENSIONS: Record<string, string | undefined> = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp" };

const DEFAULTS = { retries: 3, retryDelayMs: 500, timeoutMs: 60_000 };

/** Who refused, where it was not the worker. */
const STORAGE = "storage_refused";

/** Everything that the steps share. */
type Job = Proven & {
  api: URL;
  kind: "avatars" | "banners";
  extension: string;
  rule: RetryRule;
  timeoutMs: number;
  options: UploadOptions;
  report(phase: UploadProgress["phase"], loaded: number): void;
};

async function upload(kind: Job["kind"], options: UploadOptions): Promise<PublishedAvatar> {
  const { rendered, signal, retries = DEFAULTS.retries, retryDelayMs = DEFAULTS.retryDelayMs, timeoutMs = DEFAULTS.timeoutMs } = options;
  signal?.throwIfAborted();
  const extension = Object.hasOwn(EXTENSIONS, rendered.contentType) ? EXTENSIONS[rendered.contentType] : undefined;
  if (!extension) throw new UploadError("unsupported", "only JPEG, PNG and WebP pictures can be uploaded");
  const file = await proven(rendered);
  const total = file.bytes.byteLength;
  const job: Job = {
    ...file,
    api: addressOf(options.api),
    kind,
    extension,
    rule: { retries, delayMs: retryDelayMs },
    timeoutMs,
    options,
    report: (phase, loaded) => options.onProgress?.({ phase, loaded, total }),
  };
  signal?.throwIfAborted();
  const ticket = await deliver(job);
  if (ticket.isPlain) return stored(job, ticket);
  job.report("publishing", total);
  return retrying(async () => readPublished(await ask(job, "publish")), job.rule, signal);
}

/** The file to the storage, with as many tickets as it takes. */
function deliver(job: Job): Promise<Ticket> {
  let ticket: Ticket | undefined;
  return retrying(
    async () => {
      if (!ticket || hasEnded(ticket)) {
        job.report("signing", 0);
        ticket = await askForTicket(job);
      }
      const used = ticket;
      try {
        await put(job, used);
      } catch (error) {
        if (error instanceof UploadError && error.code === "expired") ticket = undefined;
        throw error;
      }
      return used;
    },
    job.rule,
    job.options.signal,
  );
}

async function askForTicket(job: Job): Promise<Ticket> {
  const { api, extension, bytes, sha256, options } = job;
  const { contentType } = options.rendered;
  const nowMs = Date.now();
  const stated = { extension, content_type: contentType, content_length: bytes.byteLength, sha256 };
  try {
    return readTicket(await ask(job, "key_upload", stated), { api, contentType, nowMs });
  } catch (error) {
    // A plain server may refuse members that it does not know. A Roundel worker says by a problem's code what it refuses: that counts.
    const isPlain = error instanceof UploadError && (error.status === 400 || error.status === 422) && error.problem === undefined;
    if (!isPlain) throw error;
    return readTicket(await ask(job, "key_upload", { extension }), { api, contentType, nowMs });
  }
}

async function ask({ api, kind, timeoutMs, options }: Job, route: "key_upload" | "publish", body?: object): Promise<unknown> {
  const { token, signal } = options;
  const headers: Record<string, string> = { authorization: `Bearer ${typeof token === "function" ? await token() : token}` };
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await send({ method: "POST", url: new URL(`${kind}/${route}`, api), headers, body: body && JSON.stringify(body), timeoutMs, signal });
  const value = parsed(answer.text);
  if (isSuccess(answer) && value !== undefined) return value;
  throw refusal(answer, value);
}

async function put(job: Job, ticket: Ticket): Promise<void> {
  const { bytes, timeoutMs, report } = job;
  report("uploading", 0);
  const onLoaded = (loaded: number): void => report("uploading", Math.min(loaded, bytes.byteLength));
  const answer = await send({ method: "PUT", url: ticket.url, headers: ticket.headers, body: bytes, timeoutMs, signal: job.options.signal, onLoaded });
  if (isSuccess(answer)) return onLoaded(bytes.byteLength);
  const { status, text } = answer;
  if (status === 403 && (hasEnded(ticket) || tellsOfExpiry(text))) {
    throw new UploadError("expired", "the upload took too long and its permission has ended; try again", { status, problem: STORAGE, retryAfterMs: 0 });
  }
  const details = { status, problem: STORAGE, retryAfterMs: retryAfterMs(answer.retryAfter) };
  throw new UploadError(codeOf(status), `the storage refused the file with status ${status}; ask for a new upload`, details);
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status <= 299;
}

function refusal({ status, retryAfter }: Answer, value: unknown): UploadError {
  const { code, detail, title } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const words = [detail, title].find((text) => typeof text === "string");
  const problem = typeof code === "string" ? code : undefined;
  const meaning = problem === "too_large" ? "too_large" : codeOf(status);
  return new UploadError(meaning, words ?? `the server answered with status ${status}`, { status, problem, retryAfterMs: retryAfterMs(retryAfter) });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function readPublished(answer: unknown): PublishedAvatar {
  const published = answer as PublishedAvatar | null;
  if (typeof published?.url === "string" && Array.isArray(published.variants)) return { ...published, published: true };
  throw new UploadError("server", "the server's answer does not say what it published", { status: 200 });
}

/** What a plain server leaves to say. */
function stored({ sha256, options: { rendered } }: Job, { url }: Ticket): PublishedAvatar {
  const { width = 0, height = 0, thumbhash = "" } = rendered;
  return { url: `${url.origin}${url.pathname}`, version: sha256.slice(0, 16), width, height, thumbhash, variants: [], published: false };
}

/** With a slash at its end, so that routes are found below it. */
function addressOf(api: string | Url): URL {
  const address = new URL(api, (globalThis as { location?: { href: string } }).location?.href);
  if (!address.pathname.endsWith("/")) address.pathname += "/";
  return address;
}

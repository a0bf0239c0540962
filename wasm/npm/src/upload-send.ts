/** One request and its answer, with a bound on silence. */
import { unreachable } from "./upload-error.ts";

export type Sending = {
  method: "POST" | "PUT";
  url: URL;
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer> | undefined;
  /** Longest silence, in milliseconds; each sign of life begins it anew. */
  timeoutMs: number;
  signal: AbortSignal | undefined;
  /** How many bytes of the body have gone out. */
  onLoaded?: (loaded: number) => void;
};

export type Answer = { status: number; retryAfter: string | null | undefined; contentType: string; text: string };

/** More of an answer than this is not kept, in characters. */
const MAX_TEXT = 1 << 20;

/** `fetch` does not tell how much of a body has gone out; XMLHttpRequest does, where there is one. */
export function send(sending: Sending): Promise<Answer> {
  return sending.onLoaded && typeof XMLHttpRequest === "function" ? sendWithProgress(sending) : sendByFetch(sending);
}

async function sendByFetch({ method, url, headers, body, timeoutMs, signal }: Sending): Promise<Answer> {
  signal?.throwIfAborted();
  const control = new AbortController();
  const onAbort = (): void => control.abort(signal?.reason);
  const timer = setTimeout(() => control.abort(), timeoutMs);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const request: RequestInit = { method, headers, credentials: "omit", signal: control.signal };
    if (body !== undefined) request.body = body;
    const response = await fetch(url, request);
    const text = (await response.text()).slice(0, MAX_TEXT);
    return { status: response.status, retryAfter: response.headers.get("retry-after"), contentType: response.headers.get("content-type") ?? "", text };
  } catch (cause) {
    signal?.throwIfAborted();
    throw unreachable(cause);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

function sendWithProgress({ method, url, headers, body, timeoutMs, signal, onLoaded }: Sending): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const request = new XMLHttpRequest();
    const onAbort = (): void => request.abort();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const alive = (): void => {
      clearTimeout(timer);
      timer = setTimeout(onAbort, timeoutMs);
    };
    request.upload.onprogress = ({ loaded }) => {
      alive();
      onLoaded?.(loaded);
    };
    request.onload = () => {
      // Asked for by name, a header that another origin does not show would be a complaint on the console.
      const field = (name: string): string | undefined => new RegExp(`^${name}:\\s*(.*)$`, "im").exec(request.getAllResponseHeaders())?.[1]?.trim();
      resolve({ status: request.status, retryAfter: field("retry-after"), contentType: field("content-type") ?? "", text: request.responseText.slice(0, MAX_TEXT) });
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(signal?.aborted ? signal.reason : unreachable());
    request.onloadend = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    try {
      request.open(method, url);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.send(body ?? null);
    } catch (cause) {
      // A header that cannot be sent, say: `fetch` tells of it in the same way.
      return reject(unreachable(cause));
    }
    signal?.addEventListener("abort", onAbort, { once: true });
    alive();
  });
}

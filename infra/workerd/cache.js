// The Cache API of the worker on plain workerd, which brings none: in memory, for as long as each answer says, the least recently used goes first.
// workerd asks by GET, keeps by PUT, with a whole HTTP/1.1 answer as the body, and deletes by PURGE.
const DEFAULT_BYTES = 134_217_728;

/** @typedef {{ status: number, headers: [string, string][], body: Uint8Array, expiresAt: number, bytes: number }} Kept */

/** In the order of their last use. @type {Map<string, Kept>} */
const kept = new Map();
let keptBytes = 0;

/** @param {string} url */
function forget(url) {
  const entry = kept.get(url);
  if (!entry) return false;
  kept.delete(url);
  keptBytes -= entry.bytes;
  return true;
}

/** @param {string} url */
function find(url) {
  const entry = kept.get(url);
  if (!entry) return undefined;
  if (entry.expiresAt <= Date.now()) {
    forget(url);
    return undefined;
  }
  kept.delete(url);
  kept.set(url, entry);
  return entry;
}

/**
 * Takes a stored answer apart. `undefined`: not one, or one that is not to be kept.
 *
 * @param {string} url
 * @param {Uint8Array} payload
 * @returns {Kept | undefined}
 */
function parse(url, payload) {
  // Its head is far shorter than that.
  const head = new TextDecoder("latin1").decode(payload.subarray(0, 16_384));
  const end = head.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = head.slice(0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
  if (end < 0 || !(status >= 200 && status <= 599)) return undefined;
  const headers = lines.map((line) => /** @type {[string, string]} */ ([line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
  const value = (/** @type {string} */ name) => headers.find(([one]) => one === name)?.[1] ?? "";
  const maxAge = Number(/(?:^|[ ,])max-age=(\d{1,9})/.exec(value("cache-control"))?.[1] ?? 0);
  if (maxAge === 0 || value("transfer-encoding") !== "") return undefined;
  const body = payload.slice(end + 4);
  return { status, headers, body, expiresAt: Date.now() + maxAge * 1000, bytes: url.length + end + body.length };
}

export default {
  /** @param {Request} request @param {{ CACHE_BYTES: string | null }} env */
  async fetch(request, env) {
    const { url } = request;
    if (request.method === "PURGE") return new Response(null, { status: forget(url) ? 200 : 404 });
    if (request.method === "PUT") {
      const entry = parse(url, await request.bytes());
      const limit = Number(env.CACHE_BYTES ?? "") || DEFAULT_BYTES;
      if (!entry || entry.bytes > limit) return new Response(null, { status: 204 });
      forget(url);
      kept.set(url, entry);
      keptBytes += entry.bytes;
      for (const oldest of kept.keys()) {
        if (keptBytes <= limit) break;
        forget(oldest);
      }
      return new Response(null, { status: 204 });
    }
    const entry = find(url);
    if (!entry) return new Response(null, { status: 504, headers: { "cf-cache-status": "MISS" } });
    const headers = new Headers(entry.headers);
    headers.set("cf-cache-status", "HIT");
    return new Response(entry.body, { status: entry.status, headers });
  },
};

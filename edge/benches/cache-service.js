/**
 * What workerd's Cache API asks when it is run without Cloudflare around it: a worker that holds responses in memory. Its requests are those that
 * workerd makes of a `cacheApiOutbound`: GET looks up, PUT brings a whole HTTP/1.1 response, PURGE removes. How long something is to be kept is not
 * heeded: what is measured lives for minutes.
 */
const held = new Map();

/** The status line and the headers of a response in HTTP/1.1, and its body. */
function parsed(message) {
  const text = new TextDecoder("latin1").decode(message.subarray(0, 64 * 1024));
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
  return {
    status: Number(statusLine.split(" ")[1]),
    headers: [...headers.filter(([name]) => !/^(transfer-encoding|content-length)$/i.test(name)), ["cf-cache-status", "HIT"]],
    body: message.slice(end + 4),
  };
}

export default {
  async fetch(request) {
    const found = held.get(request.url);
    if (request.method === "PUT") {
      held.set(request.url, parsed(new Uint8Array(await request.arrayBuffer())));
      return new Response(null, { status: 204 });
    }
    if (request.method === "PURGE") return new Response(null, { status: held.delete(request.url) ? 200 : 404 });
    if (found === undefined) return new Response(null, { status: 504, headers: { "cf-cache-status": "MISS" } });
    return new Response(found.body, { status: found.status, headers: found.headers });
  },
};

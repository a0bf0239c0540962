/** A worker and a storage in one, whose answers a test writes: what it says nothing of succeeds. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Asked = { route: string; body: Buffer; headers: IncomingMessage["headers"] };
export type Reply = { status: number; headers?: Record<string, string>; body?: unknown } | "hang up" | "silence";

export type UploadServer = {
  origin: string;
  /** Everything that was asked so far. */
  asked: Asked[];
  /** What the next requests of a route get, such as `PUT /storage`. */
  next(route: string, ...replies: Reply[]): void;
  reset(): void;
  close(): void;
};

/** Query of the address to upload to, as a signed one has it. */
export const SIGNED = "X-Amz-Expires=300&X-Amz-Signature=0";

export async function startUploadServer(): Promise<UploadServer> {
  const asked: Asked[] = [];
  const scripted = new Map<string, Reply[]>();
  let origin = "";

  const usual = (route: string): Exclude<Reply, string> => {
    if (route === "PUT /storage") return { status: 200 };
    if (route.endsWith("/key_upload")) return { status: 200, body: { url: `${origin}/storage?${SIGNED}`, method: "PUT", headers: { "content-type": "image/jpeg", "x-signed": "1" }, key: "avatars/me.jpg", expires_at: "2020-01-01T00:00:00Z" } };
    if (route.endsWith("/publish")) return { status: 200, body: { url: `${origin}/v`, version: "0123456789abcdef", width: 256, height: 256, thumbhash: "AA==", variants: [{ size: 256, width: 256, height: 256, format: "jpg", url: `${origin}/v` }] } };
    return { status: 404 };
  };
  const answer = (response: ServerResponse, reply: Reply): void => {
    if (reply === "hang up") return void response.destroy();
    if (reply === "silence") return;
    const { status, headers = {}, body } = reply;
    const isText = typeof body === "string";
    response.writeHead(status, { "content-type": isText ? "application/xml" : "application/json", ...headers }).end(body === undefined ? undefined : isText ? body : JSON.stringify(body));
  };

  const server = createServer((request, response) => {
    const route = `${request.method} ${new URL(request.url ?? "/", "http://local").pathname}`;
    if (route === "GET /") return void response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Roundel</title>");
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("error", () => undefined);
    request.on("end", () => {
      asked.push({ route, body: Buffer.concat(chunks), headers: request.headers });
      answer(response, scripted.get(route)?.shift() ?? usual(route));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    asked,
    next: (route, ...replies) => void scripted.set(route, replies),
    reset: () => {
      asked.length = 0;
      scripted.clear();
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

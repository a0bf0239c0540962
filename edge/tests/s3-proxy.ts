/** A storage that misbehaves as a test wants: what the worker asks goes on to the S3 server behind, except where the test says something else. */
import { createServer, request as send, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Answer = { status: number; headers: Record<string, string | string[]>; body: Buffer };

/** One request of the worker. */
export type Exchange = {
  method: string;
  /** `bucket/key`, decoded; of a listing the bucket alone. */
  path: string;
  query: URLSearchParams;
  /** Sends it to the S3 server; its answer is not passed on yet. */
  forward(): Promise<Answer>;
  answer(answer: Answer): void;
  /** Breaks the connection off. */
  hangUp(): void;
  /** For answers that no server should give. */
  response: ServerResponse;
};

export type Behaviour = (exchange: Exchange) => void | Promise<void>;

export type S3Proxy = {
  url: string;
  /** Where the S3 server is. */
  leadTo(endpoint: string): void;
  /** What happens to requests from now on; nothing: all is well. */
  behave(behaviour?: Behaviour): void;
  stop(): Promise<void>;
};

export const passOn: Behaviour = async (exchange) => exchange.answer(await exchange.forward());

export const isWrite = ({ method }: Exchange): boolean => method === "PUT" || method === "DELETE";

export async function startS3Proxy(): Promise<S3Proxy> {
  let endpoint = "";
  let behaviour: Behaviour = passOn;
  const server = createServer((request, response) => {
    response.on("error", () => {});
    void (async () => {
      const exchange = await exchangeOf(request, response, () => endpoint);
      await behaviour(exchange);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (to) => void (endpoint = to),
    behave: (next = passOn) => void (behaviour = next),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function exchangeOf(request: IncomingMessage, response: ServerResponse, endpoint: () => string): Promise<Exchange> {
  const url = new URL(request.url ?? "/", "http://proxy");
  const body = await whole(request);
  return {
    method: request.method ?? "",
    path: decodeURIComponent(url.pathname).slice(1),
    query: url.searchParams,
    // With the headers as they came, `host` among them: it is signed.
    forward: () => forwarded(endpoint(), request, body),
    answer: ({ status, headers, body }) => void response.writeHead(status, headers).end(body),
    hangUp: () => void response.destroy(),
    response,
  };
}

function forwarded(endpoint: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    const onward = send({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
      whole(answer).then((body) => resolve({ status: answer.statusCode ?? 0, headers: kept(answer.headers), body }), reject);
    });
    onward.on("error", reject);
    onward.end(body);
  });
}

/** Without the headers that belong to a connection. */
function kept(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const own = Object.entries(headers).filter(([name]) => !["connection", "keep-alive", "transfer-encoding"].includes(name));
  return Object.fromEntries(own.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

async function whole(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

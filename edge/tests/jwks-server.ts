/** The place of an issuer's keys, which answers as a test wants: late, too much, elsewhere, not at all. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** Answers one request. */
export type Behaviour = (response: ServerResponse) => void | Promise<void>;

export type JwksServer = {
  url: string;
  /** How often the keys were asked for. */
  requests(): number;
  behave(behaviour: Behaviour): void;
  stop(): Promise<void>;
};

export async function startJwksServer(): Promise<JwksServer> {
  let behaviour: Behaviour = status(404);
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    response.on("error", () => {});
    void behaviour(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    requests: () => requests,
    behave: (next) => void (behaviour = next),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The keys, as an issuer gives them. */
export const keys = (...jwks: object[]): Behaviour => text(JSON.stringify({ keys: jwks }));

export const text = (body: string, contentType = "application/json"): Behaviour => (response) => void response.writeHead(200, { "content-type": contentType }).end(body);

/** The same bytes, said to be nothing. */
export const keysWithoutType = (body: string): Behaviour => (response) => void response.writeHead(200).end(body);

/** In a content coding. */
export const packed = (body: string): Behaviour => (response) => void response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end(gzipSync(body));

/** All of it announced, half of it sent. */
export const cut = (body: string): Behaviour => (response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  response.write(body.slice(0, body.length / 2), () => response.destroy());
};

export const status = (code: number, headers: Record<string, string> = {}): Behaviour => (response) => void response.writeHead(code, headers).end();

/** Hangs up. */
export const silence: Behaviour = (response) => void response.destroy();

export const late = (ms: number, then: Behaviour): Behaviour => async (response) => {
  await pause(ms);
  await then(response);
};

/** A good beginning, and then a space every 200 ms. */
export const dripping = (body: string): Behaviour => async (response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.write(body);
  while (!response.destroyed) {
    response.write(" ");
    await pause(200);
  }
};

/** Keys and then white space, as much as is read. */
export const endless = (body: string, bytes: number): Behaviour => async (response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.write(body);
  for (let sent = 0; sent < bytes && !response.destroyed; sent += 65_536) {
    if (!response.write(" ".repeat(65_536))) await pause(5);
  }
  response.end();
};

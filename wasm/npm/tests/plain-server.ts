/** A web server of plain files, without a bundler: the built package under `/package/`, the test pictures under `/fixtures/`. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

/** The strictest policy that the package promises to live with. */
export const STRICT_POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

const TYPES: Record<string, string | undefined> = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html", ".jpg": "image/jpeg", ".png": "image/png" };
const FOLDERS: Record<string, URL> = { package: new URL("../dist/", import.meta.url), fixtures: new URL("../../tests/fixtures/", import.meta.url) };

export type Answer = { status?: number; type?: string; body?: string | Uint8Array };
export type PlainServer = { origin: string; close(): void };
export type PlainServerOptions = {
  /** Policy of the pages; by path. */
  policy?: (path: string) => string;
  /** An answer of the test's own, instead of a file. */
  instead?: (path: string) => Answer | undefined;
  /** More folders, by the first part of the path. */
  folders?: Record<string, URL>;
};

export async function startPlainServer({ policy = () => STRICT_POLICY, instead = () => undefined, folders = {} }: PlainServerOptions = {}): Promise<PlainServer> {
  const all: Record<string, URL | undefined> = { ...FOLDERS, ...folders };
  const answerTo = async (path: string): Promise<Answer> => {
    const own = instead(path);
    if (own) return own;
    if (path === "/favicon.ico") return { status: 204 };
    const [, folder = "", ...rest] = path.split("/");
    const base = all[folder];
    if (!base) return { body: "<!doctype html><title>Roundel</title>", type: "text/html" };
    const body = await readFile(new URL(rest.join("/"), base)).catch(() => undefined);
    return body ? { body, type: TYPES[extname(path)] ?? "text/plain" } : { status: 404 };
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://local").pathname;
    void answerTo(path).then(({ status = 200, type = "text/plain", body = "" }) => {
      response.writeHead(status, { "content-type": type, "content-security-policy": policy(path) }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => void server.close() };
}

/**
 * The sign-in issuer of this machine: an OpenID provider with one user, who is signed in without being asked. Discovery, JWKS and the
 * authorization code flow with PKCE (RFC 7636) work as with Cognito's hosted pages; tokens come from `tokens.ts`.
 */
import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { accessToken, idToken, LOCAL_CLIENT_ID, LOCAL_SUB, LOCAL_USER_POOL_ID, signingKey, type TokenOptions } from "./tokens.ts";

export type Issuer = {
  /** The `iss` of its tokens. */
  url: string;
  clientId: string;
  jwksUrl: string;
  accessToken(options?: Partial<TokenOptions>): Promise<string>;
  idToken(options?: Partial<TokenOptions>): Promise<string>;
  stop(): Promise<void>;
};

export type IssuerOptions = {
  stateDirectory: string;
  /** 0: any free one. */
  port: number;
  /** Origins that a sign-in may return to. */
  allowedOrigins: string[];
};

type Grant = { redirectUri: string; codeChallenge: string; nonce: string | undefined; sub: string; expiresAt: number };

const CODE_LIFE_MS = 60_000;
const TOKEN_LIFE_SECONDS = 3600;
const MAX_FORM_BYTES = 16_384;

export async function startIssuer({ stateDirectory, port, allowedOrigins }: IssuerOptions): Promise<Issuer> {
  const key = await signingKey(stateDirectory);
  const grants = new Map<string, Grant>();
  let origin = "";
  const issuerUrl = (): string => `${origin}/${LOCAL_USER_POOL_ID}`;
  const jwksUrl = (): string => `${issuerUrl()}/.well-known/jwks.json`;

  function discovery(): object {
    return {
      issuer: issuerUrl(),
      jwks_uri: jwksUrl(),
      authorization_endpoint: `${origin}/oauth2/authorize`,
      token_endpoint: `${origin}/oauth2/token`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      token_endpoint_auth_methods_supported: ["none"],
      code_challenge_methods_supported: ["S256"],
      scopes_supported: ["openid"],
    };
  }

  /** The one click is on the page; here the local user is taken as signed in and sent straight back. */
  function authorize(query: URLSearchParams, response: ServerResponse): void {
    const redirectUri = query.get("redirect_uri") ?? "";
    if (query.get("client_id") !== LOCAL_CLIENT_ID || !allowedOrigins.some((allowed) => URL.canParse(redirectUri) && new URL(redirectUri).origin === allowed)) {
      return answer(response, 400, { error: "invalid_request", error_description: "the client or the place to return to is not known" });
    }
    const back = new URL(redirectUri);
    const state = query.get("state");
    if (state !== null) back.searchParams.set("state", state);
    const codeChallenge = query.get("code_challenge");
    if (query.get("response_type") !== "code" || query.get("code_challenge_method") !== "S256" || !codeChallenge) {
      back.searchParams.set("error", "invalid_request");
    } else {
      const code = randomBytes(24).toString("base64url");
      const sub = query.get("login_hint") ?? LOCAL_SUB;
      grants.set(code, { redirectUri, codeChallenge, nonce: query.get("nonce") ?? undefined, sub, expiresAt: Date.now() + CODE_LIFE_MS });
      back.searchParams.set("code", code);
    }
    response.writeHead(302, { location: back.href, "cache-control": "no-store", "referrer-policy": "no-referrer" }).end();
  }

  async function token(form: URLSearchParams, response: ServerResponse): Promise<void> {
    const code = form.get("code") ?? "";
    const grant = grants.get(code);
    // A code is good once, whatever comes of it.
    grants.delete(code);
    const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
    const isGood =
      form.get("grant_type") === "authorization_code" &&
      form.get("client_id") === LOCAL_CLIENT_ID &&
      grant !== undefined &&
      grant.expiresAt > Date.now() &&
      grant.redirectUri === form.get("redirect_uri") &&
      grant.codeChallenge === challenge;
    if (!isGood) return answer(response, 400, { error: "invalid_grant" });
    const options = { issuer: issuerUrl(), sub: grant.sub, expiresInSeconds: TOKEN_LIFE_SECONDS };
    answer(response, 200, {
      access_token: await accessToken(key, options),
      id_token: await idToken(key, { ...options, claims: grant.nonce ? { nonce: grant.nonce } : {} }),
      token_type: "Bearer",
      expires_in: TOKEN_LIFE_SECONDS,
    });
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", origin);
    const caller = request.headers.origin;
    response.setHeader("vary", "Origin");
    response.setHeader("x-content-type-options", "nosniff");
    if (caller !== undefined && allowedOrigins.includes(caller)) response.setHeader("access-control-allow-origin", caller);
    const route = `${request.method} ${url.pathname}`;
    if (request.method === "OPTIONS") {
      response.writeHead(204, { "access-control-allow-methods": "GET, POST", "access-control-allow-headers": "content-type, accept" }).end();
    } else if (route === `GET /${LOCAL_USER_POOL_ID}/.well-known/openid-configuration`) {
      answer(response, 200, discovery());
    } else if (route === `GET /${LOCAL_USER_POOL_ID}/.well-known/jwks.json`) {
      answer(response, 200, { keys: [key.publicJwk] });
    } else if (route === "GET /oauth2/authorize") {
      authorize(url.searchParams, response);
    } else if (route === "POST /oauth2/token") {
      await token(new URLSearchParams(await readBody(request)), response);
    } else {
      answer(response, 404, { error: "not_found" });
    }
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => {
      if (!response.headersSent) answer(response, 400, { error: "invalid_request" });
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: issuerUrl(),
    clientId: LOCAL_CLIENT_ID,
    jwksUrl: jwksUrl(),
    accessToken: (options) => accessToken(key, { issuer: issuerUrl(), ...options }),
    idToken: (options) => idToken(key, { issuer: issuerUrl(), ...options }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" }).end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > MAX_FORM_BYTES) throw new Error("the form is too large");
  }
  return body;
}

/**
 * Signing in: OpenID Connect's authorization code flow with PKCE (RFC 6749 section 4.1, RFC 7636), as a public client.
 * Any provider that publishes a discovery document will do: Amazon Cognito's hosted pages or the local issuer.
 */
import * as oauth from "oauth4webapi";
import type { PageConfig } from "./config.ts";
import { readSession, type Session } from "./session.ts";
import { SignInError } from "./sign-in-error.ts";

/** What has to be remembered while the browser is away at the provider. */
type Pending = { readonly codeVerifier: string; readonly state: string };

const STORAGE_KEY = "roundel.sign_in";

/**
 * Leaves the page for the provider's, which comes back with an answer for {@link finishSignIn}.
 *
 * @throws {SignInError} `issuer_unreachable` where the provider does not answer.
 */
export async function startSignIn(config: PageConfig): Promise<void> {
  const provider = await discover(config);
  if (!provider.authorization_endpoint) {
    throw new SignInError("failed", "the provider's discovery document names no authorization_endpoint");
  }
  const pending: Pending = { codeVerifier: oauth.generateRandomCodeVerifier(), state: oauth.generateRandomState() };
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify(pending));

  const address = new URL(provider.authorization_endpoint);
  const parameters = {
    response_type: "code",
    client_id: config.clientId,
    redirect_uri: redirectUri(),
    scope: "openid",
    state: pending.state,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.codeVerifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  location.assign(address);
}

/**
 * Exchanges the provider's answer in the address bar for a session, and takes it out of the address bar.
 *
 * @throws {SignInError} `refused` where the provider or the person said no, `issuer_unreachable` or `failed` otherwise.
 */
export async function finishSignIn(config: PageConfig): Promise<Session> {
  const answer = new URL(location.href);
  history.replaceState(null, "", "/");
  const pending = takePending();
  if (!pending) throw new SignInError("failed", "the answer belongs to no sign-in that this tab began");

  const provider = await discover(config);
  const client = { client_id: config.clientId };
  try {
    const parameters = oauth.validateAuthResponse(provider, client, answer, pending.state);
    const response = await oauth.authorizationCodeGrantRequest(
      provider,
      client,
      oauth.None(),
      parameters,
      redirectUri(),
      pending.codeVerifier,
      requestOptions(config),
    );
    const tokens = await oauth.processAuthorizationCodeResponse(provider, client, response);
    const session = readSession(tokens.access_token);
    if (!session) throw new SignInError("failed", "the access token carries no sub and exp");
    return session;
  } catch (cause) {
    if (cause instanceof SignInError) throw cause;
    if (cause instanceof oauth.AuthorizationResponseError) {
      throw new SignInError("refused", "the provider answered with an error", { cause });
    }
    if (cause instanceof TypeError || cause instanceof DOMException) {
      throw new SignInError("issuer_unreachable", "the provider's token endpoint did not answer", { cause });
    }
    throw new SignInError("failed", "the provider's answer was not accepted", { cause });
  }
}

async function discover(config: PageConfig): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(config.issuer);
  try {
    const response = await oauth.discoveryRequest(issuer, { algorithm: "oidc", ...requestOptions(config) });
    return await oauth.processDiscoveryResponse(issuer, response);
  } catch (cause) {
    throw new SignInError("issuer_unreachable", "the provider's discovery document could not be read", { cause });
  }
}

/** Plain http is for a provider on this very machine and nowhere else. */
function requestOptions(config: PageConfig): { [oauth.allowInsecureRequests]: boolean; signal: AbortSignal } {
  const { hostname } = new URL(config.issuer);
  return {
    [oauth.allowInsecureRequests]: ["127.0.0.1", "localhost", "[::1]"].includes(hostname),
    signal: AbortSignal.timeout(15_000),
  };
}

function redirectUri(): string {
  return `${location.origin}/`;
}

function takePending(): Pending | undefined {
  const text = sessionStorage.getItem(STORAGE_KEY);
  sessionStorage.removeItem(STORAGE_KEY);
  return text === null ? undefined : (JSON.parse(text) as Pending);
}

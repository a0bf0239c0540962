/** What the page has to know about the worker that serves it: `GET /config.json`. */
export type PageConfig = {
  /** The OpenID provider that signs people in, as an absolute URL. */
  readonly issuer: string;
  readonly clientId: string;
};

/** The worker did not say how to sign in; nothing on the page can work without. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads the configuration from the page's own origin.
 *
 * @throws {ConfigError} where the worker does not answer, or not with what is needed.
 */
export async function loadConfig(): Promise<PageConfig> {
  const answer: unknown = await fetch("/config.json", { headers: { accept: "application/json" } })
    .then((response) => (response.ok ? response.json() : undefined))
    .catch((cause: unknown) => {
      throw new ConfigError("GET /config.json got no usable answer", { cause });
    });
  if (typeof answer === "object" && answer !== null && "issuer" in answer && "client_id" in answer) {
    const { issuer, client_id: clientId } = answer;
    if (typeof issuer === "string" && URL.canParse(issuer) && typeof clientId === "string") return { issuer, clientId };
  }
  throw new ConfigError("GET /config.json did not name an issuer and a client_id");
}

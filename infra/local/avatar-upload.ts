/** `npm run avatar:upload -- FILE [--sub ID]`: signs in locally, asks for an upload URL, PUTs, publishes, prints the avatar's URL. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { callerDirectory } from "../setup/paths.ts";
import { main, SetupError } from "../setup/process.ts";
import { defaultStateDirectory, lastWhereabouts } from "./state.ts";
import { accessToken, signingKey } from "./tokens.ts";

const CONTENT_TYPES: Record<string, string | undefined> = { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", gif: "image/gif" };

type Ticket = { url: string; headers: Record<string, string> };

await main(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { sub: { type: "string" } } });
  const [name] = positionals;
  if (name === undefined || positionals.length > 1) throw new SetupError("usage: npm run avatar:upload -- FILE [--sub ID]");
  const bytes = await readFile(resolve(callerDirectory(), name)).catch((error: NodeJS.ErrnoException) => {
    throw new SetupError(`${name} cannot be read (${error.code})`);
  });
  const extension = extname(name).slice(1).toLowerCase();
  const contentType = CONTENT_TYPES[extension];
  if (!contentType) throw new SetupError(`${name} does not end in .${Object.keys(CONTENT_TYPES).join(", .")}`);

  const stateDirectory = defaultStateDirectory();
  const stack = lastWhereabouts(stateDirectory);
  if (!stack) throw new SetupError("there is no local stack; run `npm start` in another terminal first");
  const { origin, issuer, clientId } = stack;
  const token = await accessToken(await signingKey(stateDirectory), { issuer, clientId, sub: values.sub, expiresInSeconds: 300 });

  async function ask<T>(path: string, body?: object): Promise<T> {
    const response = await fetch(`${origin}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    }).catch(() => {
      throw new SetupError(`nothing answers at ${origin}; run \`npm start\` in another terminal first`);
    });
    const answer = (await response.json()) as { detail?: string; code?: string };
    if (!response.ok) throw new SetupError(`${path} answered ${response.status} ${answer.code ?? ""}: ${answer.detail ?? ""}`);
    return answer as T;
  }

  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const ticket = await ask<Ticket>("/avatars/key_upload", { extension, content_type: contentType, content_length: bytes.length, sha256 });
  const put = await fetch(ticket.url, { method: "PUT", headers: ticket.headers, body: new Uint8Array(bytes) });
  if (!put.ok) throw new SetupError(`the storage refused the file with status ${put.status}`);
  console.log((await ask<{ url: string }>("/avatars/publish")).url);
});

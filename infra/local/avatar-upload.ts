/** `npm run avatar:upload -- FILE [--sub ID]`: signs in locally, asks for an upload URL, PUTs, publishes, prints the avatar's URL. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { callerDirectory } from "../setup/paths.ts";
import { main, SetupError } from "../setup/process.ts";
import { signIn } from "./session.ts";

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

  const session = await signIn(values.sub);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const ticket = await session.call<Ticket>("POST", "/avatars/key_upload", { extension, content_type: contentType, content_length: bytes.length, sha256 });
  const put = await fetch(ticket.url, { method: "PUT", headers: ticket.headers, body: new Uint8Array(bytes) });
  if (!put.ok) throw new SetupError(`the storage refused the file with status ${put.status}`);
  console.log((await session.call<{ url: string }>("POST", "/avatars/publish")).url);
});

/** `npm run avatar:clear -- [--sub ID] [--kind avatar|banner]`: signs in locally and removes the picture with everything that it was made of. */
import { parseArgs } from "node:util";
import { main, SetupError } from "../setup/process.ts";
import { signIn } from "./session.ts";

const PATHS: Record<string, string | undefined> = { avatar: "/avatars", banner: "/banners" };
const USAGE = "usage: npm run avatar:clear -- [--sub ID] [--kind avatar|banner]";

function readArguments(): { sub: string | undefined; kind: string } {
  try {
    const { values } = parseArgs({ options: { sub: { type: "string" }, kind: { type: "string", default: "avatar" } } });
    return { sub: values.sub, kind: values.kind };
  } catch (error) {
    throw new SetupError(`${error instanceof Error ? error.message : String(error)}. ${USAGE}`);
  }
}

await main(async () => {
  const { sub, kind } = readArguments();
  const path = Object.hasOwn(PATHS, kind) ? PATHS[kind] : undefined;
  if (path === undefined) throw new SetupError(`${JSON.stringify(kind)} is no kind of picture. ${USAGE}`);
  const session = await signIn(sub);
  await session.call("DELETE", path);
  const instead = kind === "avatar" ? "shows the default picture" : "answers 404";
  console.log(`${session.sub} has no ${kind} any more, and no uploads of one; ${session.origin}${path}/${encodeURIComponent(session.sub)}.jpg ${instead}`);
});

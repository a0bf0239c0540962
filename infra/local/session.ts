/** The local stack as a person who is signed in calls it, for the commands. */
import { SetupError } from "../setup/process.ts";
import { defaultStateDirectory, lastWhereabouts } from "./state.ts";
import { accessToken, LOCAL_SUB, signingKey } from "./tokens.ts";

export type Session = {
  origin: string;
  /** Who is signed in. */
  sub: string;
  /** Calls the worker's API; what is not 2xx is told as a failure. Gives the answer's JSON, `undefined` where it has no content. */
  call<T>(method: "POST" | "DELETE", path: string, body?: object): Promise<T>;
};

/** Signs in at the stack that runs on this machine, without asking anybody. */
export async function signIn(sub: string = LOCAL_SUB): Promise<Session> {
  const stateDirectory = defaultStateDirectory();
  const stack = lastWhereabouts(stateDirectory);
  if (!stack) throw new SetupError("there is no local stack; run `npm start` in another terminal first");
  const { origin, issuer, clientId } = stack;
  const token = await accessToken(await signingKey(stateDirectory), { issuer, clientId, sub, expiresInSeconds: 300 });

  return {
    origin,
    sub,
    call: async <T>(method: string, path: string, body?: object): Promise<T> => {
      const response = await fetch(`${origin}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
        ...(body && { body: JSON.stringify(body) }),
      }).catch(() => {
        throw new SetupError(`nothing answers at ${origin}; run \`npm start\` in another terminal first`);
      });
      const text = await response.text();
      if (!response.ok) {
        const { code = "", detail = "" } = problemOf(text);
        throw new SetupError(`${path} answered ${response.status} ${code}: ${detail}`);
      }
      return (text === "" ? undefined : JSON.parse(text)) as T;
    },
  };
}

/** What a failure says of itself; not everything that may answer at a port does. */
function problemOf(text: string): { code?: string; detail?: string } {
  try {
    return JSON.parse(text) as { code?: string; detail?: string };
  } catch {
    return { detail: text.slice(0, 200) };
  }
}

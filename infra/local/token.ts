/** `npm run token -- [--sub ID] [--expires-in SECONDS]`: prints a local access token, shaped as Cognito's. */
import { parseArgs } from "node:util";
import { main, SetupError } from "../setup/process.ts";
import { defaultStateDirectory, lastWhereabouts } from "./state.ts";
import { accessToken, signingKey } from "./tokens.ts";

await main(async () => {
  const { values } = parseArgs({ options: { sub: { type: "string" }, "expires-in": { type: "string", default: "300" } } });
  const expiresInSeconds = Number(values["expires-in"]);
  if (!Number.isInteger(expiresInSeconds)) throw new SetupError("--expires-in is a whole number of seconds");
  const stateDirectory = defaultStateDirectory();
  const stack = lastWhereabouts(stateDirectory);
  if (!stack) throw new SetupError("there is no local stack whose issuer could sign; run `npm start` once first");
  const { issuer, clientId } = stack;
  console.log(await accessToken(await signingKey(stateDirectory), { issuer, clientId, sub: values.sub, expiresInSeconds }));
});

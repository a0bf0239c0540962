/** `npm start`: the whole service on this machine, in the foreground, until Ctrl-C. */
import { main, say, SetupError } from "../setup/process.ts";
import { portFrom, sameAgain } from "./ports.ts";
import { startStack } from "./stack.ts";
import { defaultStateDirectory, lastWhereabouts } from "./state.ts";

await main(async () => {
  const stateDirectory = defaultStateDirectory();
  const interrupted = new Promise<undefined>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve(undefined));
  });
  const starting = startStack({
    stateDirectory,
    port: portFrom("PORT", 8787),
    s3Port: portFrom("S3_PORT", 0),
    // Tokens name their issuer by its address: one that stays lets a person stay signed in over a restart.
    issuerPort: portFrom("ISSUER_PORT", await sameAgain(lastWhereabouts(stateDirectory)?.issuer)),
  });
  const stack = await Promise.race([starting, interrupted]);
  if (!stack) process.exit(130);
  const health = await fetch(`${stack.origin}/healthz`);
  if (!health.ok) {
    await stack.stop();
    throw new SetupError(`the edge worker answers /healthz with ${health.status}; its log is in ${stateDirectory}/logs/worker.log`);
  }
  say(`state and logs are in ${stateDirectory}; Ctrl-C ends every part`);
  console.log(`ready ${stack.origin}`);

  const failure = await Promise.race([stack.failed, interrupted]);
  await stack.stop();
  if (failure !== undefined) throw new SetupError(failure);
  // Timers of a connection that nobody waits for must not hold the terminal.
  process.exit(0);
});

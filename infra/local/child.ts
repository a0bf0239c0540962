/** A program of the local stack: started, listened to, ended. */
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";

const KEPT_CHARACTERS = 262_144;
const GRACE_MS = 5_000;

export type Child = {
  name: string;
  /** What it has printed, the last 256 KiB of it. */
  output(): string;
  /** Resolves with the first match of the pattern in what it prints; rejects when it ends before, or after `timeoutMs`. */
  printed(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  /** Resolves when it ends, however it ends. */
  ended: Promise<string>;
  /** SIGTERM, and SIGKILL where that is not heard. */
  stop(): Promise<void>;
};

export type ChildOptions = { name: string; program: string; args: string[]; env: Record<string, string | undefined>; cwd: string; logFile: string };

export function startChild({ name, program, args, env, cwd, logFile }: ChildOptions): Child {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile, { flags: "a", mode: 0o600 });
  const spawned = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const listeners = new Set<() => void>();
  const take = (chunk: Buffer): void => {
    log.write(chunk);
    output = (output + chunk.toString()).slice(-KEPT_CHARACTERS);
    for (const listener of listeners) listener();
  };
  spawned.stdout.on("data", take);
  spawned.stderr.on("data", take);

  // Whoever started it may end without calling `stop`: interrupted while starting, or by a failed test.
  const endWithParent = (): void => void spawned.kill("SIGTERM");
  process.once("exit", endWithParent);

  let isRunning = true;
  const ended = new Promise<string>((resolve) => {
    spawned.on("error", (error) => resolve(`it could not be started: ${error.message}`));
    spawned.on("close", (code, signal) => resolve(signal ? `it was ended by ${signal}` : `it ended with status ${code}`));
  }).then((how) => {
    isRunning = false;
    process.off("exit", endWithParent);
    log.end();
    return how;
  });

  return {
    name,
    output: () => output,
    ended,
    printed: (pattern, timeoutMs) =>
      new Promise((resolve, reject) => {
        const finish = (tell: () => void): void => {
          listeners.delete(look);
          clearTimeout(timer);
          tell();
        };
        const look = (): void => {
          const match = pattern.exec(output);
          if (match) finish(() => resolve(match));
        };
        const timer = setTimeout(() => finish(() => reject(new Error(`${name} did not say that it is ready within ${timeoutMs / 1000} s:\n${lastWords(output)}`))), timeoutMs);
        listeners.add(look);
        look();
        void ended.then((how) => finish(() => reject(new Error(`${name} did not start: ${how}\n${lastWords(output)}`))));
      }),
    stop: async () => {
      if (!isRunning) return;
      spawned.kill("SIGTERM");
      const timer = setTimeout(() => spawned.kill("SIGKILL"), GRACE_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** The end of a program's output: what it said before it died. */
export function lastWords(output: string): string {
  return output.trimEnd().split("\n").slice(-20).join("\n");
}

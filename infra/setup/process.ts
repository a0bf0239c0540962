import { spawn, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "./paths.ts";

/** What is said about set-up goes to standard error: a command's standard output may be data. */
export function say(message: string): void {
  console.error(`roundel: ${message}`);
}

/** A failure that is the machine's or the person's to mend; shown without a stack. */
export class SetupError extends Error {
  override readonly name = "SetupError";
}

export type RunOptions = { env?: Record<string, string | undefined>; cwd?: string; advice?: string };

/** Runs a program to its end, its output on standard error; a failure says what to do. */
export async function run(program: string, args: string[], { env, cwd, advice }: RunOptions = {}): Promise<void> {
  const status = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    const child = spawn(program, args, { cwd: cwd ?? root, env: { ...process.env, ...env }, stdio: ["ignore", 2, 2] });
    child.on("error", (error) => reject(new SetupError(`${program} could not be started: ${error.message}${advice ? `. ${advice}` : ""}`)));
    child.on("exit", (code, signal) => resolve(code ?? signal));
  });
  if (status !== 0) {
    throw new SetupError(`\`${[program, ...args].join(" ")}\` ended with ${status}; its words are above${advice ? `. ${advice}` : ""}`);
  }
}

/** Runs a program quietly; `undefined` where it is missing or fails, else its standard output. */
export function ask(program: string, args: string[], env?: Record<string, string | undefined>): string | undefined {
  const result: SpawnSyncReturns<string> = spawnSync(program, args, { encoding: "utf8", env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "ignore"] });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** The path of a program on PATH, or undefined. */
export function find(program: string): string | undefined {
  return (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, program)).find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Runs a command's main function; a set-up failure is told in words, anything else with its stack. Exit status 1, or the one given. */
export async function main(work: () => Promise<void>, failureStatus = 1): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof SetupError) say(error.message);
    else console.error(error);
    process.exitCode = failureStatus;
  }
}

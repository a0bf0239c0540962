import { run, say } from "./setup/process.ts";

/** Runs TypeScript test files, one after the other: several stacks and browsers at once only wait for each other on a small machine. */
export async function runTests(files: string[]): Promise<void> {
  say("── TypeScript tests");
  await run("node", ["--disable-warning=ExperimentalWarning", "--test", "--test-concurrency=1", "--test-timeout=300000", ...files]);
}

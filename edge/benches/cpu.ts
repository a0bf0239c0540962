/** Processor time of another process. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

const SETTLED_MS = 0.05;
const LOOK_EVERY_MS = 15;
const LONGEST_MS = 2_000;

/**
 * Milliseconds that all threads of a process have been on a processor, user and system time, as the kernel's scheduler counts them: to the
 * nanosecond, where /proc/<pid>/stat counts hundredths of a second.
 *
 * @returns undefined where there is no such count: elsewhere than on Linux
 */
export function cpuMs(pid: number): number | undefined {
  const folder = `/proc/${pid}/task`;
  if (!existsSync(folder)) return undefined;
  const nanoseconds = readdirSync(folder).map((thread) => Number(readFileSync(`${folder}/${thread}/schedstat`, "utf8").split(" ")[0]));
  return nanoseconds.reduce((sum, of) => sum + of, 0) / 1e6;
}

/** What a piece of work costs a process, with what it still does when the work has its answer. */
export async function cpuMsOf(pid: number, work: () => Promise<unknown>): Promise<number | undefined> {
  const before = cpuMs(pid);
  await work();
  let after = cpuMs(pid);
  for (let waited = 0, last = Number.NEGATIVE_INFINITY; waited < LONGEST_MS && (after ?? 0) - last > SETTLED_MS; waited += LOOK_EVERY_MS) {
    last = after ?? 0;
    await setTimeout(LOOK_EVERY_MS);
    after = cpuMs(pid);
  }
  return before === undefined || after === undefined ? undefined : after - before;
}

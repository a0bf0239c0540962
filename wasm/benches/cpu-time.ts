/**
 * Processor time of several ways to do the same, in one process, in turn, run by run: what slows the machine down for a while slows all of
 * them down. User and system time of the whole process, so that work on other threads counts.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export type Contender<Name extends string = string> = { name: Name; work: () => unknown };

/** `runs` is how many were timed; after slow warm-ups fewer than asked for. */
export type Timing = { ms: number; runs: number };

export type Timings<Name extends string> = Partial<Record<Name, Timing>>;

export type Schedule = {
  /** Timed runs; the median counts. */
  runs: number;
  /** Timed runs of a contender whose run takes `slowMs` or more. */
  slowRuns: number;
  slowMs: number;
};

export const FULL: Schedule = { runs: 11, slowRuns: 3, slowMs: 250 };
export const QUICK: Schedule = { runs: 3, slowRuns: 1, slowMs: 250 };

/** Runs before the timed ones: V8 compiles hot WebAssembly anew while it runs. */
const WARM_UPS = 3;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** What takes less is done several times over, and counted by its part: a sample is not to be the first touch of cold caches alone. */
const LEAST_SAMPLE_MS = 40;
const MOST_TURNS = 10;

/** Milliseconds of processor time of one turn. */
async function cpuMs(work: () => unknown, turns = 1): Promise<number> {
  const before = process.cpuUsage();
  for (let turn = 0; turn < turns; turn++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / turns;
}

/** The median of each contender. One that throws in its first run is left out. */
export async function timed<Name extends string>(contenders: Contender<Name>[], schedule: Schedule): Promise<Timings<Name>> {
  const racing: { name: Name; work: () => unknown; runs: number; turns: number; times: number[] }[] = [];
  for (const { name, work } of contenders) {
    try {
      await work();
    } catch {
      continue;
    }
    let ms = await cpuMs(work);
    for (let run = 2; run < WARM_UPS && ms < schedule.slowMs; run++) ms = await cpuMs(work);
    const turns = Math.min(MOST_TURNS, Math.max(1, Math.ceil(LEAST_SAMPLE_MS / ms)));
    racing.push({ name, work, turns, runs: ms < schedule.slowMs ? schedule.runs : schedule.slowRuns, times: [] });
  }
  for (let round = 0; round < schedule.runs; round++) {
    // Another one begins each round, so that nobody always comes after the same neighbour.
    const first = round % Math.max(1, racing.length);
    for (const contender of [...racing.slice(first), ...racing.slice(0, first)]) {
      if (contender.times.length >= contender.runs) continue;
      // One's garbage is not to be swept in another's time.
      collectGarbage();
      contender.times.push(await cpuMs(contender.work, contender.turns));
    }
  }
  const timings: Timings<Name> = {};
  for (const { name, times } of racing) timings[name] = { ms: median(times), runs: times.length };
  return timings;
}

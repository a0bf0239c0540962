/** Many requests at once, and what they cost the worker. Several targets take turns: what slows the machine down for a while slows all of them. */
import autocannon from "autocannon";
import { median } from "../../wasm/benches/cpu-time.ts";
import { cpuMs } from "./cpu.ts";
import type { Workerd } from "./workerd.ts";

const CONNECTIONS = 16;

export type Target = {
  name: string;
  worker: Workerd;
  /** Taken in turn, each with its own headers. */
  requests: { path: string; method?: "GET" | "POST"; headers?: Record<string, string>; body?: string }[];
  /** Of every answer. */
  status: number;
};

export type Round = { perSecond: number; p50Ms: number; p99Ms: number; /** Of the worker's process, a request. */ cpuMs: number | undefined };

export type Schedule = { rounds: number; seconds: number };

export const FULL: Schedule = { rounds: 9, seconds: 2 };
export const QUICK: Schedule = { rounds: 3, seconds: 1 };

async function round({ name, worker, requests, status }: Target, seconds: number): Promise<Round> {
  const before = cpuMs(worker.pid);
  const result = await autocannon({ url: worker.origin, connections: CONNECTIONS, duration: seconds, requests: requests.map((of) => ({ method: "GET", ...of })) });
  const after = cpuMs(worker.pid);
  const answers = result.requests.total;
  const right = (result.statusCodeStats as Record<string, { count: number }> | undefined)?.[String(status)]?.count ?? 0;
  if (answers === 0 || right < answers || result.errors > 0) throw new Error(`${name}: not every answer was ${status}: ${JSON.stringify(result.statusCodeStats)}`);
  return {
    perSecond: answers / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    cpuMs: before === undefined || after === undefined ? undefined : (after - before) / answers,
  };
}

/** Rounds of every target, after one that does not count. */
export async function measured(targets: Target[], { rounds, seconds }: Schedule): Promise<Map<string, Round[]>> {
  const all = new Map(targets.map(({ name }) => [name, [] as Round[]]));
  for (let turn = -1; turn < rounds; turn++) {
    for (const target of targets) {
      const figures = await round(target, seconds);
      if (turn >= 0) all.get(target.name)?.push(figures);
    }
  }
  return all;
}

export function medianOf(rounds: Round[] | undefined, pick: (round: Round) => number | undefined): number | undefined {
  const values = (rounds ?? []).map(pick).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : median(values);
}

/** The median of what each round's figure is to that of another target in the same round. */
export function medianRatio(rounds: Round[] | undefined, to: Round[] | undefined, pick: (round: Round) => number | undefined): number | undefined {
  const ratios = (rounds ?? []).flatMap((round, at) => {
    const [ours, theirs] = [pick(round), to?.[at] && pick(to[at])];
    return ours === undefined || theirs === undefined ? [] : [ours / theirs];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}

/** Where a worker spends its time: V8's sampling profiler, by way of workerd's inspector (Chrome DevTools Protocol, domain `Profiler`). */
import type { Workerd } from "./workerd.ts";

const SAMPLE_EVERY_MICROSECONDS = 200;

type Node = { id: number; callFrame: { functionName: string }; children?: number[] };
type Profile = { nodes: Node[]; samples?: number[]; timeDeltas?: number[] };

/** What part of the time that the worker was not idle it spent in functions whose names match, and in what they called. */
export type Shares = (name: RegExp) => number;

export async function profiled(worker: Workerd, work: () => Promise<void>): Promise<Shares> {
  const targets = (await (await fetch(`http://127.0.0.1:${worker.inspectorPort}/json`)).json()) as { id: string; webSocketDebuggerUrl: string }[];
  const target = targets.find(({ id }) => id.includes("measured"));
  if (target === undefined) throw new Error(`workerd shows no worker to its inspector: ${JSON.stringify(targets)}`);
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const waiting = new Map<number, (result: unknown) => void>();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
    if (id !== undefined) waiting.get(id)?.(result);
  };
  let calls = 0;
  const call = (method: string, params: object = {}): Promise<unknown> =>
    new Promise((resolve) => {
      waiting.set(++calls, resolve);
      socket.send(JSON.stringify({ id: calls, method, params }));
    });
  try {
    await call("Profiler.enable");
    await call("Profiler.setSamplingInterval", { interval: SAMPLE_EVERY_MICROSECONDS });
    await call("Profiler.start");
    await work();
    return sharesOf(((await call("Profiler.stop")) as { profile: Profile }).profile);
  } finally {
    socket.close();
  }
}

export function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profile): Shares {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const time = (counts: (leaf: number) => boolean): number => samples.reduce((sum, leaf, at) => (counts(leaf) ? sum + (timeDeltas[at] ?? 0) : sum), 0);
  const busy = time((leaf) => names.get(leaf) !== "(idle)");
  return (name) => {
    const isWithin = (leaf: number): boolean => {
      for (let at: number | undefined = leaf; at !== undefined; at = parents.get(at)) if (name.test(names.get(at) ?? "")) return true;
      return false;
    };
    return time(isWithin) / busy;
  };
}

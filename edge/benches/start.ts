/** A process of workerd that has answered nothing yet: how long it takes to be there, and to answer first. */
import { get } from "node:http";
import type { Limit } from "../../wasm/benches/limits.ts";
import { median } from "../../wasm/benches/cpu-time.ts";
import { decimals, type Table } from "../../wasm/benches/tables.ts";
import { cpuMs } from "./cpu.ts";
import type { Stage } from "./stage.ts";
import type { Workerd } from "./workerd.ts";

/** Milliseconds until the whole answer is there, on a connection of its own. */
function answeredMs(url: string): Promise<number> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      response.on("end", () => (response.statusCode === 200 ? resolve(performance.now() - begun) : reject(new Error(`${url}: ${response.statusCode}`))));
      response.on("error", reject);
    }).on("error", reject);
  });
}

export async function start(stage: Stage, runs: number): Promise<{ table: Table; limits: Limit[] }> {
  const people = await stage.people("first", runs + 1);
  // A run that does not count comes first: files that nobody has read yet.
  const kinds: { name: string; start: () => Promise<Workerd>; path: (run: number) => string }[] = [
    { name: "hello world", start: stage.startHello, path: () => "/" },
    { name: "/healthz", start: () => stage.startEdge(), path: () => "/healthz" },
    { name: "an avatar in the storage", start: () => stage.startEdge(), path: (run) => `/avatars/${people[run]?.sub}.jpg` },
    { name: "an avatar to be made", start: () => stage.startEdge(), path: (run) => `/avatars/${people[run]?.sub}.jpg?size=128` },
  ];
  const times = new Map(kinds.map(({ name }) => [name, { listens: [] as number[], first: [] as number[], both: [] as number[], cpu: [] as number[] }]));
  for (let run = 0; run <= runs; run++) {
    for (const { name, start, path } of kinds) {
      const worker = await start();
      try {
        const first = await answeredMs(worker.origin + path(run));
        if (run === 0) continue;
        const of = times.get(name);
        of?.listens.push(worker.startedMs);
        of?.first.push(first);
        of?.both.push(worker.startedMs + first);
        of?.cpu.push(cpuMs(worker.pid) ?? Number.NaN);
      } finally {
        await worker.stop();
      }
    }
  }
  const of = (name: string, figure: "listens" | "first" | "both" | "cpu"): number => median(times.get(name)?.[figure] ?? []);
  const startup = of("/healthz", "both") - of("hello world", "both");
  return {
    table: {
      title: `A new process of workerd: median of ${runs}, ms`,
      columns: ["first request", "until it listens", "first answer", "both", "CPU until then"],
      rows: kinds.map(({ name }) => [name, decimals(of(name, "listens"), 0), decimals(of(name, "first"), 0), decimals(of(name, "both"), 0), decimals(of(name, "cpu"), 0)]),
    },
    limits: [
      ...kinds.slice(1).map(({ name }): Limit => ({ figure: `first request in a fresh isolate, ${name}`, relation: "at most", wanted: 60, got: of(name, "first"), unit: "ms", digits: 0 })),
      { figure: "startup, beyond hello world's", relation: "at most", wanted: 50, got: startup, unit: "ms", digits: 0 },
    ],
  };
}

/** A picture that is in the cache, beside a worker that only says hello. */
import type { Limit } from "../../wasm/benches/limits.ts";
import { decimals, type Table } from "../../wasm/benches/tables.ts";
import { measured, medianOf, medianRatio, type Schedule, type Target } from "./load.ts";
import type { Stage } from "./stage.ts";

const HELLO = "hello world";

export async function serving(stage: Stage, schedule: Schedule): Promise<{ table: Table; limits: Limit[] }> {
  const [person] = await stage.people("served", 1);
  const [edge, hello] = [await stage.startEdge(), await stage.startHello()];
  try {
    const version = `/avatars/${person?.sub}/${person?.version}/256.jpg`;
    const current = `/avatars/${person?.sub}.jpg`;
    const headers = { "if-none-match": `"${person?.version}-256-jpg"` };
    const targets: Target[] = [
      { name: HELLO, worker: hello, requests: [{ path: "/" }], status: 200 },
      { name: "version, 200", worker: edge, requests: [{ path: version }], status: 200 },
      { name: "version, 304", worker: edge, requests: [{ path: version, headers }], status: 304 },
      { name: "plain URL, 200", worker: edge, requests: [{ path: current }], status: 200 },
      { name: "plain URL, 304", worker: edge, requests: [{ path: current, headers }], status: 304 },
      { name: "/healthz", worker: edge, requests: [{ path: "/healthz" }], status: 200 },
    ];
    const rounds = await measured(targets, schedule);
    const theirs = rounds.get(HELLO);
    const rows = targets.map(({ name }) => {
      const ours = rounds.get(name);
      const microseconds = medianOf(ours, (round) => round.cpuMs);
      return [
        name,
        decimals(medianOf(ours, (round) => round.perSecond), 0),
        decimals(medianRatio(ours, theirs, (round) => round.perSecond), 2),
        decimals(medianOf(ours, (round) => round.p50Ms), 0),
        decimals(medianOf(ours, (round) => round.p99Ms), 0),
        decimals(microseconds === undefined ? undefined : microseconds * 1000, 0),
        decimals(medianRatio(theirs, ours, (round) => round.cpuMs), 2),
      ];
    });
    const limits = targets
      .filter(({ name }) => / (200|304)$/.test(name))
      .map(({ name }): Limit => ({ figure: `cached avatar, ${name}, requests a second to ${HELLO}'s`, relation: "at least", wanted: 0.8, got: medianRatio(rounds.get(name), theirs, (round) => round.perSecond), digits: 2 }));
    return {
      table: {
        title: `A cached avatar of 256 pixels, in plain workerd: median of ${schedule.rounds} rounds in turn`,
        columns: ["answer", "requests/s", `to ${HELLO}`, "p50, ms", "p99, ms", "CPU, µs", "the same in CPU"],
        rows,
      },
      limits,
    };
  } finally {
    await Promise.all([edge.stop(), hello.stop()]);
  }
}

/** A size that nobody asked for yet: read the master, make it, answer, and put it away. */
import type { Limit } from "../../wasm/benches/limits.ts";
import { median } from "../../wasm/benches/cpu-time.ts";
import { decimals, type Table } from "../../wasm/benches/tables.ts";
import { cpuMsOf } from "./cpu.ts";
import type { Person, Stage } from "./stage.ts";

/** The size that `publish` makes at once, 256.jpg, is taken out of the storage before it is asked for. */
const VARIANTS = ["64.jpg", "256.jpg", "512.jpg", "256.webp", "256.png"];

/** People whose pictures are asked for before it counts: V8 compiles hot WebAssembly anew while it runs. */
const WARM_UPS = 12;

export async function cold(stage: Stage, runs: number): Promise<{ table: Table; limits: Limit[] }> {
  const people = await stage.people("cold", runs + WARM_UPS);
  const edge = await stage.startEdge();
  const times = new Map(VARIANTS.map((variant) => [variant, { cpu: [] as number[], wall: [] as number[] }]));
  const ask = async ({ sub, version }: Person, variant: string, counts: boolean): Promise<void> => {
    if (variant === "256.jpg") await stage.harness.remove("assets", `avatars/${sub}/${version}/${variant}`);
    let wallMs = 0;
    const cpu = await cpuMsOf(edge.pid, async () => {
      const begun = performance.now();
      const response = await fetch(`${edge.origin}/avatars/${sub}/${version}/${variant}`);
      await response.arrayBuffer();
      wallMs = performance.now() - begun;
      if (response.status !== 200) throw new Error(`${variant}: ${response.status}`);
    });
    if (!counts) return;
    if (cpu !== undefined) times.get(variant)?.cpu.push(cpu);
    times.get(variant)?.wall.push(wallMs);
  };
  try {
    for (const [at, person] of people.entries()) for (const variant of VARIANTS) await ask(person, variant, at >= WARM_UPS);
  } finally {
    await edge.stop();
  }
  const cpu = (variant: string): number | undefined => ((all) => (all.length === 0 ? undefined : median(all)))(times.get(variant)?.cpu ?? []);
  return {
    table: {
      title: `A cold avatar, from a master of 1024 pixels in the storage: median of ${runs}`,
      columns: ["picture", "CPU of the worker, ms", "until the answer, ms"],
      rows: VARIANTS.map((variant) => [variant, decimals(cpu(variant), 1), decimals(median(times.get(variant)?.wall ?? []), 0)]),
    },
    limits: VARIANTS.map((variant) => ({ figure: `cold ${variant}, CPU of the worker`, relation: "at most", wanted: 10, got: cpu(variant), unit: "ms", digits: 1 })),
  };
}

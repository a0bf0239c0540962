/** The benches of the crate on this machine, without WebAssembly: `wasm/benches/native`, run by Criterion; here only its figures are collected. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inRoot } from "../../infra/setup/paths.ts";
import { run, say } from "../../infra/setup/process.ts";
import { ensureCargo } from "../../infra/setup/rust.ts";
import { decimals, type Table } from "./tables.ts";

const TARGET = inRoot("target", "bench", "native");

type Estimates = { median: { point_estimate: number } };

/** Milliseconds by contender, of one photo. */
function collected(photo: string): Map<string, number> {
  const folder = join(TARGET, "criterion", photo);
  const times = new Map<string, number>();
  for (const contender of readdirSync(folder)) {
    const file = join(folder, contender, "new", "estimates.json");
    if (existsSync(file)) times.set(contender, (JSON.parse(readFileSync(file, "utf8")) as Estimates).median.point_estimate / 1e6);
  }
  return times;
}

export async function nativeTable(): Promise<Table> {
  await ensureCargo();
  say("running the native benches (minutes the first time, while they compile)");
  const manifest = inRoot("wasm", "benches", "native", "Cargo.toml");
  await run("cargo", ["bench", "--quiet", "--manifest-path", manifest, "--bench", "native", "--", "--quiet"], { env: { CARGO_TARGET_DIR: TARGET } });
  const photos = readdirSync(join(TARGET, "criterion")).filter((name) => name !== "report").sort();
  const times = new Map(photos.map((photo) => [photo, collected(photo)]));
  const contenders = [...new Set([...times.values()].flatMap((of) => [...of.keys()]))].sort((a, b) => Number(b.startsWith("roundel")) - Number(a.startsWith("roundel")));
  return {
    title: "Native: CPU time in milliseconds, median",
    columns: ["photo", ...contenders],
    rows: photos.map((photo) => [photo, ...contenders.map((name) => decimals(times.get(photo)?.get(name), 1))]),
  };
}

/**
 * `npm run fuzz -- [TARGET] [--minutes 1]`: libFuzzer on one target of wasm/fuzz or edge/fuzz, or on all of them in turn, so many minutes each. What it learns
 * is kept in target/fuzz and used the next time. `npm test` runs the same targets without a fuzzer, on the stable compiler.
 */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { inRoot } from "./setup/paths.ts";
import { ask, main, run, say, SetupError } from "./setup/process.ts";
import { ensureCargo } from "./setup/rust.ts";
import { ensureCargoFuzz } from "./setup/tools.ts";

const TOOLCHAIN = "nightly";

/** Targets whose input is a file as it is; these begin with pictures. */
const ON_FILES = new Set(["inspect", "jpeg_scales", "webp_scales"]);

/** Targets that find their way by words of the formats; of the others each byte is a decision. */
const WITH_WORDS = new Set([...ON_FILES, "recipe"]);

const PICTURES = [
  inRoot("wasm", "fuzz", "seeds", "pictures"),
  inRoot("wasm", "tests", "fixtures"),
  ...["jpeg/crashtest/images", "pngsuite", "gif"].map((folder) => inRoot("..", "shared", "corpora", folder)),
];

/** What each of them may take; the pictures are held to 64 MiB by the targets themselves. */
const LIMITS = ["-timeout=20", "-rss_limit_mb=2048", "-malloc_limit_mb=160"];

/** A target and the part of the project that it is of. */
type Target = { name: string; part: "wasm" | "edge" };

function targets(): Target[] {
  const of = (part: Target["part"]): Target[] => readdirSync(inRoot(part, "fuzz", "fuzz_targets")).sort().map((file) => ({ name: basename(file, ".rs"), part }));
  return [...of("wasm"), ...of("edge")];
}

async function ensureNightly(): Promise<void> {
  await ensureCargo();
  if (ask("rustup", ["run", TOOLCHAIN, "rustc", "--version"]) !== undefined) return;
  throw new SetupError(
    `libFuzzer's instrumentation needs a nightly compiler: \`rustup toolchain install ${TOOLCHAIN}\`, then run the command again. ` +
      "Without one, `cargo test` runs the same targets over seeds and fixed mutations",
  );
}

async function fuzz(cargoFuzz: string, { name: target, part }: Target, minutes: number): Promise<void> {
  const place = (kind: string): string => {
    const folder = inRoot("target", "fuzz", kind, target);
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  const own = inRoot(part, "fuzz", "seeds", target);
  const seeds = [own, ...(ON_FILES.has(target) ? PICTURES : [])].filter(existsSync);
  const artifacts = place("artifacts");
  const options = [
    ...LIMITS,
    `-max_total_time=${Math.ceil(minutes * 60)}`,
    `-max_len=${ON_FILES.has(target) ? 16_000 : 4_000}`,
    ...(WITH_WORDS.has(target) ? [`-dict=${inRoot("wasm", "fuzz", "words.dict")}`] : []),
    `-artifact_prefix=${artifacts}/`,
    "-print_final_stats=1",
  ];
  say(`fuzzing ${target} for ${minutes} minutes`);
  const build = ["--fuzz-dir", inRoot(part, "fuzz"), "--target-dir", inRoot("target", "fuzz", "build")];
  // `cargo-fuzz fuzz` is what cargo itself would call for `cargo fuzz`.
  await run(cargoFuzz, ["fuzz", "run", ...build, target, place("corpus"), ...seeds, "--", ...options], {
    cwd: inRoot(part),
    env: { RUSTUP_TOOLCHAIN: TOOLCHAIN, CARGO_TARGET_DIR: undefined },
    advice: `If an input failed, it is in ${artifacts}; make it small with \`cargo +${TOOLCHAIN} fuzz tmin\`, and keep it in ${part}/fuzz/seeds/${target} once it is mended`,
  });
}

await main(async () => {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { minutes: { type: "string", default: "1" } } });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new SetupError("--minutes is a number above 0");
  const [wanted] = positionals;
  const chosen = targets().filter(({ name }) => wanted === undefined || name === wanted);
  if (chosen.length === 0) throw new SetupError(`there is no target ${wanted}; there are ${targets().map(({ name }) => name).join(", ")}`);
  await ensureNightly();
  const cargoFuzz = await ensureCargoFuzz();
  // Nobody waits for a fuzzer.
  setPriority(constants.priority.PRIORITY_LOW);
  for (const target of chosen) await fuzz(cargoFuzz, target, minutes);
});

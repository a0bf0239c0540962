/** What was promised, beside what was measured. */
import type { Role } from "./photos.ts";
import type { Scores } from "./scores.ts";
import type { OurSizes } from "./sizes.ts";
import { decimals, type Table } from "./tables.ts";

/** What is known of one photo; members are missing where they were not measured. */
export type Measured = {
  name: string;
  role?: Role | undefined;
  /** Our processor time as a ratio to sharp's. */
  ratio?: number | undefined;
  fastRatio?: number | undefined;
  /** Beyond the input. */
  peakBytes?: number | undefined;
  scores?: Scores | undefined;
  /** Of the middle square alone. */
  squareScores?: Scores | undefined;
};

export type Limit = { figure: string; relation: "at most" | "at least"; wanted: number; got: number | undefined; unit?: string; digits: number };

const MIB = 1 << 20;

function ratioLimits({ name, role, ratio, fastRatio, peakBytes }: Measured): Limit[] {
  const memory = (): Limit => ({ figure: `${name}, memory beyond the input`, relation: "at most", wanted: 16, got: peakBytes === undefined ? undefined : peakBytes / MIB, unit: "MiB", digits: 1 });
  const time = (wanted: number, got: number | undefined, effort = ""): Limit => ({ figure: `${name}${effort}, CPU time to sharp's`, relation: "at most", wanted, got, digits: 2 });
  switch (role) {
    case "baseline":
      return [time(0.5, ratio)];
    case "progressive":
      return [time(0.3, ratio), time(0.06, fastRatio, ", fast")];
    case "camera":
      return [time(0.33, fastRatio, ", fast")];
    case "tiled":
      return [time(0.45, ratio), memory()];
    case "webp":
      return [time(1.2, ratio), memory()];
    case "master":
      return [time(0.5, ratio)];
    case "png":
      return [time(1.2, ratio)];
    default:
      return [];
  }
}

/** Of all photos, the one that does worst. */
function scoreLimits(measured: Measured[]): Limit[] {
  const limit = (figure: string, wanted: number, pick: (of: Measured) => number | undefined): Limit[] => {
    const values = measured.flatMap((of) => ((value) => (value === undefined ? [] : [{ name: of.name, value }]))(pick(of)));
    const least = values.toSorted((a, b) => a.value - b.value)[0];
    return least === undefined ? [] : [{ figure: `${figure} (${least.name})`, relation: "at least", wanted, got: least.value, unit: "dB", digits: 1 }];
  };
  return [
    ...limit("luma PSNR, least", 50, ({ scores }) => scores?.best),
    ...limit("luma PSNR, fast, beyond sharp's, least", 0, ({ scores }) => scores && scores.fast - scores.sharp),
    ...limit("the same of squares, least", 0, ({ squareScores: of }) => of && of.fast - of.sharp),
  ];
}

function sizeLimits({ full, jpegOnly }: OurSizes): Limit[] {
  const size = (figure: string, wanted: number, bytes: number): Limit => ({ figure, relation: "at most", wanted, got: bytes / 1000, unit: "kB", digits: 1 });
  return [size("wasm for JPEG only, brotli", 70, jpegOnly.brotli), size("wasm, brotli", 220, full.brotli)];
}

export function photoLimits(measured: Measured[], sizes: OurSizes | undefined): Limit[] {
  return [...measured.flatMap(ratioLimits), ...scoreLimits(measured), ...(sizes === undefined ? [] : sizeLimits(sizes))];
}

export function limitsTable(title: string, limits: Limit[]): Table {
  const rows = limits.map(({ figure, relation, wanted, got, unit, digits }) => {
    const holds = got !== undefined && (relation === "at most" ? got <= wanted : got >= wanted);
    const withUnit = (text: string | undefined): string | undefined => (text === undefined || unit === undefined ? text : `${text} ${unit}`);
    return [figure, withUnit(`${relation} ${wanted}`), withUnit(decimals(got, digits)), holds ? "yes" : "**no**"];
  });
  return { title, columns: ["figure", "wanted", "got", "holds"], rows };
}

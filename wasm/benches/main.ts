/**
 * `npm run bench`: what a photo costs on its way to a 256 x 256 picture, beside others who do the same, as tables in Markdown.
 *
 *     npm run bench                the photos of ../shared/photos, or drawn ones; WebAssembly, then native, then the editor, then the edge worker
 *     npm run bench -- FOLDER      the photos of a folder, in WebAssembly
 *     npm run bench -- --quick     a first look: few runs, without the native benches, the editor, the edge worker and the compressed sizes of others
 *     npm run bench -- --native    the native benches alone
 *     npm run bench -- --editor    the editor in Chromium alone
 *     npm run bench -- --edge      the edge worker alone
 */
import { cpus } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { edgeTables } from "../../edge/benches/edge.ts";
import { callerDirectory } from "../../infra/setup/paths.ts";
import { main, say, SetupError } from "../../infra/setup/process.ts";
import { editorTables } from "../../www/benches/editor.ts";
import { FULL, QUICK, timed, type Contender, type Timing } from "./cpu-time.ts";
import { limitsTable, photoLimits, type Measured } from "./limits.ts";
import { nativeTable } from "./native.ts";
import { jsquash } from "./peers/jsquash.ts";
import type { Peer } from "./peers/peer.ts";
import { photon } from "./peers/photon.ts";
import { nativeSharp } from "./peers/sharp.ts";
import { wasmVips } from "./peers/wasm-vips.ts";
import { photosIn, standardPhotos, type Photo } from "./photos.ts";
import { peakBytes, roundel, type Roundel } from "./roundel.ts";
import { scores, squareOf, type Scores } from "./scores.ts";
import { ourSizes, peerSizes, type Size } from "./sizes.ts";
import { decimals, markdown, type Table } from "./tables.ts";

const MIB = 1 << 20;
const OURS = ["roundel", "roundel, fast"] as const;

type Row = Measured & { photo: Photo; timings: Partial<Record<string, Timing>>; fastPeakBytes: number | undefined };

async function measure({ render }: Roundel, peers: Peer[], photo: Photo, isQuick: boolean): Promise<Row> {
  const contenders: Contender[] = [
    { name: OURS[0], work: () => render(photo.bytes) },
    { name: OURS[1], work: () => render(photo.bytes, { effort: "fast" }) },
    ...peers.filter(({ reads }) => reads.includes(photo.format)).map((peer) => ({ name: peer.name, work: () => peer.render(photo) })),
  ];
  const timings = await timed(contenders, isQuick ? QUICK : FULL);
  const ratio = (name: string): number => (timings[name]?.ms ?? Number.NaN) / (timings[nativeSharp.name]?.ms ?? Number.NaN);
  return {
    ...{ photo, name: photo.name, role: photo.role, timings },
    ratio: ratio(OURS[0]),
    fastRatio: ratio(OURS[1]),
    peakBytes: await peakBytes(photo.bytes, {}),
    fastPeakBytes: await peakBytes(photo.bytes, { effort: "fast" }),
  };
}

function timeTables(rows: Row[], peers: Peer[]): Table[] {
  const names = [...OURS, ...peers.map(({ name }) => name)];
  const most = Math.max(...rows.flatMap(({ timings }) => Object.values(timings).map((timing) => timing?.runs ?? 0)));
  const ms = (timing: Timing | undefined): string | undefined => timing && `${timing.ms.toFixed(0)}${timing.runs < most ? "*" : ""}`;
  const ratio = (timing: Timing | undefined, to: Timing | undefined): string | undefined => decimals(timing && to && timing.ms / to.ms, 2);
  const fewer = rows.flatMap(({ timings }) => Object.values(timings)).find((timing) => timing && timing.runs < most);
  return [
    {
      title: `256 x 256 JPEG, quality 80: CPU time in milliseconds, median of ${most}`,
      columns: ["photo", "MB in", ...names],
      rows: rows.map(({ name, photo, timings }) => [name, decimals(photo.bytes.length / 1e6, 1), ...names.map((of) => ms(timings[of]))]),
      notes: fewer === undefined ? [] : [`\\* median of ${fewer.runs}. A dash: it does not read the file.`],
    },
    {
      title: "The same as a ratio to native sharp",
      columns: ["photo", ...names],
      rows: rows.map(({ name, timings }) => [name, ...names.map((of) => ratio(timings[of], timings[nativeSharp.name]))]),
    },
  ];
}

function memoryTable(rows: Row[]): Table {
  const mib = (bytes: number | undefined): string | undefined => decimals(bytes === undefined ? undefined : bytes / MIB, 1);
  return {
    title: "Peak growth of the wasm memory beyond the input, MiB, a new instance each",
    columns: ["photo", ...OURS],
    rows: rows.map(({ name, peakBytes: best, fastPeakBytes: fast }) => [name, mib(best), mib(fast)]),
  };
}

function scoreTables(rows: Row[]): Table[] {
  const of = (title: string, pick: (row: Row) => Scores | undefined): Table => ({
    title,
    columns: ["photo", ...OURS, nativeSharp.name],
    rows: rows.map((row) => [row.name, decimals(pick(row)?.best, 1), decimals(pick(row)?.fast, 1), decimals(pick(row)?.sharp, 1)]),
  });
  return [
    of("Luma PSNR in dB against a full decode with Lanczos3 in double precision", (row) => row.scores),
    of("The same of squares cut from the photos, where framing plays no part", (row) => row.squareScores),
  ];
}

function sizeTable(sizes: Size[]): Table {
  const kb = (bytes: number): string => (bytes / 1000).toFixed(0);
  return {
    title: "WebAssembly to load, kB",
    columns: ["module", "raw", "gzip", "brotli"],
    rows: sizes.map(({ name, raw, gzip, brotli }) => [name, kb(raw), kb(gzip), kb(brotli)]),
  };
}

async function inWebAssembly(folder: string | undefined, isQuick: boolean): Promise<void> {
  const ours = await roundel();
  const peers = [nativeSharp, await jsquash(), photon, await wasmVips()];
  try {
    const photos = folder === undefined ? await standardPhotos() : photosIn(resolve(callerDirectory(), folder));
    if (photos.length === 0) throw new SetupError(`${folder ?? "the folder"} has no JPEG, PNG or WebP file of half a megabyte or more`);
    const versions = [...peers.slice(1).map(({ name, version }) => `${name} ${version}`), `vips ${sharp.versions.vips}`].join(", ");
    console.log(`${cpus().length} x ${cpus()[0]?.model ?? "?"}, Node ${process.versions.node}, sharp ${nativeSharp.version}, ${versions}\n`);

    const rows: Row[] = [];
    for (const photo of photos) {
      say(`measuring ${photo.name}`);
      rows.push(await measure(ours, peers, photo, isQuick));
    }
    for (const table of timeTables(rows, peers)) console.log(markdown(table));
    console.log(markdown(memoryTable(rows)));
    say("comparing with the reference");
    for (const row of rows) {
      row.scores = await scores(ours, row.photo.bytes);
      row.squareScores = await scores(ours, await squareOf(row.photo));
    }
    for (const table of scoreTables(rows)) console.log(markdown(table));
    const sizes = await ourSizes();
    console.log(markdown(sizeTable([sizes.full, sizes.jpegOnly, ...(isQuick ? [] : await peerSizes(peers))])));
    console.log(markdown(limitsTable("Limits", photoLimits(rows, sizes))));
  } finally {
    for (const peer of peers) peer.close?.();
  }
}

await main(async () => {
  const flag = { type: "boolean", default: false } as const;
  const options = { quick: flag, native: flag, editor: flag, edge: flag };
  const { positionals, values } = parseArgs({ allowPositionals: true, options });
  const { quick: isQuick } = values;
  const isPart = values.native || values.editor || values.edge;
  const isWhole = positionals[0] === undefined && !isQuick && !isPart;
  if (!isPart) await inWebAssembly(positionals[0], isQuick);
  if (values.native || isWhole) console.log(markdown(await nativeTable()));
  if (values.editor || isWhole) await editorTables(isQuick);
  if (values.edge || isWhole) await edgeTables(isQuick);
});

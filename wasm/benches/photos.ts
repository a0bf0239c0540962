/**
 * What is measured: the photos of a folder, or those of ../shared/photos, or, where that folder is missing, pictures drawn on the spot. To
 * the latter two come a picture of 49 megapixels and a square one of 1024 pixels, made from the first photo and kept in target/bench.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { inRoot } from "../../infra/setup/paths.ts";
import { say } from "../../infra/setup/process.ts";

/** Smaller files tell more of the call than of the work. */
const SMALLEST_BYTES = 500_000;

/** Tiled: 49 megapixels. */
const TILED_SIDE = 7000;
const MASTER_SIDE = 1024;

/** What a photo stands for in the table of limits. */
export type Role = "baseline" | "progressive" | "camera" | "png" | "webp" | "tiled" | "master";

export type Photo = {
  name: string;
  format: "jpeg" | "png" | "webp";
  bytes: Uint8Array<ArrayBuffer>;
  role?: Role | undefined;
};

const ROLES: Record<string, Role> = {
  "pixel-12mp.jpg": "baseline",
  "pixel-12mp-prog.jpg": "progressive",
  "unsplash-12mp.jpg": "camera",
  "olympus-12mp-dri.jpg": "camera",
  "photo-4mp.png": "png",
  "pixel-12mp.webp": "webp",
};

const FORMATS: Record<string, Photo["format"]> = { ".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".webp": "webp" };

/** The photos of a folder that somebody named. */
export function photosIn(folder: string): Photo[] {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => FORMATS[extname(path).toLowerCase()] !== undefined && statSync(path).size >= SMALLEST_BYTES)
    .map((path) => photo(basename(path), new Uint8Array(readFileSync(path)), ROLES[basename(path)]));
}

/** The photos that the tables of docs/performance.md are made from. */
export async function standardPhotos(): Promise<Photo[]> {
  const folder = inRoot("..", "shared", "photos");
  const found = existsSync(folder) ? photosIn(folder) : await drawnPhotos();
  const source = found.find(({ role }) => role === "baseline");
  return source === undefined ? found : [...found, await tiled(source), await master(source)];
}

function photo(name: string, bytes: Uint8Array<ArrayBuffer>, role: Role | undefined): Photo {
  return { name, bytes, role, format: FORMATS[extname(name).toLowerCase()] ?? "jpeg" };
}

/** 4032 x 3024 with detail at every scale, so that there is something to decode. */
async function drawnPhotos(): Promise<Photo[]> {
  const [width, height] = [4032, 3024];
  const draw = (): Sharp => {
    const data = new Uint8Array(width * height * 3);
    let state = 1;
    for (let i = 0; i < data.length; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      data[i] = 128 + 60 * Math.sin(x / 97) * Math.cos(y / 71) + 30 * Math.sin((x * y) / 40_000) + (state >>> 28);
    }
    return sharp(data, { raw: { width, height, channels: 3 } });
  };
  return [
    await kept("drawn-12mp.jpg", "baseline", "1", () => draw().jpeg({ quality: 90 })),
    await kept("drawn-12mp-prog.jpg", "progressive", "1", () => draw().jpeg({ quality: 90, progressive: true })),
    await kept("drawn-4mp.png", "png", "1", () => draw().resize(2400, 1800).png()),
  ];
}

/** The photo beside and below itself. */
function tiled(source: Photo): Promise<Photo> {
  const canvas = { width: TILED_SIDE, height: TILED_SIDE, channels: 3, background: "black" } as const;
  return kept("tiled-49mp.jpg", "tiled", fingerprint(source), () =>
    sharp({ create: canvas, limitInputPixels: false }).composite([{ input: Buffer.from(source.bytes), tile: true, gravity: "northwest" }]).jpeg({ quality: 90 }),
  );
}

/** What the edge keeps of an upload, and makes all sizes from. */
function master(source: Photo): Promise<Photo> {
  return kept("master-1024.jpg", "master", fingerprint(source), () => sharp(source.bytes).autoOrient().resize(MASTER_SIDE, MASTER_SIDE).jpeg({ quality: 90 }));
}

function fingerprint({ bytes }: Photo): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 8);
}

/** Makes a picture unless it was made before, from the same. */
async function kept(name: string, role: Role, from: string, draw: () => Sharp): Promise<Photo> {
  const folder = inRoot("target", "bench", "photos");
  const path = join(folder, `${from}-${name}`);
  if (!existsSync(path)) {
    say(`making ${name} for the benchmark, once`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${path}.part`, await draw().toBuffer());
    renameSync(`${path}.part`, path);
  }
  return photo(name, new Uint8Array(readFileSync(path)), role);
}

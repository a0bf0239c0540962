/**
 * Squares such as people have as their pictures, as pixels: photographs, logos, drawings, a window, transparency. Those that are drawn are the same
 * everywhere, but for the letters in them, which follow from the fonts of the machine.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";

export type Square = { name: string; side: number; channels: 3 | 4; data: Buffer };

const svg = (side: number, body: string): string => `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="0 0 100 100">${body}</svg>`;

const gradient = (id: string, from: string, to: string): string => `<linearGradient id="${id}" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient>`;
const glow = (id: string, color: string): string => `<radialGradient id="${id}"><stop offset="0" stop-color="${color}"/><stop offset="1" stop-color="${color}" stop-opacity="0"/></radialGradient>`;
const lines = (count: number): string => Array.from({ length: count }, (_, i) => `<text x="3" y="${5 * i + 5}" font-size="4.5">The quick brown fox ${i * i} jumps over ${i} lazy dogs</text>`).join("");
const messages = Array.from({ length: 6 }, (_, i) => `<rect x="4" y="${15 + i * 14}" width="92" height="11" rx="2" fill="#fff" stroke="#ccd"/><circle cx="10" cy="${20.5 + i * 14}" r="4" fill="hsl(${i * 60},70%,50%)"/><text x="17" y="${22 + i * 14}" font-size="4">Message ${i} from somebody</text>`).join("");

const DRAWINGS: Record<string, string> = {
  logo: `<rect width="100" height="100" fill="#123456"/><circle cx="50" cy="50" r="40" fill="#fa3"/><path d="M20 70 L50 20 L80 70Z" fill="#fff"/>`,
  "logo, transparent": `<circle cx="50" cy="50" r="45" fill="#e33"/><path d="M20 70 Q50 0 80 70Z" fill="#fff" fill-opacity=".7"/>`,
  initials: `<rect width="100" height="100" fill="#386"/><text x="18" y="68" font-size="50" fill="#fff">AL</text>`,
  cartoon: `<rect width="100" height="100" fill="#9df"/><circle cx="50" cy="55" r="32" fill="#fc9" stroke="#420" stroke-width="2"/><circle cx="38" cy="48" r="5" fill="#fff" stroke="#000"/><circle cx="62" cy="48" r="5" fill="#fff" stroke="#000"/><path d="M35 68 Q50 82 65 68" fill="none" stroke="#a00" stroke-width="3"/><path d="M18 45 Q50 -5 82 45 Q50 25 18 45" fill="#630"/>`,
  pattern: `<defs><pattern id="p" width="6.25" height="6.25" patternUnits="userSpaceOnUse"><rect width="7" height="7" fill="#fee"/><circle cx="3" cy="3" r="2" fill="#c39"/></pattern></defs><rect width="100" height="100" fill="url(#p)"/>`,
  gradients: `<defs>${gradient("a", "#f06", "#06f")}${glow("b", "#fff")}</defs><rect width="100" height="100" fill="url(#a)"/><circle cx="40" cy="40" r="30" fill="url(#b)"/>`,
  "gray gradient": `<defs>${gradient("a", "#111", "#eee")}</defs><rect width="100" height="100" fill="url(#a)"/>`,
  glow: `<defs>${glow("b", "#3c6")}</defs><circle cx="50" cy="50" r="50" fill="url(#b)"/>`,
  blur: `<defs><filter id="f"><feGaussianBlur stdDeviation="8"/></filter></defs><rect width="100" height="100" fill="#fed"/><g filter="url(#f)"><circle cx="30" cy="30" r="20" fill="#f55"/><circle cx="70" cy="60" r="25" fill="#55f"/></g>`,
  text: `<rect width="100" height="100" fill="#fff"/>${lines(19)}`,
  window: `<rect width="100" height="100" fill="#f5f6f8"/><rect width="100" height="12" fill="#2b5797"/><text x="4" y="8" fill="#fff" font-size="5">Window</text>${messages}`,
};

async function square(name: string, picture: Sharp): Promise<Square> {
  const { data, info } = await picture.toColorspace("srgb").raw().toBuffer({ resolveWithObject: true });
  return { name, side: info.width, channels: info.channels === 3 ? 3 : 4, data };
}

/** Drawings, in as many kinds as people use. Opaque ones have no alpha, as libvips keeps what it is given. */
export function drawings(side: number): Promise<Square[]> {
  return Promise.all(
    Object.entries(DRAWINGS).map(([name, body]) => {
      const drawn = sharp(Buffer.from(svg(side, body)));
      return square(name, body.includes('width="100" height="100"') ? drawn.removeAlpha() : drawn);
    }),
  );
}

/** Squares of photos as they are, gray, of few colours, and round. */
export async function photographs(folder: string, side: number): Promise<Square[]> {
  const names = readdirSync(folder).filter((file) => /\.(jpe?g|png|webp)$/i.test(file) && !/^exif-[2-8]/.test(file)).sort();
  const of = (name: string): Sharp => sharp(join(folder, name)).autoOrient().resize(side, side).removeAlpha();
  const squares = await Promise.all(names.map((name) => square(name, of(name))));
  const [first] = names;
  if (first === undefined) return squares;
  const circle = Buffer.from(svg(side, `<circle cx="50" cy="50" r="50"/>`));
  const round = await of(first).ensureAlpha().composite([{ input: circle, blend: "dest-in" }]).png().toBuffer();
  const few = await of(first).png({ palette: true, colours: 64 }).toBuffer();
  const gray = await of(first).grayscale().png().toBuffer();
  return [...squares, await square(`${first}, round`, sharp(round)), await square(`${first}, 64 colours`, sharp(few)), await square(`${first}, gray`, sharp(gray))];
}

const HEADERS_BYTES = 122;

/** 32 bits a pixel, with alpha where the square has it. Reading it costs next to nothing. */
export function asBmp({ side, channels, data }: Square): Uint8Array {
  const bytes = Buffer.alloc(HEADERS_BYTES + side * side * 4, 255);
  bytes.fill(0, 0, HEADERS_BYTES);
  bytes.write("BM");
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(HEADERS_BYTES, 10);
  // BITMAPV4HEADER: its size, the picture's, rows from the top, bit fields.
  bytes.writeUInt32LE(HEADERS_BYTES - 14, 14);
  bytes.writeInt32LE(side, 18);
  bytes.writeInt32LE(-side, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(32, 28);
  bytes.writeUInt32LE(3, 30);
  [0xff, 0xff00, 0xff0000, channels === 4 ? 0xff000000 : 0].forEach((mask, i) => bytes.writeUInt32LE(mask, 54 + 4 * i));
  bytes.write("BGRs", 70);
  for (let i = 0; i < side * side; i++) data.copy(bytes, HEADERS_BYTES + i * 4, i * channels, (i + 1) * channels);
  return new Uint8Array(bytes);
}

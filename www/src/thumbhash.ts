/**
 * A ThumbHash as pixels: what is shown of a picture while it loads. Format by Evan Wallace, <https://evanw.github.io/thumbhash/>: a few low frequencies of
 * luminance (l), yellow against blue (p) and red against green (q), and of alpha.
 */

/** Rows of red, green, blue and alpha. */
export type Pixels = { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray<ArrayBuffer> };

/** The longer side, in pixels: the highest frequency has seven half waves, more shows nothing more. */
const SIDE = 32;

/** Colour is quantised a little beyond its range. */
const COLOR_GAIN = 1.25;

/** One channel: its mean, and the strengths of its waves across and down. */
type Channel = { readonly mean: number; readonly waves: readonly { readonly across: number; readonly down: number; readonly strength: number }[] };

/** Nothing for what is no ThumbHash. */
export function thumbhashPixels(base64: string): Pixels | undefined {
  const bytes = decoded(base64);
  if (bytes.length < 5) return undefined;
  const { ratio, channels } = parse(bytes);
  const [width, height] = ratio > 1 ? [SIDE, Math.max(1, Math.round(SIDE / ratio))] : [Math.max(1, Math.round(SIDE * ratio)), SIDE];
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [l = 0, p = 0, q = 0, a = 1] = channels.map((channel) => valueAt(channel, (x + 0.5) / width, (y + 0.5) / height));
      const blue = l - (2 / 3) * p;
      const red = (3 * l - blue + q) / 2;
      data.set([red, red - q, blue, a].map((value) => value * 255), (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

function parse(bytes: Uint8Array): { ratio: number; channels: Channel[] } {
  const at = (index: number): number => bytes[index] ?? 0;
  const means = at(0) | (at(1) << 8) | (at(2) << 16);
  const scales = at(3) | (at(4) << 8);
  const hasAlpha = means >> 23 === 1;
  const isWide = scales >> 15 === 1;
  const [longSide, shortSide] = [hasAlpha ? 5 : 7, scales & 7];
  const [across, down] = isWide ? [longSide, shortSide] : [shortSide, longSide];
  let nibble = (hasAlpha ? 6 : 5) * 2;
  const read = (mean: number, scale: number, nx: number, ny: number): Channel => {
    const waves = [];
    for (let cy = 0; cy < ny; cy++) {
      for (let cx = cy === 0 ? 1 : 0; cx * ny < nx * (ny - cy); cx++) {
        const quantised = (at(nibble >> 1) >> ((nibble & 1) * 4)) & 15;
        nibble++;
        waves.push({ across: cx, down: cy, strength: (quantised / 7.5 - 1) * scale });
      }
    }
    return { mean, waves };
  };
  const l = read((means & 63) / 63, ((means >> 18) & 31) / 31, Math.max(3, across), Math.max(3, down));
  const p = read(((means >> 6) & 63) / 31.5 - 1, (((scales >> 3) & 63) / 63) * COLOR_GAIN, 3, 3);
  const q = read(((means >> 12) & 63) / 31.5 - 1, (((scales >> 9) & 63) / 63) * COLOR_GAIN, 3, 3);
  const a = hasAlpha ? read((at(5) & 15) / 15, (at(5) >> 4) / 15, 5, 5) : { mean: 1, waves: [] };
  return { ratio: Math.max(1, across) / Math.max(1, down), channels: [l, p, q, a] };
}

/** `x` and `y` are 0..1. */
function valueAt({ mean, waves }: Channel, x: number, y: number): number {
  return waves.reduce((sum, { across, down, strength }) => sum + 2 * strength * Math.cos(Math.PI * across * x) * Math.cos(Math.PI * down * y), mean);
}

function decoded(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

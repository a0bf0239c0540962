/**
 * The picture as it should be: every pixel of the source decoded, the middle square reduced by Lanczos with three lobes in double
 * precision. Of luma only, which is where eyes see sharpness; being linear, it may be taken before the reduction.
 */

/** Samples 0..255, row by row. */
export type Luma = { side: number; samples: Float64Array };

export type Decoded = { width: number; height: number; channels: number; data: Uint8Array };

/** ITU-R BT.601, as in JPEG (JFIF 1.02). */
export function lumaOf(data: Uint8Array, at: number): number {
  return 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
}

const LOBES = 3;

/** sinc(x) sinc(x / 3) within three lobes. */
function lanczos(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= LOBES) return 0;
  const angle = Math.PI * x;
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle);
}

/** The source samples of one output sample, and what each of them counts; together 1. */
type Taps = { first: number; weights: Float64Array };

/** The filter is stretched over the source where that is larger. Samples outside of `0..length` are left out. */
function tapsOf(output: number, { start, length, side }: { start: number; length: number; side: number }): Taps {
  const scale = length / side;
  const stretch = Math.max(1, scale);
  const centre = start + (output + 0.5) * scale - 0.5;
  const first = Math.max(Math.ceil(start), Math.ceil(centre - LOBES * stretch));
  const last = Math.min(Math.floor(start + length) - 1, Math.floor(centre + LOBES * stretch));
  const weights = Float64Array.from({ length: last - first + 1 }, (_, tap) => lanczos((first + tap - centre) / stretch));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return { first, weights: weights.map((weight) => weight / sum) };
}

function tapsOfAxis(pixels: number, square: number, side: number): Taps[] {
  return Array.from({ length: side }, (_, output) => tapsOf(output, { start: (pixels - square) / 2, length: square, side }));
}

/** Reduces the middle square of a decoded picture to `side` pixels. */
export function reduced({ width, height, channels, data }: Decoded, side: number): Luma {
  const square = Math.min(width, height);
  const across = tapsOfAxis(width, square, side);
  const down = tapsOfAxis(height, square, side);

  const rows = new Float64Array(height * side);
  const row = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) row[x] = lumaOf(data, (y * width + x) * channels);
    across.forEach(({ first, weights }, x) => {
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap++) sum += (weights[tap] ?? 0) * (row[first + tap] ?? 0);
      rows[y * side + x] = sum;
    });
  }

  const samples = new Float64Array(side * side);
  down.forEach(({ first, weights }, y) => {
    for (let x = 0; x < side; x++) {
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap++) sum += (weights[tap] ?? 0) * (rows[(first + tap) * side + x] ?? 0);
      samples[y * side + x] = Math.min(255, Math.max(0, sum));
    }
  });
  return { side, samples };
}

/** Peak signal to noise ratio in decibels; infinite for the same picture. */
export function psnr(picture: Luma, reference: Luma): number {
  if (picture.samples.length !== reference.samples.length) throw new RangeError("only pictures of the same size can be compared");
  let squares = 0;
  for (let i = 0; i < reference.samples.length; i++) squares += ((picture.samples[i] ?? 0) - (reference.samples[i] ?? 0)) ** 2;
  return 10 * Math.log10((255 * 255 * reference.samples.length) / squares);
}

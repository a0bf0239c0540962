//! Pixels -> luma and chroma as VP8 has them: ITU-R BT.601, luma 16 to 235, chroma of half the size each way.

use super::macroblock::Samples;
use crate::pixels::Pixels;

/// The picture in whole macroblocks, row by row; the last column and row are repeated beyond the edges.
#[derive(Debug)]
pub(super) struct Planes {
    /// Of the picture, in pixels.
    pub(super) width: usize,
    pub(super) height: usize,
    /// In macroblocks.
    pub(super) columns: usize,
    pub(super) macroblocks: Vec<Samples>,
}

/// Of red, green, blue, in 16 fraction bits.
const LUMA: [i32; 3] = [16_829, 33_039, 6_416];
const BLUENESS: [i32; 3] = [-9_714, -19_070, 28_784];
const REDNESS: [i32; 3] = [28_784, -24_103, -4_681];

impl Planes {
    /// Pixels with alpha are taken for opaque; of transparent ones the colour is not looked at.
    pub(super) fn new(pixels: &Pixels) -> Self {
        let (width, height) = (pixels.width, pixels.height);
        let (columns, rows) = (width.div_ceil(16), height.div_ceil(16));
        let empty = Samples { y: [0; 256], uv: [0; 128] };
        let mut macroblocks = vec![empty; columns * rows];
        let channels = pixels.layout.channels();
        let mut row = vec![[0; 3]; columns * 16];
        let mut above: Vec<[f32; 3]> = vec![[0.0; 3]; columns * 8];
        for (top, macroblocks) in macroblocks.chunks_exact_mut(columns).enumerate() {
            for line in 0..16 {
                let start = (top * 16 + line).min(height - 1) * width * channels;
                colors(&pixels.data[start..start + width * channels], channels, &mut row);
                for (macroblock, row) in macroblocks.iter_mut().zip(row.as_chunks::<16>().0) {
                    let out = &mut macroblock.y.as_chunks_mut::<16>().0[line];
                    *out = row.map(|color| sample(LUMA, color.map(i32::from), 16 << 16, 16));
                }
                for (sums, [a, b]) in above.iter_mut().zip(row.as_chunks::<2>().0) {
                    let square = |sample: u8| f32::from(u16::from(sample) * u16::from(sample));
                    let pair: [f32; 3] = std::array::from_fn(|i| square(a[i]) + square(b[i]));
                    *sums = if line % 2 == 0 { pair } else { std::array::from_fn(|i| sums[i] + pair[i]) };
                }
                if line % 2 == 0 {
                    continue;
                }
                for (macroblock, sums) in macroblocks.iter_mut().zip(above.as_chunks::<8>().0) {
                    let out = &mut macroblock.uv.as_chunks_mut::<8>().0[line / 2 * 2..][..2];
                    let means = sums.map(|sums| sums.map(four_means));
                    out[0] = means.map(|color| sample(BLUENESS, color, 128 << 18, 18));
                    out[1] = means.map(|color| sample(REDNESS, color, 128 << 18, 18));
                }
            }
        }
        Self { width, height, columns, macroblocks }
    }
}

/// The colours of a row of pixels, the last repeated.
fn colors(pixels: &[u8], channels: usize, out: &mut [[u8; 3]]) {
    let mut color = [0; 3];
    let mut out = out.iter_mut();
    for (pixel, out) in pixels.chunks_exact(channels).zip(&mut out) {
        if let [r, g, b, rest @ ..] = pixel
            && rest != [0]
        {
            color = [*r, *g, *b];
        }
        *out = color;
    }
    out.for_each(|out| *out = color);
}

/// Four times the mean of four samples, of whose squares this is the sum. The mean of light is nearer to the root of the mean square than to the
/// mean of the samples. Sums are whole numbers below 2^24 / 4, and roots are rounded as IEEE 754 says: the same on every target.
fn four_means(squares: f32) -> i32 {
    ((4.0 * squares).sqrt() + 0.5) as i32
}

fn sample(factors: [i32; 3], color: [i32; 3], zero: i32, bits: u32) -> u8 {
    let sum: i32 = factors.iter().zip(color).map(|(factor, value)| factor * value).sum();
    ((sum + zero + (1 << (bits - 1))) >> bits).clamp(0, 255) as u8
}

//! Pixels -> luma and chroma planes as VP8 has them: ITU-R BT.601, luma 16 to 235, chroma of half the size each way.

use crate::pixels::Pixels;

/// Planes of whole macroblocks; the last column and row are repeated beyond the edges.
#[derive(Debug)]
pub(super) struct Planes {
    /// Of the picture, in pixels.
    pub(super) width: usize,
    pub(super) height: usize,
    /// In macroblocks.
    pub(super) columns: usize,
    pub(super) rows: usize,
    pub(super) y: Vec<u8>,
    pub(super) u: Vec<u8>,
    pub(super) v: Vec<u8>,
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
        let (stride, lines) = (columns * 16, rows * 16);
        let mut y = Vec::with_capacity(stride * lines);
        let (mut u, mut v) = (Vec::with_capacity(y.capacity() / 4), Vec::with_capacity(y.capacity() / 4));
        let channels = pixels.layout.channels();
        let mut above: Vec<[i32; 3]> = Vec::with_capacity(stride);
        let mut current: Vec<[i32; 3]> = Vec::with_capacity(stride);
        for line in 0..lines {
            let start = line.min(height - 1) * width * channels;
            let row = &pixels.data[start..start + width * channels];
            current.clear();
            let mut color = [0; 3];
            for pixel in row.chunks_exact(channels) {
                if let [r, g, b, rest @ ..] = pixel
                    && rest != [0]
                {
                    color = [*r, *g, *b].map(i32::from);
                }
                current.push(color);
            }
            current.resize(stride, color);
            y.extend(current.iter().map(|color| sample(LUMA, *color, 16 << 16, 16)));
            if line % 2 == 1 {
                for (above, below) in above.as_chunks::<2>().0.iter().zip(current.as_chunks::<2>().0) {
                    let sum: [i32; 3] =
                        std::array::from_fn(|i| above[0][i] + above[1][i] + below[0][i] + below[1][i]);
                    u.push(sample(BLUENESS, sum, 128 << 18, 18));
                    v.push(sample(REDNESS, sum, 128 << 18, 18));
                }
            }
            std::mem::swap(&mut above, &mut current);
        }
        Self { width, height, columns, rows, y, u, v }
    }
}

fn sample(factors: [i32; 3], color: [i32; 3], zero: i32, bits: u32) -> u8 {
    let sum: i32 = factors.iter().zip(color).map(|(factor, value)| factor * value).sum();
    ((sum + zero + (1 << (bits - 1))) >> bits).clamp(0, 255) as u8
}

//! Pixels -> samples of blocks: luma and colour differences in integers, ITU-T T.871 clause 7, less 128 as T.81 A.3.1 asks for.

/// A square of pixels, red, green and blue.
pub(super) type Tile<const SIDE: usize> = [[[u8; 3]; SIDE]; SIDE];

/// Samples of a block or coefficients of one.
pub(super) type Block = [i16; 64];

/// Fraction bits of the factors below.
const BITS: u32 = 16;
/// T.871 gives the factors of luma as 0.299, 0.587 and 0.114. Here they add up to one exactly, so that white is 255.
const LUMA: [i32; 3] = [19_595, 38_470, 7_471];
/// 0.5 (B - Y) / (1 - 0.114) and 0.5 (R - Y) / (1 - 0.299). Each adds up to zero exactly, so that gray has no colour.
const BLUE: [i32; 3] = [-11_058, -21_710, 32_768];
const RED: [i32; 3] = [32_768, -27_439, -5_329];

/// The square that begins at (`x`, `y`). Beyond the edges of the picture its last pixels are repeated.
pub(super) fn tile<const SIDE: usize>(
    pixels: &[[u8; 3]],
    (width, height): (usize, usize),
    (x, y): (usize, usize),
) -> Tile<SIDE> {
    let mut tile = [[[0; 3]; SIDE]; SIDE];
    for (line, row) in tile.iter_mut().enumerate() {
        let start = (y + line).min(height - 1) * width;
        let stored = pixels.get(start + x..start + width).unwrap_or_default();
        if let Some(whole) = stored.first_chunk() {
            *row = *whole;
        } else if let Some(last) = stored.last() {
            row.fill(*last);
            for (pixel, stored) in row.iter_mut().zip(stored) {
                *pixel = *stored;
            }
        }
    }
    tile
}

fn weighted(pixel: [i32; 3], factors: [i32; 3]) -> i32 {
    pixel[0] * factors[0] + pixel[1] * factors[1] + pixel[2] * factors[2]
}

fn luma_sample(pixel: [u8; 3]) -> i16 {
    (((weighted(pixel.map(i32::from), LUMA) + (1 << (BITS - 1))) >> BITS) - 128) as i16
}

/// Luma of the 8 x 8 pixels of the tile that begin at (`x`, `y`).
pub(super) fn luma<const SIDE: usize>(tile: &Tile<SIDE>, (x, y): (usize, usize), block: &mut Block) {
    let (rows, _) = block.as_chunks_mut::<8>();
    for (samples, row) in rows.iter_mut().zip(&tile[y..]) {
        for (sample, pixel) in samples.iter_mut().zip(&row[x..]) {
            *sample = luma_sample(*pixel);
        }
    }
}

/// Both colour differences of sums of pixels; `1 << bits` pixels a sum.
fn differences(sum: [i32; 3], bits: u32) -> [i16; 2] {
    // Just under a half, as in libjpeg: the largest difference would round to 256 - 128 otherwise.
    let half = (1 << (BITS + bits - 1)) - 1;
    [BLUE, RED].map(|factors| ((weighted(sum, factors) + half) >> (BITS + bits)) as i16)
}

/// The colour differences of each pixel.
pub(super) fn full_chroma(tile: &Tile<8>, blue: &mut Block, red: &mut Block) {
    let samples = blue.iter_mut().zip(red);
    for (pixel, (blue, red)) in tile.as_flattened().iter().zip(samples) {
        [*blue, *red] = differences(pixel.map(i32::from), 0);
    }
}

/// The colour differences of the mean of each 2 x 2 pixels: they are rounded once.
pub(super) fn half_chroma(tile: &Tile<16>, blue: &mut Block, red: &mut Block) {
    let (lines, _) = tile.as_chunks::<2>();
    let (blue, red) = (blue.as_chunks_mut::<8>().0, red.as_chunks_mut::<8>().0);
    for ([upper, lower], (blue, red)) in lines.iter().zip(blue.iter_mut().zip(red)) {
        let (upper, lower) = (upper.as_chunks::<2>().0, lower.as_chunks::<2>().0);
        let samples = blue.iter_mut().zip(red);
        for (([a, b], [c, d]), (blue, red)) in upper.iter().zip(lower).zip(samples) {
            let mut sum = [0; 3];
            for (channel, sum) in sum.iter_mut().enumerate() {
                *sum = i32::from(a[channel])
                    + i32::from(b[channel])
                    + i32::from(c[channel])
                    + i32::from(d[channel]);
            }
            [*blue, *red] = differences(sum, 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T.871 clause 7 in real numbers, less 128.
    fn defined([r, g, b]: [f64; 3]) -> [f64; 3] {
        let luma = 0.299 * r + 0.587 * g + 0.114 * b;
        [luma - 128.0, (b - luma) / 1.772, (r - luma) / 1.402]
    }

    #[test]
    fn colors_are_converted_as_the_standard_says() {
        let steps = [0u8, 1, 17, 64, 100, 127, 128, 200, 254, 255];
        for r in steps {
            for g in steps {
                for b in steps {
                    let tile = [[[r, g, b]; 8]; 8];
                    let mut blocks = [[0; 64]; 3];
                    let [luma_block, blue, red] = &mut blocks;
                    luma(&tile, (0, 0), luma_block);
                    full_chroma(&tile, blue, red);
                    for (block, wanted) in blocks.iter().zip(defined([r, g, b].map(f64::from))) {
                        assert!((f64::from(block[9]) - wanted).abs() <= 0.503, "{r} {g} {b}");
                        assert!((-128..=127).contains(&block[0]));
                    }
                    if r == g && g == b {
                        assert_eq!(blocks.map(|block| block[63]), [i16::from(r) - 128, 0, 0]);
                    }
                }
            }
        }
    }

    #[test]
    fn half_chroma_is_the_mean_of_four() {
        let mut tile = [[[0u8; 3]; 16]; 16];
        let mut state = 1u32;
        for pixel in tile.as_flattened_mut() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *pixel = [(state >> 24) as u8, (state >> 16) as u8, (state >> 12) as u8];
        }
        let (mut blue, mut red) = ([0; 64], [0; 64]);
        half_chroma(&tile, &mut blue, &mut red);
        for (x, y) in (0..64).map(|index| (index % 8, index / 8)) {
            let four = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| tile[2 * y + dy][2 * x + dx]);
            let mean = std::array::from_fn(|channel| {
                four.iter().map(|pixel| f64::from(pixel[channel])).sum::<f64>() / 4.0
            });
            let [_, wanted_blue, wanted_red] = defined(mean);
            assert!((f64::from(blue[y * 8 + x]) - wanted_blue).abs() <= 0.503);
            assert!((f64::from(red[y * 8 + x]) - wanted_red).abs() <= 0.503);
        }
    }

    #[test]
    fn beyond_the_edges_the_last_pixels_are_repeated() {
        let pixels: Vec<[u8; 3]> = (0..6).map(|index| [index, 0, 0]).collect();
        let tile = tile::<8>(&pixels, (3, 2), (0, 0));
        assert_eq!(tile[0].map(|pixel| pixel[0]), [0, 1, 2, 2, 2, 2, 2, 2]);
        assert!(tile[1..].iter().all(|row| row.map(|pixel| pixel[0]) == [3, 4, 5, 5, 5, 5, 5, 5]));
    }
}

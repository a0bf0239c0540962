//! Pixels -> samples of blocks: luma and colour differences in integers, ITU-T T.871 clause 7, less 128 as T.81 A.3.1 asks for.
#![cfg_attr(
    all(target_arch = "wasm32", target_feature = "simd128", not(test)),
    expect(dead_code, reason = "the vector unit does it; here is its twin")
)]

/// A square of pixels, each a number of 32 bits: red in the lowest eight, then green, then blue. What is above is of no account.
pub(super) type Tile<const SIDE: usize> = [[u32; SIDE]; SIDE];

/// Samples of a block or coefficients of one.
pub(super) type Block = [i16; 64];

/// Fraction bits of the factors below, which have 16 bits with their sign: vector units multiply such.
pub(super) const BITS: u32 = 15;
/// T.871 gives the factors of luma as 0.299, 0.587 and 0.114. Here they add up to one exactly, so that white is 255.
pub(super) const LUMA: [i32; 3] = [9_798, 19_235, 3_735];
/// 0.5 (B - Y) / (1 - 0.114) and 0.5 (R - Y) / (1 - 0.299). Each adds up to zero exactly, so that gray has no colour.
pub(super) const BLUE: [i32; 3] = [-5_529, -10_855, 16_384];
pub(super) const RED: [i32; 3] = [16_384, -13_720, -2_664];

/// The square that begins at (`x`, `y`). Beyond the edges of the picture its last pixels are repeated.
pub(super) fn tile<const SIDE: usize>(
    pixels: &[[u8; 3]],
    (width, height): (usize, usize),
    (x, y): (usize, usize),
) -> Tile<SIDE> {
    let mut tile = [[0; SIDE]; SIDE];
    for (line, row) in tile.iter_mut().enumerate() {
        let start = (y + line).min(height - 1) * width;
        // With one byte more than needed, so that each pixel is read as four at once.
        let whole = pixels.as_flattened().get(3 * (start + x)..3 * (start + x + SIDE) + 1);
        match whole {
            Some(bytes) if x + SIDE <= width => {
                for (index, pixel) in row.iter_mut().enumerate() {
                    *pixel = bytes[3 * index..].first_chunk().map_or(0, |four| u32::from_le_bytes(*four));
                }
            }
            _ => {
                let stored = pixels.get(start + x..start + width).unwrap_or_default();
                let packed = |[r, g, b]: &[u8; 3]| u32::from_le_bytes([*r, *g, *b, 0]);
                row.fill(stored.last().map_or(0, packed));
                for (pixel, stored) in row.iter_mut().zip(stored) {
                    *pixel = packed(stored);
                }
            }
        }
    }
    tile
}

fn weighted(color: [u32; 3], factors: [i32; 3]) -> i32 {
    color[0] as i32 * factors[0] + color[1] as i32 * factors[1] + color[2] as i32 * factors[2]
}

fn channels(pixel: u32) -> [u32; 3] {
    [pixel & 0xff, pixel >> 8 & 0xff, pixel >> 16 & 0xff]
}

/// Luma of the 8 x 8 pixels of the tile that begin at (`x`, `y`).
pub(super) fn luma<const SIDE: usize>(tile: &Tile<SIDE>, (x, y): (usize, usize), block: &mut Block) {
    for (samples, row) in block.as_chunks_mut::<8>().0.iter_mut().zip(tile.iter().skip(y)) {
        for (sample, pixel) in samples.iter_mut().zip(row.iter().skip(x)) {
            *sample = (((weighted(channels(*pixel), LUMA) + (1 << (BITS - 1))) >> BITS) - 128) as i16;
        }
    }
}

/// A colour difference of a sum of pixels, `1 << bits` of them.
fn difference(sum: [u32; 3], bits: u32, factors: [i32; 3]) -> i16 {
    // Just under a half: the largest difference would round to 128 otherwise.
    let half = (1 << (BITS + bits - 1)) - 1;
    ((weighted(sum, factors) + half) >> (BITS + bits)) as i16
}

/// The colour differences of each pixel.
pub(super) fn full_chroma(tile: &Tile<8>, blue: &mut Block, red: &mut Block) {
    for (pixel, (blue, red)) in tile.as_flattened().iter().zip(blue.iter_mut().zip(red)) {
        *blue = difference(channels(*pixel), 0, BLUE);
        *red = difference(channels(*pixel), 0, RED);
    }
}

/// The colour differences of the mean of each 2 x 2 pixels: they are rounded once.
pub(super) fn half_chroma(tile: &Tile<16>, blue: &mut Block, red: &mut Block) {
    let (lines, _) = tile.as_chunks::<2>();
    let (blue, red) = (blue.as_chunks_mut::<8>().0, red.as_chunks_mut::<8>().0);
    for ([upper, lower], (blue, red)) in lines.iter().zip(blue.iter_mut().zip(red)) {
        // Red and blue are summed up together, in halves of a number.
        let mut red_blue = [0; 16];
        let mut green = [0; 16];
        for index in 0..16 {
            red_blue[index] = (upper[index] & 0x00ff_00ff) + (lower[index] & 0x00ff_00ff);
            green[index] = (upper[index] >> 8 & 0xff) + (lower[index] >> 8 & 0xff);
        }
        for index in 0..8 {
            let red_blue = red_blue[2 * index] + red_blue[2 * index + 1];
            let green = green[2 * index] + green[2 * index + 1];
            let sum = [red_blue & 0xffff, green, red_blue >> 16];
            blue[index] = difference(sum, 2, BLUE);
            red[index] = difference(sum, 2, RED);
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
                    let tile = [[u32::from_le_bytes([r, g, b, 99]); 8]; 8];
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
        let mut tile = [[0u32; 16]; 16];
        let mut state = 1u32;
        for pixel in tile.as_flattened_mut() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *pixel = state ^ state >> 17;
        }
        let (mut blue, mut red) = ([0; 64], [0; 64]);
        half_chroma(&tile, &mut blue, &mut red);
        for (x, y) in (0..64).map(|index| (index % 8, index / 8)) {
            let four =
                [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| channels(tile[2 * y + dy][2 * x + dx]));
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
        assert_eq!(tile[0].map(|pixel| pixel & 0xff), [0, 1, 2, 2, 2, 2, 2, 2]);
        assert!(tile[1..].iter().all(|row| row.map(|pixel| pixel & 0xff) == [3, 4, 5, 5, 5, 5, 5, 5]));
    }
}

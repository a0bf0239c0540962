//! Pixels -> samples of blocks. A pixel is four bytes, the last of no account: four products, of which two neighbours are summed up at once.

use super::super::color::{self, BITS, BLUE, Block, LUMA, RED, Tile};
use crate::vector::{load, stored};
use core::arch::wasm32::{
    i16x8_add, i16x8_extend_high_u8x16, i16x8_extend_low_u8x16, i16x8_narrow_i32x4, i16x8_shuffle,
    i16x8_splat, i16x8_sub, i32x4_add, i32x4_dot_i16x8, i32x4_shr, i32x4_shuffle, i32x4_splat, u8x16_shuffle,
    v128,
};

/// As [`color::tile`].
#[inline(always)]
pub(in super::super) fn tile<const SIDE: usize>(
    pixels: &[[u8; 3]],
    size: (usize, usize),
    (x, y): (usize, usize),
) -> Tile<SIDE> {
    let (width, height) = size;
    // With four bytes more than needed, so that four pixels are read as sixteen bytes.
    let whole = |line: usize| {
        let start = line * width + x;
        pixels.as_flattened().get(3 * start..3 * (start + SIDE) + 4)
    };
    if x + SIDE > width || y + SIDE > height || whole(y + SIDE - 1).is_none() {
        return color::tile(pixels, size, (x, y));
    }
    let mut tile = [[0; SIDE]; SIDE];
    for (line, row) in (y..).zip(&mut tile) {
        let bytes = whole(line).unwrap_or_default();
        for (index, four) in row.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            if let Some(read) = bytes.get(12 * index..).and_then(<[u8]>::first_chunk::<16>) {
                let read = load(read);
                *four =
                    stored(u8x16_shuffle::<0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12>(read, read));
            }
        }
    }
    tile
}

/// The factors of red, green and blue, and none, twice.
#[inline(always)]
fn factors([red, green, blue]: [i32; 3]) -> v128 {
    let (red, green, blue) = (red as i16, green as i16, blue as i16);
    load(&[red, green, blue, 0, red, green, blue, 0])
}

/// Two pixels in each of four vectors of 16 bits: the sums of eight, with `round` added and `bits` dropped.
#[inline(always)]
fn weighted(pairs: [v128; 4], factors: v128, round: i32, bits: u32) -> v128 {
    let [a, b, c, d] = pairs.map(|pair| i32x4_dot_i16x8(pair, factors));
    let sums = |a, b| {
        let sums = i32x4_add(i32x4_shuffle::<0, 2, 4, 6>(a, b), i32x4_shuffle::<1, 3, 5, 7>(a, b));
        i32x4_shr(i32x4_add(sums, i32x4_splat(round)), bits)
    };
    i16x8_narrow_i32x4(sums(a, b), sums(c, d))
}

/// Eight pixels, two in each vector of 16 bits.
#[inline(always)]
fn pairs(pixels: &[u32; 8]) -> [v128; 4] {
    let (halves, _) = pixels.as_chunks::<4>();
    let (first, last) = (load(&halves[0]), load(&halves[1]));
    [
        i16x8_extend_low_u8x16(first),
        i16x8_extend_high_u8x16(first),
        i16x8_extend_low_u8x16(last),
        i16x8_extend_high_u8x16(last),
    ]
}

/// As [`color::luma`].
#[inline(always)]
pub(in super::super) fn luma<const SIDE: usize>(
    tile: &Tile<SIDE>,
    (x, y): (usize, usize),
    block: &mut Block,
) {
    let factors = factors(LUMA);
    for (samples, row) in block.as_chunks_mut::<8>().0.iter_mut().zip(tile.iter().skip(y)) {
        if let Some(pixels) = row.get(x..).and_then(<[u32]>::first_chunk) {
            let sums = weighted(pairs(pixels), factors, 1 << (BITS - 1), BITS);
            *samples = stored(i16x8_sub(sums, i16x8_splat(128)));
        }
    }
}

/// As [`color::full_chroma`].
#[inline(always)]
pub(in super::super) fn full_chroma(tile: &Tile<8>, blue: &mut Block, red: &mut Block) {
    let (by_blue, by_red) = (factors(BLUE), factors(RED));
    let half = (1 << (BITS - 1)) - 1;
    let (blue, red) = (blue.as_chunks_mut::<8>().0, red.as_chunks_mut::<8>().0);
    for (row, (blue, red)) in tile.iter().zip(blue.iter_mut().zip(red)) {
        let pairs = pairs(row);
        *blue = stored(weighted(pairs, by_blue, half, BITS));
        *red = stored(weighted(pairs, by_red, half, BITS));
    }
}

/// As [`color::half_chroma`].
#[inline(always)]
pub(in super::super) fn half_chroma(tile: &Tile<16>, blue: &mut Block, red: &mut Block) {
    let (by_blue, by_red) = (factors(BLUE), factors(RED));
    let half = (1 << (BITS + 1)) - 1;
    let (blue, red) = (blue.as_chunks_mut::<8>().0, red.as_chunks_mut::<8>().0);
    for ([upper, lower], (blue, red)) in tile.as_chunks::<2>().0.iter().zip(blue.iter_mut().zip(red)) {
        let (upper, lower) = (upper.as_chunks::<8>().0, lower.as_chunks::<8>().0);
        // Sums of 2 x 2 pixels, two in each vector.
        let sums = |half: usize| {
            let (upper, lower) = (pairs(&upper[half]), pairs(&lower[half]));
            let [a, b, c, d] = std::array::from_fn(|n| i16x8_add(upper[n], lower[n]));
            let two = |a, b| {
                i16x8_add(
                    i16x8_shuffle::<0, 1, 2, 3, 8, 9, 10, 11>(a, b),
                    i16x8_shuffle::<4, 5, 6, 7, 12, 13, 14, 15>(a, b),
                )
            };
            [two(a, b), two(c, d)]
        };
        let ([a, b], [c, d]) = (sums(0), sums(1));
        *blue = stored(weighted([a, b, c, d], by_blue, half, BITS + 2));
        *red = stored(weighted([a, b, c, d], by_red, half, BITS + 2));
    }
}

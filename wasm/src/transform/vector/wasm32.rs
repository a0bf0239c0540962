//! With the vector unit of WebAssembly (simd128).

use super::super::channel::SAMPLE_BITS;
use super::super::color::{Range, ZERO};
use super::super::kernel::GROUP;
use super::{Group, Weighed};
use crate::vector::{load, stored};
use core::arch::wasm32::{
    i16x8_add_sat, i16x8_narrow_i32x4, i16x8_shr, i16x8_shuffle, i16x8_splat, i32x4_add, i32x4_dot_i16x8,
    i32x4_shr, i32x4_shuffle, i32x4_splat, u8x16_narrow_i16x8, u8x16_shuffle, v128,
};

/// As [`super::scalar::row`].
#[inline(always)]
pub(in super::super) fn row(outputs: [Weighed<'_>; 4], shift: u32) -> [i16; 4] {
    let [a, b, c, d] = outputs.map(|(samples, groups)| {
        let mut sums = i32x4_splat(0);
        for (weights, samples) in groups.iter().zip(samples.as_chunks::<GROUP>().0) {
            sums = i32x4_add(sums, i32x4_dot_i16x8(load(samples), load(weights)));
        }
        sums
    });
    // The four sums of each vector, side by side.
    let ab = i32x4_add(i32x4_shuffle::<0, 4, 2, 6>(a, b), i32x4_shuffle::<1, 5, 3, 7>(a, b));
    let cd = i32x4_add(i32x4_shuffle::<0, 4, 2, 6>(c, d), i32x4_shuffle::<1, 5, 3, 7>(c, d));
    let sums = i32x4_add(i32x4_shuffle::<0, 1, 4, 5>(ab, cd), i32x4_shuffle::<2, 3, 6, 7>(ab, cd));
    let rounded = i32x4_shr(i32x4_add(sums, i32x4_splat(1 << (shift - 1))), shift);
    let [a, b, c, d, ..]: Group = stored(i16x8_narrow_i32x4(rounded, rounded));
    [a, b, c, d]
}

/// As [`super::scalar::Columns`].
#[derive(Debug)]
pub(in super::super) struct Columns {
    low: v128,
    high: v128,
}

impl Columns {
    #[inline(always)]
    pub(in super::super) fn new(shift: u32) -> Self {
        let round = i32x4_splat(1 << (shift - 1));
        Self { low: round, high: round }
    }

    /// Adds two rows: their samples side by side are multiplied and added up in one step.
    #[inline(always)]
    pub(in super::super) fn add_two(&mut self, [one, other]: [&Group; 2], [first, second]: [i16; 2]) {
        let (one, other) = (load(one), load(other));
        let weights = pair(first, second);
        let low = i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(one, other);
        let high = i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(one, other);
        self.low = i32x4_add(self.low, i32x4_dot_i16x8(low, weights));
        self.high = i32x4_add(self.high, i32x4_dot_i16x8(high, weights));
    }

    #[inline(always)]
    pub(in super::super) fn finish(self, shift: u32) -> Group {
        stored(i16x8_narrow_i32x4(i32x4_shr(self.low, shift), i32x4_shr(self.high, shift)))
    }
}

/// Two factors, for the samples of two channels side by side.
#[inline(always)]
fn pair(first: i16, second: i16) -> v128 {
    i32x4_splat(i32::from(first) & 0xffff | i32::from(second) << 16)
}

/// As [`super::scalar::ycbcr_to_rgb`].
#[inline(always)]
pub(in super::super) fn ycbcr_to_rgb<R: Range>([y, cb, cr]: [&Group; 3]) -> [u8; 3 * GROUP] {
    let shift = R::BITS + SAMPLE_BITS;
    let (y, cb, cr) = (load(y), load(cb), load(cr));
    let halves = |other| {
        (
            i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(y, other),
            i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(y, other),
        )
    };
    let ((cb_low, cb_high), (cr_low, cr_high)) = (halves(cb), halves(cr));
    // The rounding, what black is stored above zero, and what the colour differences are.
    let of_luma = (1 << (shift - 1)) - i32::from(R::BY_LUMA) * R::BLACK;
    let offset = |factor: i32| i32x4_splat(of_luma - factor * ZERO);
    let sums = |factor: i16, low, high| {
        let (factors, offset) = (pair(R::BY_LUMA, factor), offset(factor.into()));
        [low, high].map(|half| i32x4_add(i32x4_dot_i16x8(half, factors), offset))
    };
    let samples = |[low, high]: [v128; 2]| i16x8_narrow_i32x4(i32x4_shr(low, shift), i32x4_shr(high, shift));
    let red = samples(sums(R::RED_BY_CR, cr_low, cr_high));
    let blue = samples(sums(R::BLUE_BY_CB, cb_low, cb_high));
    let by_cb = pair(0, R::GREEN_BY_CB);
    let by_cb_offset = i32x4_splat(-i32::from(R::GREEN_BY_CB) * ZERO);
    let [low, high] = sums(R::GREEN_BY_CR, cr_low, cr_high);
    let green = samples([
        i32x4_add(low, i32x4_add(i32x4_dot_i16x8(cb_low, by_cb), by_cb_offset)),
        i32x4_add(high, i32x4_add(i32x4_dot_i16x8(cb_high, by_cb), by_cb_offset)),
    ]);
    interleaved(red, green, blue)
}

/// As [`super::scalar::to_rgb`].
#[inline(always)]
pub(in super::super) fn to_rgb(channels: [&Group; 3]) -> [u8; 3 * GROUP] {
    let [red, green, blue] = channels.map(|channel| {
        i16x8_shr(i16x8_add_sat(load(channel), i16x8_splat(1 << (SAMPLE_BITS - 1))), SAMPLE_BITS)
    });
    interleaved(red, green, blue)
}

/// Pixels of samples that are clamped to 0..=255.
#[inline(always)]
fn interleaved(red: v128, green: v128, blue: v128) -> [u8; 3 * GROUP] {
    let (red_green, blue) = (u8x16_narrow_i16x8(red, green), u8x16_narrow_i16x8(blue, blue));
    let first: [u8; 16] =
        stored(u8x16_shuffle::<0, 8, 16, 1, 9, 17, 2, 10, 18, 3, 11, 19, 4, 12, 20, 5>(red_green, blue));
    let last: [u8; 16] =
        stored(u8x16_shuffle::<13, 21, 6, 14, 22, 7, 15, 23, 0, 0, 0, 0, 0, 0, 0, 0>(red_green, blue));
    let mut pixels = [0; 3 * GROUP];
    pixels[..16].copy_from_slice(&first);
    pixels[16..].copy_from_slice(&last[..8]);
    pixels
}

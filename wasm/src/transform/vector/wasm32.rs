//! With the vector unit of WebAssembly (simd128).

use super::super::kernel::GROUP;
use super::{Group, Weighed};
use crate::vector::{load, stored};
use core::arch::wasm32::{
    i16x8_narrow_i32x4, i16x8_shuffle, i32x4_add, i32x4_dot_i16x8, i32x4_shr, i32x4_shuffle, i32x4_splat,
    v128,
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
        let weights = i32x4_splat(i32::from(first) & 0xffff | i32::from(second) << 16);
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

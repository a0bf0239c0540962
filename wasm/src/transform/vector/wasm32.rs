//! With the vector unit of WebAssembly (simd128).

#![allow(unsafe_code, reason = "loads and stores of the vector unit take pointers")]

use super::super::kernel::GROUP;
use super::{Group, Weighed};
use core::arch::wasm32::{
    i16x8_narrow_i32x4, i16x8_splat, i32x4_add, i32x4_dot_i16x8, i32x4_extmul_high_i16x8,
    i32x4_extmul_low_i16x8, i32x4_shr, i32x4_shuffle, i32x4_splat, v128, v128_load, v128_store,
};

#[inline(always)]
fn load(group: &Group) -> v128 {
    // SAFETY: the reference is to 16 bytes that may be read; the instruction takes any alignment.
    unsafe { v128_load(group.as_ptr().cast()) }
}

#[inline(always)]
fn stored(value: v128) -> Group {
    let mut group = [0; GROUP];
    // SAFETY: the array has 16 bytes that may be written; the instruction takes any alignment.
    unsafe { v128_store(group.as_mut_ptr().cast(), value) };
    group
}

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
    let [a, b, c, d, ..] = stored(i16x8_narrow_i32x4(rounded, rounded));
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

    #[inline(always)]
    pub(in super::super) fn add(&mut self, samples: &Group, weight: i16) {
        let (samples, weight) = (load(samples), i16x8_splat(weight));
        self.low = i32x4_add(self.low, i32x4_extmul_low_i16x8(samples, weight));
        self.high = i32x4_add(self.high, i32x4_extmul_high_i16x8(samples, weight));
    }

    #[inline(always)]
    pub(in super::super) fn finish(self, shift: u32) -> Group {
        stored(i16x8_narrow_i32x4(i32x4_shr(self.low, shift), i32x4_shr(self.high, shift)))
    }
}

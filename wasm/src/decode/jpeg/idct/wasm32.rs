//! With the vector unit of WebAssembly (simd128): four columns side by side, then four rows.

use super::{CONST_BITS, FIRST_SHIFT, SECOND_SHIFT};
use crate::vector::{load, stored};
use core::arch::wasm32::{
    i16x8_add, i16x8_max, i16x8_min, i16x8_narrow_i32x4, i16x8_shuffle, i16x8_splat, i32x4_add,
    i32x4_extend_high_i16x8, i32x4_extend_low_i16x8, i32x4_mul, i32x4_shl, i32x4_shr, i32x4_shuffle,
    i32x4_splat, i32x4_sub, u32x4_extend_high_u16x8, u32x4_extend_low_u16x8, v128,
};
use std::array::from_fn;

#[inline(always)]
fn times(value: v128, factor: i32) -> v128 {
    i32x4_mul(value, i32x4_splat(factor))
}

#[inline(always)]
fn rounded(value: v128, bits: u32) -> v128 {
    i32x4_shr(i32x4_add(value, i32x4_splat(1 << (bits - 1))), bits)
}

/// Two vectors of sums become eight samples, 0..=255.
#[inline(always)]
fn samples(low: v128, high: v128) -> v128 {
    // Eighteen bits are dropped: what is left fits into 16 even with 128 more.
    let values = i16x8_narrow_i32x4(rounded(low, SECOND_SHIFT), rounded(high, SECOND_SHIFT));
    let values = i16x8_add(values, i16x8_splat(128));
    i16x8_min(i16x8_max(values, i16x8_splat(0)), i16x8_splat(255))
}

#[inline(always)]
fn transposed([a, b, c, d]: [v128; 4]) -> [v128; 4] {
    let (ab, ab_end) = (i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b));
    let (cd, cd_end) = (i32x4_shuffle::<0, 4, 1, 5>(c, d), i32x4_shuffle::<2, 6, 3, 7>(c, d));
    [
        i32x4_shuffle::<0, 1, 4, 5>(ab, cd),
        i32x4_shuffle::<2, 3, 6, 7>(ab, cd),
        i32x4_shuffle::<0, 1, 4, 5>(ab_end, cd_end),
        i32x4_shuffle::<2, 3, 6, 7>(ab_end, cd_end),
    ]
}

#[inline(always)]
fn four_points([x0, x1, x2, x3]: [v128; 4]) -> [v128; 4] {
    let even = i32x4_shl(i32x4_add(x0, x2), CONST_BITS);
    let odd = i32x4_shl(i32x4_sub(x0, x2), CONST_BITS);
    let z = times(i32x4_add(x1, x3), 4433);
    let outer = i32x4_add(z, times(x1, 6270));
    let inner = i32x4_sub(z, times(x3, 15137));
    [i32x4_add(even, outer), i32x4_add(odd, inner), i32x4_sub(odd, inner), i32x4_sub(even, outer)]
}

/// As [`super::scalar::four`].
#[inline(always)]
pub(super) fn four(coefficients: &[i16; 64], quantisers: &[u16; 64]) -> [[i16; 4]; 4] {
    let (rows, steps) = (coefficients.as_chunks::<8>().0, quantisers.as_chunks::<8>().0);
    let values = from_fn(|n| {
        i32x4_mul(i32x4_extend_low_i16x8(load(&rows[n])), u32x4_extend_low_u16x8(load(&steps[n])))
    });
    let between = four_points(values).map(|row| rounded(row, FIRST_SHIFT));
    let [a, b, c, d] = four_points(transposed(between));
    // These are columns.
    let (ab, cd) = (samples(a, b), samples(c, d));
    let top: [i16; 8] = stored(i16x8_shuffle::<0, 4, 8, 12, 1, 5, 9, 13>(ab, cd));
    let bottom: [i16; 8] = stored(i16x8_shuffle::<2, 6, 10, 14, 3, 7, 11, 15>(ab, cd));
    let (top, bottom) = (top.as_chunks::<4>().0, bottom.as_chunks::<4>().0);
    [top[0], top[1], bottom[0], bottom[1]]
}

/// Four transforms of eight points side by side: even and odd part, as in [`super::scalar`].
#[inline(always)]
fn eight_points([x0, x1, x2, x3, x4, x5, x6, x7]: [v128; 8]) -> [v128; 8] {
    let sum = i32x4_add;
    let z = times(sum(x2, x6), 4433);
    let (e2, e3) = (i32x4_sub(z, times(x6, 15137)), sum(z, times(x2, 6270)));
    let (e0, e1) = (i32x4_shl(sum(x0, x4), CONST_BITS), i32x4_shl(i32x4_sub(x0, x4), CONST_BITS));
    let even = [sum(e0, e3), sum(e1, e2), i32x4_sub(e1, e2), i32x4_sub(e0, e3)];
    let (z1, z2, z3, z4) = (sum(x7, x1), sum(x5, x3), sum(x7, x3), sum(x5, x1));
    let z5 = times(sum(z3, z4), 9633);
    let (t0, t1, t2, t3) = (times(x7, 2446), times(x5, 16819), times(x3, 25172), times(x1, 12299));
    let (z1, z2) = (times(z1, -7373), times(z2, -20995));
    let (z3, z4) = (sum(times(z3, -16069), z5), sum(times(z4, -3196), z5));
    let odd = [sum(t3, sum(z1, z4)), sum(t2, sum(z2, z3)), sum(t1, sum(z2, z4)), sum(t0, sum(z1, z3))];
    from_fn(|n| if n < 4 { sum(even[n], odd[n]) } else { i32x4_sub(even[7 - n], odd[7 - n]) })
}

/// As [`super::scalar::eight`].
pub(super) fn eight(coefficients: &[i16; 64], quantisers: &[u16; 64]) -> [[i16; 8]; 8] {
    let (rows, steps) = (coefficients.as_chunks::<8>().0, quantisers.as_chunks::<8>().0);
    // The left four columns and the right four.
    let left = eight_points(from_fn(|n| {
        i32x4_mul(i32x4_extend_low_i16x8(load(&rows[n])), u32x4_extend_low_u16x8(load(&steps[n])))
    }));
    let right = eight_points(from_fn(|n| {
        i32x4_mul(i32x4_extend_high_i16x8(load(&rows[n])), u32x4_extend_high_u16x8(load(&steps[n])))
    }));
    let mut samples_of_rows = [[0; 8]; 8];
    for (half, four_rows) in samples_of_rows.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let quarter = |side: &[v128; 8]| transposed(from_fn(|n| rounded(side[4 * half + n], FIRST_SHIFT)));
        let (first, last) = (quarter(&left), quarter(&right));
        // By column, four rows each.
        let columns = eight_points(from_fn(|n| if n < 4 { first[n] } else { last[n - 4] }));
        let first = transposed([columns[0], columns[1], columns[2], columns[3]]);
        let last = transposed([columns[4], columns[5], columns[6], columns[7]]);
        for (row, (first, last)) in four_rows.iter_mut().zip(first.into_iter().zip(last)) {
            *row = stored(samples(first, last));
        }
    }
    samples_of_rows
}

//! The forward DCT over eight columns at once: products of two rows are summed up in one step.

use super::super::color::Block;
use super::super::dct::{C1, C2, C3, C5, C6, C7, FACTOR_BITS, PASS_BITS};
use crate::vector::{load, stored};
use core::arch::wasm32::{
    i16x8_add, i16x8_narrow_i32x4, i16x8_shl, i16x8_shr, i16x8_shuffle, i16x8_splat, i16x8_sub, i32x4_add,
    i32x4_dot_i16x8, i32x4_shr, i32x4_splat, v128,
};
use std::array::from_fn;

/// Two rows of sums, the eight columns of which are in two vectors, side by side.
type Pairs = [v128; 2];

#[inline(always)]
fn pairs(a: v128, b: v128) -> Pairs {
    [i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(a, b), i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(a, b)]
}

/// Both rows times a factor each, summed up.
#[inline(always)]
fn weighted(pairs: Pairs, first: i32, second: i32) -> Pairs {
    let factors = i32x4_splat(first & 0xffff | second << 16);
    pairs.map(|pair| i32x4_dot_i16x8(pair, factors))
}

#[inline(always)]
fn descaled<const SHIFT: u32>([low, high]: Pairs) -> v128 {
    let descaled = |sums| i32x4_shr(i32x4_add(sums, i32x4_splat(1 << (SHIFT - 1))), SHIFT);
    i16x8_narrow_i32x4(descaled(low), descaled(high))
}

#[inline(always)]
fn descaled_sum<const SHIFT: u32>(sum: v128) -> v128 {
    match SHIFT.checked_sub(FACTOR_BITS) {
        Some(bits) => i16x8_shr(i16x8_add(sum, i16x8_splat(1 << (bits - 1))), bits),
        None => i16x8_shl(sum, FACTOR_BITS - SHIFT),
    }
}

/// As the pass of [`super::super::dct`].
#[inline(always)]
fn columns<const SHIFT: u32>(rows: [v128; 8]) -> [v128; 8] {
    let sum: [v128; 4] = from_fn(|n| i16x8_add(rows[n], rows[7 - n]));
    let difference: [v128; 4] = from_fn(|n| i16x8_sub(rows[n], rows[7 - n]));
    let (outer, inner) = (i16x8_add(sum[0], sum[3]), i16x8_add(sum[1], sum[2]));
    let even = pairs(i16x8_sub(sum[0], sum[3]), i16x8_sub(sum[1], sum[2]));
    let (d01, d23) = (pairs(difference[0], difference[1]), pairs(difference[2], difference[3]));
    let odd = |a, b, c, d| {
        let (first, second) = (weighted(d01, a, b), weighted(d23, c, d));
        descaled::<SHIFT>(from_fn(|n| i32x4_add(first[n], second[n])))
    };
    [
        descaled_sum::<SHIFT>(i16x8_add(outer, inner)),
        odd(C1, C3, C5, C7),
        descaled::<SHIFT>(weighted(even, C2, C6)),
        odd(C3, -C7, -C1, -C5),
        descaled_sum::<SHIFT>(i16x8_sub(outer, inner)),
        odd(C5, -C1, C7, C3),
        descaled::<SHIFT>(weighted(even, C6, -C2)),
        odd(C7, -C5, C3, -C1),
    ]
}

/// Transposes by interleaving rows three times: rows 0 and 4, 1 and 5, ... become rows 0 and 1, 2 and 3, ...
#[inline(always)]
fn transposed(mut rows: [v128; 8]) -> [v128; 8] {
    for _ in 0..3 {
        let [a, b, c, d] = from_fn(|n| pairs(rows[n], rows[n + 4]));
        rows = [a[0], a[1], b[0], b[1], c[0], c[1], d[0], d[1]];
    }
    rows
}

/// As [`super::super::dct::forward`].
#[inline(always)]
pub(in super::super) fn forward(samples: &Block) -> Block {
    let (rows, _) = samples.as_chunks::<8>();
    let between = columns::<{ FACTOR_BITS - PASS_BITS }>(from_fn(|n| load(&rows[n])));
    let rows = columns::<{ FACTOR_BITS + PASS_BITS }>(transposed(between));
    let mut block = [0; 64];
    for (row, vector) in block.as_chunks_mut::<8>().0.iter_mut().zip(rows) {
        *row = stored(vector);
    }
    block
}

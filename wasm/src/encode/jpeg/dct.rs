//! Forward DCT of a block of 8 x 8 samples, T.81 A.3.3, in integers.
//!
//! Even and odd halves as matrices of 13-bit factors: products of 16-bit numbers with 32-bit sums, which is what vector units have. Two
//! fraction bits are kept between the passes. Written as loops over the eight columns, so that they become vectors on each target.
#![cfg_attr(
    all(target_arch = "wasm32", target_feature = "simd128", not(test)),
    expect(dead_code, reason = "the vector unit does it; here is its twin")
)]

use super::color::Block;

pub(super) const FACTOR_BITS: u32 = 13;
/// Fraction bits of what the first pass gives.
pub(super) const PASS_BITS: u32 = 2;

/// cos(k pi / 16) times the square root of two, in 13 bits. Without the root for k = 4 the factor would be one: those outputs are sums alone.
pub(super) const C1: i32 = 11_363;
pub(super) const C2: i32 = 10_703;
pub(super) const C3: i32 = 9_633;
pub(super) const C5: i32 = 6_437;
pub(super) const C6: i32 = 4_433;
pub(super) const C7: i32 = 2_260;

/// One pass over the columns. `SHIFT` fraction bits are dropped from products, and so many as keep the scale from sums.
fn columns<const SHIFT: u32>(input: &Block) -> Block {
    let mut output = [0i16; 64];
    let descale = |value: i32| ((value + (1 << (SHIFT - 1))) >> SHIFT) as i16;
    let descale_sum = |value: i16| match SHIFT.checked_sub(FACTOR_BITS) {
        Some(bits) => value.wrapping_add(1 << (bits - 1)) >> bits,
        None => value << (FACTOR_BITS - SHIFT),
    };
    for column in 0..8 {
        let at = |row: usize| input[row * 8 + column];
        // Samples are -128..=127, and what the first pass makes of them is within -4096..=4096: sums of eight stay in 16 bits.
        let sum = |a: usize, b: usize| at(a).wrapping_add(at(b));
        let difference = |a: usize, b: usize| i32::from(at(a).wrapping_sub(at(b)));
        let (s07, s16, s25, s34) = (sum(0, 7), sum(1, 6), sum(2, 5), sum(3, 4));
        let (outer, inner) = (s07.wrapping_add(s34), s16.wrapping_add(s25));
        output[column] = descale_sum(outer.wrapping_add(inner));
        output[32 + column] = descale_sum(outer.wrapping_sub(inner));
        let (e0, e1) = (i32::from(s07.wrapping_sub(s34)), i32::from(s16.wrapping_sub(s25)));
        output[16 + column] = descale(e0 * C2 + e1 * C6);
        output[48 + column] = descale(e0 * C6 - e1 * C2);
        let (d07, d16, d25, d34) = (difference(0, 7), difference(1, 6), difference(2, 5), difference(3, 4));
        output[8 + column] = descale(d07 * C1 + d16 * C3 + d25 * C5 + d34 * C7);
        output[24 + column] = descale(d07 * C3 - d16 * C7 - d25 * C1 - d34 * C5);
        output[40 + column] = descale(d07 * C5 - d16 * C1 + d25 * C7 + d34 * C3);
        output[56 + column] = descale(d07 * C7 - d16 * C5 + d25 * C3 - d34 * C1);
    }
    output
}

/// Transposes by interleaving rows three times: rows 0 and 4, 1 and 5, ... become rows 0 and 1, 2 and 3, ...
fn transposed(mut block: Block) -> Block {
    for _ in 0..3 {
        let mut interleaved = [0; 64];
        for row in 0..4 {
            for column in 0..8 {
                interleaved[row * 16 + column * 2] = block[row * 8 + column];
                interleaved[row * 16 + column * 2 + 1] = block[(row + 4) * 8 + column];
            }
        }
        block = interleaved;
    }
    block
}

/// Samples become coefficients, eight times as large as T.81 defines them. Their order is transposed: the horizontal frequency is the row.
pub(super) fn forward(samples: &Block) -> Block {
    let between = columns::<{ FACTOR_BITS - PASS_BITS }>(samples);
    columns::<{ FACTOR_BITS + PASS_BITS }>(&transposed(between))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::{FRAC_1_SQRT_2, PI};

    /// The definition, T.81 A.3.3, in the order and scale of [`forward`].
    fn defined(samples: &Block) -> [f64; 64] {
        let root = |k: usize| if k == 0 { FRAC_1_SQRT_2 } else { 1.0 };
        let wave = |x: usize, k: usize| ((2 * x + 1) as f64 * k as f64 * PI / 16.0).cos();
        std::array::from_fn(|index| {
            let (u, v) = (index / 8, index % 8);
            let sum: f64 = (0..64).map(|i| f64::from(samples[i]) * wave(i % 8, u) * wave(i / 8, v)).sum();
            2.0 * root(u) * root(v) * sum
        })
    }

    #[test]
    fn coefficients_are_those_of_the_definition() {
        let mut state = 1u32;
        let mut worst: f64 = 0.0;
        let mut blocks: Vec<Block> = vec![[127; 64], [-128; 64]];
        // The waves that give the largest coefficients.
        for k in 0..64usize {
            blocks.push(std::array::from_fn(|i| {
                let wave = |x: usize, k: usize| ((2 * x + 1) as f64 * k as f64 * PI / 16.0).cos();
                if wave(i % 8, k % 8) * wave(i / 8, k / 8) > 0.0 { 127 } else { -128 }
            }));
        }
        for _ in 0..2000 {
            blocks.push(std::array::from_fn(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as i16 - 128
            }));
        }
        for block in &blocks {
            for (got, wanted) in forward(block).iter().zip(defined(block)) {
                worst = worst.max((f64::from(*got) - wanted).abs());
            }
        }
        // In eighths of a coefficient: a quarter of the finest quantiser.
        assert!(worst < 2.0, "{worst}");
    }
}

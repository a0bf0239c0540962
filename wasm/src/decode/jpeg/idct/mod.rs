//! Inverse DCT of a block to 8 x 8, 4 x 4, 2 x 2 or 1 sample. ITU-T T.81 A.3.3.
//!
//! 8 x 8: Loeffler, Ligtenberg and Moschytz (ICASSP 1989) in integers of 13 fraction bits, with the roundings of libjpeg's `islow`, so that
//! samples can be held against it exactly. The smaller ones take the low frequencies of the block through an inverse DCT of that size: that is
//! nearer to a Lanczos reduction of the full picture than averages are (56 dB against 53 at a quarter), and needs few coefficients.
//! Sums wrap on absurd coefficients; samples are clamped.

/// Row of zigzag order to natural order, T.81 figure A.6.
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];

mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm32;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
use scalar::{eight, four};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use wasm32::{eight, four};

const CONST_BITS: u32 = 13;
const PASS_BITS: u32 = 2;
/// Fraction bits that each pass drops.
const FIRST_SHIFT: u32 = CONST_BITS - PASS_BITS;
const SECOND_SHIFT: u32 = CONST_BITS + PASS_BITS + 3;

fn sample(value: i32, bits: u32) -> i16 {
    ((value.wrapping_add(1 << (bits - 1)) >> bits).wrapping_add(128)).clamp(0, 255) as i16
}

/// The mean of a block's samples, by its DC coefficient.
#[inline(always)]
pub(super) fn mean(coefficient: i32, quantiser: u16) -> i16 {
    sample(i32::from(coefficient as i16).wrapping_mul(i32::from(quantiser)), 3)
}

/// Writes rows of `size` samples, 0..=255, into `target`, the first one at its beginning and each next one `stride` further. `size` is 1, 2, 4 or 8.
#[inline(always)]
pub(super) fn transform(
    coefficients: &[i16; 64],
    quantisers: &[u16; 64],
    size: usize,
    target: &mut [i16],
    stride: usize,
) {
    let at = |index: usize| i32::from(coefficients[index]).wrapping_mul(i32::from(quantisers[index]));
    match size {
        8 => store(&eight(coefficients, quantisers), target, stride),
        4 => store(&four(coefficients, quantisers), target, stride),
        2 => {
            let (a, b, c, d) = (at(0), at(1), at(8), at(9));
            let (top, bottom) = (a.wrapping_add(c), a.wrapping_sub(c));
            let (right_top, right_bottom) = (b.wrapping_add(d), b.wrapping_sub(d));
            let samples = [
                [sample(top.wrapping_add(right_top), 3), sample(top.wrapping_sub(right_top), 3)],
                [sample(bottom.wrapping_add(right_bottom), 3), sample(bottom.wrapping_sub(right_bottom), 3)],
            ];
            store(&samples, target, stride);
        }
        _ => store(&[[mean(coefficients[0].into(), quantisers[0])]], target, stride),
    }
}

#[inline(always)]
fn store<const SIZE: usize>(samples: &[[i16; SIZE]; SIZE], target: &mut [i16], stride: usize) {
    for (index, samples) in samples.iter().enumerate() {
        if let Some(target) = target.get_mut(index * stride..index * stride + SIZE) {
            target.copy_from_slice(samples);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    fn reference(coefficients: &[i16; 64], size: usize) -> Vec<f64> {
        let norm = |k: usize| if k == 0 { 0.5f64.sqrt() } else { 1.0 };
        let cosine = |x: usize, u: usize| ((2 * x + 1) as f64 * u as f64 * PI / (2 * size) as f64).cos();
        let at = |x: usize, y: usize| {
            let mut sum = 0.0;
            for v in 0..size {
                for u in 0..size {
                    let value = f64::from(coefficients[v * 8 + u]);
                    sum += norm(u) * norm(v) * value * cosine(x, u) * cosine(y, v);
                }
            }
            (sum / 4.0 + 128.0).clamp(0.0, 255.0)
        };
        (0..size * size).map(|i| at(i % size, i / size)).collect()
    }

    #[test]
    fn every_size_is_within_one_of_the_definition() {
        let mut state = 1u32;
        for _ in 0..500 {
            let coefficients: [i16; 64] = std::array::from_fn(|i| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((state >> 16) as i16 >> 6) / (1 + i as i16 / 4)
            });
            for size in [1, 2, 4, 8] {
                let mut samples = [0; 64];
                transform(&coefficients, &[1; 64], size, &mut samples, size);
                // The low frequencies of 8 points through fewer points: T.81's norm of a quarter holds for every size here.
                for (got, wanted) in samples.iter().zip(reference(&coefficients, size)) {
                    assert!((f64::from(*got) - wanted).abs() <= 1.0, "size {size}: {got} for {wanted}");
                }
            }
        }
    }

    #[test]
    fn absurd_coefficients_do_not_overflow() {
        let mut samples = [0; 64];
        for value in [i16::MIN, i16::MAX] {
            for size in [1, 2, 4, 8] {
                transform(&[value; 64], &[u16::MAX; 64], size, &mut samples, size);
            }
        }
    }

    // Elsewhere there is one of the two only, and nothing to compare.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    #[wasm_bindgen_test::wasm_bindgen_test]
    fn the_vector_unit_gives_what_scalar_code_gives() {
        let mut state = 5u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as i16
        };
        for round in 0..2000 {
            // From absurd coefficients to usual ones.
            let coefficients = std::array::from_fn(|_| random() >> (round % 12));
            let quantisers = std::array::from_fn(|_| random() as u16 >> (round % 16));
            assert_eq!(four(&coefficients, &quantisers), scalar::four(&coefficients, &quantisers));
            assert_eq!(eight(&coefficients, &quantisers), scalar::eight(&coefficients, &quantisers));
        }
    }
}

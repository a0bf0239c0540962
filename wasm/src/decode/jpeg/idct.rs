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

const CONST_BITS: u32 = 13;
const PASS_BITS: u32 = 2;

fn sample(value: i32, bits: u32) -> i16 {
    ((value.wrapping_add(1 << (bits - 1)) >> bits).wrapping_add(128)).clamp(0, 255) as i16
}

/// Coefficient times quantiser.
fn dequantised(coefficients: &[i16; 64], quantisers: &[u16; 64]) -> [i32; 64] {
    let mut values = [0; 64];
    for ((value, coefficient), quantiser) in values.iter_mut().zip(coefficients).zip(quantisers) {
        *value = i32::from(*coefficient).wrapping_mul(i32::from(*quantiser));
    }
    values
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
        8 => store(&eight(&dequantised(coefficients, quantisers)), target, stride),
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

fn fix(value: f64) -> i32 {
    (value * f64::from(1 << CONST_BITS) + 0.5) as i32
}

fn eight_points(input: [i32; 8]) -> ([i32; 4], [i32; 4]) {
    let [x0, x1, x2, x3, x4, x5, x6, x7] = input;
    let times = |value: i32, factor: i32| value.wrapping_mul(factor);
    let sum = |a: i32, b: i32| a.wrapping_add(b);
    // Even part.
    let z = times(sum(x2, x6), 4433);
    let (e2, e3) = (z.wrapping_sub(times(x6, 15137)), sum(z, times(x2, 6270)));
    let (e0, e1) = (sum(x0, x4) << CONST_BITS, x0.wrapping_sub(x4) << CONST_BITS);
    let even = [sum(e0, e3), sum(e1, e2), e1.wrapping_sub(e2), e0.wrapping_sub(e3)];
    // Odd part.
    let (z1, z2, z3, z4) = (sum(x7, x1), sum(x5, x3), sum(x7, x3), sum(x5, x1));
    let z5 = times(sum(z3, z4), 9633);
    let (t0, t1, t2, t3) = (times(x7, 2446), times(x5, 16819), times(x3, 25172), times(x1, 12299));
    let (z1, z2) = (times(z1, -7373), times(z2, -20995));
    let (z3, z4) = (sum(times(z3, -16069), z5), sum(times(z4, -3196), z5));
    let odd = [sum(t3, sum(z1, z4)), sum(t2, sum(z2, z3)), sum(t1, sum(z2, z4)), sum(t0, sum(z1, z3))];
    (even, odd)
}

fn eight(values: &[i32; 64]) -> [[i16; 8]; 8] {
    let (mut between, mut samples) = ([0i32; 64], [[0; 8]; 8]);
    for column in 0..8 {
        let input = std::array::from_fn(|row| values[row * 8 + column]);
        let (even, odd) = eight_points(input);
        for i in 0..4 {
            let bits = CONST_BITS - PASS_BITS;
            let round = 1 << (bits - 1);
            between[i * 8 + column] = even[i].wrapping_add(odd[i]).wrapping_add(round) >> bits;
            between[(7 - i) * 8 + column] = even[i].wrapping_sub(odd[i]).wrapping_add(round) >> bits;
        }
    }
    for (input, output) in between.as_chunks::<8>().0.iter().zip(&mut samples) {
        let (even, odd) = eight_points(*input);
        for i in 0..4 {
            output[i] = sample(even[i].wrapping_add(odd[i]), CONST_BITS + PASS_BITS + 3);
            output[7 - i] = sample(even[i].wrapping_sub(odd[i]), CONST_BITS + PASS_BITS + 3);
        }
    }
    samples
}

/// Four transforms of four points side by side: the vector unit takes them at once.
#[inline(always)]
fn four_points([x0, x1, x2, x3]: [[i32; 4]; 4]) -> [[i32; 4]; 4] {
    let each = |f: &dyn Fn(usize) -> i32| -> [i32; 4] { std::array::from_fn(f) };
    let even = each(&|n| x0[n].wrapping_add(x2[n]) << CONST_BITS);
    let odd = each(&|n| x0[n].wrapping_sub(x2[n]) << CONST_BITS);
    let z = each(&|n| x1[n].wrapping_add(x3[n]).wrapping_mul(fix(0.541_196_100)));
    let outer = each(&|n| z[n].wrapping_add(x1[n].wrapping_mul(fix(0.765_366_865))));
    let inner = each(&|n| z[n].wrapping_sub(x3[n].wrapping_mul(fix(1.847_759_065))));
    [
        each(&|n| even[n].wrapping_add(outer[n])),
        each(&|n| odd[n].wrapping_add(inner[n])),
        each(&|n| odd[n].wrapping_sub(inner[n])),
        each(&|n| even[n].wrapping_sub(outer[n])),
    ]
}

fn transposed<T: Copy>(rows: [[T; 4]; 4]) -> [[T; 4]; 4] {
    std::array::from_fn(|y| std::array::from_fn(|x| rows[x][y]))
}

fn four(coefficients: &[i16; 64], quantisers: &[u16; 64]) -> [[i16; 4]; 4] {
    let values = std::array::from_fn(|row| {
        std::array::from_fn(|column| {
            let at = row * 8 + column;
            i32::from(coefficients[at]).wrapping_mul(i32::from(quantisers[at]))
        })
    });
    let bits = CONST_BITS - PASS_BITS;
    let between = four_points(values).map(|row| row.map(|value| value.wrapping_add(1 << (bits - 1)) >> bits));
    let columns = four_points(transposed(between));
    transposed(columns.map(|column| column.map(|value| sample(value, CONST_BITS + PASS_BITS + 3))))
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
}

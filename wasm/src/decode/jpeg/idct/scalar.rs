//! In plain Rust, for every target; the twin that vector code is held against.
#![cfg_attr(
    all(target_arch = "wasm32", target_feature = "simd128", not(test)),
    expect(dead_code, reason = "the vector unit does it")
)]

use super::{CONST_BITS, FIRST_SHIFT, SECOND_SHIFT, sample};

/// Coefficient times quantiser.
fn dequantised(coefficients: &[i16; 64], quantisers: &[u16; 64]) -> [i32; 64] {
    let mut values = [0; 64];
    for ((value, coefficient), quantiser) in values.iter_mut().zip(coefficients).zip(quantisers) {
        *value = i32::from(*coefficient).wrapping_mul(i32::from(*quantiser));
    }
    values
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

pub(super) fn eight(coefficients: &[i16; 64], quantisers: &[u16; 64]) -> [[i16; 8]; 8] {
    let values = dequantised(coefficients, quantisers);
    let (mut between, mut samples) = ([0i32; 64], [[0; 8]; 8]);
    for column in 0..8 {
        let input = std::array::from_fn(|row| values[row * 8 + column]);
        let (even, odd) = eight_points(input);
        for i in 0..4 {
            let round = 1 << (FIRST_SHIFT - 1);
            between[i * 8 + column] = even[i].wrapping_add(odd[i]).wrapping_add(round) >> FIRST_SHIFT;
            between[(7 - i) * 8 + column] = even[i].wrapping_sub(odd[i]).wrapping_add(round) >> FIRST_SHIFT;
        }
    }
    for (input, output) in between.as_chunks::<8>().0.iter().zip(&mut samples) {
        let (even, odd) = eight_points(*input);
        for i in 0..4 {
            output[i] = sample(even[i].wrapping_add(odd[i]), SECOND_SHIFT);
            output[7 - i] = sample(even[i].wrapping_sub(odd[i]), SECOND_SHIFT);
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
    let z = each(&|n| x1[n].wrapping_add(x3[n]).wrapping_mul(4433));
    let outer = each(&|n| z[n].wrapping_add(x1[n].wrapping_mul(6270)));
    let inner = each(&|n| z[n].wrapping_sub(x3[n].wrapping_mul(15137)));
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

pub(super) fn four(coefficients: &[i16; 64], quantisers: &[u16; 64]) -> [[i16; 4]; 4] {
    let values = std::array::from_fn(|row| {
        std::array::from_fn(|column| {
            let at = row * 8 + column;
            i32::from(coefficients[at]).wrapping_mul(i32::from(quantisers[at]))
        })
    });
    let round = 1 << (FIRST_SHIFT - 1);
    let between = four_points(values).map(|row| row.map(|value| value.wrapping_add(round) >> FIRST_SHIFT));
    let columns = four_points(transposed(between));
    transposed(columns.map(|column| column.map(|value| sample(value, SECOND_SHIFT))))
}

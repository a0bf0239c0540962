//! With the vector unit of WebAssembly (simd128): two blocks side by side.

use super::{
    Bias, Block, COSINE_LESS_ONE, FORWARD_COSINE, FORWARD_SINE, MOST_LEVEL, Quantized, RECIPROCAL_BITS,
    SHAPES, SINE_LESS_ONE, SMALL_MODES, Small, Steps, Strip,
};
use crate::vector::{load, stored};
use core::arch::wasm32::{
    i8x16_narrow_i16x8, i8x16_ne, i8x16_splat, i8x16_swizzle, i16x8_abs, i16x8_add, i16x8_extend_high_u8x16,
    i16x8_extend_low_u8x16, i16x8_max, i16x8_min, i16x8_mul, i16x8_narrow_i32x4, i16x8_shl, i16x8_shr,
    i16x8_shuffle, i16x8_splat, i16x8_sub, i32x4_add, i32x4_dot_i16x8, i32x4_extadd_pairwise_i16x8,
    i32x4_extmul_high_i16x8, i32x4_extmul_low_i16x8, i32x4_extract_lane, i32x4_shr, i32x4_shuffle,
    i32x4_splat, i64x2_shuffle, u8x16_avgr, u8x16_bitmask, u8x16_narrow_i16x8, u8x16_shuffle, u8x16_splat,
    u8x16_sub, u32x4_extmul_high_u16x8, u32x4_extmul_low_u16x8, u32x4_shr, v128, v128_and, v128_or, v128_xor,
};

/// Four rows of eight numbers of 16 bits, two blocks side by side.
type Rows = [v128; 4];
/// The upper and the lower half of one block, and of another.
type Halves = [v128; 4];

/// As [`super::scalar::transform_strip`].
#[inline(never)]
pub(in super::super) fn transform_strip(source: &Strip, predicted: &Strip) -> [Block; 4] {
    let [left, right] = differences(source, predicted);
    let ([a, b], [c, d]) = (transform(left), transform(right));
    [a, b, c, d]
}

/// As [`super::scalar::transform_two`].
#[inline(never)]
pub(in super::super) fn transform_two(source: &Small, [a, b]: [&Small; 2]) -> [Block; 2] {
    transform(differences_of_small(halves(source), a, b))
}

/// As [`super::scalar::restore_strip`].
#[inline(never)]
pub(in super::super) fn restore_strip([a, b, c, d]: [&Block; 4], predicted: &Strip) -> Strip {
    let left = side_by_side(inverse(a, b));
    let right = side_by_side(inverse(c, d));
    let mut out = [0; 64];
    for (i, (row, out)) in predicted.as_chunks().0.iter().zip(out.as_chunks_mut().0).enumerate() {
        let row = load::<[u8; 16]>(row);
        let low = i16x8_add(i16x8_extend_low_u8x16(row), left[i]);
        let high = i16x8_add(i16x8_extend_high_u8x16(row), right[i]);
        *out = stored::<[u8; 16]>(u8x16_narrow_i16x8(low, high));
    }
    out
}

/// As [`super::scalar::restore`].
#[inline(never)]
pub(in super::super) fn restore(block: &Block, predicted: &Small) -> Small {
    let [upper, lower, ..] = inverse(block, block);
    let [a, b] = halves(predicted);
    stored(u8x16_narrow_i16x8(i16x8_add(a, upper), i16x8_add(b, lower)))
}

/// As [`super::scalar::spread`].
#[inline(never)]
pub(in super::super) fn spread(source: &Strip, predicted: &Strip) -> u32 {
    let [left, right] = differences(source, predicted).map(hadamard);
    let sums = i32x4_add(left, right);
    let sums = i32x4_add(sums, i32x4_shuffle::<2, 3, 0, 1>(sums, sums));
    (i32x4_extract_lane::<0>(sums) + i32x4_extract_lane::<1>(sums)) as u32
}

/// As [`super::scalar::spread_of_small`].
#[inline(never)]
pub(in super::super) fn spread_of_small(
    source: &Small,
    predictions: &[Small; SMALL_MODES],
) -> [u32; SMALL_MODES] {
    let source = halves(source);
    let of_two = |i: usize| hadamard(differences_of_small(source, &predictions[i], &predictions[i + 1]));
    let of_four = |i: usize| {
        let (ab, cd) = (of_two(i), of_two(i + 2));
        stored::<[u32; 4]>(i32x4_add(
            i32x4_shuffle::<0, 2, 4, 6>(ab, cd),
            i32x4_shuffle::<1, 3, 5, 7>(ab, cd),
        ))
    };
    let ([a, b, c, d], [e, f, g, h]) = (of_four(0), of_four(4));
    let [i, j, m, n] = stored::<[u32; 4]>(of_two(8));
    [a, b, c, d, e, f, g, h, i + j, m + n]
}

/// As [`super::scalar::small_predictions`].
#[inline(never)]
pub(in super::super) fn small_predictions(edge: &[u8; 16]) -> [Small; SMALL_MODES] {
    let all = load(edge);
    let before = u8x16_shuffle::<0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14>(all, all);
    let behind = u8x16_shuffle::<1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15>(all, all);
    // The average of the outer two rounded down, then that with the middle one rounded up.
    let odd = v128_and(v128_xor(before, behind), u8x16_splat(1));
    let of_three = u8x16_avgr(all, u8x16_sub(u8x16_avgr(before, behind), odd));
    let of_two = u8x16_avgr(all, behind);

    let mut out = [[0; 16]; SMALL_MODES];
    let sum: u16 = edge[..4].iter().chain(&edge[5..9]).map(|sample| u16::from(*sample)).sum();
    out[0] = [((sum + 4) >> 3) as u8; 16];
    // What lies above less the corner, in each row; then what lies to the left.
    let above =
        i16x8_extend_low_u8x16(u8x16_shuffle::<5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8>(all, all));
    let above = i16x8_sub(above, i16x8_splat(edge[4].into()));
    let left = u8x16_shuffle::<3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0>(all, all);
    out[1] = stored(u8x16_narrow_i16x8(
        i16x8_add(above, i16x8_extend_low_u8x16(left)),
        i16x8_add(above, i16x8_extend_high_u8x16(left)),
    ));
    for (shape, out) in SHAPES.iter().zip(&mut out[2..]) {
        let shape = load(shape);
        let other = v128_xor(shape, u8x16_splat(16));
        *out = stored(v128_or(i8x16_swizzle(of_three, shape), i8x16_swizzle(of_two, other)));
    }
    out
}

/// As [`super::scalar::shifted`].
#[inline(always)]
pub(in super::super) fn shifted(samples: &[u8; 16], [left, right]: [i16; 2]) -> [u8; 16] {
    let samples = load(samples);
    stored(u8x16_narrow_i16x8(
        i16x8_add(i16x8_extend_low_u8x16(samples), i16x8_splat(left)),
        i16x8_add(i16x8_extend_high_u8x16(samples), i16x8_splat(right)),
    ))
}

/// As [`super::scalar::quantize`].
#[inline(never)]
pub(in super::super) fn quantize(block: &Block, steps: &Steps, bias: &Bias) -> Quantized {
    let half = |i: usize| {
        let coefficients = load(&block.as_chunks::<8>().0[i]);
        let (bias, step) = (load(&bias.as_chunks::<8>().0[i]), load(&steps.step.as_chunks::<8>().0[i]));
        let reciprocal = load(&steps.reciprocal.as_chunks::<8>().0[i]);
        let size = i16x8_abs(coefficients);
        let raised = i16x8_add(size, bias);
        let low = u32x4_shr(u32x4_extmul_low_u16x8(raised, reciprocal), RECIPROCAL_BITS);
        let high = u32x4_shr(u32x4_extmul_high_u16x8(raised, reciprocal), RECIPROCAL_BITS);
        let level = i16x8_min(i16x8_narrow_i32x4(low, high), i16x8_splat(MOST_LEVEL));
        let restored = i16x8_mul(level, step);
        let lost = i16x8_sub(size, restored);
        let sign = i16x8_shr(coefficients, 15);
        let signed = |value| i16x8_sub(v128_xor(value, sign), sign);
        (signed(level), signed(restored), i32x4_dot_i16x8(lost, lost))
    };
    let (first, second) = (half(0), half(1));
    let sums = i32x4_add(first.2, second.2);
    let sums = i32x4_add(sums, i32x4_shuffle::<2, 3, 0, 1>(sums, sums));
    let error = (i32x4_extract_lane::<0>(sums) + i32x4_extract_lane::<1>(sums)) as u32;
    let is_level = u8x16_bitmask(i8x16_ne(i8x16_narrow_i16x8(first.0, second.0), i8x16_splat(0)));
    Quantized {
        levels: joined(first.0, second.0),
        restored: joined(first.1, second.1),
        end: (16 - is_level.leading_zeros()) as usize,
        error,
    }
}

#[inline(always)]
fn joined(first: v128, second: v128) -> Block {
    let mut block = [0; 16];
    let (halves, _) = block.as_chunks_mut::<8>();
    (halves[0], halves[1]) = (stored(first), stored(second));
    block
}

/// Two rows each, in 16 bits.
#[inline(always)]
fn halves(samples: &Small) -> [v128; 2] {
    let samples = load(samples);
    [i16x8_extend_low_u8x16(samples), i16x8_extend_high_u8x16(samples)]
}

/// Of the left two blocks, and of the right two.
#[inline(always)]
fn differences(source: &Strip, predicted: &Strip) -> [Rows; 2] {
    let row = |i: usize| {
        let (a, b) = (load(&source.as_chunks::<16>().0[i]), load(&predicted.as_chunks::<16>().0[i]));
        (
            i16x8_sub(i16x8_extend_low_u8x16(a), i16x8_extend_low_u8x16(b)),
            i16x8_sub(i16x8_extend_high_u8x16(a), i16x8_extend_high_u8x16(b)),
        )
    };
    let [a, b, c, d] = [row(0), row(1), row(2), row(3)];
    [[a.0, b.0, c.0, d.0], [a.1, b.1, c.1, d.1]]
}

#[inline(always)]
fn differences_of_small([upper, lower]: [v128; 2], a: &Small, b: &Small) -> Rows {
    let ([a, b], [c, d]) = (halves(a), halves(b));
    side_by_side([i16x8_sub(upper, a), i16x8_sub(lower, b), i16x8_sub(upper, c), i16x8_sub(lower, d)])
}

#[inline(always)]
fn side_by_side([a, b, c, d]: Halves) -> Rows {
    [
        i64x2_shuffle::<0, 2>(a, c),
        i64x2_shuffle::<1, 3>(a, c),
        i64x2_shuffle::<0, 2>(b, d),
        i64x2_shuffle::<1, 3>(b, d),
    ]
}

/// Columns become rows.
#[inline(always)]
fn turned([a, b, c, d]: Rows) -> Halves {
    let (ab, cd) =
        (i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(a, b), i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(c, d));
    let (ef, gh) = (
        i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(a, b),
        i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(c, d),
    );
    [
        i32x4_shuffle::<0, 4, 1, 5>(ab, cd),
        i32x4_shuffle::<2, 6, 3, 7>(ab, cd),
        i32x4_shuffle::<0, 4, 1, 5>(ef, gh),
        i32x4_shuffle::<2, 6, 3, 7>(ef, gh),
    ]
}

#[inline(always)]
fn transform(rows: Rows) -> [Block; 2] {
    let [p, q, r, s] = rows;
    let (a, b) = (i16x8_add(p, s), i16x8_add(q, r));
    let [second, last] = rotated::<9>(i16x8_sub(q, r), i16x8_sub(p, s));
    let rows = [i16x8_shl(i16x8_add(a, b), 3), second, i16x8_shl(i16x8_sub(a, b), 3), last];
    let [p, q, r, s] = side_by_side(turned(rows));
    let (a, b) = (i16x8_add(p, s), i16x8_add(q, r));
    let half = |sum| i16x8_shr(i16x8_add(sum, i16x8_splat(8)), 4);
    let [second, last] = rotated::<16>(i16x8_sub(q, r), i16x8_sub(p, s));
    // The columns of both blocks; in these the places of storage are found.
    let [a, b, c, d] = [half(i16x8_add(a, b)), second, half(i16x8_sub(a, b)), last];
    let stored_in_order = |upper, lower| {
        joined(
            i16x8_shuffle::<0, 4, 1, 2, 5, 8, 12, 9>(upper, lower),
            i16x8_shuffle::<6, 3, 7, 10, 13, 14, 11, 15>(upper, lower),
        )
    };
    [
        stored_in_order(i64x2_shuffle::<0, 2>(a, b), i64x2_shuffle::<0, 2>(c, d)),
        stored_in_order(i64x2_shuffle::<1, 3>(a, b), i64x2_shuffle::<1, 3>(c, d)),
    ]
}

/// The inner difference times the sine and the outer times the cosine, and the other way round.
#[inline(always)]
fn rotated<const SHIFT: u32>(inner: v128, outer: v128) -> [v128; 2] {
    let low = i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(inner, outer);
    let high = i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(inner, outer);
    let factors = [[FORWARD_SINE, FORWARD_COSINE], [-FORWARD_COSINE, FORWARD_SINE]];
    factors.map(|[of_inner, of_outer]| {
        let factors = i32x4_splat(i32::from(of_inner) & 0xffff | i32::from(of_outer) << 16);
        let [low, high] = [low, high].map(|pairs| {
            let sums = i32x4_dot_i16x8(pairs, factors);
            i32x4_shr(i32x4_add(sums, i32x4_splat(1 << (SHIFT - 1))), SHIFT)
        });
        i16x8_narrow_i32x4(low, high)
    })
}

#[inline(always)]
fn inverse(a: &Block, b: &Block) -> Halves {
    let halves = |block: &Block| {
        let (halves, _) = block.as_chunks::<8>();
        let (first, second) = (load(&halves[0]), load(&halves[1]));
        (
            i16x8_shuffle::<0, 1, 5, 6, 2, 4, 7, 12>(first, second),
            i16x8_shuffle::<3, 8, 11, 13, 9, 10, 14, 15>(first, second),
        )
    };
    let ((a, b), (c, d)) = (halves(a), halves(b));
    let columns = side_by_side(turned(inverse_4(side_by_side([a, b, c, d]))));
    turned(inverse_4(columns).map(|value| i16x8_shr(i16x8_add(value, i16x8_splat(4)), 3)))
}

#[inline(always)]
fn inverse_4([p, q, r, s]: Rows) -> Rows {
    let times = |value: v128, factor: i16| {
        let factor = i16x8_splat(factor);
        let low = i32x4_shr(i32x4_extmul_low_i16x8(value, factor), 16);
        let high = i32x4_shr(i32x4_extmul_high_i16x8(value, factor), 16);
        i16x8_add(value, i16x8_narrow_i32x4(low, high))
    };
    let (a, b) = (i16x8_add(p, r), i16x8_sub(p, r));
    let c = i16x8_sub(times(q, SINE_LESS_ONE), times(s, COSINE_LESS_ONE));
    let d = i16x8_add(times(q, COSINE_LESS_ONE), times(s, SINE_LESS_ONE));
    [i16x8_add(a, d), i16x8_add(b, c), i16x8_sub(b, c), i16x8_sub(a, d)]
}

/// In two lanes what belongs to the one block, in two what to the other.
#[inline(always)]
fn hadamard([p, q, r, s]: Rows) -> v128 {
    let (a, b, c, d) = (i16x8_add(p, q), i16x8_sub(p, q), i16x8_add(r, s), i16x8_sub(r, s));
    let [a, b, c, d] = turned([i16x8_add(a, c), i16x8_add(b, d), i16x8_sub(a, c), i16x8_sub(b, d)]);
    let sums = [i16x8_add(a, b), i16x8_add(c, d)].map(|sum| i16x8_abs(sum));
    let differences = [i16x8_sub(a, b), i16x8_sub(c, d)].map(|difference| i16x8_abs(difference));
    let [sums, differences] =
        [sums, differences].map(|[a, b]| i16x8_max(i64x2_shuffle::<0, 2>(a, b), i64x2_shuffle::<1, 3>(a, b)));
    i32x4_extadd_pairwise_i16x8(i16x8_add(sums, differences))
}

//! With the vector unit of WebAssembly (simd128).

use super::{Across, Limits, Lines, OF_TWO, Row, SMALL_PLACES, Square};
use crate::decode::webp::vp8::modes::SmallMode;
use crate::decode::webp::vp8::tokens::Block;
use crate::vector::{load, stored};
use core::arch::wasm32::{
    i8x16_add_sat, i8x16_narrow_i16x8, i8x16_shr, i8x16_shuffle, i8x16_splat, i8x16_sub_sat, i16x8,
    i16x8_add, i16x8_add_sat, i16x8_extend_high_i8x16, i16x8_extend_high_u8x16, i16x8_extend_low_i8x16,
    i16x8_extend_low_u8x16, i16x8_mul, i16x8_narrow_i32x4, i16x8_shr, i16x8_splat, i32x4_add,
    i32x4_extadd_pairwise_u16x8, i32x4_extend_high_i16x8, i32x4_extend_low_i16x8, i32x4_extract_lane,
    i32x4_mul, i32x4_shr, i32x4_shuffle, i32x4_splat, i32x4_sub, i64x2_shuffle, u8x16_add_sat, u8x16_avgr,
    u8x16_le, u8x16_max, u8x16_narrow_i16x8, u8x16_shr, u8x16_splat, u8x16_sub_sat, u8x16_swizzle,
    u16x8_extadd_pairwise_u8x16, v128, v128_and, v128_andnot, v128_bitselect, v128_not, v128_or, v128_xor,
};

/// As [`super::scalar::sums`].
#[inline(always)]
pub(in super::super) fn sums(row: &Row) -> [u32; 2] {
    let fours = i32x4_extadd_pairwise_u16x8(u16x8_extadd_pairwise_u8x16(load(row)));
    let eights = i32x4_add(fours, i32x4_shuffle::<1, 0, 3, 2>(fours, fours));
    [i32x4_extract_lane::<0>(eights) as u32, i32x4_extract_lane::<2>(eights) as u32]
}

/// As [`super::scalar::gradient`].
#[inline(always)]
pub(in super::super) fn gradient(above: &Row, [first, last]: [i16; 2]) -> Row {
    let above = load(above);
    let first = i16x8_add(i16x8_extend_low_u8x16(above), i16x8_splat(first));
    let last = i16x8_add(i16x8_extend_high_u8x16(above), i16x8_splat(last));
    stored(u8x16_narrow_i16x8(first, last))
}

/// As [`super::scalar::with_means`].
#[inline(always)]
pub(in super::super) fn with_means(row: Row, &[a, b, c, d]: &[i16; 4]) -> Row {
    let row = load(&row);
    // Where the sum leaves 16 bits it is far beyond what a sample can be.
    let eighths = |means| i16x8_shr(i16x8_add_sat(means, i16x8_splat(4)), 3);
    let first = i16x8_add(i16x8_extend_low_u8x16(row), eighths(i16x8(a, a, a, a, b, b, b, b)));
    let last = i16x8_add(i16x8_extend_high_u8x16(row), eighths(i16x8(c, c, c, c, d, d, d, d)));
    stored(u8x16_narrow_i16x8(first, last))
}

/// As [`super::scalar::small`].
#[inline(always)]
pub(in super::super) fn small(mode: SmallMode, edge: Row) -> Square {
    let a = load(&edge);
    let b = i8x16_shuffle::<1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15>(a, a);
    let c = i8x16_shuffle::<2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15, 15>(a, a);
    let twos = u8x16_avgr(a, b);
    // The mean of the outer two rounded down, so that the second rounding is the only one.
    let is_odd = v128_and(v128_xor(a, c), u8x16_splat(1));
    let threes = u8x16_avgr(b, u8x16_sub_sat(u8x16_avgr(a, c), is_odd));
    let places = load(&SMALL_PLACES[usize::from(mode).wrapping_sub(2) & 7]);
    // Places beyond the sixteen of a vector give zero.
    let of_twos = v128_xor(places, u8x16_splat(OF_TWO));
    let samples: Row = stored(v128_or(u8x16_swizzle(threes, places), u8x16_swizzle(twos, of_twos)));
    square(samples)
}

#[inline(always)]
fn square(samples: Row) -> Square {
    let (rows, _) = samples.as_chunks::<4>();
    [rows[0], rows[1], rows[2], rows[3]]
}

/// As [`super::scalar::transformed`].
#[inline(always)]
pub(in super::super) fn transformed(block: &Block, samples: Square) -> Square {
    let (halves, _) = block.as_chunks::<8>();
    let (top, bottom) = (load(&halves[0]), load(&halves[1]));
    let rows = [
        i32x4_extend_low_i16x8(top),
        i32x4_extend_high_i16x8(top),
        i32x4_extend_low_i16x8(bottom),
        i32x4_extend_high_i16x8(bottom),
    ];
    let [first, rest @ ..] = turned(four(rows));
    let columns = four([i32x4_add(first, i32x4_splat(4)), rest[0], rest[1], rest[2]]);
    let [a, b, c, d] = turned(columns).map(|row| i32x4_shr(row, 3));
    let row: Row = {
        let mut row = [0; 16];
        row.copy_from_slice(samples.as_flattened());
        row
    };
    let before = load(&row);
    // What does not fit into 16 bits is far beyond what a sample can be.
    let top = i16x8_add_sat(i16x8_extend_low_u8x16(before), i16x8_narrow_i32x4(a, b));
    let bottom = i16x8_add_sat(i16x8_extend_high_u8x16(before), i16x8_narrow_i32x4(c, d));
    square(stored(u8x16_narrow_i16x8(top, bottom)))
}

#[inline(always)]
fn four([p, q, r, s]: [v128; 4]) -> [v128; 4] {
    let cosine = |value| i32x4_add(i32x4_shr(i32x4_mul(value, i32x4_splat(20_091)), 16), value);
    let sine = |value| i32x4_shr(i32x4_mul(value, i32x4_splat(35_468)), 16);
    let (a, b) = (i32x4_add(p, r), i32x4_sub(p, r));
    let (c, d) = (i32x4_sub(sine(q), cosine(s)), i32x4_add(cosine(q), sine(s)));
    [i32x4_add(a, d), i32x4_add(b, c), i32x4_sub(b, c), i32x4_sub(a, d)]
}

#[inline(always)]
fn turned([a, b, c, d]: [v128; 4]) -> [v128; 4] {
    let (ab, ab_end) = (i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b));
    let (cd, cd_end) = (i32x4_shuffle::<0, 4, 1, 5>(c, d), i32x4_shuffle::<2, 6, 3, 7>(c, d));
    [
        i64x2_shuffle::<0, 2>(ab, cd),
        i64x2_shuffle::<1, 3>(ab, cd),
        i64x2_shuffle::<0, 2>(ab_end, cd_end),
        i64x2_shuffle::<1, 3>(ab_end, cd_end),
    ]
}

/// Bytes of both, in turn: of the first halves, and of the last.
#[inline(always)]
fn zipped(a: v128, b: v128) -> [v128; 2] {
    [
        i8x16_shuffle::<0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23>(a, b),
        i8x16_shuffle::<8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31>(a, b),
    ]
}

/// As [`super::scalar::transposed`].
#[inline(always)]
pub(in super::super) fn transposed(across: &Across) -> Lines {
    // Two rows a vector: row `n` and row `n + 8` come to stand beside each other, then those four apart, two apart, one apart.
    let (pairs, _) = across.as_flattened().as_chunks::<16>();
    let pair = |n: usize| load(&pairs[n]);
    // Rows 0 and 1, 2 and 3 and so on are in one vector. Zipping the halves of two of them gives columns of rows `n` and `n + 8`.
    let first: [[v128; 2]; 4] = std::array::from_fn(|n| zipped(pair(n), pair(n + 4)));
    // `first[n]`: row 2n with 2n + 8, and row 2n + 1 with 2n + 9; eight columns each.
    let second = |n: usize| {
        let [even, odd] = [zipped(first[n][0], first[n + 2][0]), zipped(first[n][1], first[n + 2][1])];
        [even, odd]
    };
    // Rows 2n, 2n + 4, 2n + 8, 2n + 12 of four columns, and those one below.
    let ([even, odd], [even_next, odd_next]) = (second(0), second(1));
    // Even rows of two columns each, odd ones likewise.
    let evens: [[v128; 2]; 2] = std::array::from_fn(|n| zipped(even[n], even_next[n]));
    let odds: [[v128; 2]; 2] = std::array::from_fn(|n| zipped(odd[n], odd_next[n]));
    let mut lines = [[0; 16]; 8];
    for (n, two) in lines.as_chunks_mut::<2>().0.iter_mut().enumerate() {
        let [one, other] = zipped(evens[n / 2][n % 2], odds[n / 2][n % 2]);
        *two = [stored(one), stored(other)];
    }
    lines
}

/// As [`super::scalar::transposed_back`].
#[inline(always)]
pub(in super::super) fn transposed_back(lines: &Lines) -> Across {
    let lines: [v128; 8] = std::array::from_fn(|n| load(&lines[n]));
    let first: [[v128; 2]; 4] = std::array::from_fn(|n| zipped(lines[n], lines[n + 4]));
    let mut across = [[0; 8]; 16];
    for half in 0..2 {
        let even = zipped(first[0][half], first[2][half]);
        let odd = zipped(first[1][half], first[3][half]);
        for quarter in 0..2 {
            for (n, two_rows) in zipped(even[quarter], odd[quarter]).into_iter().enumerate() {
                let rows: Row = stored(two_rows);
                let at = half * 8 + quarter * 4 + n * 2;
                let (rows, _) = rows.as_chunks::<8>();
                (across[at], across[at + 1]) = (rows[0], rows[1]);
            }
        }
    }
    across
}

/// The eight lines, the four in the middle with the sign that filters want.
struct Loaded {
    samples: [v128; 8],
}

impl Loaded {
    #[inline(always)]
    fn new(lines: &Lines) -> Self {
        Self { samples: std::array::from_fn(|n| load(&lines[n])) }
    }

    #[inline(always)]
    fn signed(&self, line: usize) -> v128 {
        v128_xor(self.samples[line], u8x16_splat(0x80))
    }

    /// Where the step over the edge is within its limit.
    #[inline(always)]
    fn is_small_step(&self, limits: Limits) -> v128 {
        let [_, _, p1, p0, q0, q1, ..] = self.samples;
        let (step, outer) = (distance(p0, q0), distance(p1, q1));
        let sum = u8x16_add_sat(u8x16_add_sat(step, step), u8x16_shr(outer, 1));
        u8x16_le(sum, u8x16_splat(limits.edge))
    }

    /// Where it is filtered at all.
    #[inline(always)]
    fn is_smooth(&self, limits: Limits) -> v128 {
        let [p3, p2, p1, p0, q0, q1, q2, q3] = self.samples;
        let before = u8x16_max(u8x16_max(distance(p3, p2), distance(p2, p1)), distance(p1, p0));
        let behind = u8x16_max(u8x16_max(distance(q3, q2), distance(q2, q1)), distance(q1, q0));
        let is_calm = u8x16_le(u8x16_max(before, behind), u8x16_splat(limits.interior));
        v128_and(is_calm, self.is_small_step(limits))
    }

    /// Where it is only touched up.
    #[inline(always)]
    fn is_varied(&self, limits: Limits) -> v128 {
        let [_, _, p1, p0, q0, q1, ..] = self.samples;
        v128_not(u8x16_le(u8x16_max(distance(p1, p0), distance(q1, q0)), u8x16_splat(limits.variance)))
    }

    /// Three times the step over the edge, added to `start`, held within 8 bits: no step that is filtered leaves them.
    #[inline(always)]
    fn three_steps(&self, start: v128) -> v128 {
        let step = i8x16_sub_sat(self.signed(4), self.signed(3));
        i8x16_add_sat(i8x16_add_sat(i8x16_add_sat(start, step), step), step)
    }

    #[inline(always)]
    fn outer(&self) -> v128 {
        i8x16_sub_sat(self.signed(2), self.signed(5))
    }

    /// Line `before` of the edge and its counterpart behind it, moved by so much towards each other.
    #[inline(always)]
    fn moved(&self, before: usize, up: v128, down: v128) -> (Row, Row) {
        let unsigned = |value| v128_xor(value, u8x16_splat(0x80));
        let p = i8x16_add_sat(self.signed(before), up);
        let q = i8x16_sub_sat(self.signed(7 - before), down);
        (stored(unsigned(p)), stored(unsigned(q)))
    }
}

#[inline(always)]
fn distance(a: v128, b: v128) -> v128 {
    v128_or(u8x16_sub_sat(a, b), u8x16_sub_sat(b, a))
}

/// What the samples at the edge are moved by: an eighth, rounded one way before it and the other way behind it.
#[inline(always)]
fn eighths(step: v128) -> (v128, v128) {
    let eighth = |round| i8x16_shr(i8x16_add_sat(step, i8x16_splat(round)), 3);
    (eighth(3), eighth(4))
}

/// As [`super::scalar::simple_edge`].
#[inline(always)]
pub(in super::super) fn simple_edge(lines: &mut Lines, limits: Limits) {
    let loaded = Loaded::new(lines);
    let step = v128_and(loaded.three_steps(loaded.outer()), loaded.is_small_step(limits));
    let (up, down) = eighths(step);
    (lines[3], lines[4]) = loaded.moved(3, up, down);
}

/// As [`super::scalar::inner_edge`].
#[inline(always)]
pub(in super::super) fn inner_edge(lines: &mut Lines, limits: Limits) {
    let loaded = Loaded::new(lines);
    let is_varied = loaded.is_varied(limits);
    let outer = v128_and(loaded.outer(), is_varied);
    let step = v128_and(loaded.three_steps(outer), loaded.is_smooth(limits));
    let (up, down) = eighths(step);
    let beside = i8x16_shr(i8x16_add_sat(down, i8x16_splat(1)), 1);
    let beside = v128_andnot(beside, is_varied);
    (lines[3], lines[4]) = loaded.moved(3, up, down);
    (lines[2], lines[5]) = loaded.moved(2, beside, beside);
}

/// As [`super::scalar::macroblock_edge`].
#[inline(always)]
pub(in super::super) fn macroblock_edge(lines: &mut Lines, limits: Limits) {
    let loaded = Loaded::new(lines);
    let is_varied = loaded.is_varied(limits);
    let step = v128_and(loaded.three_steps(loaded.outer()), loaded.is_smooth(limits));
    let (up, down) = eighths(v128_and(step, is_varied));
    let wide = v128_andnot(step, is_varied);
    let (low, high) = (i16x8_extend_low_i8x16(wide), i16x8_extend_high_i8x16(wide));
    let parts = |part: i16| {
        let half = |step| i16x8_shr(i16x8_add(i16x8_mul(step, i16x8_splat(part)), i16x8_splat(63)), 7);
        i8x16_narrow_i16x8(half(low), half(high))
    };
    let (a, b, c) = (parts(27), parts(18), parts(9));
    // One of the two is zero.
    (lines[3], lines[4]) =
        loaded.moved(3, v128_bitselect(up, a, is_varied), v128_bitselect(down, a, is_varied));
    (lines[2], lines[5]) = loaded.moved(2, b, b);
    (lines[1], lines[6]) = loaded.moved(1, c, c);
}

//! In plain Rust, for every target; the twin that vector code is held against.

use super::{Across, Limits, Lines, OF_TWO, Row, SMALL_PLACES, Square};
use crate::decode::webp::vp8::modes::SmallMode;
use crate::decode::webp::vp8::tokens::Block;

/// The sums of the first eight samples and of the last eight.
#[inline(always)]
pub(in super::super) fn sums(row: &Row) -> [u32; 2] {
    let sum = |half: &[u8]| half.iter().map(|sample| u32::from(*sample)).sum();
    [sum(&row[..8]), sum(&row[8..])]
}

/// Samples of the row above and an offset, one for the first eight and one for the last eight, of at most 255 either way.
#[inline(always)]
pub(in super::super) fn gradient(above: &Row, offsets: [i16; 2]) -> Row {
    std::array::from_fn(|n| (i16::from(above[n]) + offsets[n / 8]).clamp(0, 255) as u8)
}

/// Adds the first coefficients of four blocks that have no others to a row of samples.
#[inline(always)]
pub(in super::super) fn with_means(row: Row, means: &[i16; 4]) -> Row {
    let added = means.map(|mean| (i32::from(mean) + 4) >> 3);
    std::array::from_fn(|n| (i32::from(row[n]) + added[n / 4]).clamp(0, 255) as u8)
}

/// Predicts a small block, not by its first two modes, from what lies around it: the lowest sample to the left twice, the others to the left
/// from the bottom up, the corner, eight above from the left, the last of them once more.
#[inline(always)]
pub(in super::super) fn small(mode: SmallMode, edge: Row) -> Square {
    let mut means = [0; 32];
    let (threes, twos) = means.split_at_mut(usize::from(OF_TWO));
    for ((three, two), around) in threes.iter_mut().zip(twos).zip(edge.windows(3)) {
        let [a, b, c] = [around[0], around[1], around[2]].map(u16::from);
        *three = ((a + 2 * b + c + 2) >> 2) as u8;
        *two = ((a + b + 1) >> 1) as u8;
    }
    let places = SMALL_PLACES[usize::from(mode).wrapping_sub(2) & 7];
    std::array::from_fn(|y| std::array::from_fn(|x| means[usize::from(places[y * 4 + x] & 31)]))
}

/// Adds the inverse transform of a block, section 14.4. Rows come out last, as in libwebp, whose rounding this is.
#[inline(always)]
pub(in super::super) fn transformed(block: &Block, square: Square) -> Square {
    let mut columns = [0; 16];
    for n in 0..4 {
        let column = four([block[n], block[4 + n], block[8 + n], block[12 + n]].map(i32::from));
        for (row, value) in column.into_iter().enumerate() {
            columns[row * 4 + n] = value;
        }
    }
    std::array::from_fn(|y| {
        let [first, rest @ ..] = [0, 1, 2, 3].map(|x| columns[y * 4 + x]);
        let added = four([first.wrapping_add(4), rest[0], rest[1], rest[2]]);
        std::array::from_fn(|x| i32::from(square[y][x]).wrapping_add(added[x] >> 3).clamp(0, 255) as u8)
    })
}

/// Sums wrap where a damaged file has coefficients that no picture has.
#[inline(always)]
fn four([p, q, r, s]: [i32; 4]) -> [i32; 4] {
    // Square root of two times the cosine of an eighth of pi, less one, and times the sine of it.
    let cosine = |value: i32| (value.wrapping_mul(20_091) >> 16).wrapping_add(value);
    let sine = |value: i32| value.wrapping_mul(35_468) >> 16;
    let (a, b) = (p.wrapping_add(r), p.wrapping_sub(r));
    let (c, d) = (sine(q).wrapping_sub(cosine(s)), cosine(q).wrapping_add(sine(s)));
    [a.wrapping_add(d), b.wrapping_add(c), b.wrapping_sub(c), a.wrapping_sub(d)]
}

/// Rows across an edge as lines along it.
#[inline(always)]
pub(in super::super) fn transposed(across: &Across) -> Lines {
    std::array::from_fn(|line| std::array::from_fn(|place| across[place][line]))
}

/// Lines along an edge as rows across it.
#[inline(always)]
pub(in super::super) fn transposed_back(lines: &Lines) -> Across {
    std::array::from_fn(|place| std::array::from_fn(|line| lines[line][place]))
}

/// The simple filter, section 15.2: of the lines the four in the middle count.
#[inline(always)]
pub(in super::super) fn simple_edge(lines: &mut Lines, limits: Limits) {
    each(lines, |[p3, p2, p1, p0, q0, q1, q2, q3]| {
        let (p, q) = if is_small_step([p1, p0, q0, q1], limits) {
            touched_up(p0, q0, outer(p1, q1) + 3 * (q0 - p0))
        } else {
            (p0, q0)
        };
        [p3, p2, p1, p, q, q1, q2, q3]
    });
}

/// The normal filter between the blocks of a macroblock, section 15.3.
#[inline(always)]
pub(in super::super) fn inner_edge(lines: &mut Lines, limits: Limits) {
    each(lines, |samples| {
        let [p3, p2, p1, p0, q0, q1, q2, q3] = samples;
        if !is_smooth(samples, limits) {
            return samples;
        }
        let step = 3 * (q0 - p0);
        if is_varied([p1, p0, q0, q1], limits) {
            let (p0, q0) = touched_up(p0, q0, outer(p1, q1) + step);
            return [p3, p2, p1, p0, q0, q1, q2, q3];
        }
        let (p, q) = touched_up(p0, q0, step);
        let beside = (((step + 4).clamp(-128, 127) >> 3) + 1) >> 1;
        [p3, p2, p1 + beside, p, q, q1 - beside, q2, q3]
    });
}

/// The normal filter between macroblocks, section 15.3.
#[inline(always)]
pub(in super::super) fn macroblock_edge(lines: &mut Lines, limits: Limits) {
    each(lines, |samples| {
        let [p3, p2, p1, p0, q0, q1, q2, q3] = samples;
        if !is_smooth(samples, limits) {
            return samples;
        }
        let step = outer(p1, q1) + 3 * (q0 - p0);
        if is_varied([p1, p0, q0, q1], limits) {
            let (p0, q0) = touched_up(p0, q0, step);
            return [p3, p2, p1, p0, q0, q1, q2, q3];
        }
        let step = step.clamp(-128, 127);
        let [a, b, c] = [27, 18, 9].map(|part| (part * step + 63) >> 7);
        [p3, p2 + c, p1 + b, p0 + a, q0 - a, q1 - b, q2 - c, q3]
    });
}

/// The samples of each place along the edge, changed and clamped.
#[inline(always)]
fn each(lines: &mut Lines, change: impl Fn([i32; 8]) -> [i32; 8]) {
    for place in 0..16 {
        let changed = change(std::array::from_fn(|line| lines[line][place].into()));
        for (line, sample) in lines.iter_mut().zip(changed) {
            line[place] = sample.clamp(0, 255) as u8;
        }
    }
}

/// The step between the samples beyond those at the edge, as 8 bits with a sign hold it.
#[inline(always)]
fn outer(p1: i32, q1: i32) -> i32 {
    (p1 - q1).clamp(-128, 127)
}

/// The samples at the edge, moved towards each other.
#[inline(always)]
fn touched_up(p0: i32, q0: i32, step: i32) -> (i32, i32) {
    let part = |round: i32| (step.clamp(-128, 127) + round).clamp(-128, 127) >> 3;
    (p0 + part(3), q0 - part(4))
}

#[inline(always)]
fn is_small_step([p1, p0, q0, q1]: [i32; 4], limits: Limits) -> bool {
    2 * (p0 - q0).abs() + (p1 - q1).abs() / 2 <= limits.edge.into()
}

#[inline(always)]
fn is_smooth([p3, p2, p1, p0, q0, q1, q2, q3]: [i32; 8], limits: Limits) -> bool {
    let steps = [p3 - p2, p2 - p1, p1 - p0, q3 - q2, q2 - q1, q1 - q0];
    is_small_step([p1, p0, q0, q1], limits) && steps.iter().all(|step| step.abs() <= limits.interior.into())
}

#[inline(always)]
fn is_varied([p1, p0, q0, q1]: [i32; 4], limits: Limits) -> bool {
    (p1 - p0).abs() > limits.variance.into() || (q1 - q0).abs() > limits.variance.into()
}

//! Prediction of whole macroblocks from the samples above and to the left of them: RFC 6386 section 12.2.

use super::kernels::shifted;

/// What lies around a square of samples. Outside of the picture are 127 above and 129 to the left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edges<'a> {
    pub(super) above: &'a [u8],
    pub(super) left: &'a [u8],
    pub(super) corner: u8,
    /// Whether they lie within the picture.
    pub(super) has_above: bool,
    pub(super) has_left: bool,
}

/// How a macroblock's luma, or its chroma, is predicted as a whole, in the order of the modes.
pub(super) const LARGE_MODES: usize = 4;
const DC: usize = 0;
const VERTICAL: usize = 1;
const HORIZONTAL: usize = 2;

/// Predicts rows of sixteen samples: of one square of that side, or of two of half of it, side by side.
#[inline(never)]
pub(super) fn large(mode: usize, [left, right]: [&Edges<'_>; 2], out: &mut [u8]) {
    let mut above = [0; 16];
    let side = left.left.len();
    above[..side].copy_from_slice(&left.above[..side]);
    above[16 - side..].copy_from_slice(&right.above[..side]);
    let halves = |a: u8, b: u8| {
        let mut row = [a; 16];
        row[8..].fill(b);
        row
    };
    let averages = halves(average(left), average(right));
    for (i, row) in out.as_chunks_mut().0.iter_mut().enumerate() {
        let beside = [left.left[i], right.left[i]];
        *row = match mode {
            DC => averages,
            VERTICAL => above,
            HORIZONTAL => halves(beside[0], beside[1]),
            _ => {
                let by = |at: u8, corner: u8| i16::from(at) - i16::from(corner);
                shifted(&above, [by(beside[0], left.corner), by(beside[1], right.corner)])
            }
        };
    }
}

/// Of the edges that there are; grey where there is none.
fn average(edges: &Edges<'_>) -> u8 {
    let side = edges.left.len();
    let sum = |samples: &[u8]| samples.iter().map(|sample| u32::from(*sample)).sum::<u32>();
    let (above, left) = (sum(&edges.above[..side]), sum(edges.left));
    let side = side as u32;
    match (edges.has_above, edges.has_left) {
        (true, true) => ((above + left + side) / (2 * side)) as u8,
        (true, false) => ((above + side / 2) / side) as u8,
        (false, true) => ((left + side / 2) / side) as u8,
        (false, false) => 128,
    }
}

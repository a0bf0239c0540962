//! Prediction of blocks from the samples above and to the left of them: RFC 6386 section 12.

/// What lies around a block. Outside of the picture are 127 above and 129 to the left.
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
pub(super) const DC: u8 = 0;
const VERTICAL: u8 = 1;
const HORIZONTAL: u8 = 2;

/// Predicts a square of 16 or 8 samples a side, row by row.
#[inline(never)]
pub(super) fn large(mode: u8, edges: &Edges<'_>, side: usize, out: &mut [u8]) {
    let (above, left) = (&edges.above[..side], &edges.left[..side]);
    for (row, left) in out.chunks_exact_mut(side).zip(left) {
        match mode {
            DC => row.fill(average(edges, side)),
            VERTICAL => row.copy_from_slice(above),
            HORIZONTAL => row.fill(*left),
            _ => {
                let offset = i32::from(*left) - i32::from(edges.corner);
                for (sample, above) in row.iter_mut().zip(above) {
                    *sample = (i32::from(*above) + offset).clamp(0, 255) as u8;
                }
            }
        }
    }
}

/// Of the edges that there are; grey where there is none.
fn average(edges: &Edges<'_>, side: usize) -> u8 {
    let sum = |samples: &[u8]| samples.iter().map(|sample| u32::from(*sample)).sum::<u32>();
    let (above, left) = (sum(&edges.above[..side]), sum(&edges.left[..side]));
    let side = side as u32;
    match (edges.has_above, edges.has_left) {
        (true, true) => ((above + left + side) / (2 * side)) as u8,
        (true, false) => ((above + side / 2) / side) as u8,
        (false, true) => ((left + side / 2) / side) as u8,
        (false, false) => 128,
    }
}

/// How a block of 4 x 4 is predicted, in the order of section 8.2's modes.
pub(super) const SMALL_MODES: usize = 10;

/// `above`: eight samples, of which four lie to the right; `left` from the top.
#[inline(never)]
pub(super) fn small(mode: u8, above: &[u8; 8], left: &[u8; 4], corner: u8) -> [u8; 16] {
    // From the lower left, round the corner, to the upper right.
    let mut edge = [0_u32; 13];
    for i in 0..4 {
        edge[i] = left[3 - i].into();
    }
    edge[4] = corner.into();
    for i in 0..8 {
        edge[5 + i] = above[i].into();
    }
    let e = |i: usize| edge[i];
    let two = |i: usize| ((e(i) + e(i + 1) + 1) >> 1) as u8;
    // Around the middle one.
    let three = |i: usize| ((e(i - 1) + 2 * e(i) + e(i + 1) + 2) >> 2) as u8;
    let each = |sample: &dyn Fn(usize, usize) -> u8| std::array::from_fn(|i| sample(i / 4, i % 4));
    match mode {
        0 => {
            let sum: u32 = (0..4).map(|i| e(i) + e(5 + i)).sum();
            [((sum + 4) >> 3) as u8; 16]
        }
        1 => each(&|y, x| (e(3 - y) as i32 + e(5 + x) as i32 - e(4) as i32).clamp(0, 255) as u8),
        2 => each(&|_, x| three(5 + x)),
        3 => each(&|y, _| if y == 3 { ((e(1) + 3 * e(0) + 2) >> 2) as u8 } else { three(3 - y) }),
        // Down to the left; there is nothing behind the last sample.
        4 => each(&|y, x| if x + y == 6 { ((e(11) + 3 * e(12) + 2) >> 2) as u8 } else { three(6 + x + y) }),
        // Down to the right.
        5 => each(&|y, x| three(4 + x - y)),
        // Vertical, to the right.
        6 => each(&|y, x| match (y, x) {
            (3, 0) => three(2),
            (2, 0) => three(3),
            (1 | 3, _) => three(4 + x - y / 2),
            _ => two(4 + x - y / 2),
        }),
        // Vertical, to the left.
        7 => each(&|y, x| match (y, x) {
            (2, 3) => three(10),
            (3, 3) => three(11),
            (1 | 3, _) => three(6 + x + y / 2),
            _ => two(5 + x + y / 2),
        }),
        // Horizontal, down.
        8 => each(&|y, x| match (y, x) {
            (0, 2) => three(5),
            (0, 3) => three(6),
            (_, 1 | 3) => three(4 - y + x / 2),
            _ => two(3 - y + x / 2),
        }),
        // Horizontal, up.
        _ => each(&|y, x| match 2 * y + x {
            at @ (0 | 2 | 4) => two(2 - at / 2),
            at @ (1 | 3) => three(2 - at / 2),
            5 => ((e(1) + 3 * e(0) + 2) >> 2) as u8,
            _ => e(0) as u8,
        }),
    }
}

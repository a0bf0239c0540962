//! The macroblocks of a picture in their order, each with what its neighbours left behind.

use super::macroblock::{Around, Border, Chooser, Chosen, LUMA_DC_BLOCK, Nonzero, SMALL, Samples};
use super::planes::Planes;
use super::predict::Edges;

/// What is written of a macroblock.
#[derive(Debug, Clone)]
pub(super) struct Macroblock {
    pub(super) luma_mode: u8,
    pub(super) small_modes: [u8; 16],
    pub(super) chroma_mode: u8,
    /// Whether any of its levels is not zero.
    pub(super) has_levels: bool,
}

/// Everything that is written of a picture.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) columns: usize,
    pub(super) macroblocks: Vec<Macroblock>,
    /// Of each block of each macroblock that has levels: how many follow, as the last is not zero, then those.
    pub(super) levels: Vec<i16>,
    /// As a decoder without loop filter shows it.
    #[cfg(test)]
    pub(super) decoded: Vec<Samples>,
}

/// The order in which the blocks of a macroblock are stored, with their kinds, and first places.
pub(super) fn block_order(has_dc_block: bool) -> impl Iterator<Item = (usize, usize, usize)> {
    use super::quantize::{CHROMA, LUMA, LUMA_DC, LUMA_WITHOUT_DC};
    let (kind, first) = if has_dc_block { (LUMA_WITHOUT_DC, 1) } else { (LUMA, 0) };
    has_dc_block
        .then_some((LUMA_DC_BLOCK, LUMA_DC, 0))
        .into_iter()
        .chain((0..16).map(move |i| (i, kind, first)))
        .chain((16..24).map(|i| (i, CHROMA, 0)))
}

/// Where a block notes whether it has levels: one place along the upper edge, one along the left.
pub(super) fn notes(block: usize, nonzero: &mut Nonzero) -> (&mut u8, &mut u8) {
    let Nonzero { above, left } = nonzero;
    match block {
        0..16 => (&mut above.luma[block % 4], &mut left.luma[block / 4]),
        16..20 => (&mut above.u[block % 2], &mut left.u[(block - 16) / 2]),
        20..24 => (&mut above.v[block % 2], &mut left.v[(block - 20) / 2]),
        _ => (&mut above.luma_dc, &mut left.luma_dc),
    }
}

/// What the macroblocks of one row leave to those below.
struct Above {
    y: Vec<u8>,
    u: Vec<u8>,
    v: Vec<u8>,
    modes: Vec<[u8; 4]>,
    nonzero: Vec<Border>,
}

/// What a macroblock leaves to the one to its right.
#[derive(Clone, Copy)]
struct Left {
    y: [u8; 16],
    u: [u8; 8],
    v: [u8; 8],
    corners: [u8; 3],
    modes: [u8; 4],
    nonzero: Border,
}

/// Chooses for each macroblock.
pub(super) fn choose(planes: &Planes, chooser: &Chooser<'_>) -> Frame {
    let Planes { columns, rows, .. } = *planes;
    let mut above = Above {
        y: vec![127; columns * 16],
        u: vec![127; columns * 8],
        v: vec![127; columns * 8],
        modes: vec![[0; 4]; columns],
        nonzero: vec![Border::default(); columns],
    };
    let mean_activity = mean_activity(planes);
    let mut frame = Frame {
        columns,
        macroblocks: Vec::with_capacity(columns * rows),
        levels: Vec::new(),
        #[cfg(test)]
        decoded: Vec::new(),
    };
    for row in 0..rows {
        let corner = if row == 0 { 127 } else { 129 };
        let mut left = Left {
            y: [129; 16],
            u: [129; 8],
            v: [129; 8],
            corners: [corner; 3],
            modes: [0; 4],
            nonzero: Border::default(),
        };
        for column in 0..columns {
            let chosen = {
                let above_y = above_with_right(&above.y, column, row == 0);
                let above_u: [u8; 8] = part(&above.u, column * 8);
                let above_v: [u8; 8] = part(&above.v, column * 8);
                let (has_above, has_left) = (row > 0, column > 0);
                let [y, u, v] = left.corners;
                let edges = |above, left, corner| Edges { above, left, corner, has_above, has_left };
                let around = Around {
                    above_y: &above_y,
                    y: edges(&above_y[..16], &left.y, y),
                    u: edges(&above_u, &left.u, u),
                    v: edges(&above_v, &left.v, v),
                    modes_above: above.modes[column],
                    modes_left: left.modes,
                    nonzero: Nonzero { above: above.nonzero[column], left: left.nonzero },
                };
                let samples = samples(planes, column, row);
                let scale = activity(&samples.y) * 256 / mean_activity;
                chooser.for_activity(scale).choose(&samples, &around)
            };
            store(&chosen, column, row, &mut above, &mut left, &mut frame);
        }
    }
    frame
}

fn part<const N: usize>(samples: &[u8], start: usize) -> [u8; N] {
    std::array::from_fn(|i| samples[start + i])
}

/// With the four samples to the right; beyond the edge the last one is repeated, as libwebp does.
fn above_with_right(above: &[u8], column: usize, is_first_row: bool) -> [u8; 20] {
    let last = if is_first_row { 127 } else { above[column * 16 + 15] };
    std::array::from_fn(|i| match above.get(column * 16 + i) {
        Some(sample) => *sample,
        None => last,
    })
}

fn samples(planes: &Planes, column: usize, row: usize) -> Samples {
    let stride = planes.columns * 16;
    let y = |i: usize| planes.y[(row * 16 + i / 16) * stride + column * 16 + i % 16];
    let chroma = |plane: &[u8], i: usize| plane[(row * 8 + i / 8) * (stride / 2) + column * 8 + i % 8];
    Samples {
        y: std::array::from_fn(y),
        u: std::array::from_fn(|i| chroma(&planes.u, i)),
        v: std::array::from_fn(|i| chroma(&planes.v, i)),
    }
}

/// How much goes on in a macroblock: the mean deviation of its quarters, and a little.
fn activity(y: &[u8; 256]) -> u64 {
    let quarter = |left: usize, top: usize| {
        let samples = (0..64).map(|i| u64::from(y[(top + i / 8) * 16 + left + i % 8]));
        let (sum, squares) = samples.fold((0, 0), |(sum, squares), v| (sum + v, squares + v * v));
        squares * 64 - sum * sum
    };
    let variance = (quarter(0, 0) + quarter(8, 0) + quarter(0, 8) + quarter(8, 8)) / (4 * 64 * 64);
    ((variance + FLAT_VARIANCE) * 256).isqrt()
}

/// Below this variance nothing looks flatter.
const FLAT_VARIANCE: u64 = 30;

fn mean_activity(planes: &Planes) -> u64 {
    let all = (0..planes.rows).flat_map(|row| (0..planes.columns).map(move |column| (column, row)));
    let sum: u64 = all.map(|(column, row)| activity(&samples(planes, column, row).y)).sum();
    (sum / (planes.columns * planes.rows).max(1) as u64).max(1)
}

/// Takes what was chosen into the frame, and leaves to the neighbours what they need.
fn store(chosen: &Chosen, column: usize, row: usize, above: &mut Above, left: &mut Left, frame: &mut Frame) {
    let has_dc_block = chosen.luma_mode != SMALL;
    let has_levels = chosen.levels.iter().any(|levels| *levels != [0; 16]);
    let mut nonzero = Nonzero { above: above.nonzero[column], left: left.nonzero };
    for (block, _, first) in block_order(has_dc_block) {
        let levels = &chosen.levels[block];
        let end = levels.iter().rposition(|level| *level != 0).map_or(first, |last| last + 1);
        let (in_row, in_column) = notes(block, &mut nonzero);
        let is_nonzero = u8::from(end > first);
        (*in_row, *in_column) = (is_nonzero, is_nonzero);
        if has_levels {
            frame.levels.push((end - first) as i16);
            frame.levels.extend_from_slice(&levels[first..end]);
        }
    }
    #[cfg(test)]
    frame.decoded.push(chosen.decoded);
    frame.macroblocks.push(Macroblock {
        luma_mode: chosen.luma_mode,
        small_modes: chosen.small_modes,
        chroma_mode: chosen.chroma_mode,
        has_levels,
    });

    let corner = |above: &[u8], last: usize| if row == 0 { 127 } else { above[last] };
    left.corners = [
        corner(&above.y, column * 16 + 15),
        corner(&above.u, column * 8 + 7),
        corner(&above.v, column * 8 + 7),
    ];
    let Samples { y, u, v } = &chosen.decoded;
    above.y[column * 16..][..16].copy_from_slice(&y[240..]);
    above.u[column * 8..][..8].copy_from_slice(&u[56..]);
    above.v[column * 8..][..8].copy_from_slice(&v[56..]);
    left.y = std::array::from_fn(|i| y[i * 16 + 15]);
    left.u = std::array::from_fn(|i| u[i * 8 + 7]);
    left.v = std::array::from_fn(|i| v[i * 8 + 7]);
    above.modes[column] = part(&chosen.small_modes, 12);
    left.modes = std::array::from_fn(|i| chosen.small_modes[i * 4 + 3]);
    (above.nonzero[column], left.nonzero) = (nonzero.above, nonzero.left);
}

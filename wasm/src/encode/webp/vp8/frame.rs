//! The macroblocks of a picture in their order, each with what its neighbours left behind.

use super::cost::{BitCosts, ModeCosts, TokenCosts};
use super::macroblock::{Around, Border, Chooser, Chosen, LUMA_DC_BLOCK, Nonzero, SMALL};
use super::planes::Planes;
use super::predict::Edges;
use super::quantize::Quantizer;
use super::tables::TOKENS;
use super::tokens::Counts;

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
    /// How often which decisions are taken that these levels are written as.
    pub(super) counts: Counts,
    /// As a decoder without loop filter shows it.
    #[cfg(test)]
    pub(super) decoded: Vec<super::macroblock::Samples>,
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

/// After so many macroblocks costs are told anew from what was decided, then each time there are twice as many.
const FIRST_LEARNT: usize = 16;

/// Chooses for each macroblock.
pub(super) fn choose(planes: &Planes, bits: &BitCosts, quantizer: &Quantizer, allows_small: bool) -> Frame {
    let columns = planes.columns;
    let mut above = Above {
        y: vec![127; columns * 16],
        u: vec![127; columns * 8],
        v: vec![127; columns * 8],
        modes: vec![[0; 4]; columns],
        nonzero: vec![Border::default(); columns],
    };
    let activities: Vec<u32> = planes.macroblocks.iter().map(|samples| activity(&samples.y)).collect();
    let sum: u64 = activities.iter().map(|activity| u64::from(*activity)).sum();
    let mean_activity = (sum / activities.len().max(1) as u64).max(1);
    let mut frame = Frame {
        columns,
        macroblocks: Vec::with_capacity(planes.macroblocks.len()),
        levels: Vec::with_capacity(planes.macroblocks.len() * 64),
        counts: Counts::new(),
        #[cfg(test)]
        decoded: Vec::new(),
    };
    let modes = ModeCosts::new(bits);
    let mut tokens = TokenCosts::new(bits, &TOKENS);
    let mut learnt_at = FIRST_LEARNT;
    let mut chosen = Chosen::new();
    let mut left = Left::of_row(0);
    for (i, (samples, activity)) in planes.macroblocks.iter().zip(activities).enumerate() {
        let (row, column) = (i / columns, i % columns);
        if column == 0 {
            left = Left::of_row(row);
        }
        if i == learnt_at {
            tokens.update(bits, &frame.counts.expected());
            learnt_at *= 2;
        }
        let above_y = above_with_right(&above.y, column, row == 0);
        let edges =
            |above, left, corner| Edges { above, left, corner, has_above: row > 0, has_left: column > 0 };
        let [y, u, v] = left.corners;
        let around = Around {
            above_y: &above_y,
            y: edges(&above_y[..16], &left.y, y),
            u: edges(&above.u[column * 8..][..8], &left.u, u),
            v: edges(&above.v[column * 8..][..8], &left.v, v),
            modes_above: above.modes[column],
            modes_left: left.modes,
            nonzero: Nonzero { above: above.nonzero[column], left: left.nonzero },
        };
        // Where much goes on errors show less.
        let scale = (u64::from(activity) * 256 / mean_activity).clamp(64, 1024) as i64;
        let lambda = quantizer.lambda * scale / 256;
        let chooser = Chooser { bits, modes: &modes, tokens: &tokens, quantizer, allows_small, lambda };
        chooser.choose(samples, &around, &mut chosen);
        store(&chosen, column, row, &mut above, &mut left, &mut frame);
    }
    frame
}

impl Left {
    /// Beyond the left edge of the picture.
    fn of_row(row: usize) -> Self {
        Self {
            y: [129; 16],
            u: [129; 8],
            v: [129; 8],
            corners: [if row == 0 { 127 } else { 129 }; 3],
            modes: [0; 4],
            nonzero: Border::default(),
        }
    }
}

/// With the four samples to the right; beyond the edge the last one is repeated, as libwebp does.
fn above_with_right(above: &[u8], column: usize, is_first_row: bool) -> [u8; 20] {
    let last = if is_first_row { 127 } else { above[column * 16 + 15] };
    let mut out = [last; 20];
    let there = &above[column * 16..(column * 16 + 20).min(above.len())];
    out[..there.len()].copy_from_slice(there);
    out
}

/// How much goes on in a macroblock: the mean deviation of its quarters, and a little.
fn activity(y: &[u8; 256]) -> u32 {
    let mut sums = [0_u32; 4];
    let mut squares = 0_u32;
    for (i, row) in y.as_chunks::<8>().0.iter().enumerate() {
        sums[i / 16 * 2 + i % 2] += row.iter().map(|sample| u32::from(*sample)).sum::<u32>();
        squares += row.iter().map(|sample| u32::from(*sample).pow(2)).sum::<u32>();
    }
    let variance = (u64::from(squares) * 64 - sums.iter().map(|sum| u64::from(*sum).pow(2)).sum::<u64>())
        / (4 * 64 * 64);
    ((variance as u32 + FLAT_VARIANCE) * 256).isqrt()
}

/// Below this variance nothing looks flatter.
const FLAT_VARIANCE: u32 = 8;

/// Takes what was chosen into the frame, and leaves to the neighbours what they need.
fn store(chosen: &Chosen, column: usize, row: usize, above: &mut Above, left: &mut Left, frame: &mut Frame) {
    let has_dc_block = chosen.luma_mode != SMALL;
    let blocks = if has_dc_block { &chosen.ends[..] } else { &chosen.ends[..LUMA_DC_BLOCK] };
    let has_levels = blocks.iter().any(|end| *end > 0);
    let mut nonzero = Nonzero { above: above.nonzero[column], left: left.nonzero };
    for (block, kind, first) in block_order(has_dc_block) {
        let (levels, end) = (&chosen.levels[block], chosen.ends[block]);
        let (in_row, in_column) = notes(block, &mut nonzero);
        if has_levels {
            let there = &levels[first..end.max(first)];
            frame.levels.push(there.len() as i16);
            frame.levels.extend_from_slice(there);
            frame.counts.add(kind, first, usize::from(*in_row + *in_column), there);
        }
        let is_nonzero = u8::from(end > first);
        (*in_row, *in_column) = (is_nonzero, is_nonzero);
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
    let (y, uv) = (&chosen.decoded.y, &chosen.decoded.uv);
    above.y[column * 16..][..16].copy_from_slice(&y[240..]);
    above.u[column * 8..][..8].copy_from_slice(&uv[112..120]);
    above.v[column * 8..][..8].copy_from_slice(&uv[120..]);
    left.y = std::array::from_fn(|i| y[i * 16 + 15]);
    left.u = std::array::from_fn(|i| uv[i * 16 + 7]);
    left.v = std::array::from_fn(|i| uv[i * 16 + 15]);
    above.modes[column] = std::array::from_fn(|i| chosen.small_modes[12 + i]);
    left.modes = std::array::from_fn(|i| chosen.small_modes[i * 4 + 3]);
    (above.nonzero[column], left.nonzero) = (nonzero.above, nonzero.left);
}

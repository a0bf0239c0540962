//! One macroblock: which prediction, which levels. Chosen is what costs least, error and bits together.

use super::cost::Costs;
use super::predict::{self, Edges, LARGE_MODES, SMALL_MODES};
use super::quantize::{self, CHROMA, Kind, LUMA, LUMA_DC, LUMA_WITHOUT_DC, Quantizer, Steps};
use super::transform::{self, Block};

/// The mode of a macroblock whose luma blocks have modes of their own.
pub(super) const SMALL: u8 = 4;
/// Modes of a small block that are tried in full, after a glance at all; and for a first impression.
const TRIED_SMALL_MODES: usize = 4;
const FIRST_SMALL_MODES: usize = 1;

/// The samples of a macroblock, row by row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Samples {
    pub(super) y: [u8; 256],
    pub(super) u: [u8; 64],
    pub(super) v: [u8; 64],
}

/// What lies around it in the picture as the decoder will see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    /// With the four samples to the right.
    pub(super) above_y: &'a [u8; 20],
    pub(super) y: Edges<'a>,
    pub(super) u: Edges<'a>,
    pub(super) v: Edges<'a>,
    /// Modes of the small blocks above and to the left.
    pub(super) modes_above: [u8; 4],
    pub(super) modes_left: [u8; 4],
    pub(super) nonzero: Nonzero,
}

/// Which blocks above and to the left have levels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Nonzero {
    pub(super) above: Border,
    pub(super) left: Border,
}

/// Along one edge: 0 or 1 each, as they are summed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Border {
    pub(super) luma: [u8; 4],
    pub(super) u: [u8; 2],
    pub(super) v: [u8; 2],
    pub(super) luma_dc: u8,
}

/// What is chosen.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub(super) luma_mode: u8,
    /// Of the small blocks; where they have none of their own, what their neighbours take for it.
    pub(super) small_modes: [u8; 16],
    pub(super) chroma_mode: u8,
    /// Luma, u, v, and the first coefficients of luma where the macroblock has one mode.
    pub(super) levels: [[i16; 16]; 25],
    pub(super) decoded: Samples,
}

/// The place of the last of them.
pub(super) const LUMA_DC_BLOCK: usize = 24;

#[derive(Debug, Clone, Copy)]
pub(super) struct Chooser<'a> {
    pub(super) costs: &'a Costs,
    pub(super) quantizer: Quantizer,
    pub(super) allows_small: bool,
    /// Whether this is to be written. Else it is a first impression, of how often what is chosen.
    pub(super) is_final: bool,
}

/// Luma, decided one way: blocks, decoded samples, error and cost together.
struct Luma {
    mode: u8,
    small_modes: [u8; 16],
    blocks: [[i16; 16]; 16],
    dc: [i16; 16],
    decoded: [u8; 256],
    score: i64,
}

impl Chooser<'_> {
    pub(super) fn choose(&self, source: &Samples, around: &Around<'_>) -> Chosen {
        let large = self.large_luma(source, around);
        let small = if self.allows_small { self.small_luma(source, around, large.score) } else { None };
        let luma = small.unwrap_or(large);
        let mut levels = [[0; 16]; 25];
        levels[..16].copy_from_slice(&luma.blocks);
        levels[LUMA_DC_BLOCK] = luma.dc;
        let mut decoded = Samples { y: luma.decoded, u: [0; 64], v: [0; 64] };
        let chroma_mode = self.chroma(source, around, &mut levels, &mut decoded);
        Chosen { luma_mode: luma.mode, small_modes: luma.small_modes, chroma_mode, levels, decoded }
    }

    /// The same where errors show less, or more: `scale` is in parts of 256.
    pub(super) fn for_activity(&self, scale: u64) -> Self {
        let scale = scale.clamp(64, 1024) as i64;
        let lambda = self.quantizer.lambda * scale / 256;
        Self { quantizer: Quantizer { lambda, ..self.quantizer }, ..*self }
    }

    fn score(&self, squared_error: i64, cost: u32) -> i64 {
        squared_error * 256 + self.quantizer.lambda * i64::from(cost) / 256
    }

    /// The best mode for all of luma, by quick quantisation; then its levels with care.
    fn large_luma(&self, source: &Samples, around: &Around<'_>) -> Luma {
        let mut best: Option<(u8, i64)> = None;
        let mut predicted = [0; 256];
        for mode in 0..LARGE_MODES as u8 {
            predict::large(mode, &around.y, 16, &mut predicted);
            let luma = self.large_with(mode, &predicted, source, around, false);
            if best.is_none_or(|(_, score)| luma.score < score) {
                best = Some((mode, luma.score));
            }
        }
        let mode = best.map_or(predict::DC, |(mode, _)| mode);
        predict::large(mode, &around.y, 16, &mut predicted);
        self.large_with(mode, &predicted, source, around, self.is_final)
    }

    #[inline(never)]
    fn large_with(
        &self,
        mode: u8,
        predicted: &[u8; 256],
        source: &Samples,
        around: &Around<'_>,
        with_care: bool,
    ) -> Luma {
        let Quantizer { luma: steps, luma_dc: dc_steps, lambda, .. } = self.quantizer;
        let mut transformed = [[0; 16]; 16];
        let mut first = [0; 16];
        for (i, block) in transformed.iter_mut().enumerate() {
            *block = transform::forward(&difference(&source.y, predicted, 16, place(i, 4)));
            first[i] = block[0];
        }
        let mut cost = self.costs.luma[usize::from(mode)];
        let (above, left) = (around.nonzero.above, around.nonzero.left);
        let walsh = transform::forward_walsh(&first);
        let of = Kind { kind: LUMA_DC, first: 0, context: usize::from(above.luma_dc + left.luma_dc) };
        let dc = self.quantize(&walsh, dc_steps, of, with_care, lambda);
        cost += self.costs.block(LUMA_DC, 0, of.context, &dc.levels);
        let means = transform::inverse_walsh(&dc.coefficients);

        let (mut above, mut left) = (above.luma, left.luma);
        let mut blocks = [[0; 16]; 16];
        let mut decoded = [0; 256];
        let mut error = 0;
        for (i, block) in transformed.iter().enumerate() {
            let context = usize::from(above[i % 4] + left[i / 4]);
            let of = Kind { kind: LUMA_WITHOUT_DC, first: 1, context };
            let mut chosen = self.quantize(block, steps, of, with_care, lambda);
            cost += self.costs.block(of.kind, 1, context, &chosen.levels);
            let nonzero = u8::from(!chosen.is_zero());
            (above[i % 4], left[i / 4]) = (nonzero, nonzero);
            blocks[i] = chosen.levels;
            chosen.coefficients[0] = means[i];
            error += decode(&chosen.coefficients, predicted, &source.y, &mut decoded, 16, place(i, 4));
        }
        // Neighbours with small blocks take a mode for its likeness among theirs.
        let alike = [0, 2, 3, 1][usize::from(mode)];
        Luma {
            mode,
            small_modes: [alike; 16],
            blocks,
            dc: dc.levels,
            decoded,
            score: self.score(error, cost),
        }
    }

    fn quantize(
        &self,
        block: &Block,
        steps: Steps,
        of: Kind,
        with_care: bool,
        lambda: i64,
    ) -> quantize::Quantized {
        if with_care {
            quantize::best(block, steps, of, self.costs, lambda)
        } else {
            quantize::quick(block, steps, of.first)
        }
    }

    /// A mode for each block; `None` where that is not better than `limit`.
    fn small_luma(&self, source: &Samples, around: &Around<'_>, limit: i64) -> Option<Luma> {
        let Quantizer { luma: steps, lambda, .. } = self.quantizer;
        let tried_modes = if self.is_final { TRIED_SMALL_MODES } else { FIRST_SMALL_MODES };
        let mut score = self.score(0, self.costs.luma[usize::from(SMALL)]);
        let mut modes = [0; 16];
        let mut blocks = [[0; 16]; 16];
        let mut decoded = [0; 256];
        let (mut above_nonzero, mut left_nonzero) = (around.nonzero.above.luma, around.nonzero.left.luma);
        for i in 0..16 {
            let (row, column) = (i / 4, i % 4);
            let (above, left, corner) = small_edges(around, &decoded, row, column);
            let mode_above = if row == 0 { around.modes_above[column] } else { modes[i - 4] };
            let mode_left = if column == 0 { around.modes_left[row] } else { modes[i - 1] };
            let costs = &self.costs.small[usize::from(mode_above)][usize::from(mode_left)];
            let context = usize::from(above_nonzero[column] + left_nonzero[row]);
            let of = Kind { kind: LUMA, first: 0, context };
            let wanted = cut(&source.y, 16, place(i, 4));

            let mut glances: [(i64, u8, [u8; 16]); SMALL_MODES] = std::array::from_fn(|mode| {
                let predicted = predict::small(mode as u8, &above, &left, corner);
                (self.score(squared_error(&predicted, &wanted), costs[mode]), mode as u8, predicted)
            });
            let mut best: Option<(i64, usize)> = None;
            for at in 0..tried_modes {
                // Of those not tried yet the most promising; of equals the first.
                for other in at + 1..SMALL_MODES {
                    if (glances[other].0, glances[other].1) < (glances[at].0, glances[at].1) {
                        glances.swap(at, other);
                    }
                }
                let (_, mode, predicted) = &glances[at];
                let block = transform::forward(&difference_4(&wanted, predicted));
                let chosen = quantize::quick(&block, steps, 0);
                let error = squared_error(&add(&chosen.coefficients, predicted), &wanted);
                let cost = costs[usize::from(*mode)] + self.costs.block(LUMA, 0, context, &chosen.levels);
                let tried = self.score(error, cost);
                if best.is_none_or(|(score, _)| tried < score) {
                    best = Some((tried, at));
                }
            }
            let (_, mode, predicted) = glances[best.map_or(0, |(_, at)| at)];
            let block = transform::forward(&difference_4(&wanted, &predicted));
            let chosen = self.quantize(&block, steps, of, self.is_final, lambda);
            let samples = add(&chosen.coefficients, &predicted);
            let cost = costs[usize::from(mode)] + self.costs.block(LUMA, 0, context, &chosen.levels);
            score += self.score(squared_error(&samples, &wanted), cost);
            if score >= limit {
                return None;
            }
            modes[i] = mode;
            blocks[i] = chosen.levels;
            let nonzero = u8::from(!chosen.is_zero());
            (above_nonzero[column], left_nonzero[row]) = (nonzero, nonzero);
            paste(&samples, &mut decoded, 16, place(i, 4));
        }
        Some(Luma { mode: SMALL, small_modes: modes, blocks, dc: [0; 16], decoded, score })
    }

    fn chroma(
        &self,
        source: &Samples,
        around: &Around<'_>,
        levels: &mut [[i16; 16]; 25],
        decoded: &mut Samples,
    ) -> u8 {
        let mut best: Option<(u8, i64)> = None;
        for mode in 0..LARGE_MODES as u8 {
            let score = self.chroma_with(mode, source, around, false, levels, decoded);
            if best.is_none_or(|(_, least)| score < least) {
                best = Some((mode, score));
            }
        }
        let mode = best.map_or(predict::DC, |(mode, _)| mode);
        self.chroma_with(mode, source, around, self.is_final, levels, decoded);
        mode
    }

    #[inline(never)]
    fn chroma_with(
        &self,
        mode: u8,
        source: &Samples,
        around: &Around<'_>,
        with_care: bool,
        levels: &mut [[i16; 16]; 25],
        decoded: &mut Samples,
    ) -> i64 {
        let Quantizer { chroma: steps, lambda, .. } = self.quantizer;
        let (above, left) = (around.nonzero.above, around.nonzero.left);
        let mut cost = self.costs.chroma[usize::from(mode)];
        let mut error = 0;
        let planes = [
            (&source.u, &mut decoded.u, &around.u, above.u, left.u, 16),
            (&source.v, &mut decoded.v, &around.v, above.v, left.v, 20),
        ];
        for (source, decoded, edges, mut above, mut left, start) in planes {
            let mut predicted = [0; 64];
            predict::large(mode, edges, 8, &mut predicted);
            for i in 0..4 {
                let block = transform::forward(&difference(source, &predicted, 8, place(i, 2)));
                let context = usize::from(above[i % 2] + left[i / 2]);
                let of = Kind { kind: CHROMA, first: 0, context };
                let chosen = self.quantize(&block, steps, of, with_care, lambda);
                cost += self.costs.block(CHROMA, 0, context, &chosen.levels);
                let nonzero = u8::from(!chosen.is_zero());
                (above[i % 2], left[i / 2]) = (nonzero, nonzero);
                levels[start + i] = chosen.levels;
                error += decode(&chosen.coefficients, &predicted, source, decoded, 8, place(i, 2));
            }
        }
        self.score(error, cost)
    }
}

/// The samples above (eight), to the left, and across, of a small block.
fn small_edges(
    around: &Around<'_>,
    decoded: &[u8; 256],
    row: usize,
    column: usize,
) -> ([u8; 8], [u8; 4], u8) {
    let (x, y) = (column * 4, row * 4);
    let above = std::array::from_fn(|i| match (row, x + i) {
        (0, x) => around.above_y[x],
        // To the right of the macroblock is only the row above it.
        (_, x @ 16..) => around.above_y[x],
        (_, x) if i < 4 || row == 0 => decoded[(y - 1) * 16 + x],
        (_, x) => decoded[(y - 1) * 16 + x],
    });
    let left = std::array::from_fn(|i| match x {
        0 => around.y.left[y + i],
        _ => decoded[(y + i) * 16 + x - 1],
    });
    let corner = match (row, column) {
        (0, 0) => around.y.corner,
        (0, _) => around.above_y[x - 1],
        (_, 0) => around.y.left[y - 1],
        _ => decoded[(y - 1) * 16 + x - 1],
    };
    (above, left, corner)
}

/// Left and top of the block of this number among so many a row, in samples.
fn place(number: usize, blocks_a_row: usize) -> (usize, usize) {
    (number % blocks_a_row * 4, number / blocks_a_row * 4)
}

#[inline(never)]
fn cut(samples: &[u8], stride: usize, (x, y): (usize, usize)) -> [u8; 16] {
    std::array::from_fn(|i| samples[(y + i / 4) * stride + x + i % 4])
}

#[inline(never)]
fn paste(block: &[u8; 16], samples: &mut [u8], stride: usize, (x, y): (usize, usize)) {
    for (row, part) in block.as_chunks::<4>().0.iter().enumerate() {
        let start = (y + row) * stride + x;
        samples[start..start + 4].copy_from_slice(part);
    }
}

fn difference(source: &[u8], predicted: &[u8], stride: usize, place: (usize, usize)) -> Block {
    difference_4(&cut(source, stride, place), &cut(predicted, stride, place))
}

fn difference_4(source: &[u8; 16], predicted: &[u8; 16]) -> Block {
    std::array::from_fn(|i| i32::from(source[i]) - i32::from(predicted[i]))
}

#[inline(never)]
fn add(coefficients: &Block, predicted: &[u8; 16]) -> [u8; 16] {
    let residual = transform::inverse(coefficients);
    std::array::from_fn(|i| (i32::from(predicted[i]) + residual[i]).clamp(0, 255) as u8)
}

/// Puts a block together as the decoder does, and tells its squared error.
fn decode(
    coefficients: &Block,
    predicted: &[u8],
    source: &[u8],
    decoded: &mut [u8],
    stride: usize,
    place: (usize, usize),
) -> i64 {
    let samples = add(coefficients, &cut(predicted, stride, place));
    paste(&samples, decoded, stride, place);
    squared_error(&samples, &cut(source, stride, place))
}

#[inline(never)]
fn squared_error(a: &[u8; 16], b: &[u8; 16]) -> i64 {
    let sum: i32 = a.iter().zip(b).map(|(a, b)| (i32::from(*a) - i32::from(*b)).pow(2)).sum();
    sum.into()
}

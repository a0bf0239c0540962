//! Coefficients -> levels. Which levels cost less than they are worth is searched along the block: a shortest path through the
//! contexts that each level leaves for the next.

use super::cost::{BitCosts, TokenCosts, level};
use super::kernels::{Bias, Block, Quantized, Steps, quantize};
use super::tables::{AC_STEPS, DC_STEPS};

/// Kinds of blocks, as the token probabilities number them.
pub(super) const LUMA_WITHOUT_DC: usize = 0;
pub(super) const LUMA_DC: usize = 1;
pub(super) const CHROMA: usize = 2;
pub(super) const LUMA: usize = 3;

/// What an error of samples counts, squared: with that, costs in parts of 256 of a bit count `Quantizer::lambda`.
pub(super) const ERROR: i64 = 1 << 16;

/// A quantiser of one kind of block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    steps: Steps,
    bias: Bias,
    /// What the squared error of a coefficient counts.
    error: i64,
}

/// The quantisers of a frame: RFC 6386 section 14.1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quantizer {
    pub(super) luma: Scale,
    pub(super) luma_dc: Scale,
    pub(super) chroma: Scale,
    /// What 256 parts of 256 of a bit are worth, as an error.
    pub(super) lambda: i64,
    /// For the spread of a difference, which grows with errors, not with their squares: what a bit is worth, in parts of 256.
    pub(super) spread_lambda: u32,
}

impl Quantizer {
    /// `index` is 0..=127.
    pub(super) fn new(index: u8) -> Self {
        let (index, chroma_index) = (index.min(127), index.min(127).saturating_sub(CHROMA_DC_FINER));
        let (dc, ac) = (u16::from(DC_STEPS[usize::from(index)]), AC_STEPS[usize::from(index)]);
        let chroma_dc = u16::from(DC_STEPS[usize::from(chroma_index)]).min(132);
        let squared_step = i64::from(ac) * i64::from(ac);
        Self {
            luma: Scale::new(dc, ac, NEAREST, ERROR / 4),
            luma_dc: Scale::new(dc * 2, (ac * 155 / 100).max(8), DOUBTFUL, ERROR / 16),
            chroma: Scale::new(chroma_dc, ac, NEAREST, ERROR / 4),
            lambda: squared_step * QUARTER_LAMBDA_PER_SQUARED_STEP / 4,
            spread_lambda: u32::from(ac) * SPREAD_PER_STEP,
        }
    }
}

/// By how much the index of the first coefficients of chroma is lower. Errors there are of whole areas.
pub(super) const CHROMA_DC_FINER: u8 = 5;

/// Squared error that a bit is worth, of a quarter of the squared step, in parts of 256; and what the spread of a difference is worth, of the
/// step, in parts of 256. All numbers of this file were tried out on photographs.
const QUARTER_LAMBDA_PER_SQUARED_STEP: i64 = 11;
const SPREAD_PER_STEP: u32 = 95;
/// What is added before a level is cut to a whole number, in parts of 256 of the step: what is doubtful is lowered, except where it is the
/// level of an area.
const DOUBTFUL: i32 = 112;
const NEAREST: i32 = 128;
/// Up to this level a coefficient may be left out altogether.
const MOST_DROPPED: i32 = 2;

impl Scale {
    fn new(dc: u16, ac: u16, dc_bias: i32, error: i64) -> Self {
        let steps = Steps::new(dc, ac);
        let bias = |place: usize| i32::from(steps.step[place]) * if place == 0 { dc_bias } else { DOUBTFUL };
        Self { steps, bias: std::array::from_fn(|place| (bias(place) / 256) as i16), error }
    }

    /// To the nearest level, with the doubtful ones lowered: quick.
    pub(super) fn quick(&self, block: &Block) -> Quantized {
        quantize(block, &self.steps, &self.bias)
    }

    /// What was lost, as an error of samples.
    pub(super) fn error(&self, quantized: &Quantized) -> i64 {
        i64::from(quantized.error) * self.error
    }
}

/// What a block is, and what surrounds it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) kind: usize,
    /// The first place that is coded.
    pub(super) first: usize,
    /// How many of the blocks above and to the left have levels.
    pub(super) context: usize,
}

/// Where no way leads.
const NOWHERE: i64 = i64::MAX / 4;

/// The levels for which error and cost together are least, and how much that is: those of `quick`, or less. Coefficients before the
/// first place are zero.
#[inline(never)]
pub(super) fn best(
    block: &Block,
    quick: &Quantized,
    scale: &Scale,
    of: Kind,
    (costs, bits): (&TokenCosts, &BitCosts),
    lambda: i64,
) -> (Quantized, i64) {
    let Kind { kind, first, context } = of;
    let squared = |value: i32| i64::from(value) * i64::from(value) * scale.error;
    // Of leaving out a place and all after it.
    let mut left_out: i64 = block.iter().map(|coefficient| squared((*coefficient).into())).sum();
    // The least score of all ways that end so far, where they do, and in which context.
    let mut ending = (left_out + lambda * i64::from(costs.end(kind, first, context)), first, 0);
    // By what the level before was: 0, 1, more. The first place may end the block in any context.
    let mut scores = [NOWHERE; 3];
    scores[context] = lambda * i64::from(costs.start(kind, first, context));
    // What each was when the way to it is the shortest; and the larger level.
    let mut ways = [([0_u8; 3], 0_i16); 16];
    for place in first..quick.end.min(16) {
        let size = i32::from(block[place].unsigned_abs());
        let step = i32::from(scale.steps.step[place]);
        let high = i32::from(quick.levels[place].unsigned_abs());
        let here = costs.at(kind, place);
        let [zero, one, two] = scores;
        // The best way to a level from any of the three contexts.
        let way = |level: i32| {
            let [a, b, c] =
                here.each_ref().map(|costs| lambda * i64::from(self::level(bits, costs, level as usize)));
            let (a, b, c) = (zero + a, one + b, two + c);
            let (least, before) = if b < a { (b, 1) } else { (a, 0) };
            let (least, before) = if c < least { (c, 2) } else { (least, before) };
            (least + squared(size - level * step), before)
        };
        let (before, larger) = &mut ways[place];
        scores = [NOWHERE; 3];
        if high <= MOST_DROPPED {
            (scores[0], before[0]) = way(0);
        }
        if high == 1 || high == 2 {
            (scores[1], before[1]) = way(1);
        }
        if high > 1 {
            (scores[2], before[2]) = way(high);
            *larger = high as i16;
        }
        if high > 2 {
            let (score, from) = way(high - 1);
            if score < scores[2] {
                (scores[2], before[2], *larger) = (score, from, high as i16 - 1);
            }
        }
        left_out -= squared(size);
        for (after, score) in scores.into_iter().enumerate().skip(1) {
            if score < ending.0 {
                let end = lambda * i64::from(costs.end(kind, place + 1, after));
                let total = score + left_out + end;
                if total < ending.0 {
                    ending = (total, place + 1, after);
                }
            }
        }
    }

    let (score, end, mut after) = ending;
    let mut chosen = Quantized { end: if end > first { end } else { 0 }, ..Quantized::default() };
    for place in (first..end.min(16)).rev() {
        let (before, larger) = ways[place];
        let level = [0, 1, larger][after];
        let level = if block[place] < 0 { -level } else { level };
        chosen.levels[place] = level;
        chosen.restored[place] = level * scale.steps.step[place];
        after = before[after].into();
    }
    (chosen, score)
}

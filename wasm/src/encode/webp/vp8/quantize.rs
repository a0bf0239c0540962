//! Coefficients -> levels. Which levels cost less than they are worth is searched along the block: a shortest path through the
//! contexts that each level leaves for the next.

use super::cost::{Costs, MOST_LEVEL};
use super::tables::{AC_STEPS, DC_STEPS, ZIGZAG};
use super::transform::Block;

/// Kinds of blocks, as the token probabilities number them.
pub(super) const LUMA_WITHOUT_DC: usize = 0;
pub(super) const LUMA_DC: usize = 1;
pub(super) const CHROMA: usize = 2;
pub(super) const LUMA: usize = 3;

/// Steps of the quantiser for the first coefficient and for the others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steps {
    dc: i32,
    ac: i32,
    /// What a squared error of a coefficient counts, in parts of 256 of a squared error of a sample.
    error: i64,
}

impl Steps {
    fn at(self, place: usize) -> i32 {
        if place == 0 { self.dc } else { self.ac }
    }
}

/// The quantisers of a frame: RFC 6386 section 14.1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quantizer {
    pub(super) luma: Steps,
    pub(super) luma_dc: Steps,
    pub(super) chroma: Steps,
    /// Squared error of samples that a bit is worth, in parts of 256.
    pub(super) lambda: i64,
}

impl Quantizer {
    /// `index` is 0..=127.
    pub(super) fn new(index: u8) -> Self {
        let index = usize::from(index.min(127));
        let (dc, ac) = (i32::from(DC_STEPS[index]), i32::from(AC_STEPS[index]));
        Self {
            luma: Steps { dc, ac, error: 64 },
            luma_dc: Steps { dc: dc * 2, ac: (ac * 155 / 100).max(8), error: 16 },
            chroma: Steps { dc: dc.min(132), ac, error: 64 },
            lambda: i64::from(ac) * i64::from(ac) * LAMBDA_PER_SQUARED_STEP,
        }
    }
}

/// Squared error that a bit is worth, of the squared step, in parts of 256; and what is added before a level is cut to a whole number,
/// in parts of 256. Both were tried out on photographs.
const LAMBDA_PER_SQUARED_STEP: i64 = 4;
const DOUBTFUL: i32 = 106;

/// What is chosen of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quantized {
    /// In the order of storage.
    pub(super) levels: [i16; 16],
    /// What the decoder makes of them, in the order of the transform.
    pub(super) coefficients: Block,
}

impl Quantized {
    pub(super) fn is_zero(&self) -> bool {
        self.levels == [0; 16]
    }

    fn new(levels: [i16; 16], steps: Steps) -> Self {
        let mut coefficients = [0; 16];
        for (place, level) in levels.into_iter().enumerate() {
            coefficients[ZIGZAG[place]] = i32::from(level) * steps.at(place);
        }
        Self { levels, coefficients }
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

/// To the nearest level, with the doubtful ones lowered: quick.
#[inline(never)]
pub(super) fn quick(block: &Block, steps: Steps, first: usize) -> Quantized {
    let mut levels = [0; 16];
    for place in first..16 {
        let (coefficient, step) = (block[ZIGZAG[place]], steps.at(place));
        let raised = coefficient.abs() * 256 + step * DOUBTFUL;
        if raised < step * 256 {
            continue;
        }
        let level = (raised / (step * 256)).min(MOST_LEVEL) as i16;
        levels[place] = if coefficient < 0 { -level } else { level };
    }
    Quantized::new(levels, steps)
}

/// The levels for which error and cost together are least.
#[inline(never)]
pub(super) fn best(block: &Block, steps: Steps, of: Kind, costs: &Costs, lambda: i64) -> Quantized {
    let Kind { kind, first, context } = of;
    let nearest = |place: usize| {
        let step = steps.at(place);
        ((block[ZIGZAG[place]].abs() + step / 2) / step).min(MOST_LEVEL)
    };
    let Some(last) = (first..16).rfind(|place| nearest(*place) > 0) else {
        return Quantized::new([0; 16], steps);
    };
    let error = |place: usize, level: i32| {
        let off = i64::from(block[ZIGZAG[place]].abs() - level * steps.at(place));
        off * off * steps.error
    };
    // Of leaving out this place and all after it.
    let mut left_out = [0_i64; 17];
    for place in (first..16).rev() {
        left_out[place] = left_out[place + 1] + error(place, 0);
    }

    // By what the level before was: 0, 1, more. The first place may end the block in any context.
    let mut scores = [i64::MAX; 3];
    scores[context] = 0;
    let mut from = [[(0_u8, 0_i16); 3]; 16];
    let mut ending =
        (left_out[first] + lambda * i64::from(costs.at(kind, first, context).end) / 256, first, 0);
    for place in first..=last {
        let mut next = [i64::MAX; 3];
        let high = nearest(place);
        for (before, score) in scores.into_iter().enumerate().filter(|(_, score)| *score != i64::MAX) {
            let here = costs.at(kind, place, before);
            let more = if place == first || before > 0 { here.more } else { 0 };
            let mut tried = i32::MAX;
            for level in [high, high - 1, 0] {
                if level < 0 || level == tried {
                    continue;
                }
                tried = level;
                let rate = i64::from(more + costs.level(here, level as usize));
                let total = score + error(place, level) + lambda * rate / 256;
                let after = (level as usize).min(2);
                if total < next[after] {
                    next[after] = total;
                    from[place][after] = (before as u8, level as i16);
                }
            }
        }
        scores = next;
        for (after, score) in scores.into_iter().enumerate().skip(1).filter(|(_, score)| *score != i64::MAX) {
            let end = if place < 15 { costs.at(kind, place + 1, after).end } else { 0 };
            let total = score + left_out[place + 1] + lambda * i64::from(end) / 256;
            if total < ending.0 {
                ending = (total, place + 1, after);
            }
        }
    }

    let mut levels = [0; 16];
    let (_, end, mut after) = ending;
    for place in (first..end).rev() {
        let (before, level) = from[place][after];
        levels[place] = if block[ZIGZAG[place]] < 0 { -level } else { level };
        after = before.into();
    }
    Quantized::new(levels, steps)
}

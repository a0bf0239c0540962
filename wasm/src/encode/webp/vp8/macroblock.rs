//! One macroblock: which prediction, which levels. Chosen is what costs least, error and bits together.

use super::cost::{BitCosts, ModeCosts, TokenCosts};
use super::kernels::{Block, Quantized};
use super::predict::Edges;
use super::quantize::{self, Kind, Quantizer, Scale};
use super::{chroma, large, small};

/// The mode of a macroblock whose luma blocks have modes of their own.
pub(super) const SMALL: u8 = 4;

/// The samples of a macroblock, row by row; of the two chroma planes beside each other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Samples {
    pub(super) y: [u8; 256],
    pub(super) uv: [u8; 128],
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
    pub(super) levels: [Block; 25],
    /// The places behind the last levels that are not zero.
    pub(super) ends: [usize; 25],
    pub(super) decoded: Samples,
}

impl Chosen {
    pub(super) fn new() -> Self {
        Self {
            luma_mode: 0,
            small_modes: [0; 16],
            chroma_mode: 0,
            levels: [[0; 16]; 25],
            ends: [0; 25],
            decoded: Samples { y: [0; 256], uv: [0; 128] },
        }
    }

    pub(super) fn set(&mut self, block: usize, quantized: &Quantized) {
        self.levels[block] = quantized.levels;
        self.ends[block] = quantized.end;
    }
}

/// The place of the last of the blocks.
pub(super) const LUMA_DC_BLOCK: usize = 24;

#[derive(Debug, Clone, Copy)]
pub(super) struct Chooser<'a> {
    pub(super) bits: &'a BitCosts,
    pub(super) modes: &'a ModeCosts,
    pub(super) tokens: &'a TokenCosts,
    pub(super) quantizer: &'a Quantizer,
    pub(super) allows_small: bool,
    /// What a part of 256 of a bit is worth here.
    pub(super) lambda: i64,
}

impl Chooser<'_> {
    pub(super) fn choose(&self, source: &Samples, around: &Around<'_>, chosen: &mut Chosen) {
        let large = large::choose(self, source, around);
        if !self.allows_small || !small::choose(self, source, around, large.score, chosen) {
            large.take(chosen);
        }
        chroma::choose(self, source, around, chosen);
    }

    /// Of a prediction, at a glance: from how far it is spread from the source, and what the mode costs.
    pub(super) fn glance(&self, spread: u32, cost: u32) -> u32 {
        spread * 256 + self.quantizer.spread_lambda * cost / 256
    }

    /// Of these levels, quickly chosen: error and cost together.
    pub(super) fn score(&self, scale: &Scale, of: Kind, quantized: &Quantized) -> i64 {
        let Kind { kind, first, context } = of;
        let cost = self.tokens.block(self.bits, kind, first, context, &quantized.levels, quantized.end);
        scale.error(quantized) + self.lambda * i64::from(cost)
    }

    /// The levels of a block, quickly or with care, and the score.
    pub(super) fn levels(&self, block: &Block, scale: &Scale, of: Kind, with_care: bool) -> (Quantized, i64) {
        let quick = scale.quick(block);
        if with_care {
            return self.best(block, &quick, scale, of);
        }
        let score = self.score(scale, of, &quick);
        (quick, score)
    }

    /// The levels for which both are least, and the score.
    pub(super) fn best(&self, block: &Block, quick: &Quantized, scale: &Scale, of: Kind) -> (Quantized, i64) {
        quantize::best(block, quick, scale, of, (self.tokens, self.bits), self.lambda)
    }
}

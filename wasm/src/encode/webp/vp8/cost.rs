//! What coding a decision costs, in parts of 256 of a bit.

use super::kernels::Block;
use super::tables::{SMALL_MODES, TokenProbabilities};
use super::tokens::{LAST_TOKEN_LEVEL, PATHS, ROWS, row_of, token};

/// Ways to the modes of a whole macroblock's luma (RFC 6386 section 11.2), of its chroma (11.4) and of small blocks (11.3), as
/// branches of which each has a probability, and sides. The last luma mode stands for small blocks.
pub(super) const LUMA_PATHS: [&[(usize, bool)]; 5] = [
    &[(0, true), (1, false), (2, false)],
    &[(0, true), (1, false), (2, true)],
    &[(0, true), (1, true), (3, false)],
    &[(0, true), (1, true), (3, true)],
    &[(0, false)],
];
pub(super) const LUMA_PROBABILITIES: [u8; 4] = [145, 156, 163, 128];
pub(super) const CHROMA_PATHS: [&[(usize, bool)]; 4] = [
    &[(0, false)],
    &[(0, true), (1, false)],
    &[(0, true), (1, true), (2, false)],
    &[(0, true), (1, true), (2, true)],
];
pub(super) const CHROMA_PROBABILITIES: [u8; 3] = [142, 114, 183];
pub(super) const SMALL_PATHS: [&[(usize, bool)]; 10] = [
    &[(0, false)],
    &[(0, true), (1, false)],
    &[(0, true), (1, true), (2, false)],
    &[(0, true), (1, true), (2, true), (3, false), (4, false)],
    &[(0, true), (1, true), (2, true), (3, true), (6, false)],
    &[(0, true), (1, true), (2, true), (3, false), (4, true), (5, false)],
    &[(0, true), (1, true), (2, true), (3, false), (4, true), (5, true)],
    &[(0, true), (1, true), (2, true), (3, true), (6, true), (7, false)],
    &[(0, true), (1, true), (2, true), (3, true), (6, true), (7, true), (8, false)],
    &[(0, true), (1, true), (2, true), (3, true), (6, true), (7, true), (8, true)],
];

/// Costs of single bits, by the probability of zero.
#[derive(Debug)]
pub(super) struct BitCosts([u16; 257]);

impl BitCosts {
    pub(super) fn new() -> Self {
        // Software floats: the same on every target.
        Self(std::array::from_fn(|probability| {
            (256.0 * (8.0 - libm::log2(probability.max(1) as f64)) + 0.5) as u16
        }))
    }

    pub(super) fn bit(&self, zero_probability: u8, bit: bool) -> u32 {
        let zero = usize::from(zero_probability);
        self.0[if bit { 256 - zero } else { zero }].into()
    }

    #[inline(never)]
    pub(super) fn path(&self, path: &[(usize, bool)], probabilities: &[u8]) -> u32 {
        path.iter().map(|(branch, side)| self.bit(probabilities[*branch], *side)).sum()
    }

    /// Of the bits behind the token of a level, sign included.
    #[inline(never)]
    fn behind(&self, level: usize) -> u32 {
        let (_, base, probabilities) = token(level);
        let bits = (0..probabilities.len()).rev().map(|bit| (level - base) >> bit & 1 != 0);
        let extra: u32 = probabilities.iter().zip(bits).map(|(zero, bit)| self.bit(*zero, bit)).sum();
        extra + if level == 0 { 0 } else { 256 }
    }
}

/// Levels up to the first of the last token.
const LEVELS: usize = LAST_TOKEN_LEVEL + 1;

/// What levels cost at a place, by their size.
pub(super) type LevelCosts = [u16; LEVELS];

/// Costs of levels, where each branch of their tree has its probability.
#[derive(Debug)]
pub(super) struct TokenCosts {
    /// By row: of each level, going on included where the context says that the block could have ended.
    levels: [[LevelCosts; 3]; ROWS / 3],
    /// Of going on, and of ending.
    more: [u16; ROWS],
    end: [u16; ROWS],
    /// Of the bits behind tokens, sign included.
    behind: LevelCosts,
}

impl TokenCosts {
    pub(super) fn new(bits: &BitCosts, probabilities: &TokenProbabilities) -> Box<Self> {
        let mut costs = Box::new(Self {
            levels: [[[0; LEVELS]; 3]; ROWS / 3],
            more: [0; ROWS],
            end: [0; ROWS],
            behind: std::array::from_fn(|level| bits.behind(level) as u16),
        });
        costs.update(bits, probabilities);
        costs
    }

    /// To other probabilities.
    pub(super) fn update(&mut self, bits: &BitCosts, probabilities: &TokenProbabilities) {
        for (row, of) in probabilities.as_flattened().as_flattened().iter().enumerate() {
            (self.more[row], self.end[row]) = (bits.bit(of[0], true) as u16, bits.bit(of[0], false) as u16);
            let more = if row % 3 > 0 { self.more[row] } else { 0 };
            let tokens: [u16; 11] = std::array::from_fn(|token| bits.path(PATHS[token], of) as u16 + more);
            for (level, cost) in self.levels[row / 3][row % 3].iter_mut().enumerate() {
                *cost = tokens[token(level).0] + self.behind[level];
            }
        }
    }

    /// Of the levels at a place, by context; see [`level`].
    #[inline(always)]
    pub(super) fn at(&self, kind: usize, place: usize) -> &[LevelCosts; 3] {
        &self.levels[row_of(kind, place, 0) / 3]
    }

    /// Of going on at the first place, where it is not among what the level costs.
    #[inline(always)]
    pub(super) fn start(&self, kind: usize, first: usize, context: usize) -> u32 {
        if context == 0 { self.more[row_of(kind, first, 0)].into() } else { 0 }
    }

    /// Of ending before this place, of which there are 16.
    #[inline(always)]
    pub(super) fn end(&self, kind: usize, place: usize, context: usize) -> u32 {
        if place < 16 { self.end[row_of(kind, place, context)].into() } else { 0 }
    }

    /// Of a block from place `first` on, whose last level that is not zero lies before `end`.
    #[inline(never)]
    pub(super) fn block(
        &self,
        bits: &BitCosts,
        kind: usize,
        first: usize,
        context: usize,
        levels: &Block,
        end: usize,
    ) -> u32 {
        if end <= first {
            return self.end(kind, first, context);
        }
        let mut context = context;
        let mut cost = self.start(kind, first, context);
        for (place, size) in levels.iter().enumerate().take(end).skip(first) {
            let size = usize::from(size.unsigned_abs());
            cost += level(bits, &self.at(kind, place)[context], size);
            context = size.min(2);
        }
        cost + self.end(kind, end, context)
    }
}

/// Of one level.
#[inline(always)]
pub(super) fn level(bits: &BitCosts, costs: &LevelCosts, level: usize) -> u32 {
    let known = u32::from(costs[level.min(LAST_TOKEN_LEVEL)]);
    // All above have the same token, with other bits behind it.
    if level > LAST_TOKEN_LEVEL { known + bits.behind(level) - bits.behind(LAST_TOKEN_LEVEL) } else { known }
}

/// Costs of all modes.
#[derive(Debug)]
pub(super) struct ModeCosts {
    pub(super) luma: [u32; 5],
    pub(super) chroma: [u32; 4],
    /// By the modes above and to the left.
    pub(super) small: [[[u16; 10]; 10]; 10],
}

impl ModeCosts {
    pub(super) fn new(bits: &BitCosts) -> Self {
        Self {
            luma: LUMA_PATHS.map(|path| bits.path(path, &LUMA_PROBABILITIES)),
            chroma: CHROMA_PATHS.map(|path| bits.path(path, &CHROMA_PROBABILITIES)),
            small: SMALL_MODES.map(|of| of.map(|of| SMALL_PATHS.map(|path| bits.path(path, &of) as u16))),
        }
    }
}

//! What coding a decision costs, in parts of 256 of a bit.

use super::tables::{BANDS, SMALL_MODES, TokenProbabilities};

/// From here on a level has the last token, with eleven bits behind it.
const LAST_TOKEN_LEVEL: usize = 67;
/// The highest level that there is.
pub(super) const MOST_LEVEL: i32 = 2047;

/// The token of a level: its number in the tree of RFC 6386 section 13.2, and the probabilities of the bits behind it.
pub(super) fn token(level: usize) -> (usize, usize, &'static [u8]) {
    match level {
        0..=4 => (level, level, &[]),
        5..=6 => (5, 5, &[159]),
        7..=10 => (6, 7, &[165, 145]),
        11..=18 => (7, 11, &[173, 148, 140]),
        19..=34 => (8, 19, &[176, 155, 140, 135]),
        35..=66 => (9, 35, &[180, 157, 141, 134, 130]),
        _ => (10, LAST_TOKEN_LEVEL, &[254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129]),
    }
}

/// The way to each token through the tree, without the first branch, which tells the end: branch and side.
pub(super) const PATHS: [&[(usize, bool)]; 11] = [
    &[(1, false)],
    &[(1, true), (2, false)],
    &[(1, true), (2, true), (3, false), (4, false)],
    &[(1, true), (2, true), (3, false), (4, true), (5, false)],
    &[(1, true), (2, true), (3, false), (4, true), (5, true)],
    &[(1, true), (2, true), (3, true), (6, false), (7, false)],
    &[(1, true), (2, true), (3, true), (6, false), (7, true)],
    &[(1, true), (2, true), (3, true), (6, true), (8, false), (9, false)],
    &[(1, true), (2, true), (3, true), (6, true), (8, false), (9, true)],
    &[(1, true), (2, true), (3, true), (6, true), (8, true), (10, false)],
    &[(1, true), (2, true), (3, true), (6, true), (8, true), (10, true)],
];

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
pub(super) struct BitCosts([u32; 257]);

impl BitCosts {
    pub(super) fn new() -> Self {
        // Software floats: the same on every target.
        Self(std::array::from_fn(|probability| {
            (256.0 * (8.0 - libm::log2(probability.max(1) as f64)) + 0.5) as u32
        }))
    }

    pub(super) fn bit(&self, zero_probability: u8, bit: bool) -> u32 {
        let zero = usize::from(zero_probability);
        self.0[if bit { 256 - zero } else { zero }]
    }

    #[inline(never)]
    pub(super) fn path(&self, path: &[(usize, bool)], probabilities: &[u8]) -> u32 {
        path.iter().map(|(branch, side)| self.bit(probabilities[*branch], *side)).sum()
    }
}

/// Costs of everything that a macroblock is made of.
#[derive(Debug)]
pub(super) struct Costs {
    /// By kind, band, context: of going on, of ending, of each token.
    tokens: [[[TokenCosts; 3]; 8]; 4],
    /// Of the bits behind the token, sign included, by level.
    behind: Vec<u32>,
    pub(super) luma: [u32; 5],
    pub(super) chroma: [u32; 4],
    /// By the modes above and to the left.
    pub(super) small: [[[u32; 10]; 10]; 10],
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TokenCosts {
    pub(super) more: u32,
    pub(super) end: u32,
    token: [u32; 11],
}

impl Costs {
    pub(super) fn new(bits: &BitCosts, probabilities: &TokenProbabilities) -> Self {
        let tokens = std::array::from_fn(|kind| {
            std::array::from_fn(|band| {
                std::array::from_fn(|context| {
                    let of: &[u8; 11] = &probabilities[kind][band][context];
                    TokenCosts {
                        more: bits.bit(of[0], true),
                        end: bits.bit(of[0], false),
                        token: PATHS.map(|path| bits.path(path, of)),
                    }
                })
            })
        });
        let behind = (0..=MOST_LEVEL as usize).map(|level| {
            let (_, first, probabilities) = token(level);
            let count = probabilities.len();
            let extra =
                (0..count).map(|i| bits.bit(probabilities[i], (level - first) >> (count - 1 - i) & 1 != 0));
            extra.sum::<u32>() + if level == 0 { 0 } else { 256 }
        });
        Self {
            tokens,
            behind: behind.collect(),
            luma: LUMA_PATHS.map(|path| bits.path(path, &LUMA_PROBABILITIES)),
            chroma: CHROMA_PATHS.map(|path| bits.path(path, &CHROMA_PROBABILITIES)),
            small: SMALL_MODES.map(|of| of.map(|of| SMALL_PATHS.map(|path| bits.path(path, &of)))),
        }
    }

    /// At a place of a block.
    pub(super) fn at(&self, kind: usize, place: usize, context: usize) -> &TokenCosts {
        &self.tokens[kind][BANDS[place]][context]
    }

    /// Of a level, without the branch that tells the end.
    pub(super) fn level(&self, costs: &TokenCosts, level: usize) -> u32 {
        let (token, ..) = token(level);
        costs.token[token] + self.behind[level]
    }

    /// Of a block whose levels are in their order, from place `first` on.
    #[inline(never)]
    pub(super) fn block(&self, kind: usize, first: usize, context: usize, levels: &[i16; 16]) -> u32 {
        let end = levels.iter().rposition(|level| *level != 0).map_or(first, |last| last + 1);
        let (mut context, mut cost, mut can_end) = (context, 0, true);
        for (place, level) in levels.iter().enumerate().take(end).skip(first) {
            let costs = self.at(kind, place, context);
            let level = usize::from(level.unsigned_abs());
            cost += self.level(costs, level) + if can_end { costs.more } else { 0 };
            context = level.min(2);
            can_end = level != 0;
        }
        if end < 16 { cost + self.at(kind, end, context).end } else { cost }
    }
}

//! Levels -> the decisions that they are written as: RFC 6386 section 13.

use super::bits::BoolWriter;
use super::cost::BitCosts;
use super::tables::{BANDS, TOKEN_UPDATES, TOKENS, TokenProbabilities};

/// From here on a level has the last token, with eleven bits behind it.
pub(super) const LAST_TOKEN_LEVEL: usize = 67;

/// The token of a level: its number in the tree of RFC 6386 section 13.2, the lowest level that has it, and the probabilities of the bits
/// behind it.
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
/// Branches that the ways to all levels from two on have in common.
const COMMON_BRANCHES: usize = 2;

/// Rows of the tables of probabilities: for each kind of block, band, and context.
pub(super) const ROWS: usize = 4 * 8 * 3;

/// The row of a place in a block. Contexts are 0..=2.
#[inline(always)]
pub(super) fn row_of(kind: usize, place: usize, context: usize) -> usize {
    (kind * 8 + BANDS[place]) * 3 + context
}

/// Takes the decisions that the levels of a frame are written as.
pub(super) trait Decisions {
    /// One with a probability of the frame's table.
    fn branch(&mut self, row: usize, branch: usize, side: bool);
    /// One with a probability of its own.
    fn bit(&mut self, zero_probability: u8, bit: bool);
}

/// Section 13.2. The last of the levels is not zero; `first` is the place of the first.
#[inline(always)]
pub(super) fn decide(kind: usize, first: usize, context: usize, levels: &[i16], to: &mut impl Decisions) {
    let mut row = row_of(kind, first.min(15), context);
    let mut can_end = true;
    for (place, level) in (first + 1..).zip(levels) {
        if can_end {
            to.branch(row, 0, true);
        }
        let size = usize::from(level.unsigned_abs());
        to.branch(row, 1, size > 0);
        if size > 0 {
            to.branch(row, 2, size > 1);
            if size > 1 {
                let (token, base, behind) = token(size);
                for (branch, side) in &PATHS[token][COMMON_BRANCHES..] {
                    to.branch(row, *branch, *side);
                }
                for (i, probability) in behind.iter().enumerate() {
                    to.bit(*probability, (size - base) >> (behind.len() - 1 - i) & 1 != 0);
                }
            }
            to.bit(128, *level < 0);
        }
        can_end = size > 0;
        row = row_of(kind, place.min(15), size.min(2));
    }
    if first + levels.len() < 16 {
        to.branch(row, 0, false);
    }
}

/// How often each branch was taken to either side.
#[derive(Debug)]
pub(super) struct Counts([[[u32; 2]; 11]; ROWS]);

impl Decisions for Counts {
    #[inline(always)]
    fn branch(&mut self, row: usize, branch: usize, side: bool) {
        self.0[row][branch][usize::from(side)] += 1;
    }

    #[inline(always)]
    fn bit(&mut self, _: u8, _: bool) {}
}

/// How many decisions the usual probabilities weigh as much as, where few are known.
const USUAL_WEIGHT: u32 = 24;

impl Counts {
    pub(super) fn new() -> Self {
        Self([[[0; 2]; 11]; ROWS])
    }

    #[inline(never)]
    pub(super) fn add(&mut self, kind: usize, first: usize, context: usize, levels: &[i16]) {
        decide(kind, first, context, levels, self);
    }

    /// What is probable for the rest of the frame.
    pub(super) fn expected(&self) -> TokenProbabilities {
        self.map(|[zeros, ones], usual, _| {
            let total = zeros + ones + USUAL_WEIGHT;
            ((zeros * 256 + USUAL_WEIGHT * u32::from(usual) + total / 2) / total).clamp(1, 255) as u8
        })
    }

    /// The probabilities that suit the frame: where they save more than it costs to tell them.
    pub(super) fn fitting(&self, bits: &BitCosts) -> TokenProbabilities {
        self.map(|[zeros, ones], usual, update| {
            let total = u64::from(zeros) + u64::from(ones);
            if total == 0 {
                return usual;
            }
            let fitting = ((u64::from(zeros) * 256 + total / 2) / total).clamp(1, 255) as u8;
            let cost = |probability| {
                u64::from(zeros) * u64::from(bits.bit(probability, false))
                    + u64::from(ones) * u64::from(bits.bit(probability, true))
            };
            let kept = cost(usual) + u64::from(bits.bit(update, false));
            let changed = cost(fitting) + u64::from(bits.bit(update, true)) + 8 * 256;
            if changed < kept { fitting } else { usual }
        })
    }

    /// From the counts of each branch, its usual probability, and that of leaving it.
    fn map(&self, probability: impl Fn([u32; 2], u8, u8) -> u8) -> TokenProbabilities {
        let mut probabilities = TOKENS;
        let rows = probabilities.as_flattened_mut().as_flattened_mut();
        let updates = TOKEN_UPDATES.as_flattened().as_flattened();
        for ((row, counts), updates) in rows.iter_mut().zip(&self.0).zip(updates) {
            for ((value, counts), update) in row.iter_mut().zip(counts).zip(updates) {
                *value = probability(*counts, *value, *update);
            }
        }
        probabilities
    }
}

/// Writes with the probabilities of a frame.
pub(super) struct Writer<'a> {
    bits: BoolWriter,
    rows: &'a [[u8; 11]],
}

impl<'a> Writer<'a> {
    pub(super) fn new(probabilities: &'a TokenProbabilities) -> Self {
        Self { bits: BoolWriter::new(), rows: probabilities.as_flattened().as_flattened() }
    }

    #[inline(never)]
    pub(super) fn block(&mut self, kind: usize, first: usize, context: usize, levels: &[i16]) {
        decide(kind, first, context, levels, self);
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bits.finish()
    }
}

impl Decisions for Writer<'_> {
    #[inline(always)]
    fn branch(&mut self, row: usize, branch: usize, side: bool) {
        self.bits.bit(self.rows[row][branch], side);
    }

    #[inline(always)]
    fn bit(&mut self, zero_probability: u8, bit: bool) {
        self.bits.bit(zero_probability, bit);
    }
}

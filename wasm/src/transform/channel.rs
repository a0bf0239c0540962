//! One channel made smaller or larger as its rows come: along the rows, then down the columns, in 16-bit integers.
//!
//! Memory grows with the width, not with the height: only those rows are kept that the next row of the result is made of.
//! Sums are exact in 32 bits, so their order does not show.

use super::kernel::{FOUR, GROUP, Kernel, WEIGHT_BITS};
use super::vector;
use crate::raster::PADDING;
use std::rc::Rc;

/// Fraction bits of the samples between the passes and of the result: 255 becomes 16,320, so that the overshoot of the filter fits.
pub(super) const SAMPLE_BITS: u32 = 6;

// Whole groups of weights reach beyond the end of a row.
const _: () = assert!(PADDING >= GROUP - 1);

#[derive(Debug)]
pub(super) struct Channel {
    across: Rc<Kernel>,
    down: Rc<Kernel>,
    /// From a sum along a row to a sample.
    shift: u32,
    /// The column that the first sample of each row that comes stands for.
    first_column: usize,
    /// The row that comes next.
    next_row: usize,
    /// Rows of the result's width, in groups; row `n` of the source is in slot `n % slots`.
    kept: Vec<[i16; GROUP]>,
    slots: usize,
    /// Groups of a row.
    groups: usize,
    /// Rows of the result that are finished.
    finished: usize,
}

impl Channel {
    /// Rows that come begin at the place `origin` (column, row) of what the kernels speak of; their samples have `input_bits` fraction bits.
    pub(super) fn new(across: Rc<Kernel>, down: Rc<Kernel>, origin: (u32, u32), input_bits: u32) -> Self {
        let slots = (0..down.len()).map(|output| down.source(output).len()).max().unwrap_or(1);
        let groups = across.len().div_ceil(GROUP);
        Self {
            shift: WEIGHT_BITS + input_bits - SAMPLE_BITS,
            first_column: origin.0 as usize,
            next_row: origin.1 as usize,
            kept: vec![[0; GROUP]; groups * slots],
            slots,
            groups,
            finished: 0,
            across,
            down,
        }
    }

    /// Takes the next row, with [`PADDING`] samples behind it. Rows of the result that are ready have been taken before.
    pub(super) fn push(&mut self, row: &[i16]) {
        let at = self.next_row;
        self.next_row += 1;
        if self.down.source(self.finished).start <= at {
            self.narrow(row, at);
        }
    }

    /// How many rows of those have come.
    pub(super) fn came(&self, rows: &std::ops::Range<u32>) -> usize {
        self.next_row.saturating_sub(rows.start as usize).min(rows.len())
    }

    /// Whether the next row of the result can be made of the rows that came.
    pub(super) fn is_ready(&self) -> bool {
        self.down.source(self.finished).end <= self.next_row
    }

    /// Makes the next row of the result, which is ready, and puts it behind those in `result`.
    pub(super) fn take(&mut self, result: &mut Vec<i16>) {
        self.gather(result);
        self.finished += 1;
    }

    /// Makes the row as wide as the result, and keeps it.
    fn narrow(&mut self, row: &[i16], at: usize) {
        match self.across.groups_each() {
            1 => self.narrow_by::<1>(row, at),
            2 => self.narrow_by::<2>(row, at),
            3 => self.narrow_by::<3>(row, at),
            4 => self.narrow_by::<4>(row, at),
            _ => self.narrow_by_any(row, at),
        }
    }

    /// With `N` groups of weights for each output.
    fn narrow_by<const N: usize>(&mut self, row: &[i16], at: usize) {
        let (first_column, shift) = (self.first_column, self.shift);
        let across = Rc::clone(&self.across);
        for (kept, (outputs, weights)) in self.slot(at).iter_mut().zip(across.fours::<N>()) {
            let four = std::array::from_fn(|n| {
                let samples = row.get(outputs[n].from.saturating_sub(first_column)..).unwrap_or_default();
                // Rows shorter than the groups end within them.
                let whole = samples.as_chunks::<GROUP>().0.first_chunk::<N>();
                (whole.map_or(samples, |groups| groups.as_flattened()), weights[n].as_slice())
            });
            *kept = vector::row(four, shift);
        }
    }

    fn narrow_by_any(&mut self, row: &[i16], at: usize) {
        let (first_column, shift) = (self.first_column, self.shift);
        let across = Rc::clone(&self.across);
        for (kept, (outputs, weights)) in self.slot(at).iter_mut().zip(across.any_fours()) {
            let samples =
                |n: usize| row.get(outputs[n].from.saturating_sub(first_column)..).unwrap_or_default();
            *kept = vector::row(std::array::from_fn(|n| (samples(n), weights[n])), shift);
        }
    }

    /// Where a row of the source is kept.
    fn slot(&mut self, at: usize) -> &mut [[i16; FOUR]] {
        let slot = (at % self.slots) * self.groups;
        let kept = self.kept.get_mut(slot..slot + self.groups).unwrap_or_default();
        kept.as_flattened_mut().as_chunks_mut().0
    }

    /// Makes the next row of the result of those that are kept.
    fn gather(&self, result: &mut Vec<i16>) {
        let source = self.down.source(self.finished);
        let weights = self.down.weights(self.finished);
        // The rows are kept in a ring: those up to its end, and those from its beginning on.
        let first = source.start % self.slots;
        let (before, after) = weights.split_at(weights.len().min(self.slots - first));
        let mut left = self.across.len();
        for group in 0..self.groups {
            let mut columns = vector::Columns::new(WEIGHT_BITS);
            for (start, weights) in [(first, before), (0, after)] {
                let mut at = start * self.groups + group;
                let (pairs, last) = weights.as_chunks::<2>();
                for pair in pairs {
                    if let (Some(one), Some(other)) = (self.kept.get(at), self.kept.get(at + self.groups)) {
                        columns.add_two([one, other], *pair);
                    }
                    at += 2 * self.groups;
                }
                if let (Some(samples), [weight]) = (self.kept.get(at), last) {
                    columns.add_two([samples, &[0; GROUP]], [*weight, 0]);
                }
            }
            let samples = columns.finish(WEIGHT_BITS);
            result.extend_from_slice(samples.get(..left.min(GROUP)).unwrap_or_default());
            left = left.saturating_sub(GROUP);
        }
    }
}

pub(super) fn to_i16(value: i32) -> i16 {
    value.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Span;

    fn kernel(length: u32, outputs: u32) -> Rc<Kernel> {
        let span = Span { start: 0, length: length.into(), denominator: 1, bounds: (0, length) };
        Rc::new(Kernel::new(span, outputs, outputs))
    }

    /// Each output as the definition says: all products of one sum in turn, in 64 bits.
    fn by_definition(picture: &[i16], size: (usize, usize), across: &Kernel, down: &Kernel) -> Vec<i16> {
        let rounded = |sum: i64, shift: u32| to_i16(((sum + (1 << (shift - 1))) >> shift) as i32);
        let narrow: Vec<Vec<i16>> = picture
            .chunks(size.0)
            .map(|row| {
                let sum = |x: usize| {
                    across
                        .source(x)
                        .zip(across.weights(x))
                        .map(|(i, weight)| i64::from(row[i]) * i64::from(*weight))
                        .sum()
                };
                (0..across.len()).map(|x| rounded(sum(x), WEIGHT_BITS - SAMPLE_BITS)).collect()
            })
            .collect();
        (0..down.len())
            .flat_map(|y| (0..across.len()).map(move |x| (x, y)))
            .map(|(x, y)| {
                let sum = down
                    .source(y)
                    .zip(down.weights(y))
                    .map(|(i, weight)| i64::from(narrow[i][x]) * i64::from(*weight))
                    .sum();
                rounded(sum, WEIGHT_BITS)
            })
            .collect()
    }

    #[test]
    fn streams_to_what_the_definition_says() {
        let mut state = 7u32;
        for (width, height, across, down) in
            [(97, 61, 13, 17), (40, 3, 41, 50), (5, 200, 5, 3), (1, 1, 9, 9), (300, 300, 256, 256)]
        {
            let picture: Vec<i16> = (0..width * height)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    if state >> 31 == 0 {
                        ((state >> 20) & 255) as i16
                    } else {
                        255 * ((state >> 25) & 1) as i16
                    }
                })
                .collect();
            let (across, down) = (kernel(width as u32, across), kernel(height as u32, down));
            let mut channel = Channel::new(Rc::clone(&across), Rc::clone(&down), (0, 0), 0);
            let mut result = Vec::new();
            for row in picture.chunks(width) {
                channel.push(&[row, &[0; PADDING]].concat());
                while channel.is_ready() {
                    channel.take(&mut result);
                }
            }
            assert_eq!(result, by_definition(&picture, (width, height), &across, &down));
        }
    }
}

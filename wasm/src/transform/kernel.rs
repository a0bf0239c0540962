//! How much each source pixel counts for each output pixel along one axis: Lanczos with three lobes, in integers.
//!
//! Turkowski, "Filters for Common Resampling Tasks" (1990). The weights are worked out once an axis in `f64` with a sine
//! written in Rust (`libm`), so that every target rounds them to the same integers; all arithmetic on pixels is integer.

use crate::plan::Span;
use std::ops::Range;

/// Weights are fractions of `1 << WEIGHT_BITS`; those of one output pixel sum up to exactly that.
pub(super) const WEIGHT_BITS: u32 = 14;
const ONE: f64 = (1 << WEIGHT_BITS) as f64;
const LOBES: f64 = 3.0;

/// The weights of every output pixel along one axis.
#[derive(Debug)]
pub(super) struct Kernel {
    outputs: Vec<Output>,
    weights: Vec<i16>,
}

/// The source pixels that one output pixel is made from.
#[derive(Debug, Clone, Copy)]
struct Output {
    /// Index of the first one.
    first: usize,
    /// Where its weight stands in `weights`, and one past the last.
    weights: (usize, usize),
}

impl Kernel {
    /// The kernel that maps `span` to `outputs` pixels. `outputs` is at least 1, as are the pixels within `span.bounds`.
    pub(super) fn new(span: Span, outputs: u32) -> Self {
        let denominator = span.denominator as f64;
        let (start, length) = (span.start as f64 / denominator, span.length as f64 / denominator);
        let step = length / f64::from(outputs);
        // Downwards the filter is stretched over the source pixels; upwards it keeps its width.
        let stretch = step.max(1.0);
        let (low, high) = (f64::from(span.bounds.0), f64::from(span.bounds.1));

        let mut kernel = Self { outputs: Vec::with_capacity(outputs as usize), weights: Vec::new() };
        let mut exact = Vec::new();
        for output in 0..outputs {
            let centre = start + (f64::from(output) + 0.5) * step;
            let first = (centre - LOBES * stretch).floor().clamp(low, high - 1.0);
            let end = (centre + LOBES * stretch).ceil().clamp(first + 1.0, high);
            let first = first as usize;
            exact.clear();
            exact.extend((first..end as usize).map(|pixel| lanczos((pixel as f64 + 0.5 - centre) / stretch)));
            kernel.push(first, &exact);
        }
        kernel
    }

    fn push(&mut self, first: usize, exact: &[f64]) {
        let sum: f64 = exact.iter().sum();
        // The running total is rounded, not each weight: so a plain area stays exactly as it is, however many
        // weights there are and however small each one is.
        let (mut total, mut rounded_total) = (0.0, 0);
        let rounded: Vec<i16> = exact
            .iter()
            .map(|weight| {
                total += weight;
                let before = rounded_total;
                rounded_total = (total / sum * ONE).round() as i32;
                (rounded_total - before) as i16
            })
            .collect();
        // Zeros at both ends only cost time.
        let leading = rounded.iter().take_while(|weight| **weight == 0).count();
        let trailing = rounded.iter().skip(leading).rev().take_while(|weight| **weight == 0).count();
        let start = self.weights.len();
        self.weights.extend_from_slice(rounded.get(leading..rounded.len() - trailing).unwrap_or_default());
        self.outputs.push(Output { first: first + leading, weights: (start, self.weights.len()) });
    }

    /// The source pixels that any output pixel is made from.
    pub(super) fn support(&self) -> Range<u32> {
        let first = self.outputs.iter().map(|output| output.first).min().unwrap_or(0);
        let ends = self.outputs().map(|(first, weights)| first + weights.len());
        // Sides are 32 bits.
        first as u32..ends.max().unwrap_or(1) as u32
    }

    /// For each output pixel in turn: the index of its first source pixel, and the weights from there on.
    pub(super) fn outputs(&self) -> impl Iterator<Item = (usize, &[i16])> {
        self.outputs.iter().map(|output| {
            let (start, end) = output.weights;
            (output.first, self.weights.get(start..end).unwrap_or_default())
        })
    }
}

/// `sinc(x) * sinc(x / 3)` within three lobes.
fn lanczos(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    if x.abs() >= LOBES {
        return 0.0;
    }
    let angle = std::f64::consts::PI * x;
    LOBES * libm::sin(angle) * libm::sin(angle / LOBES) / (angle * angle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: u64, length: u64, denominator: u64, bounds: (u32, u32)) -> Span {
        Span { start, length, denominator, bounds }
    }

    #[test]
    fn weights_sum_to_one_and_stay_within_bounds() {
        for (span, outputs) in [
            (span(0, 4000, 1, (0, 4000)), 256),
            (span(1001, 6000, 2, (0, 4001)), 256),
            (span(0, 1, 1, (0, 1)), 4096),
            (span(0, 7, 1, (0, 7)), 100),
            (span(5, 1, 1, (5, 6)), 1),
            (span(0, 65_535, 1, (0, 65_535)), 1),
        ] {
            let kernel = Kernel::new(span, outputs);
            assert_eq!(kernel.outputs().count(), outputs as usize);
            for (first, weights) in kernel.outputs() {
                assert_eq!(weights.iter().map(|w| i32::from(*w)).sum::<i32>(), 1 << WEIGHT_BITS, "{span:?}");
                assert!(first >= span.bounds.0 as usize && first + weights.len() <= span.bounds.1 as usize);
            }
        }
    }

    #[test]
    fn the_same_size_is_the_identity() {
        for (index, (first, weights)) in Kernel::new(span(0, 9, 1, (0, 9)), 9).outputs().enumerate() {
            assert_eq!((first, weights), (index, [1 << WEIGHT_BITS].as_slice()));
        }
    }
}

//! How much each source sample counts for each output sample along one axis: Lanczos with three lobes, in integers.
//!
//! Turkowski, "Filters for Common Resampling Tasks" (1990). The weights are worked out once an axis in `f64`, by `+ - * /` and a sine
//! written in Rust (`libm`), so that every target rounds them to the same integers; all arithmetic on samples is integer.

use crate::plan::Span;
use crate::raster::PADDING;
use std::f64::consts::PI;
use std::ops::Range;

/// Weights are fractions of `1 << WEIGHT_BITS`; those of one output sample sum up to exactly that.
pub(super) const WEIGHT_BITS: u32 = 14;
const ONE: f64 = (1 << WEIGHT_BITS) as f64;
const LOBES: f64 = 3.0;
/// Weights are kept in groups of so many, the last one filled up with zeros: a group is one step of the vector unit.
pub(super) const GROUP: usize = 8;
/// Outputs that are worked out at once.
pub(super) const FOUR: usize = 4;

/// The weights of every output sample along one axis.
#[derive(Debug)]
pub(super) struct Kernel {
    /// Filled up to fours: the last one is repeated.
    outputs: Vec<Output>,
    /// So many for each output.
    groups: Vec<[i16; GROUP]>,
    groups_each: usize,
    count: usize,
}

/// The source samples that one output sample is made from. Along the outputs both ends never go back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    first: usize,
    /// One past the last.
    end: usize,
    /// The sample that the first of its weights stands for: `first`, or one before where the groups would reach too far beyond the end.
    pub(super) from: usize,
}

/// The source samples of an output, and where their weights begin among those of all.
#[derive(Debug, Clone, Copy)]
struct Place {
    first: usize,
    end: usize,
    weights: usize,
}

impl Place {
    /// Makes integers of the weights of the samples from `first` on and puts them behind the others. Those at the ends that are nothing are
    /// left out: where a picture keeps its size, one sample is all that an output is made of.
    fn new(first: usize, exact: &[f64], weights: &mut Vec<i16>) -> Self {
        let scale = ONE / exact.iter().sum::<f64>();
        // The running total is rounded, not each weight: so a plain area stays exactly as it is, however many
        // weights there are and however small each one is.
        let (mut total, mut before) = (0.5, 0);
        let begin = weights.len();
        weights.extend(exact.iter().map(|weight| {
            total += weight * scale;
            let rounded = total.floor() as i32;
            let weight = rounded - before;
            before = rounded;
            weight as i16
        }));
        let made = weights.get(begin..).unwrap_or_default();
        let left_out = made.iter().take_while(|weight| **weight == 0).count();
        let last = made.iter().rposition(|weight| *weight != 0).unwrap_or(left_out);
        Self { first: first + left_out, end: first + last + 1, weights: begin + left_out }
    }

    fn count(&self) -> usize {
        self.end - self.first
    }
}

/// Takes in again what was left out of a place, where the next one needs it, or the one before: so both ends never go back.
fn only_ascending(mut places: Vec<Place>) -> Vec<Place> {
    let mut next = usize::MAX;
    for place in places.iter_mut().rev() {
        let taken_in = place.first.saturating_sub(next);
        (place.first, place.weights) = (place.first - taken_in, place.weights - taken_in);
        next = place.first;
    }
    let mut before = 0;
    for place in &mut places {
        place.end = place.end.max(before);
        before = place.end;
    }
    places
}

impl Kernel {
    /// The kernel that maps `span` to `outputs` samples, with a filter as wide as if they were `pixels`: what so many cannot show is not in
    /// them. Both are at least 1, as are the samples within `span.bounds`.
    pub(super) fn new(span: Span, outputs: u32, pixels: u32) -> Self {
        let denominator = span.denominator as f64;
        let (start, length) = (span.start as f64 / denominator, span.length as f64 / denominator);
        let step = length / f64::from(outputs);
        // Downwards the filter is stretched over the source samples; upwards it keeps its width.
        let stretch = (length / f64::from(pixels)).max(1.0);
        let (low, high) = (f64::from(span.bounds.0), f64::from(span.bounds.1));
        let turn = Turn::by(1.0 / stretch);
        let (mut exact, mut weights) = (Vec::new(), Vec::new());
        let places: Vec<Place> = (0..outputs)
            .map(|output| {
                // Bounds are whole samples, so that a centre can lie beyond them; there the filter would see nearly nothing.
                // Not `clamp`, which would bring the formatting of floats into the module.
                let centre = (start + (f64::from(output) + 0.5) * step).max(low).min(high);
                let first = (centre - LOBES * stretch).floor().max(low).min(high - 1.0);
                let end = (centre + LOBES * stretch).ceil().max(first + 1.0).min(high);
                let count = (end - first) as usize;
                exact.clear();
                lanczos((first + 0.5 - centre) / stretch, 1.0 / stretch, turn, count, &mut exact);
                Place::new(first as usize, &exact, &mut weights)
            })
            .collect();
        Self::of(only_ascending(places), &weights)
    }

    fn of(places: Vec<Place>, weights: &[i16]) -> Self {
        let groups_each = places.iter().map(|place| place.count().div_ceil(GROUP)).max().unwrap_or(1);
        let (begin, last) =
            (places.first().map_or(0, |place| place.first), places.last().map_or(1, |place| place.end));
        let latest = (last + PADDING).saturating_sub(groups_each * GROUP).max(begin);
        let (count, filled) = (places.len(), places.len().next_multiple_of(FOUR));
        let mut outputs = Vec::with_capacity(filled);
        let mut groups = vec![[0; GROUP]; filled * groups_each];
        let fill = filled - count;
        let repeated = places.last().into_iter().cycle().take(fill);
        for (place, groups) in places.iter().chain(repeated).zip(groups.chunks_exact_mut(groups_each)) {
            let from = place.first.min(latest);
            outputs.push(Output { first: place.first, end: place.end, from });
            let weights = weights.get(place.weights..place.weights + place.count()).unwrap_or_default();
            let groups = groups.as_flattened_mut().get_mut(place.first - from..).unwrap_or_default();
            for (weight, value) in groups.iter_mut().zip(weights) {
                *weight = *value;
            }
        }
        Self { outputs, groups, groups_each, count }
    }

    /// The source samples that any output sample is made from.
    pub(super) fn support(&self) -> Range<u32> {
        let first = self.outputs.first().map_or(0, |output| output.first);
        let end = self.outputs.last().map_or(1, |output| output.end);
        // Sides are 32 bits.
        first as u32..end as u32
    }

    /// How many output samples there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The source samples of an output sample; an empty range beyond the last.
    pub(super) fn source(&self, output: usize) -> Range<usize> {
        let place = self.outputs.get(output).filter(|_| output < self.count);
        place.map_or(usize::MAX..usize::MAX, |output| output.first..output.end)
    }

    /// The weights of the source samples of an output sample.
    pub(super) fn weights(&self, output: usize) -> &[i16] {
        let Some(place) = self.outputs.get(output) else { return &[] };
        let before = place.first - place.from;
        self.groups_of(output)
            .as_flattened()
            .get(before..before + (place.end - place.first))
            .unwrap_or_default()
    }

    #[inline(always)]
    fn groups_of(&self, output: usize) -> &[[i16; GROUP]] {
        self.groups.get(output * self.groups_each..(output + 1) * self.groups_each).unwrap_or_default()
    }

    /// Groups of weights that each output sample has.
    pub(super) fn groups_each(&self) -> usize {
        self.groups_each
    }

    /// Four outputs each, and their weights, where each output has `N` groups. The last four may have outputs beyond the last.
    #[inline(always)]
    pub(super) fn fours<const N: usize>(
        &self,
    ) -> impl Iterator<Item = (&[Output; FOUR], &[[[i16; GROUP]; N]; FOUR])> {
        self.outputs.as_chunks().0.iter().zip(self.groups.as_chunks::<N>().0.as_chunks().0)
    }

    /// The same for any number of groups.
    pub(super) fn any_fours(&self) -> impl Iterator<Item = (&[Output; FOUR], [&[[i16; GROUP]]; FOUR])> {
        let mut groups = self.groups.chunks(self.groups_each);
        let fours = self.outputs.as_chunks().0.iter();
        fours.map(move |outputs| (outputs, std::array::from_fn(|_| groups.next().unwrap_or_default())))
    }
}

/// A step of the two angles whose sines the filter is made of, as rotations: neighbouring weights need no sine of their own.
#[derive(Debug, Clone, Copy)]
struct Turn {
    whole: (f64, f64),
    third: (f64, f64),
}

impl Turn {
    /// From one `x` to the next.
    fn by(step: f64) -> Self {
        let angle = PI * step;
        Self {
            whole: (libm::cos(angle), libm::sin(angle)),
            third: (libm::cos(angle / LOBES), libm::sin(angle / LOBES)),
        }
    }
}

fn rotated((cosine, sine): (f64, f64), by: (f64, f64)) -> (f64, f64) {
    (cosine * by.0 - sine * by.1, sine * by.0 + cosine * by.1)
}

/// `sinc(x) * sinc(x / 3)` within three lobes, at `count` places from `x` on, each `step` (`turn`) further.
fn lanczos(x: f64, step: f64, turn: Turn, count: usize, weights: &mut Vec<f64>) {
    let mut whole = (libm::cos(PI * x), libm::sin(PI * x));
    let mut third = (libm::cos(PI * x / LOBES), libm::sin(PI * x / LOBES));
    for index in 0..count {
        let at = x + index as f64 * step;
        let angle = PI * at;
        weights.push(match at.abs() {
            // The curve is flat there, and the quotient of two numbers next to nothing is not exact.
            near if near < 1e-7 => 1.0,
            far if far >= LOBES => 0.0,
            _ => LOBES * whole.1 * third.1 / (angle * angle),
        });
        (whole, third) = (rotated(whole, turn.whole), rotated(third, turn.third));
    }
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
            (span(11, 1, 4, (3, 4)), 9),
            (span(0, 65_535, 1, (0, 65_535)), 1),
        ] {
            let kernel = Kernel::new(span, outputs, outputs);
            assert_eq!(kernel.len(), outputs as usize);
            let mut before = 0..0;
            for output in 0..outputs as usize {
                let source = kernel.source(output);
                let sum: i32 = kernel.weights(output).iter().map(|weight| i32::from(*weight)).sum();
                assert_eq!(sum, 1 << WEIGHT_BITS, "{span:?}");
                assert!(source.start >= span.bounds.0 as usize && source.end <= span.bounds.1 as usize);
                assert!(source.start >= before.start && source.end >= before.end);
                before = source;
            }
        }
    }

    #[test]
    fn rotations_give_the_sine_s_own_weights() {
        let (step, mut weights) = (1.0 / 250.7, Vec::new());
        lanczos(-3.001, step, Turn::by(step), 1505, &mut weights);
        for (index, weight) in weights.into_iter().enumerate() {
            let x = -3.001 + index as f64 * step;
            let angle = PI * x;
            let exact =
                if x.abs() < 3.0 { 3.0 * angle.sin() * (angle / 3.0).sin() / (angle * angle) } else { 0.0 };
            assert!((weight - exact).abs() < 1e-9, "{x}: {weight} for {exact}");
        }
    }

    #[test]
    fn the_same_size_is_the_identity() {
        let kernel = Kernel::new(span(0, 9, 1, (0, 9)), 9, 9);
        for output in 0..9 {
            assert_eq!(kernel.source(output), output..output + 1);
            for (source, weight) in kernel.source(output).zip(kernel.weights(output)) {
                assert_eq!(*weight, if source == output { 1 << WEIGHT_BITS } else { 0 });
            }
        }
    }
}

//! One channel turned by less than a quarter as its rows come, in 16-bit integers.
//!
//! The rows are those of a picture of twice the resolution of the result, from which a filter has taken what the result cannot show: a cubic
//! through four samples along either axis is then enough (Keys, "Cubic Convolution Interpolation for Digital Image Processing", 1981).
//! Only four rows are kept. Each pixel of the result is made when the last row that it needs is there.

use super::channel::to_i16;
use super::kernel::{GROUP, WEIGHT_BITS};
use super::vector;
use crate::Error;
use crate::plan::{FRACTION_BITS, Places, Turn};

/// Samples along an axis that a pixel is made of.
const TAPS: usize = 4;
/// Places between two samples that are told apart: `1 << PHASE_BITS`.
const PHASE_BITS: u32 = 8;
/// A whole group of weights reaches so far beyond the last sample; one more stands before the first.
const BEYOND: usize = GROUP - 1;

/// The weights of four samples for a pixel that lies so many 256ths behind the second one, filled up to a group.
static WEIGHTS: [[i16; GROUP]; 1 << PHASE_BITS] = weights();

#[derive(Debug)]
pub(super) struct Turned {
    turn: Turn,
    /// Pixels of the result.
    width: usize,
    height: u32,
    /// The last four rows, row `n` in slot `n % 4`. The first sample of each and the last one are repeated beyond its ends.
    kept: Vec<i16>,
    arrived: u32,
    /// Of each column of the result the pixel that is made next.
    next: Vec<Next>,
    samples: Vec<i16>,
}

/// A pixel that waits for its rows.
#[derive(Debug, Clone, Copy)]
struct Next {
    row: u32,
    place: Place,
    /// The row of samples with which it can be made.
    due: u32,
}

impl Turned {
    /// For a result of so many pixels.
    pub(super) fn new(turn: Turn, (width, height): (u32, u32)) -> Result<Self, Error> {
        let length = width as usize * height as usize;
        let mut samples = Vec::new();
        let needed_bytes = length as u64 * 2;
        samples.try_reserve_exact(length).map_err(|_| Error::OutOfMemory { needed_bytes })?;
        samples.resize(length, 0);
        Ok(Self {
            turn,
            width: width as usize,
            height,
            kept: vec![0; TAPS * (turn.samples.0 as usize + BEYOND)],
            arrived: 0,
            next: (0..width).map(|column| Next::new(&turn, column, 0)).collect(),
            samples,
        })
    }

    /// Bytes that each channel takes.
    pub(super) fn bytes(turn: &Turn, (width, height): (u32, u32)) -> u64 {
        let (width, height) = (u64::from(width), u64::from(height));
        let kept = (u64::from(turn.samples.0) + BEYOND as u64) * 2 * TAPS as u64;
        width * height * 2 + width * size_of::<Next>() as u64 + kept
    }

    /// Takes the next row of samples.
    pub(super) fn push(&mut self, row: &[i16]) {
        let at = self.arrived;
        let (across, down) = self.turn.samples;
        if at >= down {
            return;
        }
        self.arrived += 1;
        self.keep(row, at);
        let stride = self.stride();
        // Where the four rows about a sample begin.
        let about = |sample: u32| {
            let row = |tap: u32| (sample + tap).saturating_sub(1).min(down - 1) as usize;
            [0, 1, 2, 3].map(|tap| row(tap) % TAPS * stride)
        };
        let latest = about(at.saturating_sub(2));
        for (column, next) in (0..).zip(&mut self.next) {
            while next.due <= at && next.row < self.height {
                // Only at the ends of the picture are the four rows others than the latest.
                let starts = if next.place.sample + 2 == at { latest } else { about(next.place.sample) };
                let place = Place::new(&self.turn.across, (column, next.row), across);
                let weights = std::slice::from_ref(place.weights());
                let rows = starts.map(|start| {
                    let samples = self.kept.get(start + place.sample as usize..);
                    let group = samples.and_then(<[i16]>::first_chunk::<GROUP>);
                    (group.unwrap_or(&[0; GROUP]).as_slice(), weights)
                });
                let narrow = vector::row(rows, WEIGHT_BITS);
                let products = narrow.iter().zip(next.place.weights());
                let sum = products.fold(1 << (WEIGHT_BITS - 1), |sum: i32, (sample, weight)| {
                    sum + i32::from(*sample) * i32::from(*weight)
                });
                if let Some(pixel) = self.samples.get_mut(next.row as usize * self.width + column as usize) {
                    *pixel = to_i16(sum >> WEIGHT_BITS);
                }
                *next = Next::new(&self.turn, column, next.row + 1);
            }
        }
    }

    /// The rows of the result; `None` where rows of samples are missing.
    pub(super) fn rows(&self) -> Option<std::slice::ChunksExact<'_, i16>> {
        (self.arrived == self.turn.samples.1).then(|| self.samples.chunks_exact(self.width.max(1)))
    }

    /// Samples that are kept of a row.
    fn stride(&self) -> usize {
        self.kept.len() / TAPS
    }

    fn keep(&mut self, row: &[i16], at: u32) {
        let (stride, slot) = (self.stride(), at as usize % TAPS);
        let kept = self.kept.get_mut(slot * stride..(slot + 1) * stride).unwrap_or_default();
        let (first, last) =
            (row.first().copied().unwrap_or_default(), row.last().copied().unwrap_or_default());
        let samples = std::iter::once(first).chain(row.iter().copied()).chain(std::iter::repeat(last));
        for (place, sample) in kept.iter_mut().zip(samples) {
            *place = sample;
        }
    }
}

impl Next {
    fn new(turn: &Turn, column: u32, row: u32) -> Self {
        let place = Place::new(&turn.down, (column, row), turn.samples.1);
        Self { row, place, due: (place.sample + 2).min(turn.samples.1 - 1) }
    }
}

/// Where a pixel of the result lies along an axis of samples. Beyond the first and the last sample is what they are.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The sample at it or before it.
    sample: u32,
    /// From there on, in 256ths.
    phase: u32,
}

impl Place {
    #[inline(always)]
    fn new(places: &Places, (column, row): (u32, u32), samples: u32) -> Self {
        const STEP: u32 = FRACTION_BITS - PHASE_BITS;
        let place = places.of(column, row).clamp(0, i64::from(samples - 1) << FRACTION_BITS);
        // Samples are below 2^16.
        let phases = ((place + (1 << (STEP - 1))) >> STEP) as u32;
        Self { sample: phases >> PHASE_BITS, phase: phases & ((1 << PHASE_BITS) - 1) }
    }

    /// Of the four samples from the one before on.
    #[inline(always)]
    fn weights(&self) -> &'static [i16; GROUP] {
        WEIGHTS.get(self.phase as usize).unwrap_or(&[0; GROUP])
    }
}

/// Fraction bits of [`coverage`].
pub(super) const COVERAGE_BITS: u32 = 24;

/// How much of a pixel of the result the picture covers: all but of those at its edges.
pub(super) fn coverage(turn: &Turn, column: u32, row: u32) -> u32 {
    const AXIS_BITS: u32 = COVERAGE_BITS / 2;
    let along = |places: &Places| {
        let (place, half) = (places.of(column, row), places.half_pixel);
        let (start, end) = ((place - half).max(places.edges.0), (place + half).min(places.edges.1));
        (((end - start).max(0) << AXIS_BITS) / (2 * half)) as u32
    };
    along(&turn.across) * along(&turn.down)
}

const fn weights() -> [[i16; GROUP]; 1 << PHASE_BITS] {
    // Twice the weights are polynomials of third degree in `t / ONE`; here they are times `ONE` cubed.
    const ONE: i64 = 1 << PHASE_BITS;
    const SHIFT: u32 = 3 * PHASE_BITS + 1 - WEIGHT_BITS;
    const HALF: i64 = 1 << (SHIFT - 1);
    let mut weights = [[0; GROUP]; 1 << PHASE_BITS];
    let mut phase = 0;
    while phase < weights.len() {
        let t = phase as i64;
        let (linear, square, cube) = (t * ONE * ONE, t * t * ONE, t * t * t);
        let first = (2 * square - linear - cube + HALF) >> SHIFT;
        let second = (2 * ONE * ONE * ONE - 5 * square + 3 * cube + HALF) >> SHIFT;
        let fourth = (cube - square + HALF) >> SHIFT;
        // The sum is exact.
        let third = (1 << WEIGHT_BITS) - first - second - fourth;
        weights[phase] = [first as i16, second as i16, third as i16, fourth as i16, 0, 0, 0, 0];
        phase += 1;
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_those_of_the_definition() {
        for (phase, weights) in WEIGHTS.iter().enumerate() {
            let t = phase as f64 / 256.0;
            let near = |x: f64| 1.0 - 2.5 * x * x + 1.5 * x * x * x;
            let far = |x: f64| 2.0 - 4.0 * x + 2.5 * x * x - 0.5 * x * x * x;
            let exact = [far(1.0 + t), near(t), near(1.0 - t), far(2.0 - t)];
            for (weight, exact) in weights.iter().zip(exact) {
                assert!((f64::from(*weight) - exact * 16_384.0).abs() <= 1.5, "{phase}: {weights:?}");
            }
            assert_eq!(weights.iter().map(|weight| i32::from(*weight)).sum::<i32>(), 1 << WEIGHT_BITS);
        }
    }
}

//! Pixels of another colour space -> sRGB, in integers.

use super::curve::{Curve, LINEAR_MAX, Table};
use super::primaries::{Matrix, Primaries, inverse, product};
use crate::pixels::{Layout, Pixels};

/// Fraction bits of the factors of the matrix.
const FACTOR_BITS: u32 = 20;
const ONE: i64 = 1 << FACTOR_BITS;
/// A factor beyond this is no visible colour space; below it all sums stay within 46 bits.
const MAX_FACTOR: f64 = 64.0;
/// White that is that near to white is meant to be white: the roundings of the numbers in a profile are not passed on.
const WHITE_TOLERANCE: i64 = ONE / 256;
/// Steps of 8 bits: what nobody sees, and what the profiles that are made to be small are off by.
const IMPERCEPTIBLE: u8 = 2;

/// What is done to the pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Conversion {
    Rgb(Box<Mixture>),
    /// The sRGB sample of each sample.
    Gray(Box<[u8; 256]>),
}

/// Each channel to linear light, then three of them to linear sRGB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mixture {
    linear: [Table; 3],
    /// In units of 2^-20.
    matrix: [[i64; 3]; 3],
}

impl Conversion {
    /// `None`: the matrix is none of a visible colour space.
    pub(super) fn rgb(to_xyz: &Matrix, linear: [Table; 3]) -> Option<Self> {
        let to_srgb = product(&inverse(&Primaries::SRGB.to_xyz_d50()?)?, to_xyz);
        // The negation also catches what is no number.
        if !to_srgb.as_flattened().iter().all(|factor| factor.abs() <= MAX_FACTOR) {
            return None;
        }
        let matrix = to_srgb.map(|row| with_white(row.map(|factor| (factor * ONE as f64).round() as i64)));
        Some(Self::Rgb(Box::new(Mixture { linear, matrix })))
    }

    pub(super) fn gray(linear: &Table) -> Self {
        let encoder = Encoder::new();
        Self::Gray(Box::new(linear.map(|light| encoder.sample(light.into()))))
    }

    /// Whether the samples are sRGB already: no grey and none of the colours between changes by more than anyone sees.
    pub(super) fn is_imperceptible(&self) -> bool {
        let is_near = |a: u8, b: u8| a.abs_diff(b) <= IMPERCEPTIBLE;
        match self {
            Self::Gray(levels) => (0..=255).zip(levels.iter()).all(|(sample, level)| is_near(sample, *level)),
            Self::Rgb(mixture) => {
                let encoder = Encoder::new();
                let greys = (0..=255).map(|sample| [sample; 3]);
                let steps = || (0..=5).map(|step| step * 51);
                let colors = steps().flat_map(|r| steps().flat_map(move |g| steps().map(move |b| [r, g, b])));
                greys.chain(colors).all(|color| {
                    let converted = mixture.converted(color, &encoder);
                    color.into_iter().zip(converted).all(|(a, b)| is_near(a, b))
                })
            }
        }
    }

    pub(super) fn apply(&self, pixels: &mut Pixels) {
        match self {
            Self::Gray(levels) => {
                each_color(pixels, |color| color.map(|sample| levels[usize::from(sample)]));
            }
            Self::Rgb(mixture) => {
                let encoder = Encoder::new();
                each_color(pixels, |color| mixture.converted(color, &encoder));
            }
        }
    }
}

/// Transparency is no colour: it stays.
fn each_color(pixels: &mut Pixels, convert: impl Fn([u8; 3]) -> [u8; 3]) {
    match pixels.layout {
        Layout::Rgb => {
            pixels.data.as_chunks_mut::<3>().0.iter_mut().for_each(|pixel| *pixel = convert(*pixel))
        }
        Layout::Rgba => pixels.data.as_chunks_mut::<4>().0.iter_mut().for_each(|pixel| {
            let [r, g, b, alpha] = *pixel;
            let [r, g, b] = convert([r, g, b]);
            *pixel = [r, g, b, alpha];
        }),
    }
}

impl Mixture {
    fn converted(&self, [r, g, b]: [u8; 3], encoder: &Encoder) -> [u8; 3] {
        let [red, green, blue] = &self.linear;
        let (r, g, b) = (red[usize::from(r)], green[usize::from(g)], blue[usize::from(b)]);
        let (r, g, b) = (i64::from(r), i64::from(g), i64::from(b));
        self.matrix.map(|[x, y, z]| encoder.sample((x * r + y * g + z * b + ONE / 2) >> FACTOR_BITS))
    }
}

/// A row of the matrix whose sum, where it is nearly one, is one: grey stays grey, and white white.
fn with_white(mut row: [i64; 3]) -> [i64; 3] {
    let missing = ONE - row.iter().sum::<i64>();
    if missing.abs() <= WHITE_TOLERANCE
        && let Some(largest) = row.iter_mut().max_by_key(|factor| factor.abs())
    {
        *largest += missing;
    }
    row
}

/// Linear light, 16 bits -> sRGB samples, 8 bits, correctly rounded.
struct Encoder {
    /// The sample of the darkest light of each stretch of 16.
    starts: [u8; 4096],
    /// The darkest light of each sample.
    thresholds: [u16; 256],
}

impl Encoder {
    fn new() -> Self {
        let mut thresholds = [0; 256];
        for (sample, threshold) in thresholds.iter_mut().enumerate().skip(1) {
            // A sample begins halfway from the one before.
            let light = Curve::SRGB.at((sample as f64 - 0.5) / 255.0) * f64::from(LINEAR_MAX);
            *threshold = light.ceil() as u16;
        }
        let mut starts = [0; 4096];
        let mut sample: u8 = 0;
        for (stretch, start) in starts.iter_mut().enumerate() {
            let is_reached = |next: u8| usize::from(thresholds[usize::from(next)]) <= stretch * 16;
            while sample < u8::MAX && is_reached(sample + 1) {
                sample += 1;
            }
            *start = sample;
        }
        Self { starts, thresholds }
    }

    /// The sample of a light, which may lie outside of what sRGB can show.
    fn sample(&self, light: i64) -> u8 {
        let light = light.clamp(0, LINEAR_MAX.into()) as u16;
        let start = self.starts[usize::from(light >> 4)];
        // Where samples are closest, in the shadows, they are 19 apart: at most one begins within a stretch.
        let next = start.saturating_add(1);
        if next > start && light >= self.thresholds[usize::from(next)] { next } else { start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_light_is_encoded_as_the_definition_says() {
        let encoder = Encoder::new();
        for light in 0..=65_535_i64 {
            let linear = light as f64 / 65_535.0;
            let encoded =
                if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
            let wanted = encoded * 255.0;
            let got = f64::from(encoder.sample(light));
            assert!((got - wanted).abs() <= 0.5 + 1e-3, "{got} for {wanted} at {light}");
        }
        assert_eq!((encoder.sample(i64::MIN), encoder.sample(i64::MAX)), (0, 255));
    }

    #[test]
    fn the_matrix_of_srgb_is_one_and_changes_nothing() {
        let table = Curve::SRGB.table(super::super::Range::Full);
        let conversion = Conversion::rgb(&Primaries::SRGB.to_xyz_d50().unwrap(), [table; 3]).unwrap();
        assert!(conversion.is_imperceptible());
        let Conversion::Rgb(mixture) = conversion else { panic!() };
        let encoder = Encoder::new();
        for grey in 0..=255 {
            assert_eq!(mixture.converted([grey; 3], &encoder), [grey; 3]);
        }
    }

    #[test]
    fn absurd_matrices_are_none() {
        for absurd in [f64::NAN, f64::INFINITY, 1e9] {
            assert_eq!(Conversion::rgb(&[[absurd; 3]; 3], [[0; 256]; 3]), None);
        }
        let largest = [[[32_767.0, -32_768.0, 32_767.0]; 3], [[-32_768.0; 3]; 3]];
        assert!(largest.iter().all(|matrix| Conversion::rgb(matrix, [[0; 256]; 3]).is_none()));
    }
}

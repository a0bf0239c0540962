//! From samples to linear light: ICC.1:2022 sections 10.6 (curveType) and 10.18 (parametricCurveType), ITU-T H.273 section 8.2.

/// Linear light has 16 bits: one step is a twentieth of a step of 8-bit sRGB in the deepest shadows, where sRGB is finest.
pub(super) const LINEAR_MAX: u16 = u16::MAX;

/// Linear light of each of the 256 samples.
pub(super) type Table = [u16; 256];

/// Which samples are black and white.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Range {
    /// 0 and 255.
    Full,
    /// 16 and 235, as in video.
    Narrow,
}

/// A function of 0..=1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Curve<'a> {
    /// A power.
    Power(f64),
    /// `(a x + b)^g + e` from `d` on, below it `c x + f`.
    Parametric { g: f64, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64 },
    /// Big-endian 16-bit values at equal distances, at least two; straight lines between them.
    Table(&'a [[u8; 2]]),
    /// L* of CIELAB, by way of another curve: of a grey profile whose connection space is Lab.
    Lightness(&'a Curve<'a>),
    /// Perceptual quantisation of ITU-R BT.2100, so that diffuse white (203 cd/m², ITU-R BT.2408) is 1 and what is brighter is cut off.
    Pq,
    /// Hybrid log-gamma of ITU-R BT.2100, likewise: diffuse white is the signal 0.75. The brightness of the screen is left out.
    Hlg,
}

impl Curve<'_> {
    /// IEC 61966-2-1.
    pub(super) const SRGB: Self = Curve::Parametric {
        g: 2.4,
        a: 1.0 / 1.055,
        b: 0.055 / 1.055,
        c: 1.0 / 12.92,
        d: 0.04045,
        e: 0.0,
        f: 0.0,
    };
    /// Adobe RGB (1998) Color Image Encoding, section 4.3.5.1: 2 51/256.
    pub(super) const ADOBE_RGB: Self = Curve::Power(2.199_218_75);

    /// The value at `x`, both 0..=1.
    pub(super) fn at(&self, x: f64) -> f64 {
        let value = match *self {
            Curve::Power(exponent) => libm::pow(x, exponent),
            Curve::Parametric { g, a, b, c, d, e, f } => {
                if x >= d {
                    libm::pow((a * x + b).max(0.0), g) + e
                } else {
                    c * x + f
                }
            }
            Curve::Table(entries) => between(entries, x),
            Curve::Lightness(curve) => {
                let root = (100.0 * curve.at(x) + 16.0) / 116.0;
                if root > 6.0 / 29.0 { root * root * root } else { (root - 4.0 / 29.0) * 108.0 / 841.0 }
            }
            Curve::Pq => {
                let (m1, m2) = (2_610.0 / 16_384.0, 2_523.0 / 4_096.0 * 128.0);
                let (c1, c2, c3) = (3_424.0 / 4_096.0, 2_413.0 / 4_096.0 * 32.0, 2_392.0 / 4_096.0 * 32.0);
                let root = libm::pow(x, 1.0 / m2);
                libm::pow((root - c1).max(0.0) / (c2 - c3 * root), 1.0 / m1) * 10_000.0 / 203.0
            }
            Curve::Hlg => hlg(x) / hlg(0.75),
        };
        value.clamp(0.0, 1.0)
    }

    /// Linear light of all samples, rounded.
    pub(super) fn table(&self, range: Range) -> Table {
        std::array::from_fn(|sample| {
            let x = match range {
                Range::Full => sample as f64 / 255.0,
                Range::Narrow => ((sample as f64 - 16.0) / 219.0).clamp(0.0, 1.0),
            };
            (self.at(x) * f64::from(LINEAR_MAX) + 0.5) as u16
        })
    }

    /// Whether the two are one curve, but for the way it is written down: a power in place of sRGB's curve, say.
    pub(super) fn is_like(&self, other: &Curve<'_>) -> bool {
        (0..=32).all(|step| {
            let x = f64::from(step) / 32.0;
            (self.at(x) - other.at(x)).abs() <= 0.02
        })
    }
}

fn between(entries: &[[u8; 2]], x: f64) -> f64 {
    let place = x * entries.len().saturating_sub(1) as f64;
    let index = place as usize;
    let value =
        |at: usize| entries.get(at).or(entries.last()).map_or(0.0, |two| u16::from_be_bytes(*two).into());
    let (low, high): (f64, f64) = (value(index), value(index + 1));
    (low + (high - low) * (place - index as f64)) / 65_535.0
}

/// The inverse of the curve of BT.2100 table 5.
fn hlg(x: f64) -> f64 {
    let (a, b, c) = (0.178_832_77, 0.284_668_92, 0.559_910_73);
    if x <= 0.5 { x * x / 3.0 } else { (libm::exp((x - c) / a) + b) / 12.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let near =
            |curve: Curve<'_>, x: f64, y: f64| assert!((curve.at(x) - y).abs() < 5e-4, "{curve:?} at {x}");
        near(Curve::SRGB, 0.5, 0.2140);
        near(Curve::SRGB, 0.02, 0.001_548);
        // BT.2408 table 1: diffuse white is 58 % of PQ (0.5807) and 75 % of HLG; 26 cd/m² is 38 % (0.3800).
        near(Curve::Pq, 0.580_7, 1.0);
        near(Curve::Pq, 0.380_03, 26.0 / 203.0);
        near(Curve::Hlg, 0.75, 1.0);
        near(Curve::Hlg, 0.9, 1.0);
        near(Curve::Table(&[[0, 0], [0, 0], [255, 255]]), 0.75, 0.5);
        // A lightness of 50 is a luminance of 18.4 %.
        near(Curve::Lightness(&Curve::Power(1.0)), 0.5, 0.1842);
        near(Curve::Lightness(&Curve::Power(1.0)), 0.04, 0.004_428);
    }

    #[test]
    fn narrow_range_has_its_own_black_and_white() {
        let table = Curve::Power(1.0).table(Range::Narrow);
        assert_eq!((table[0], table[16], table[235], table[255]), (0, 0, LINEAR_MAX, LINEAR_MAX));
        assert_eq!(Curve::Power(1.0).table(Range::Full)[51], LINEAR_MAX / 5);
    }

    #[test]
    fn a_power_stands_for_the_curve_of_srgb_and_no_other_does() {
        assert!(Curve::SRGB.is_like(&Curve::Power(2.2)));
        for other in [1.0, 1.8, 2.6] {
            assert!(!Curve::SRGB.is_like(&Curve::Power(other)), "{other}");
        }
    }
}

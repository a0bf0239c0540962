//! Quantisation: the tables of T.81 annex K.1 on libjpeg's scale of quality, and levels by multiplication.

use super::color::Block;

/// Place in a block, transposed as [`super::dct`] leaves it, of each coefficient in zigzag order (T.81 figure A.6).
pub(super) const PLACES: [u8; 64] = {
    let mut places = [0; 64];
    let (mut u, mut v, mut order) = (0, 0, 0);
    while order < 64 {
        places[order] = (u * 8 + v) as u8;
        // Up and to the right on even diagonals, down and to the left on odd ones, along the edge in between.
        let up = (u + v) % 2 == 0;
        if up && u == 7 || !up && v < 7 && u == 0 {
            v += 1;
        } else if up && v == 0 || !up && v == 7 {
            u += 1;
        } else if up {
            (u, v) = (u + 1, v - 1);
        } else {
            (u, v) = (u - 1, v + 1);
        }
        order += 1;
    }
    places
};

/// T.81 tables K.1 (luma) and K.2 (chroma), row by row.
const ANNEX_K: [[u8; 64]; 2] = [
    [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14,
        17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49,
        64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ],
    [
        17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47,
        66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    ],
];

/// Fraction bits of the factors by which coefficients are multiplied.
const FACTOR_BITS: u32 = 18;

/// The quantisers of a component at one quality.
#[derive(Debug, Clone)]
pub(super) struct Quantizers {
    /// Steps, in zigzag order, as the file states them.
    pub(super) steps: [u8; 64],
    /// 2^18 over eight times the step, in the order of blocks.
    factors: [u16; 64],
}

impl Quantizers {
    /// `table`: 0 for luma, 1 for chroma. Quality 1..=100 scales the steps as libjpeg does: 50 leaves them, 100 makes them one.
    pub(super) fn new(table: usize, quality: u8) -> Self {
        let quality = u32::from(quality.clamp(1, 100));
        let percent = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
        let (mut steps, mut factors) = ([0; 64], [0; 64]);
        for (step, place) in steps.iter_mut().zip(PLACES) {
            let (u, v) = (usize::from(place / 8), usize::from(place % 8));
            *step = ((u32::from(ANNEX_K[table][v * 8 + u]) * percent + 50) / 100).clamp(1, 255) as u8;
            let divisor = 8 * u32::from(*step);
            factors[usize::from(place)] = (((1 << FACTOR_BITS) + divisor / 2) / divisor) as u16;
        }
        Self { steps, factors }
    }

    /// Coefficients to levels, each to the nearest. Those of 8-bit samples are within -1024..=1024, of AC within -1020..=1020: ten bits,
    /// as T.81 table F.2 has it.
    pub(super) fn levels(&self, coefficients: &Block) -> Block {
        let mut levels = [0; 64];
        for ((level, coefficient), factor) in levels.iter_mut().zip(coefficients).zip(&self.factors) {
            // All ones where negative: with it, a number is negated without a branch.
            let sign = coefficient >> 15;
            let magnitude = (coefficient ^ sign).wrapping_sub(sign) as u16;
            // Two fraction bits stay behind the high half of the product; rounding from them is exact.
            let high = ((u32::from(magnitude) * u32::from(*factor)) >> 16) as u16;
            let rounded = (high.wrapping_add(2) >> 2) as i16;
            *level = (rounded ^ sign).wrapping_sub(sign);
        }
        levels
    }

    /// A coefficient without its sign, in 1/256 of its step.
    pub(super) fn exact(&self, place: u8, coefficient: i16) -> i32 {
        let factor = self.factors[usize::from(place & 63)];
        ((u32::from(coefficient.unsigned_abs()) * u32::from(factor)) >> (FACTOR_BITS - 8)) as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_figure_a_6() {
        let by_rows: Vec<u8> = PLACES.iter().map(|place| place % 8 * 8 + place / 8).collect();
        assert_eq!(by_rows[..10], [0, 1, 8, 16, 9, 2, 3, 10, 17, 24]);
        assert_eq!(by_rows[28..36], [7, 14, 21, 28, 35, 42, 49, 56]);
        assert_eq!(by_rows[55..], [46, 53, 60, 61, 54, 47, 55, 62, 63]);
    }

    #[test]
    fn steps_are_those_of_libjpeg() {
        assert_eq!(Quantizers::new(0, 50).steps[..6], [16, 11, 12, 14, 12, 10]);
        assert_eq!(Quantizers::new(0, 80).steps[..6], [6, 4, 5, 6, 5, 4]);
        assert_eq!(Quantizers::new(1, 80).steps[..6], [7, 7, 7, 10, 8, 10]);
        assert_eq!(Quantizers::new(1, 1).steps[..3], [255, 255, 255]);
        assert_eq!(Quantizers::new(0, 100).steps, [1; 64]);
    }

    #[test]
    fn levels_are_rounded_to_the_nearest() {
        for quality in [1, 10, 50, 80, 95, 100] {
            let quantizers = Quantizers::new(0, quality);
            let steps: [i32; 64] = {
                let mut steps = [0; 64];
                PLACES
                    .iter()
                    .zip(quantizers.steps)
                    .for_each(|(place, step)| steps[usize::from(*place)] = step.into());
                steps
            };
            for coefficient in (-8192..=8192).step_by(7) {
                let levels = quantizers.levels(&[coefficient; 64]);
                for ((level, step), place) in levels.iter().zip(steps).zip(0..) {
                    // Within a hundredth of a step of the half.
                    let exact = f64::from(coefficient) / f64::from(8 * step);
                    assert!((f64::from(*level) - exact).abs() <= 0.52, "{coefficient} by {step}: {level}");
                    let fine = f64::from(quantizers.exact(place, coefficient)) / 256.0;
                    assert!((fine - exact.abs()).abs() <= 0.03, "{coefficient} by {step}: {fine}");
                }
            }
        }
    }
}

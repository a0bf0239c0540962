//! What a block of 8 x 8 samples is at another size by definition: the inverse DCT of that size of its lowest frequencies, in `f64`.

use std::f64::consts::PI;

/// One axis of it: samples of the small block, each as weights of the eight samples of the large one.
pub(super) struct Reduction(Vec<[f64; 8]>);

impl Reduction {
    pub(super) fn to(side: usize) -> Self {
        // Orthonormal DCT-II, ITU-T T.81 A.3.3 but for the scale.
        let basis = |size: usize, k: usize, x: usize| {
            let norm: f64 = if k == 0 { 1.0 } else { 2.0 };
            (norm / size as f64).sqrt() * ((2 * x + 1) as f64 * k as f64 * PI / (2 * size) as f64).cos()
        };
        let weight = |small: usize, large: usize| -> f64 {
            let products = (0..side).map(|k| basis(side, k, small) * basis(8, k, large));
            products.sum::<f64>() * (side as f64 / 8.0).sqrt()
        };
        Self((0..side).map(|small| std::array::from_fn(|large| weight(small, large))).collect())
    }

    pub(super) fn of(&self, block: &[[f64; 8]; 8]) -> Vec<Vec<f64>> {
        let dot = |a: &[f64; 8], b: [f64; 8]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let rows: Vec<Vec<f64>> =
            block.iter().map(|row| self.0.iter().map(|weights| dot(weights, *row)).collect()).collect();
        let column = |x: usize| std::array::from_fn(|y| rows[y][x]);
        self.0.iter().map(|weights| (0..self.0.len()).map(|x| dot(weights, column(x))).collect()).collect()
    }

    /// How far the result can be off where no sample of the large block is off by more than `error`.
    pub(super) fn spread(&self, error: f64) -> f64 {
        let sums = self.0.iter().map(|weights| weights.iter().map(|weight| weight.abs()).sum::<f64>());
        sums.fold(0.0, f64::max).powi(2) * error
    }
}

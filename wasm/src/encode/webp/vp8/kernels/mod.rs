//! The arithmetic over whole blocks: differences, transforms, quantisation, and the samples that a decoder makes of it. In scalar code, and with
//! the vector unit of WebAssembly. Both give the same numbers.
//!
//! Coefficients are in the order of storage (zigzag), so that what goes along a block goes along memory.

mod scalar;
#[cfg(test)]
mod tests;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm32;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
use scalar as chosen;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use wasm32 as chosen;

pub(super) use chosen::{
    quantize, restore, restore_strip, shifted, small_predictions, spread, spread_of_small, transform_strip,
    transform_two,
};

/// Coefficients or levels of a block of 4 x 4, in the order of storage.
pub(super) type Block = [i16; 16];
/// Samples of such a block, row by row.
pub(super) type Small = [u8; 16];
/// Four rows of sixteen samples: four blocks side by side.
pub(super) type Strip = [u8; 64];

/// How many ways there are to predict a small block.
pub(super) const SMALL_MODES: usize = 10;

/// The highest level that there is.
pub(super) const MOST_LEVEL: i16 = 2047;

/// Cosine transform of the second stage: square root of two times the sine of an eighth of pi, and times the cosine, in 12 fraction bits.
const FORWARD_SINE: i16 = 2_217;
const FORWARD_COSINE: i16 = 5_352;
/// RFC 6386 section 14.3: the same in 16 fraction bits, less one each. What is multiplied is added once more.
const SINE_LESS_ONE: i16 = -30_068;
const COSINE_LESS_ONE: i16 = 20_091;

/// Of the small modes from the third on, which averages each sample is: those of three neighbours along the edge by their number, those of
/// two by their number and 16. RFC 6386 section 12.3.
#[rustfmt::skip]
const SHAPES: [Small; SMALL_MODES - 2] = [
    // Vertical, horizontal: smoothed.
    [5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8],
    [3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0],
    // Down to the left, to the right.
    [6, 7, 8, 9, 7, 8, 9, 10, 8, 9, 10, 11, 9, 10, 11, 12],
    [4, 5, 6, 7, 3, 4, 5, 6, 2, 3, 4, 5, 1, 2, 3, 4],
    // Vertical, to the right, to the left.
    [20, 21, 22, 23, 4, 5, 6, 7, 3, 20, 21, 22, 2, 4, 5, 6],
    [21, 22, 23, 24, 6, 7, 8, 9, 22, 23, 24, 10, 7, 8, 9, 11],
    // Horizontal, down, up. The last sample alone is as the average of two of itself.
    [19, 4, 5, 6, 18, 3, 19, 4, 17, 2, 18, 3, 16, 1, 17, 2],
    [18, 2, 17, 1, 17, 1, 16, 0, 16, 0, 30, 30, 30, 30, 30, 30],
];

/// Steps of a quantiser by place, and what finds the levels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steps {
    pub(super) step: [i16; 16],
    /// Of the step, in 17 fraction bits, rounded up.
    reciprocal: [u16; 16],
}

/// What is added to coefficients before they are cut down to whole levels.
pub(super) type Bias = [i16; 16];

impl Steps {
    /// Steps are 4..=440.
    pub(super) fn new(dc: u16, ac: u16) -> Self {
        let all = |dc, ac| std::array::from_fn(|place| if place == 0 { dc } else { ac });
        let reciprocal = |step: u16| (1_u32 << RECIPROCAL_BITS).div_ceil(step.into()) as u16;
        Self { step: all(dc, ac).map(|step| step as i16), reciprocal: all(reciprocal(dc), reciprocal(ac)) }
    }
}

const RECIPROCAL_BITS: u32 = 17;

/// What is chosen of a block.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Quantized {
    pub(super) levels: Block,
    /// What the decoder takes for the coefficients.
    pub(super) restored: Block,
    /// The place behind the last level that is not zero.
    pub(super) end: usize,
    /// Sum of the squares of what is lost.
    pub(super) error: u32,
}

//! Lossy pictures: VP8 key frames, RFC 6386. Integer arithmetic throughout; the one logarithm is `libm`'s.
//!
//! Ours, because of the permissive encoders in Rust none would do: `webpkit` 0.1.0 asks for a newer compiler than the project, `webp-rust`
//! 0.3.2 writes pictures that decoders do not show, and uses the platform's logarithm.

mod bits;
mod cost;
mod frame;
mod macroblock;
mod planes;
mod predict;
mod quantize;
pub(crate) mod tables;
mod transform;
mod write;

use crate::pixels::Pixels;
use cost::{BitCosts, Costs};
use macroblock::Chooser;
use planes::Planes;
use quantize::Quantizer;
use write::Header;

/// The content of a VP8 chunk. Quality 1..=100 is about that of libwebp; sides are 1..=16,383. Alpha is not looked at.
pub(super) fn encode(pixels: &Pixels, quality: u8) -> Vec<u8> {
    let planes = Planes::new(pixels);
    let index = quantizer_index(quality);
    let header = Header {
        width: planes.width,
        height: planes.height,
        quantizer_index: index,
        filter_level: filter_level(index),
    };
    let bits = BitCosts::new();
    let mut bytes = None;
    for allows_small in [true, false] {
        // Once with the costs that are usual, then with those that came out.
        let choose = |probabilities, is_final| {
            let costs = Costs::new(&bits, probabilities);
            let quantizer = Quantizer::new(index);
            let frame = frame::choose(&planes, &Chooser { costs: &costs, quantizer, allows_small, is_final });
            (write::fitting_probabilities(&frame, &bits), frame)
        };
        let (probabilities, _) = choose(&tables::TOKENS, false);
        let (probabilities, frame) = choose(&probabilities, true);
        bytes = write::write(&frame, header, &probabilities);
        // Without modes for small blocks, the modes of the largest picture fit.
        if bytes.is_some() {
            break;
        }
    }
    bytes.unwrap_or_default()
}

/// The scale of libwebp: the step grows with the cube root of the compression.
fn quantizer_index(quality: u8) -> u8 {
    let quality = f64::from(quality) / 100.0;
    let linear = if quality < 0.75 { quality * (2.0 / 3.0) } else { 2.0 * quality - 1.0 };
    (127.0 * (1.0 - libm::cbrt(linear)) + 0.5) as u8
}

/// Of the loop filter, 0..=63: as strong as the quantiser is coarse.
fn filter_level(index: u8) -> u8 {
    u8::try_from(tables::AC_STEPS[usize::from(index.min(127))] / 3).unwrap_or(63).min(63)
}

#[cfg(test)]
mod tests;

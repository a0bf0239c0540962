//! Lossy pictures: VP8 key frames, RFC 6386. Integer arithmetic throughout; the one logarithm is `libm`'s.
//!
//! Ours, because of the permissive encoders in Rust none would do: `webpkit` 0.1.0 asks for a newer compiler than the project, `webp-rust`
//! 0.3.2 writes pictures that decoders do not show, and uses the platform's logarithm.

mod bits;
mod chroma;
mod cost;
mod frame;
mod kernels;
mod large;
mod macroblock;
mod planes;
mod predict;
mod quantize;
mod small;
pub(crate) mod tables;
mod tokens;
mod walsh;
mod write;

use crate::pixels::Pixels;
use cost::BitCosts;
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
    let (bits, quantizer) = (BitCosts::new(), Quantizer::new(index));
    let encoded = [true, false].into_iter().find_map(|allows_small| {
        let frame = frame::choose(&planes, &bits, &quantizer, allows_small);
        // Without modes for small blocks, the modes of the largest picture fit.
        write::write(&frame, header, &frame.counts.fitting(&bits))
    });
    encoded.unwrap_or_default()
}

/// The scale of libwebp: the step grows with the cube root of the compression.
fn quantizer_index(quality: u8) -> u8 {
    let quality = f64::from(quality) / 100.0;
    let linear = if quality < 0.75 { quality * (2.0 / 3.0) } else { 2.0 * quality - 1.0 };
    (127.0 * (1.0 - libm::cbrt(linear)) + 0.5) as u8
}

/// Of the loop filter, 0..=63: as strong as the quantiser is coarse.
fn filter_level(index: u8) -> u8 {
    (u32::from(tables::AC_STEPS[usize::from(index.min(127))]) * FILTER_PER_STEP / 256).min(63) as u8
}

/// In parts of 256; tried out on photographs.
const FILTER_PER_STEP: u32 = 55;

#[cfg(test)]
mod tests;

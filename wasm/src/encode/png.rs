//! PNG, 8 bits a sample, by the encoder of the `image` crate.

use super::size;
use crate::Error;
use crate::inspect::Format;
use crate::pixels::{Layout, Pixels};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

pub(super) fn encode(pixels: &Pixels) -> Result<Vec<u8>, Error> {
    let (width, height) = size(pixels);
    let color = match pixels.layout {
        Layout::Rgb => ExtendedColorType::Rgb8,
        Layout::Rgba => ExtendedColorType::Rgba8,
    };
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive)
        .write_image(&pixels.data, width, height, color)
        .map_err(|_| Error::malformed(Format::Png, "the result could not be encoded"))?;
    Ok(bytes)
}

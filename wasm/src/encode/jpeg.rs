//! Baseline JPEG, by the encoder of the `image` crate.

use super::size;
use crate::Error;
use crate::inspect::Format;
use crate::pixels::{Layout, Pixels};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};

/// `pixels` are opaque. Quality 1..=100, the scale of libjpeg.
pub(super) fn encode(pixels: &Pixels, quality: u8) -> Result<Vec<u8>, Error> {
    debug_assert_eq!(pixels.layout, Layout::Rgb);
    let (width, height) = size(pixels);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .write_image(&pixels.data, width, height, ExtendedColorType::Rgb8)
        .map_err(|_| Error::malformed(Format::Jpeg, "the result could not be encoded"))?;
    Ok(bytes)
}

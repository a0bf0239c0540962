//! From the sample types of the `image` crate to ours.

use super::failure;
use crate::Error;
use crate::inspect::Format;
use crate::pixels::{Layout, Pixels};
use image::{ColorType, ImageDecoder};

/// Reads all pixels and brings them to 8 bits, with or without alpha.
pub(super) fn read(format: Format, decoder: impl ImageDecoder) -> Result<Pixels, Error> {
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    let too_large = || Error::malformed(format, "its size does not fit this machine");
    let length = usize::try_from(decoder.total_bytes()).map_err(|_| too_large())?;
    let mut decoded = Vec::new();
    // A size that passed the pixel limit can still be more than is free: that is an answer, not an abort.
    decoded.try_reserve_exact(length).map_err(|_| Error::OutOfMemory { needed_bytes: length as u64 })?;
    decoded.resize(length, 0);
    decoder.read_image(&mut decoded).map_err(|error| failure(format, &error))?;

    let (layout, data) = match color {
        ColorType::L8 => (Layout::Rgb, decoded.iter().flat_map(|v| [*v; 3]).collect()),
        ColorType::La8 => (Layout::Rgba, gray_alpha(&decoded)),
        ColorType::Rgb8 => (Layout::Rgb, decoded),
        ColorType::Rgba8 => (Layout::Rgba, decoded),
        ColorType::L16 => (Layout::Rgb, eight_bits(&decoded).flat_map(|v| [v; 3]).collect()),
        ColorType::La16 => (Layout::Rgba, gray_alpha(&eight_bits(&decoded).collect::<Vec<_>>())),
        ColorType::Rgb16 => (Layout::Rgb, eight_bits(&decoded).collect()),
        ColorType::Rgba16 => (Layout::Rgba, eight_bits(&decoded).collect()),
        _ => return Err(Error::UnsupportedFormat { format: Some(format), detail: "floating-point samples" }),
    };
    let (Ok(width), Ok(height)) = (usize::try_from(width), usize::try_from(height)) else {
        return Err(too_large());
    };
    Ok(Pixels { width, height, layout, data })
}

fn gray_alpha(samples: &[u8]) -> Vec<u8> {
    let (pixels, _) = samples.as_chunks::<2>();
    pixels.iter().flat_map(|&[v, a]| [v, v, v, a]).collect()
}

/// 16-bit samples in native byte order to 8 bits, rounded: `round(v / 257)`.
fn eight_bits(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let (samples, _) = bytes.as_chunks::<2>();
    samples.iter().map(|sample| {
        let value = u32::from(u16::from_ne_bytes(*sample));
        ((value * 255 + 32_895) >> 16) as u8
    })
}

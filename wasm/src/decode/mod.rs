//! bytes + plan -> pixels. One file a format.

mod jpeg;
mod png;
mod samples;

use crate::inspect::Format;
use crate::pixels::Pixels;
use crate::raster::{ColorModel, Plane, Window};
use crate::{Error, ImageInfo};
use image::ImageError;
use image::error::LimitErrorKind;

/// A decoded picture, lying as it is stored.
pub(crate) enum Decoded {
    /// All of it.
    Whole(Pixels),
    /// The windows that were asked for.
    Planes(ColorModel, Vec<Plane>),
}

/// Decodes the whole picture, or of a JPEG file the windows of its planes at the scales that the plan chose.
///
/// The size has passed the caller's limit before this is called. What the header announces and what comes out
/// are compared here, so that everything after can rely on it.
pub(crate) fn decode(
    bytes: &[u8],
    info: &ImageInfo,
    sides: [u8; 4],
    windows: &[Window],
) -> Result<Decoded, Error> {
    let pixels = match info.format {
        Format::Jpeg => {
            let (color, planes) = jpeg::decode(bytes, sides, windows)?;
            return Ok(Decoded::Planes(color, planes));
        }
        Format::Png => png::decode(bytes)?,
        format => {
            let detail = "this version does not decode the format";
            return Err(Error::UnsupportedFormat { format: Some(format), detail });
        }
    };
    let (width, height) = info.orientation.size_seen((info.width, info.height));
    let announced = (usize::try_from(width), usize::try_from(height));
    if announced != (Ok(pixels.width), Ok(pixels.height)) {
        return Err(Error::malformed(info.format, "its pixels are not of the size that its header states"));
    }
    Ok(Decoded::Whole(pixels))
}

/// What a decoder of the `image` crate reports, in our words. Its own text may quote the file, so it is not passed on.
fn failure(format: Format, error: &ImageError) -> Error {
    match error {
        ImageError::IoError(_) => Error::Truncated { format, detail: "its pixels" },
        ImageError::Unsupported(_) => {
            Error::UnsupportedFormat { format: Some(format), detail: "a rare kind of the format" }
        }
        ImageError::Limits(limit) if matches!(limit.kind(), LimitErrorKind::InsufficientMemory) => {
            Error::malformed(format, "decoding it takes more memory than its size explains")
        }
        _ => Error::malformed(format, "its pixels cannot be decoded"),
    }
}

//! bytes + plan -> pixels. One file a format.

mod collect;
mod jpeg;
#[cfg(feature = "png")]
mod png;

use crate::inspect::Format;
use crate::pixels::Pixels;
use crate::raster::{ColorModel, Frames, Plane, Rows, Window};
use crate::{Error, ImageInfo};
use collect::Collector;

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
    if info.format == Format::Jpeg {
        let (color, planes) = jpeg::decode(bytes, sides, windows)?;
        return Ok(Decoded::Planes(color, planes));
    }
    let (width, height) = info.orientation.size_seen((info.width, info.height));
    let too_large = |_| Error::malformed(info.format, "its size does not fit this machine");
    let size = (usize::try_from(width).map_err(too_large)?, usize::try_from(height).map_err(too_large)?);
    let mut picture = Collector::new(size);
    stream(bytes, info.format, &mut picture)?;
    Ok(Decoded::Whole(picture.finish(info.format)?))
}

/// Hands on the rows of a picture that is stored in rows; of an animation those of the first frame.
#[allow(unused_variables, reason = "every format but JPEG can be left out")]
pub(crate) fn stream(bytes: &[u8], format: Format, rows: &mut dyn Rows) -> Result<(), Error> {
    match format {
        #[cfg(feature = "png")]
        Format::Png => png::decode(bytes, rows),
        _ => Err(not_decoded(format)),
    }
}

/// The frames of an animation that is kept.
#[allow(unused_variables, reason = "every format with animations can be left out")]
pub(crate) fn frames<'a>(bytes: &'a [u8], format: Format) -> Result<Box<dyn Frames + 'a>, Error> {
    match format {
        #[cfg(feature = "png")]
        Format::Png => Ok(Box::new(png::Animation::new(bytes)?)),
        _ => Err(not_decoded(format)),
    }
}

fn not_decoded(format: Format) -> Error {
    let detail = "this version does not decode the format";
    Error::UnsupportedFormat { format: Some(format), detail }
}

//! bytes + plan -> pixels. One file a format.

mod jpeg;
mod png;
mod samples;

use crate::Error;
use crate::inspect::{Format, Survey};
use crate::plan::{Plan, Source};
use crate::raster::Rows;
use crate::transform::Reduction;
use image::ImageError;
use image::error::LimitErrorKind;

/// Decodes what the plan needs and hands it on: of a JPEG file the windows of its planes at the scales that the plan chose, of others the
/// rows of the picture.
pub(crate) fn decode(bytes: &[u8], survey: &Survey, plan: &Plan, sink: &mut Reduction) -> Result<(), Error> {
    let info = &survey.info;
    let (width, height) = info.orientation.size_seen((info.width, info.height));
    match (info.format, &plan.source) {
        (Format::Jpeg, Source::Planes(planes)) => {
            let windows = sink.windows();
            jpeg::decode(bytes, height, planes, &windows, sink)
        }
        (Format::Png, _) => {
            let pixels = png::decode(bytes)?;
            if (usize::try_from(width), usize::try_from(height)) != (Ok(pixels.width), Ok(pixels.height)) {
                let detail = "its pixels are not of the size that its header states";
                return Err(Error::malformed(info.format, detail));
            }
            Rows::begin(sink, pixels.layout)?;
            for row in pixels.rows() {
                if Rows::row(sink, row).is_break() {
                    break;
                }
            }
            Ok(())
        }
        (format, _) => {
            let detail = "this version does not decode the format";
            Err(Error::UnsupportedFormat { format: Some(format), detail })
        }
    }
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

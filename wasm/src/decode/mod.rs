//! bytes + plan -> pixels. One file a format.

#[cfg(test)]
mod collect;
mod jpeg;
#[cfg(feature = "png")]
mod png;

use crate::Error;
use crate::inspect::{Format, Survey};
use crate::plan::{Plan, Source};
use crate::raster::{Frames, Rows};
use crate::transform::Reduction;

/// Decodes what the plan needs and hands it on: of a JPEG file the windows of its planes at the scales that the plan chose, of others the
/// rows of the picture.
pub(crate) fn decode(bytes: &[u8], survey: &Survey, plan: &Plan, sink: &mut Reduction) -> Result<(), Error> {
    let info = &survey.info;
    match (info.format, &plan.source) {
        (Format::Jpeg, Source::Planes(planes)) => {
            let (_, height) = info.orientation.size_seen((info.width, info.height));
            let windows = sink.windows();
            jpeg::decode(bytes, height, planes, &windows, sink)
        }
        _ => stream(bytes, info.format, sink),
    }
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

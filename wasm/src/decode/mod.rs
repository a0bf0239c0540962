//! bytes + plan -> pixels. One file a format.

#[cfg(feature = "bmp")]
mod bmp;
#[cfg(test)]
#[cfg_attr(
    not(all(feature = "gif", feature = "png")),
    allow(dead_code, reason = "the tests of these formats ask for it")
)]
pub(crate) mod collect;
#[cfg(feature = "gif")]
mod gif;
mod jpeg;
#[cfg(feature = "png")]
mod png;
#[cfg(feature = "webp")]
mod webp;

use crate::inspect::{Format, Survey};
use crate::plan::{Plan, Source};
use crate::raster::{Frames, Rows};
use crate::transform::Reduction;
use crate::{Error, ImageInfo};

/// Decodes what the plan needs and hands it on: of a JPEG or lossy WebP file the windows of its planes at the scales that the plan chose, of
/// others the rows of the picture.
pub(crate) fn decode(bytes: &[u8], survey: &Survey, plan: &Plan, sink: &mut Reduction) -> Result<(), Error> {
    let info = &survey.info;
    match (info.format, &plan.source) {
        (Format::Jpeg, Source::Planes(planes)) => {
            let (_, height) = info.orientation.size_seen((info.width, info.height));
            let windows = sink.windows();
            jpeg::decode(bytes, height, planes, &windows, sink)
        }
        #[cfg(feature = "webp")]
        (Format::Webp, Source::Planes(planes)) => {
            let windows = sink.windows();
            webp::decode_planes(bytes, planes, &windows, sink)
        }
        _ => stream(bytes, info, sink),
    }
}

/// Hands on the rows of a picture that is stored in rows; of an animation those of the first frame.
#[allow(unused_variables, reason = "every format but JPEG can be left out")]
pub(crate) fn stream(bytes: &[u8], info: &ImageInfo, rows: &mut dyn Rows) -> Result<(), Error> {
    match info.format {
        #[cfg(feature = "bmp")]
        Format::Bmp => bmp::decode(bytes, rows),
        #[cfg(feature = "gif")]
        Format::Gif => gif::decode(bytes, info, rows),
        #[cfg(feature = "png")]
        Format::Png => png::decode(bytes, rows),
        #[cfg(feature = "webp")]
        Format::Webp => webp::decode(bytes, info, rows),
        format => Err(not_decoded(format)),
    }
}

/// The frames of an animation that is kept. The file is complete, and its size and the number of its frames are within the limits.
#[allow(unused_variables, reason = "every format with animations can be left out")]
pub(crate) fn frames<'a>(bytes: &'a [u8], info: &ImageInfo) -> Result<Box<dyn Frames + 'a>, Error> {
    match info.format {
        #[cfg(feature = "gif")]
        Format::Gif => Ok(Box::new(gif::GifFrames::new(bytes)?)),
        #[cfg(feature = "png")]
        Format::Png => Ok(Box::new(png::Animation::new(bytes)?)),
        #[cfg(feature = "webp")]
        Format::Webp => Ok(Box::new(webp::WebpFrames::new(bytes)?)),
        format => Err(not_decoded(format)),
    }
}

fn not_decoded(format: Format) -> Error {
    let detail = "this build does not decode the format";
    Error::UnsupportedFormat { format: Some(format), detail }
}

/// How long a frame is shown that states so many milliseconds. Up to ten are shown as a hundred: browsers do so, because many old files
/// state nothing and were made for slow machines.
#[cfg(any(feature = "gif", feature = "webp"))]
fn shown_ms(stated_ms: u32) -> u32 {
    if stated_ms <= 10 { 100 } else { stated_ms }
}

#[cfg(test)]
mod other_programs;
#[cfg(test)]
#[cfg(all(feature = "bmp", feature = "gif", feature = "webp"))]
mod tests;

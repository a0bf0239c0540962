//! bytes + plan -> pixels. One file a format.

#[cfg(feature = "bmp")]
mod bmp;
#[cfg(feature = "gif")]
mod gif;
mod jpeg;
mod png;
mod samples;
#[cfg(feature = "webp")]
mod webp;

use crate::inspect::Format;
use crate::pixels::{Layout, Pixels};
use crate::raster::{ColorModel, Frames, Plane, Rows, Window};
use crate::{Error, ImageInfo, Limits};
use image::ImageError;
use image::error::LimitErrorKind;
use std::ops::ControlFlow;

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
        _ => {
            let mut whole = Whole {
                pixels: (info.width as usize).saturating_mul(info.height as usize),
                ..Whole::default()
            };
            decode_rows(bytes, info, &mut whole)?;
            whole.pixels(info)?
        }
    };
    let (width, height) = info.orientation.size_seen((info.width, info.height));
    let announced = (usize::try_from(width), usize::try_from(height));
    if announced != (Ok(pixels.width), Ok(pixels.height)) {
        return Err(Error::malformed(info.format, "its pixels are not of the size that its header states"));
    }
    Ok(Decoded::Whole(pixels))
}

/// Decodes a still, or the first frame of an animation, row by row: formats other than JPEG and PNG.
#[cfg_attr(not(any(feature = "bmp", feature = "gif", feature = "webp")), allow(unused_variables))]
pub(crate) fn decode_rows(bytes: &[u8], info: &ImageInfo, rows: &mut dyn Rows) -> Result<(), Error> {
    match info.format {
        #[cfg(feature = "bmp")]
        Format::Bmp => bmp::decode(bytes, rows),
        #[cfg(feature = "gif")]
        Format::Gif => gif::decode(bytes, info, rows),
        #[cfg(feature = "webp")]
        Format::Webp => webp::decode(bytes, info, rows),
        format => {
            let detail = "this version does not decode the format";
            Err(Error::UnsupportedFormat { format: Some(format), detail })
        }
    }
}

/// The frames of an animation, composed. The file is complete and its size is within the limits; how many frames there are is checked here,
/// from the headers.
#[allow(dead_code, reason = "the driver of animations calls it")]
#[cfg_attr(not(any(feature = "gif", feature = "webp")), allow(unused_variables))]
pub(crate) fn frames<'a>(
    bytes: &'a [u8],
    info: &ImageInfo,
    limits: &Limits,
) -> Result<Box<dyn Frames + 'a>, Error> {
    let pixels = (u64::from(info.width) * u64::from(info.height)).max(1);
    let affordable = u32::try_from(limits.max_animation_pixels / pixels).unwrap_or(u32::MAX);
    let max_frames = limits.max_frames.min(affordable);
    if info.frames > max_frames {
        return Err(Error::TooManyFrames { frames: info.frames, max_frames });
    }
    match info.format {
        #[cfg(feature = "gif")]
        Format::Gif => Ok(Box::new(gif::GifFrames::new(bytes)?)),
        #[cfg(feature = "webp")]
        Format::Webp => Ok(Box::new(webp::WebpFrames::new(bytes)?)),
        format => {
            let detail = "this version does not animate the format";
            Err(Error::UnsupportedFormat { format: Some(format), detail })
        }
    }
}

/// Bytes that [`frames`] takes at its peak, beyond the input, one of its frames among them: the canvas, the frame that is handed on, and
/// the frame while it is decoded, or what it covers.
#[allow(dead_code, reason = "the driver of animations calls it")]
pub(crate) fn frames_bytes(info: &ImageInfo) -> u64 {
    u64::from(info.width).saturating_mul(info.height.into()).saturating_mul(12)
}

/// How long a frame is shown that states so many milliseconds. Up to ten are shown as a hundred: browsers do so, because many old files
/// state nothing and were made for slow machines.
#[cfg(any(feature = "gif", feature = "webp"))]
fn shown_ms(stated_ms: u32) -> u32 {
    if stated_ms <= 10 { 100 } else { stated_ms }
}

/// Rows put together to a whole picture.
#[derive(Default)]
struct Whole {
    /// How many there will be.
    pixels: usize,
    layout: Option<Layout>,
    data: Vec<u8>,
}

impl Whole {
    fn pixels(self, info: &ImageInfo) -> Result<Pixels, Error> {
        let (width, height) = info.orientation.size_seen((info.width, info.height));
        let layout = self.layout.unwrap_or(Layout::Rgb);
        let (width, height) = (width as usize, height as usize);
        if width.checked_mul(height).and_then(|pixels| pixels.checked_mul(layout.channels()))
            != Some(self.data.len())
        {
            return Err(Error::malformed(
                info.format,
                "its pixels are not of the size that its header states",
            ));
        }
        Ok(Pixels { width, height, layout, data: self.data })
    }
}

impl Rows for Whole {
    fn begin(&mut self, layout: Layout) -> Result<(), Error> {
        let length = self.pixels.saturating_mul(layout.channels());
        self.data
            .try_reserve_exact(length)
            .map_err(|_| Error::OutOfMemory { needed_bytes: length as u64 })?;
        self.layout = Some(layout);
        Ok(())
    }

    fn row(&mut self, row: &[u8]) -> ControlFlow<()> {
        self.data.extend_from_slice(row);
        ControlFlow::Continue(())
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

#[cfg(test)]
#[cfg(all(feature = "bmp", feature = "gif", feature = "webp"))]
mod tests;

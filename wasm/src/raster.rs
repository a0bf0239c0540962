//! What decoders hand on and the resampler takes: planes of samples and how they lie over the stored picture, rows of whole pixels, frames.

use crate::Error;
use crate::pixels::{Layout, Pixels};
use std::ops::{ControlFlow, Range};

/// Takes the rows of a picture from a decoder, in order from the top, so that a whole picture is never in memory.
#[allow(dead_code, reason = "every decoder that calls it can be left out")]
pub(crate) trait Rows {
    /// Once, before the first row: what a pixel of the rows is. Samples are 8 bits, alpha not premultiplied.
    ///
    /// # Errors
    ///
    /// Those of whoever takes the rows, such as [`Error::OutOfMemory`]; the decoder passes them on.
    fn begin(&mut self, layout: Layout) -> Result<(), Error>;

    /// Whether the next row is looked at. Where it is not, any row of its length may stand for it.
    fn wants_next(&self) -> bool {
        true
    }

    /// The next row, all of its pixels, packed. `Break`: no further row is needed.
    fn row(&mut self, row: &[u8]) -> ControlFlow<()>;
}

/// One picture of an animation as a person sees it: composed with those before it, on the whole canvas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) pixels: Pixels,
    /// How long it is shown, in milliseconds.
    pub(crate) duration_ms: u32,
}

/// Gives the frames of an animation one after the other.
pub(crate) trait Frames {
    /// How often the animation is played; 0: for ever.
    fn plays(&self) -> u32;

    /// The next frame; `None` after the last.
    ///
    /// # Errors
    ///
    /// Those of the decoder.
    fn next_frame(&mut self) -> Result<Option<Frame>, Error>;
}

/// What the samples of the planes mean, all 8 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColorModel {
    /// Luminance.
    Gray,
    /// Red, green, blue.
    Rgb,
    /// Luma and two colour differences, full range: ITU-T T.871 (JFIF) clause 7.
    YCbCr,
    /// The same with black at 16, white at 235: ITU-R BT.601.
    #[cfg_attr(not(feature = "webp"), allow(dead_code, reason = "WebP alone has it"))]
    YCbCrLimited,
    /// Cyan, magenta, yellow, black; 0 is no ink.
    Cmyk,
    /// The same with 255 as no ink, as Adobe's programs store it.
    CmykInverted,
    /// CMY as YCbCr, and black; inverted as Adobe's programs store it.
    YcckInverted,
}

/// How the samples of a plane lie along one axis of the stored picture. Sample `i` covers the pixels from `i * pitch` to
/// `(i + 1) * pitch`; the last one may reach beyond the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Axis {
    /// Samples along the axis, at least 1.
    pub(crate) samples: u32,
    /// Pixels that one sample covers, as a fraction: numerator, denominator; both at least 1.
    pub(crate) pitch: (u32, u32),
}

/// The part of a plane that is needed, in its samples. Neither range is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) columns: Range<u32>,
    pub(crate) rows: Range<u32>,
}

/// Samples that a row of a plane has behind its window, of any value: whole steps of the vector unit reach beyond its end.
pub(crate) const PADDING: usize = 8;

/// Takes the rows of the planes of a picture.
pub(crate) trait PlaneRows {
    /// Once, before the first row.
    ///
    /// # Errors
    ///
    /// Those of whoever takes the rows; the decoder passes them on.
    fn begin(&mut self, color: ColorModel) -> Result<(), Error>;

    /// The next row of the window of a component, 0..=255 with the fraction bits of its plan, with [`PADDING`] behind it.
    fn row(&mut self, component: usize, row: &[i16]);
}

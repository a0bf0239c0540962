//! What a decoder hands on and the resampler takes: rows of samples, and how they lie over the stored picture.
//!
//! Both sides know this file and not each other. Rows stream: nobody holds the whole picture.

use std::ops::Range;

/// What the samples of a decoded picture mean. All are 8 bits; alpha is not premultiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColorModel {
    /// Luminance.
    Gray,
    /// Luminance, alpha.
    GrayAlpha,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, alpha.
    Rgba,
    /// Luma and two colour differences, full range: ITU-T T.871 (JFIF) clause 7.
    YCbCr,
    /// Cyan, magenta, yellow, black; 0 is no ink.
    Cmyk,
    /// The same with 255 as no ink, as Adobe's programs store it.
    CmykInverted,
    /// CMY as YCbCr, and black; inverted as Adobe's programs store it.
    YcckInverted,
}

impl ColorModel {
    /// Samples that one pixel has.
    pub(crate) fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::GrayAlpha => 2,
            Self::Rgb | Self::YCbCr => 3,
            Self::Rgba | Self::Cmyk | Self::CmykInverted | Self::YcckInverted => 4,
        }
    }

    /// Whether pixels can be transparent.
    pub(crate) fn has_alpha(self) -> bool {
        matches!(self, Self::GrayAlpha | Self::Rgba)
    }
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

/// One plane: a row of it is delivered at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) columns: Axis,
    pub(crate) rows: Axis,
}

/// All planes of a decoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raster {
    pub(crate) color: ColorModel,
    /// One grid a channel where the channels come as planes of their own; a single grid where they come interleaved.
    pub(crate) planes: Vec<Grid>,
}

impl Raster {
    /// A picture whose channels come interleaved, at the size that it is stored in (pixels).
    pub(crate) fn packed(color: ColorModel, (width, height): (u32, u32)) -> Self {
        let axis = |samples| Axis { samples, pitch: (1, 1) };
        Self { color, planes: vec![Grid { columns: axis(width), rows: axis(height) }] }
    }

    /// Whether the rows of the only plane hold all channels of each pixel.
    pub(crate) fn is_packed(&self) -> bool {
        self.planes.len() == 1 && self.color.channels() > 1
    }
}

/// The part of a plane that is needed, in its samples. Neither range is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) columns: Range<u32>,
    pub(crate) rows: Range<u32>,
}

/// Takes the rows that a decoder makes.
pub(crate) trait RowSink {
    /// The next row of a plane. Rows of one plane come in order, from the first of its window to the last, each exactly once;
    /// rows of different planes come in any order. `samples` are those of the window's columns, interleaved where the raster is packed.
    fn row(&mut self, plane: usize, samples: &[u8]);
}

//! What the numbers of a picture mean, and making sRGB of them.
//!
//! A file says it by an ICC profile, by code points (ITU-T H.273) or by a gamma and chromaticities. All become one [`Profile`]: a curve a
//! channel, from 8-bit samples to linear light, and a 3 x 3 matrix. It is applied once, at the target size, where there are few pixels.
//!
//! Ours, and not `qcms`, `moxcms` or `lcms2`: those calculate pixels in 32-bit floats or in the vector instructions of the target, so that the same
//! photo could become other bytes in a browser than natively. Here tables and matrices are made in 64-bit floats by `+ - * /` and `libm`, and pixels
//! are integers. The others are references in tests.

#[cfg_attr(
    not(any(feature = "avif-heic-headers", feature = "png")),
    allow(dead_code, reason = "only these formats have code points")
)]
mod cicp;
mod conversion;
mod curve;
mod icc;
mod jpeg;
#[cfg(feature = "png")]
mod png;
mod primaries;

use crate::inspect::ColorSpace;
use crate::pixels::Pixels;
#[cfg(any(feature = "avif-heic-headers", feature = "png"))]
pub(crate) use cicp::CodePoints;
use conversion::Conversion;
use curve::{Curve, Range};
pub(crate) use jpeg::IccChunks;
#[cfg(feature = "png")]
pub(crate) use png::ColorChunks;
use primaries::{Matrix, Primaries};

/// What the samples of a picture are, before anything is said of their colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channels {
    Gray,
    Rgb,
}

/// The colours of a picture: their name, and how they become sRGB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    color_space: ColorSpace,
    /// `None`: the samples stay as they are, because they are sRGB already or because of a kind that is not converted.
    conversion: Option<Conversion>,
}

impl Profile {
    /// From an embedded ICC profile. `None`: it is broken, or not one for such a picture, and counts for nothing.
    pub(crate) fn from_icc(icc: &[u8], picture: Channels) -> Option<Self> {
        icc::profile(icc, picture)
    }

    pub(crate) fn color_space(&self) -> ColorSpace {
        self.color_space
    }

    /// Of a kind that can be named, but not converted.
    fn unconverted(color_space: ColorSpace) -> Self {
        Self { color_space, conversion: None }
    }

    /// From curves and the matrix to XYZ relative to D50. `None`: it is none of a visible colour space.
    fn rgb(to_xyz: &Matrix, curves: [Curve<'_>; 3], range: Range) -> Option<Self> {
        // Nearly always the three curves are one.
        let [red, ..] = curves;
        let table = red.table(range);
        let tables = curves.map(|curve| if curve == red { table } else { curve.table(range) });
        let conversion = Conversion::rgb(to_xyz, tables)?;
        Some(Self::new(named(to_xyz, &curves), conversion))
    }

    fn gray(curve: Curve<'_>, range: Range) -> Self {
        Self::new(ColorSpace::Gray, Conversion::gray(&curve.table(range)))
    }

    fn new(color_space: ColorSpace, conversion: Conversion) -> Self {
        let conversion = (!conversion.is_imperceptible()).then_some(conversion);
        Self { color_space, conversion }
    }
}

/// Makes sRGB of the pixels, in place. Without a profile they are sRGB already.
pub(crate) fn to_srgb(mut pixels: Pixels, profile: Option<&Profile>) -> Pixels {
    if let Some(conversion) = profile.and_then(|profile| profile.conversion.as_ref()) {
        conversion.apply(&mut pixels);
    }
    pixels
}

/// The name of a colour space, by its primaries and curves.
fn named(to_xyz: &Matrix, curves: &[Curve<'_>; 3]) -> ColorSpace {
    let spaces = [
        (ColorSpace::Srgb, Primaries::SRGB, Curve::SRGB),
        (ColorSpace::DisplayP3, Primaries::DISPLAY_P3, Curve::SRGB),
        (ColorSpace::AdobeRgb, Primaries::ADOBE_RGB, Curve::ADOBE_RGB),
    ];
    let is_one = |(_, primaries, curve): &(ColorSpace, Primaries, Curve<'_>)| {
        primaries.to_xyz_d50().is_some_and(|matrix| primaries::are_alike(&matrix, to_xyz))
            && curves.iter().all(|other| curve.is_like(other))
    };
    spaces.iter().find(|space| is_one(space)).map_or(ColorSpace::Other, |space| space.0)
}

#[cfg(test)]
mod tests;

//! Stretches of an axis of the stored picture, exactly.

use crate::raster::Axis;
use crate::{Crop, Fit};

/// A stretch of one axis of the stored picture, in pixels, as an exact fraction: a cover crop can begin between pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// Start times `denominator`.
    pub(crate) start: u64,
    /// Length times `denominator`.
    pub(crate) length: u64,
    /// At least 1.
    pub(crate) denominator: u64,
    /// The pixels that may be looked at, first and one past the last: those of the crop.
    pub(crate) bounds: (u32, u32),
}

/// How many samples the resampling filter reaches to either side where it enlarges.
const LOBES: u32 = 3;

impl Span {
    /// Whole pixels.
    pub(crate) fn whole(start: u32, length: u32) -> Self {
        Self {
            start: start.into(),
            length: length.into(),
            denominator: 1,
            bounds: (start, start.saturating_add(length)),
        }
    }

    /// The same stretch in samples of an axis, for so many output pixels. Where there are fewer samples than that, as in chroma at full
    /// scale, those just outside of the crop belong to the pixels at its edge: a crop is then what it is in the whole picture.
    pub(crate) fn in_samples(self, axis: Axis, outputs: u32) -> Self {
        let (pixels, per) = (u64::from(axis.pitch.0), u64::from(axis.pitch.1));
        let nearest =
            |edge: u32| u32::try_from((u64::from(edge) * per + pixels / 2) / pixels).unwrap_or(u32::MAX);
        let first = nearest(self.bounds.0).min(axis.samples - 1);
        let end = nearest(self.bounds.1).clamp(first + 1, axis.samples.max(first + 1));
        let (start, length, denominator) = (self.start * per, self.length * per, self.denominator * pixels);
        let beyond = if length < u64::from(outputs) * denominator { LOBES } else { 0 };
        let bounds = (first.saturating_sub(beyond), end.saturating_add(beyond).min(axis.samples.max(end)));
        Self { start, length, denominator, bounds }
    }

    /// The same stretch in boxes of `side` pixels, counted from the first pixel that may be looked at.
    pub(crate) fn in_boxes(self, side: u32) -> Self {
        let (first, end) = self.bounds;
        Self {
            start: self.start - u64::from(first) * self.denominator,
            length: self.length,
            denominator: self.denominator * u64::from(side),
            bounds: (0, (end - first).div_ceil(side).max(1)),
        }
    }

    /// The same stretch, counted from the other end of an axis of `side` pixels.
    pub(crate) fn mirrored(self, side: u32) -> Self {
        let (first, end) = self.bounds;
        Self {
            start: u64::from(side) * self.denominator - self.start - self.length,
            bounds: (side - end, side - first),
            ..self
        }
    }

    /// Pixels, or samples, that may be looked at.
    pub(crate) fn count(self) -> u64 {
        u64::from(self.bounds.1 - self.bounds.0)
    }
}

/// What of the crop is used, and how large it is in the output.
pub(super) fn fitted(crop: Crop, fit: Fit, target: (u32, u32)) -> (Span, Span, (u32, u32)) {
    match fit {
        Fit::Cover => {
            let (across, down) = cover(crop, target);
            (across, down, target)
        }
        Fit::Contain => {
            let across = Span::whole(crop.x, crop.width);
            (across, Span::whole(crop.y, crop.height), contained(crop, target))
        }
    }
}

/// The largest centred part of the crop that has the shape of the target.
fn cover(crop: Crop, target: (u32, u32)) -> (Span, Span) {
    let across = Span::whole(crop.x, crop.width);
    let down = Span::whole(crop.y, crop.height);
    let (crop_w, crop_h) = (u64::from(crop.width), u64::from(crop.height));
    let (target_w, target_h) = (u64::from(target.0), u64::from(target.1));
    // Sides are at most 32 bits and targets at most 13, so that no product here leaves 64 bits.
    if crop_w * target_h > crop_h * target_w {
        let denominator = 2 * target_h;
        let start = across.start * denominator + (crop_w * target_h - crop_h * target_w);
        (Span { start, length: 2 * crop_h * target_w, denominator, ..across }, down)
    } else {
        let denominator = 2 * target_w;
        let start = down.start * denominator + (crop_h * target_w - crop_w * target_h);
        (across, Span { start, length: 2 * crop_w * target_h, denominator, ..down })
    }
}

/// The largest size with the shape of the crop that fits into the target.
fn contained(crop: Crop, target: (u32, u32)) -> (u32, u32) {
    // Rounded division, at least one pixel.
    let side = |length: u32, by: u32, of: u32| {
        let scaled = (2 * u64::from(length) * u64::from(by) + u64::from(of)) / (2 * u64::from(of));
        u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
    };
    if u64::from(crop.width) * u64::from(target.1) > u64::from(crop.height) * u64::from(target.0) {
        (target.0, side(crop.height, target.0, crop.width).min(target.1))
    } else {
        (side(crop.width, target.1, crop.height).min(target.0), target.1)
    }
}

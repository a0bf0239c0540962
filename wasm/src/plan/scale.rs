//! How much of the source's resolution is decoded, or kept before the filter.

use super::span::Span;
use crate::Effort;
use crate::inspect::jpeg::Shape;
use crate::raster::Axis;
use crate::transform::MOST_BOX;

/// How the samples of a plane lie along the rows and along the columns of the stored picture.
pub(crate) type Place = (Axis, Axis);

/// One component of a JPEG picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlanePlan {
    /// Samples a block side that it is decoded to: 8, 4, 2 or 1.
    pub(crate) side: u8,
    pub(crate) place: Place,
}

/// The scale of each component of a JPEG picture, and where its samples then lie.
///
/// Of luma at least twice as many samples as the output has pixels are kept, where there are as many: then the picture is within 50 dB of a full
/// decode. That takes the more of them the fewer a block has, as less of its frequencies is right up to the highest one.
/// [`Effort::Fast`] keeps what libvips keeps, and so sharp, whose rule is the whole number in the ratio. A subsampled component was meant to be
/// seen at half the resolution, so it keeps half.
pub(super) fn planes(
    shape: &Shape,
    stored: (u32, u32),
    (columns, rows): (Span, Span),
    content: (u32, u32),
    effort: Effort,
) -> Vec<PlanePlan> {
    let factors: Vec<(u32, u32)> =
        shape.components().map(|(across, down)| (across.into(), down.into())).collect();
    let most_across = factors.iter().map(|factor| factor.0).max().unwrap_or(1);
    let most_down = factors.iter().map(|factor| factor.1).max().unwrap_or(1);
    factors
        .into_iter()
        .map(|(across, down)| {
            let is_subsampled = (across, down) != (most_across, most_down);
            // Both sides times what they are over; sides are below 2^16, denominators below 2^14.
            let is_enough = |span: Span, factor: u32, most: u32, outputs: u32, side: u8| {
                let (kept, whole) = (u64::from(factor) * u64::from(side), u64::from(most) * 8);
                let (length, outputs) = (span.length, u64::from(outputs) * span.denominator);
                // Eighths of a sample an output pixel.
                let wanted = match (effort, is_subsampled, side) {
                    (Effort::Best, false, 1) => 22,
                    (Effort::Best, false, 2) => 17,
                    (Effort::Best, false, _) => 16,
                    (Effort::Best, true, _) | (Effort::Fast, false, _) => 8,
                    (Effort::Fast, true, _) => 4,
                };
                // For speed: a scale of one in `n` only where there are `n + 1` pixels or more for each output pixel.
                let is_near = effort == Effort::Fast && !is_subsampled && kept < whole;
                let least = if is_near { outputs * (whole + kept) } else { 0 };
                8 * length * kept >= outputs * wanted * whole && length * kept >= least
            };
            let fits = |side: &u8| {
                is_enough(columns, across, most_across, content.0, *side)
                    && is_enough(rows, down, most_down, content.1, *side)
            };
            let side = [1, 2, 4].into_iter().find(fits).unwrap_or(8);
            let axis = |length: u32, factor: u32, most: u32| {
                let pitch = (most * 8, factor * u32::from(side));
                Axis { samples: (length * pitch.1).div_ceil(pitch.0).max(1), pitch }
            };
            PlanePlan { side, place: (axis(stored.0, across, most_across), axis(stored.1, down, most_down)) }
        })
        .collect()
}

/// The sides of the boxes whose means stand for the pixels of a picture that comes whole: powers of two that leave twice the samples
/// that the output has pixels. Fewer would save nothing that shows beside the decoding of all of it, so there is no effort to choose.
pub(super) fn boxes((columns, rows): (Span, Span), content: (u32, u32)) -> (u32, u32) {
    let side = |span: Span, outputs: u32| {
        let fits = |side: &u32| {
            span.length >= u64::from(outputs) * 2 * u64::from(*side) * span.denominator
                && u64::from(*side) <= span.count()
        };
        [MOST_BOX, 4, 2].into_iter().find(fits).unwrap_or(1)
    };
    (side(columns, content.0), side(rows, content.1))
}

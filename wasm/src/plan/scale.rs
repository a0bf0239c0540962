//! How much of the source's resolution is decoded, or kept before the filter.

use super::span::Span;
use crate::Effort;
use crate::inspect::jpeg::Shape;
use crate::raster::Axis;
use crate::transform::MOST_BOX;

/// How the samples of a plane lie along the rows and along the columns of the stored picture.
pub(crate) type Place = (Axis, Axis);

/// One component of a picture that comes in planes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlanePlan {
    /// Samples a block side that it is decoded to: 8, 4, 2 or 1.
    pub(crate) side: u8,
    /// Fraction bits of its samples: more than none where they are sums.
    pub(crate) fraction_bits: u32,
    /// Whether what a file asks for to smooth the edges of its blocks shows at all.
    #[cfg_attr(not(feature = "webp"), allow(dead_code, reason = "WebP alone is smoothed"))]
    pub(crate) shows_smoothing: bool,
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
            let place =
                (axis(stored.0, (across, most_across), side), axis(stored.1, (down, most_down), side));
            PlanePlan { side, fraction_bits: 0, shows_smoothing: true, place }
        })
        .collect()
}

/// An axis of `length` pixels on which a component has `factor` of `most` samples, made smaller to `side` samples a block.
fn axis(length: u32, (factor, most): (u32, u32), side: u8) -> Axis {
    let pitch = (most * 8, factor * u32::from(side));
    Axis { samples: (length * pitch.1).div_ceil(pitch.0).max(1), pitch }
}

/// The planes of a lossy WebP picture, whose chroma has half the samples of luma both ways: means over boxes that leave twice the samples that
/// the output has pixels, of luma and of chroma. `None` where chroma has fewer samples than the output pixels: then it has to be
/// enlarged, which is the decoder's work, as libwebp does it.
///
/// Only [`Effort::Fast`] goes without the loop filter, and only where many pixels become one. libwebp does so from a reduction to three quarters on.
pub(super) fn boxed_planes(
    stored: (u32, u32),
    (columns, rows): (Span, Span),
    content: (u32, u32),
    effort: Effort,
) -> Option<Vec<PlanePlan>> {
    // So many boxes of pixels for each of the output, along both axes.
    let are_enough = |pixels: u32, wanted: u32| {
        let enough = |span: Span, outputs: u32| {
            span.length >= u64::from(outputs) * u64::from(wanted * pixels) * span.denominator
        };
        enough(columns, content.0) && enough(rows, content.1)
    };
    if !are_enough(2, 1) {
        return None;
    }
    // Without it luma stays within 50 dB of what it would be, where 8 pixels or more become one; chroma of coarse files within 42.
    let shows_smoothing = effort == Effort::Best || !are_enough(4, 2);
    let plane = |factor: u32| {
        let pixels = 2 / factor;
        let box_side = [MOST_BOX, 4, 2].into_iter().find(|side| are_enough(side * pixels, 2)).unwrap_or(1);
        let side = (8 / box_side) as u8;
        let place = (axis(stored.0, (factor, 2), side), axis(stored.1, (factor, 2), side));
        PlanePlan { side, fraction_bits: 2 * box_side.trailing_zeros(), shows_smoothing, place }
    };
    Some(vec![plane(2), plane(1), plane(1)])
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

#[cfg(test)]
mod tests {
    use super::*;

    fn whole((width, height): (u32, u32)) -> (Span, Span) {
        (Span::whole(0, width), Span::whole(0, height))
    }

    #[test]
    fn boxes_leave_twice_the_samples_and_chroma_is_never_enlarged() {
        // Stored, content, sides of the blocks of luma and of chroma that are kept.
        for (stored, content, sides) in [
            ((4080, 3072), (340, 256), Some((2, 4))),
            ((4096, 4096), (256, 256), Some((1, 2))),
            ((512, 512), (256, 256), Some((8, 8))),
            ((1023, 1024), (256, 256), Some((8, 8))),
            ((1024, 1024), (256, 256), Some((4, 8))),
            ((511, 512), (256, 256), None),
            ((256, 256), (256, 256), None),
            ((100, 100), (256, 256), None),
        ] {
            let planes = boxed_planes(stored, whole(stored), content, Effort::Best);
            let got = planes.as_ref().map(|planes| (planes[0].side, planes[1].side));
            assert_eq!(got, sides, "{stored:?} to {content:?}");
            for plane in planes.into_iter().flatten() {
                let ((across, down), bits) = (plane.place, plane.fraction_bits);
                assert!(across.samples >= content.0 && down.samples >= content.1, "{stored:?}: {plane:?}");
                // Sums of 8 bits have to fit into 16 with a sign.
                assert!(bits <= 6 && 1 << bits == (8 / u32::from(plane.side)).pow(2), "{plane:?}");
            }
        }
    }

    #[test]
    fn smoothing_is_left_out_only_for_speed_and_only_of_what_becomes_much_smaller() {
        let shows = |side: u32, effort| {
            let planes = boxed_planes((side, side), whole((side, side)), (100, 100), effort).unwrap();
            planes.iter().all(|plane| plane.shows_smoothing)
        };
        assert!([200, 799, 800, 3000].into_iter().all(|side| shows(side, Effort::Best)));
        assert!([200, 799].into_iter().all(|side| shows(side, Effort::Fast)));
        assert!([800, 3000].into_iter().all(|side| !shows(side, Effort::Fast)));
    }
}

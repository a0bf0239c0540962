//! What a plan takes of memory, stated before the work begins.

use super::{Plan, Source};
#[cfg(feature = "gif-output")]
use crate::encode::gif;
use crate::encode::jpeg;
use crate::inspect::Coding;
use crate::inspect::jpeg::Shape;
use crate::raster::PADDING;
use crate::transform;
use crate::{OutputFormat, Recipe};

/// What making a picture takes of memory at its peak, in bytes, beyond the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryNeeded {
    /// What decoding and resampling take: it follows from the source. [`Limits::memory_budget_bytes`](crate::Limits) bounds it.
    pub working_bytes: u64,
    /// What the result takes while it is turned, placed and encoded: it follows from the size that the recipe asks for.
    pub result_bytes: u64,
    /// What of the result is there already while the source is decoded.
    content_bytes: u64,
}

impl MemoryNeeded {
    /// The peak of the whole work: the source is done with before the result is finished.
    #[must_use]
    pub fn peak_bytes(self) -> u64 {
        self.working_bytes.saturating_add(self.content_bytes).max(self.result_bytes)
    }
}

pub(super) fn needed(plan: &Plan, coding: Coding, stored: (u32, u32), recipe: &Recipe) -> MemoryNeeded {
    let decoder = match (coding, &plan.source) {
        (Coding::Jpeg(shape), Source::Planes(_)) => jpeg_bytes(&shape, plan, stored),
        (Coding::Vp8 { decoder_bytes } | Coding::Whole { decoder_bytes }, _) => decoder_bytes,
        (Coding::Jpeg(_), Source::Rows { .. }) => 0,
    };
    let area = |(width, height): (u32, u32)| u64::from(width) * u64::from(height);
    // The content, and while it is turned or placed a copy of it; then the finished picture and what its encoder takes. Only JPEG has no alpha.
    let (channels, encoder) = match recipe.format {
        OutputFormat::Jpeg => (3, jpeg::encoder_bytes(recipe)),
        OutputFormat::Png => (4, area(plan.canvas)),
        OutputFormat::Webp => (4, area(plan.canvas) * 6),
        #[cfg(feature = "gif-output")]
        OutputFormat::Gif => (4, area(plan.canvas) * 8 + gif::PALETTE_BYTES),
        #[cfg(not(feature = "gif-output"))]
        OutputFormat::Gif => (4, 0),
    };
    // Beyond the edges of a turned picture there is nothing: it has alpha until it lies on a background.
    let shows_beyond = plan.turn.is_some_and(|turn| turn.shows_beyond);
    let channels = if shows_beyond { 4 } else { channels };
    let content_bytes = area(plan.content) * 4;
    let result_bytes = (content_bytes + area(plan.canvas) * 4).max(area(plan.canvas) * channels + encoder);
    let working_bytes = decoder.saturating_add(transform::working_bytes(plan));
    MemoryNeeded { working_bytes, result_bytes, content_bytes }
}

/// Rows of blocks of the crop, in 16-bit samples; in a progressive file coefficients of all blocks and where they are not zero; and where
/// each component has scans of its own, the resampled planes that wait for each other.
fn jpeg_bytes(shape: &Shape, plan: &Plan, stored: (u32, u32)) -> u64 {
    let Source::Planes(planes) = &plan.source else { return 0 };
    let most = |pick: fn((u8, u8)) -> u8| u64::from(shape.components().map(pick).max().unwrap_or(1));
    let units_across = u64::from(stored.0).div_ceil(8 * most(|factor| factor.0));
    let units_down = u64::from(stored.1).div_ceil(8 * most(|factor| factor.1));
    planes
        .iter()
        .zip(shape.components())
        .map(|(plane, (across, down))| {
            let side = u64::from(plane.side);
            let columns = plan.columns.in_samples(plane.place.0, plan.samples().0).count();
            let strip = (columns + 2 * side + PADDING as u64) * side * u64::from(down) * 2;
            let blocks = units_across * u64::from(across) * units_down * u64::from(down);
            let coefficients = if shape.is_progressive { blocks * bytes_a_block(plane.side) } else { 0 };
            let waiting = if shape.is_interleaved || plan.turn.is_some() {
                0
            } else {
                u64::from(plan.content.0) * u64::from(plan.content.1) * 2
            };
            strip + coefficients + waiting
        })
        .sum()
}

/// Of a progressive file: the 16-bit coefficients that are kept of a block, and a bit for each that is not zero.
fn bytes_a_block(side: u8) -> u64 {
    match side {
        1 => 2,
        2 => 4 * 2 + 8,
        4 => 16 * 2 + 8,
        _ => 64 * 2 + 8,
    }
}

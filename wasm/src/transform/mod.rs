//! pixels -> pixels: resample the part that is wanted, turn it, place it on its canvas.

mod kernel;
mod orient;
mod place;
mod planes;
mod resample;

use crate::pixels::Pixels;
use crate::plan::{Plan, Span};
pub(crate) use planes::Reduction;

/// The part of a whole picture that is wanted, at its new size, still lying as it is stored. Resampling comes first: everything after it
/// touches few pixels.
pub(crate) fn resample(stored: &Pixels, plan: &Plan) -> Pixels {
    resample::resample(stored, plan.columns, plan.rows, plan.content)
}

/// Turns the content upright and places it on its canvas.
pub(crate) fn arrange(content: Pixels, plan: &Plan, background: [u8; 3]) -> Pixels {
    let upright = orient::orient(content, plan.orientation);
    let seen = if plan.keeps_alpha { upright } else { upright.flattened(background) };
    place::place(seen, plan.canvas, plan.keeps_alpha, background)
}

/// The whole picture at another size, in pixels.
pub(crate) fn resized(pixels: &Pixels, size: (u32, u32)) -> Pixels {
    resample::resample(pixels, whole(pixels.width), whole(pixels.height), size)
}

fn whole(side: usize) -> Span {
    let side = u32::try_from(side).unwrap_or(u32::MAX);
    Span { start: 0, length: side.into(), denominator: 1, bounds: (0, side) }
}

/// For tests: a picture whose every pixel tells where it is.
#[cfg(test)]
fn numbered(width: usize, height: usize) -> Pixels {
    use crate::pixels::Layout;
    let data = (0..height).flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, 0])).collect();
    Pixels { width, height, layout: Layout::Rgb, data }
}

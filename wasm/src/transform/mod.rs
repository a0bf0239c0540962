//! pixels -> pixels: resample the part that is wanted, turn it, place it on its canvas.

mod channel;
mod color;
mod kernel;
mod load;
mod orient;
mod place;
mod reduction;
mod straighten;
mod vector;

use crate::pixels::Pixels;
use crate::plan::Plan;
use crate::raster::Rows;
pub(crate) use load::MOST_BOX;
pub(crate) use reduction::{Reduction, working_bytes};

/// Turns the content upright and places it on its canvas.
pub(crate) fn arrange(content: Pixels, plan: &Plan, background: [u8; 3]) -> Pixels {
    let upright = orient::orient(content, plan.orientation);
    let seen = if plan.keeps_alpha { upright } else { upright.flattened(background) };
    place::place(seen, plan.canvas, plan.keeps_alpha, background)
}

/// What the plan wants of a picture that is whole in memory, still lying as it is stored; `None` where there is no memory for it.
pub(crate) fn reduced(pixels: &Pixels, plan: &Plan) -> Option<Pixels> {
    let mut reduction = Reduction::new(plan);
    Rows::begin(&mut reduction, pixels.layout).ok()?;
    for row in pixels.rows() {
        if Rows::row(&mut reduction, row).is_break() {
            break;
        }
    }
    reduction.finish()
}

/// For tests: a picture whose every pixel tells where it is.
#[cfg(test)]
fn numbered(width: usize, height: usize) -> Pixels {
    use crate::pixels::Layout;
    let data = (0..height).flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, 0])).collect();
    Pixels { width, height, layout: Layout::Rgb, data }
}

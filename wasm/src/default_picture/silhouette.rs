//! Head and shoulders, for a name of which nothing can be drawn.

use super::geometry::{Point, Shape};
use super::path::{Placement, Step, a, pixels};

/// Side of the square that the drawings are made for, in units.
const SIDE: i64 = 1000;

const HEAD: &[Step] = &[a(500, 400, 168, 172, 0, 360)];
const SHOULDERS: &[Step] = &[a(500, 1010, 345, 355, 180, 360)];

/// The figure in the middle, standing on the lower edge of the picture; sizes are in pixels.
pub(super) fn shapes((width, height): (usize, usize)) -> Vec<Shape> {
    let side = pixels(width.min(height));
    let origin = Point { x: (pixels(width) - side) / 2, y: pixels(height) - side };
    let placement = Placement { origin, unit: (side, SIDE) };
    [HEAD, SHOULDERS].iter().flat_map(|steps| placement.lines(steps)).map(Shape::Area).collect()
}

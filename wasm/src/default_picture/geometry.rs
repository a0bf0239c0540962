//! Points, strokes and filled outlines, in integers of 1/256 of a pixel.

/// One pixel.
pub(super) const ONE: i64 = 256;

/// A part of a horizontal line: where it starts and where it ends, in 1/256 of a pixel.
pub(super) type Stretch = (i64, i64);

/// x grows to the right, y downwards, in 1/256 of a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) x: i64,
    pub(super) y: i64,
}

/// The half axes of the ellipse that a stroke is drawn with. A little lower than wide: horizontal strokes look heavier than upright ones of the
/// same width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pen {
    pub(super) across: i64,
    pub(super) down: i64,
}

/// Something that is covered.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// What the pen covers on its way along a straight line. `side` is how far the long edges are from the line.
    Stroke { from: Point, to: Point, pen: Pen, side: Point },
    /// A closed outline; places that it goes round twice are outside.
    Area(Vec<Point>),
}

impl Shape {
    pub(super) fn stroke(from: Point, to: Point, pen: Pen) -> Self {
        let pen = Pen { across: pen.across.max(1), down: pen.down.max(1) };
        // Where the pen is a circle: y counts `across / down` as much there.
        let (dx, dy) = (to.x - from.x, (to.y - from.y) * pen.across / pen.down);
        let length = (dx * dx + dy * dy).unsigned_abs().isqrt() as i64;
        let side = if length == 0 {
            Point { x: 0, y: 0 }
        } else {
            Point { x: -dy * pen.across / length, y: dx * pen.down / length }
        };
        Self::Stroke { from, to, pen, side }
    }

    /// Top and bottom.
    pub(super) fn extent(&self) -> (i64, i64) {
        match self {
            Self::Stroke { from, to, pen, .. } => (from.y.min(to.y) - pen.down, from.y.max(to.y) + pen.down),
            Self::Area(outline) => {
                let ys = || outline.iter().map(|point| point.y);
                (ys().min().unwrap_or(0), ys().max().unwrap_or(0))
            }
        }
    }

    /// Adds the stretches of the horizontal line at `y` that the shape covers.
    pub(super) fn stretches(&self, y: i64, found: &mut Vec<Stretch>) {
        match self {
            Self::Stroke { from, to, pen, side } => {
                let mut stretch = (i64::MAX, i64::MIN);
                let mut reach = |x: i64| stretch = (stretch.0.min(x), stretch.1.max(x));
                for end in [from, to] {
                    let below = y - end.y;
                    if below.abs() <= pen.down {
                        let half = (pen.down * pen.down - below * below).unsigned_abs().isqrt() as i64;
                        let half = half * pen.across / pen.down;
                        reach(end.x - half);
                        reach(end.x + half);
                    }
                }
                let plus = |point: &Point| Point { x: point.x + side.x, y: point.y + side.y };
                let minus = |point: &Point| Point { x: point.x - side.x, y: point.y - side.y };
                crossings(&[plus(from), plus(to), minus(to), minus(from)], y).for_each(reach);
                if stretch.0 < stretch.1 {
                    found.push(stretch);
                }
            }
            Self::Area(outline) => {
                let mut xs: Vec<i64> = crossings(outline, y).collect();
                sort(&mut xs);
                found.extend(xs.as_chunks::<2>().0.iter().map(|&[start, end]| (start, end)));
            }
        }
    }
}

/// By insertion: there are few, mostly in order, and the standard library's sort adds kilobytes to the wasm for each type.
pub(super) fn sort<T: Ord>(items: &mut [T]) {
    for sorted in 1..items.len() {
        let mut at = sorted;
        while at > 0 && items[at] < items[at - 1] {
            items.swap(at, at - 1);
            at -= 1;
        }
    }
}

/// Where a closed outline crosses the horizontal line at `y`.
fn crossings(outline: &[Point], y: i64) -> impl Iterator<Item = i64> {
    let next = outline.iter().cycle().skip(1);
    outline.iter().zip(next).filter_map(move |(a, b)| {
        // From the top down, so that two outlines agree about the edge that they share.
        let (a, b) = if a.y <= b.y { (a, b) } else { (b, a) };
        (a.y <= y && y < b.y).then(|| a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y))
    })
}

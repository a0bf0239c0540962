//! Drawings in whole units, and their way to shapes of a certain size in pixels.

use super::geometry::{ONE, Pen, Point, Shape};

/// One step of a drawing, in units; x grows to the right, y downwards.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// Begins anew.
    Move(i16, i16),
    /// Straight on.
    Line(i16, i16),
    /// On along an ellipse: centre, half axes, from one angle to another in degrees; 0 is to the right and 90 down.
    Arc { center: (i16, i16), radii: (i16, i16), degrees: (i16, i16) },
    /// On along a cubic Bézier curve: two control points and the end.
    Curve((i16, i16), (i16, i16), (i16, i16)),
}

pub(super) const fn m(x: i16, y: i16) -> Step {
    Step::Move(x, y)
}

pub(super) const fn l(x: i16, y: i16) -> Step {
    Step::Line(x, y)
}

pub(super) const fn a(x: i16, y: i16, rx: i16, ry: i16, from: i16, to: i16) -> Step {
    Step::Arc { center: (x, y), radii: (rx, ry), degrees: (from, to) }
}

pub(super) const fn c(x1: i16, y1: i16, x2: i16, y2: i16, x: i16, y: i16) -> Step {
    Step::Curve((x1, y1), (x2, y2), (x, y))
}

/// How units become pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placement {
    /// Where the units' origin lies.
    pub(super) origin: Point,
    /// Length of a unit, in 1/256 of a pixel, as a fraction: numerator, denominator; the latter at least 1.
    pub(super) unit: (i64, i64),
}

impl Placement {
    pub(super) fn length(&self, units: i64) -> i64 {
        (2 * units * self.unit.0 + self.unit.1).div_euclid(2 * self.unit.1)
    }

    pub(super) fn point(&self, (x, y): (i64, i64)) -> Point {
        Point { x: self.origin.x + self.length(x), y: self.origin.y + self.length(y) }
    }

    /// The drawing as lines, without the pieces that begin anew being joined.
    pub(super) fn lines(&self, steps: &[Step]) -> Vec<Vec<Point>> {
        let place = |(x, y): (i16, i16)| self.point((x.into(), y.into()));
        let mut lines: Vec<Vec<Point>> = Vec::new();
        for step in steps {
            if lines.is_empty() || matches!(step, Step::Move(..)) {
                lines.push(Vec::new());
            }
            let Some(line) = lines.last_mut() else { continue };
            match *step {
                Step::Move(x, y) | Step::Line(x, y) => line.push(place((x, y))),
                Step::Arc { center, radii, degrees } => {
                    let radii = (self.length(radii.0.into()), self.length(radii.1.into()));
                    arc(place(center), radii, degrees, line);
                }
                Step::Curve(first, second, end) => {
                    if let Some(&start) = line.last() {
                        curve([start, place(first), place(second), place(end)], line);
                    }
                }
            }
        }
        lines
    }

    /// The drawing, drawn with a pen.
    pub(super) fn strokes(&self, steps: &[Step], pen: Pen, shapes: &mut Vec<Shape>) {
        for line in self.lines(steps) {
            if let [dot] = *line {
                shapes.push(Shape::stroke(dot, dot, pen));
            }
            shapes.extend(line.windows(2).map(|ends| Shape::stroke(ends[0], ends[1], pen)));
        }
    }
}

/// Pieces that a turn of so many degrees takes to stay within about 1/32 of a pixel.
fn pieces(degrees: i64, radius: i64) -> i64 {
    // The height of an arc's segment is radius * angle^2 / 8; `ONE.isqrt()` is 16.
    degrees * radius.unsigned_abs().isqrt() as i64 / 458 + 1
}

fn arc(center: Point, radii: (i64, i64), (from, to): (i16, i16), line: &mut Vec<Point>) {
    let sweep = i64::from(to) - i64::from(from);
    let count = pieces(sweep.abs(), radii.0.max(radii.1));
    for piece in 0..=count {
        let degrees = f64::from(from) + sweep as f64 * piece as f64 / count as f64;
        let radians = degrees * std::f64::consts::PI / 180.0;
        let x = center.x + (radii.0 as f64 * libm::cos(radians)).round() as i64;
        let y = center.y + (radii.1 as f64 * libm::sin(radians)).round() as i64;
        line.push(Point { x, y });
    }
}

fn curve(points: [Point; 4], line: &mut Vec<Point>) {
    let reach = points.windows(2).map(|ends| (ends[1].x - ends[0].x).abs() + (ends[1].y - ends[0].y).abs());
    let count = pieces(120, reach.sum::<i64>().min(1 << 24));
    let at = |piece: i64, axis: fn(&Point) -> i64| {
        let (t, s) = (piece, count - piece);
        let [start, first, second, end] = points.each_ref().map(axis);
        let sum = s * s * s * start + 3 * s * s * t * first + 3 * s * t * t * second + t * t * t * end;
        let cube = count * count * count;
        (2 * sum + cube).div_euclid(2 * cube)
    };
    line.extend((1..=count).map(|piece| Point { x: at(piece, |p| p.x), y: at(piece, |p| p.y) }));
}

/// So many pixels.
pub(super) fn pixels(count: usize) -> i64 {
    count as i64 * ONE
}

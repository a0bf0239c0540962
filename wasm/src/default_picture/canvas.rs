//! Shapes to pixels: coverage by area, in integers, so that the same shapes give the same bytes everywhere.
//!
//! A pixel has [`SAMPLE_ROWS`] sample rows. On each, the shapes of a layer give stretches, exact to 1/256 of a pixel; stretches that meet or
//! overlap are one before they count, so that neither joins of strokes nor edges between tiles show.

use super::geometry::{ONE, Shape, Stretch, sort};
use crate::Error;
use crate::pixels::{Layout, Pixels};

/// Sample rows a pixel. Divides [`ONE`].
const SAMPLE_ROWS: i64 = 16;

/// What full coverage sums up to.
const FULL: i32 = (SAMPLE_ROWS * ONE) as i32;

/// From the top to the bottom of the picture, sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gradient {
    pub(super) top: [u8; 3],
    pub(super) bottom: [u8; 3],
}

impl Gradient {
    fn at(&self, row: usize, height: usize) -> [u8; 3] {
        let (after, all) = (2 * row as u32 + 1, 2 * height as u32);
        let mix = |(top, bottom): (u8, u8)| {
            let sum = u32::from(top) * (all - after) + u32::from(bottom) * after;
            ((sum + all / 2) / all) as u8
        };
        std::array::from_fn(|channel| mix((self.top[channel], self.bottom[channel])))
    }
}

/// Shapes of one colour; where they overlap they are one.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub(super) color: [u8; 3],
    pub(super) shapes: Vec<Shape>,
}

/// Paints the layers in their order over the background. Shapes may reach outside of the picture.
pub(super) fn paint(
    (width, height): (usize, usize),
    background: Gradient,
    layers: &[Layer],
) -> Result<Pixels, Error> {
    let bytes = width.saturating_mul(height).saturating_mul(3);
    let mut data = Vec::new();
    data.try_reserve_exact(bytes).map_err(|_| Error::OutOfMemory { needed_bytes: bytes as u64 })?;
    let mut scanners: Vec<Scanner> = layers.iter().map(|layer| Scanner::new(layer, width)).collect();
    for row in 0..height {
        let start = data.len();
        let color = background.at(row, height);
        data.extend(std::iter::repeat_n(color, width).flatten());
        for scanner in &mut scanners {
            scanner.blend(row, data.get_mut(start..).unwrap_or_default());
        }
    }
    Ok(Pixels { width, height, layout: Layout::Rgb, data })
}

/// Goes through a layer row by row.
struct Scanner<'a> {
    color: [u8; 3],
    /// With their tops and bottoms, in 1/256 of a pixel.
    shapes: Vec<(i64, i64, &'a Shape)>,
    /// The stretches of a sample row.
    stretches: Vec<Stretch>,
    /// How the coverage of a row changes from pixel to pixel.
    changes: Vec<i32>,
}

impl<'a> Scanner<'a> {
    fn new(layer: &'a Layer, width: usize) -> Self {
        let shapes = layer.shapes.iter().map(|shape| {
            let (top, bottom) = shape.extent();
            (top, bottom, shape)
        });
        let (shapes, stretches) = (shapes.collect(), Vec::new());
        Self { color: layer.color, shapes, stretches, changes: vec![0; width + 2] }
    }

    fn blend(&mut self, row: usize, pixels: &mut [u8]) {
        let (top, bottom) = (row as i64 * ONE, (row as i64 + 1) * ONE);
        let is_near = |(start, end, _): &&(i64, i64, &Shape)| *start <= bottom && *end >= top;
        let near: Vec<_> = self.shapes.iter().filter(is_near).collect();
        if near.is_empty() {
            return;
        }
        let right = (pixels.len() / 3) as i64 * ONE;
        let step = ONE / SAMPLE_ROWS;
        for sample in 0..SAMPLE_ROWS {
            let y = top + sample * step + step / 2;
            self.stretches.clear();
            for (start, end, shape) in &near {
                if (*start..=*end).contains(&y) {
                    shape.stretches(y, &mut self.stretches);
                }
            }
            sort(&mut self.stretches);
            let mut covered = 0;
            for &(start, end) in &self.stretches {
                let (start, end) = (start.clamp(covered, right), end.clamp(covered, right));
                if start < end {
                    change(&mut self.changes, start, 1);
                    change(&mut self.changes, end, -1);
                    covered = end;
                }
            }
        }
        let mut coverage = 0;
        let (pixels, _) = pixels.as_chunks_mut::<3>();
        for (pixel, change) in pixels.iter_mut().zip(&self.changes) {
            coverage += change;
            if coverage > 0 {
                for (sample, color) in pixel.iter_mut().zip(self.color) {
                    let sum = i32::from(*sample) * (FULL - coverage) + i32::from(color) * coverage;
                    *sample = ((sum + FULL / 2) / FULL) as u8;
                }
            }
        }
        self.changes.fill(0);
    }
}

/// From `x` on, in 1/256 of a pixel, everything is covered on one sample row more, or one less.
fn change(changes: &mut [i32], x: i64, sign: i32) {
    let (pixel, fraction) = ((x / ONE) as usize, (x % ONE) as i32);
    if let Some([here, next]) = changes.get_mut(pixel..pixel + 2) {
        *here += sign * (ONE as i32 - fraction);
        *next += sign * fraction;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::default_picture::geometry::{Pen, Point};

    const BLACK: Gradient = Gradient { top: [0; 3], bottom: [0; 3] };

    fn point(x: i64, y: i64) -> Point {
        Point { x, y }
    }

    fn painted(size: (usize, usize), shapes: Vec<Shape>) -> Vec<u8> {
        let picture = paint(size, BLACK, &[Layer { color: [255; 3], shapes }]).unwrap();
        picture.data.chunks(3).map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn a_pixel_is_as_light_as_it_is_covered() {
        // From (0.5, 0) to (2.25, 1.5).
        let outline = vec![point(128, 0), point(576, 0), point(576, 384), point(128, 384)];
        assert_eq!(painted((3, 2), vec![Shape::Area(outline)]), [128, 255, 64, 64, 128, 32]);
    }

    #[test]
    fn edges_that_meet_leave_no_seam() {
        let corners = [point(0, 0), point(1787, 0), point(1787, 1787), point(0, 1787)];
        let halves = vec![
            Shape::Area(vec![corners[0], corners[1], corners[2]]),
            Shape::Area(vec![corners[0], corners[2], corners[3]]),
        ];
        assert_eq!(painted((7, 7), halves), painted((7, 7), vec![Shape::Area(corners.to_vec())]));
    }

    #[test]
    fn what_overlaps_counts_once() {
        let dot = Shape::stroke(point(300, 300), point(300, 300), Pen { across: 200, down: 200 });
        assert_eq!(painted((3, 3), vec![dot.clone(), dot.clone()]), painted((3, 3), vec![dot]));
    }

    #[test]
    fn a_stroke_has_the_area_of_its_shape() {
        let pen = Pen { across: 3 * ONE, down: 2 * ONE };
        let shape = Shape::stroke(point(5 * ONE, 5 * ONE), point(25 * ONE, 14 * ONE), pen);
        let sum: f64 =
            painted((32, 20), vec![shape]).into_iter().map(|sample| f64::from(sample) / 255.0).sum();
        // An ellipse, and a parallelogram of twice the pen's reach across the line: sqrt((3 * 9)^2 + (2 * 20)^2).
        let wanted = std::f64::consts::PI * 6.0 + 2.0 * f64::hypot(27.0, 40.0);
        assert!((sum - wanted).abs() < 0.5, "{sum}, not {wanted}");
    }

    #[test]
    fn shapes_may_reach_outside() {
        let outline = vec![point(-900, -900), point(9000, -900), point(9000, 9000), point(-900, 9000)];
        assert_eq!(painted((2, 2), vec![Shape::Area(outline)]), [255; 4]);
    }
}

//! A turn by less than a quarter: which part of the source it needs, at which resolution, and where in it each pixel of the content lies.
//!
//! The picture that a person sees is turned clockwise about its centre. What is worked out here is the inverse, in the picture as it is
//! stored: a mirrored picture turns the other way. Sines and cosines are `libm`'s, and what comes of them becomes integers once.

use super::Part;
use super::span::{self, Span};
use crate::{Effort, Fit, Orientation, Recipe};
use std::f64::consts::PI;

/// Samples that the source is resampled to for each pixel of the output, along either axis. With two a short filter between them is as good as
/// the long one that made them, within 55 dB; with one and a half, within 50.
const fn oversampling(effort: Effort) -> f64 {
    match effort {
        Effort::Best => 2.0,
        Effort::Fast => 1.5,
    }
}

/// What the long filter and the short one see beyond the place of a pixel, in pixels of the output: three lobes, and two samples.
const REACH: f64 = 4.0;
/// Places are in samples times `1 << FRACTION_BITS`.
pub(crate) const FRACTION_BITS: u32 = 24;
const ONE: f64 = (1 << FRACTION_BITS) as f64;

/// How the resampled part of the source is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Turn {
    /// The size of the resampled part, in samples.
    pub(crate) samples: (u32, u32),
    /// Pixels of the output that this part has: the filter that makes the samples is as wide as for these.
    pub(crate) pixels: (u32, u32),
    /// Where the pixels of the content lie along the rows of samples.
    pub(crate) across: Places,
    /// Where they lie along the columns. Places do not go back from one pixel to the one below it.
    pub(crate) down: Places,
    /// Whether something beyond the edges of the picture is to be seen.
    pub(crate) shows_beyond: bool,
}

/// Where the pixels of the content lie along one axis of samples. All of it in samples times `1 << FRACTION_BITS`, counted from the centre
/// of the first sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Places {
    /// The centre of the first pixel.
    first: i64,
    /// From one pixel to the next of its row, and of its column.
    right: i64,
    below: i64,
    /// Half of what a pixel covers; at least 1.
    pub(crate) half_pixel: i64,
    /// Where the picture begins and ends.
    pub(crate) edges: (i64, i64),
}

impl Places {
    /// The centre of a pixel of the content.
    #[inline(always)]
    pub(crate) fn of(&self, column: u32, row: u32) -> i64 {
        self.first + i64::from(column) * self.right + i64::from(row) * self.below
    }
}

/// What is to be seen: a rectangle of the turned picture.
#[derive(Debug, Clone, Copy)]
struct View {
    /// Its centre, in pixels from the centre of the picture.
    centre: (f64, f64),
    /// In pixels of the picture.
    size: (f64, f64),
    /// In pixels of the output.
    content: (u32, u32),
    /// Of the angle, clockwise.
    sine: f64,
    cosine: f64,
}

/// The part of the stored picture, the size of the content as stored, and its turn. `recipe.straighten` is not 0, and its crop is within
/// the picture, whose size is that which a person sees.
pub(super) fn turned(seen: (u32, u32), recipe: &Recipe, orientation: Orientation) -> Part {
    let view = View::new(seen, recipe).as_stored(orientation);
    let stored = orientation.size_seen(seen);
    let View { centre, size, content, sine, cosine } = view;
    let steps = (size.0 / f64::from(content.0), size.1 / f64::from(content.1));
    // The two are the same but for the rounding of the content's size.
    let step = steps.0.max(steps.1);

    // Turned back, along the rows and along the columns of the stored picture.
    let across = Axis {
        side: stored.0.into(),
        centre: centre.0 * cosine + centre.1 * sine,
        half: (size.0 * cosine + size.1 * sine.abs()) / 2.0,
        right: steps.0 * cosine,
        below: steps.1 * sine,
    };
    let down = Axis {
        side: stored.1.into(),
        centre: centre.1 * cosine - centre.0 * sine,
        half: (size.1 * cosine + size.0 * sine.abs()) / 2.0,
        right: -steps.0 * sine,
        below: steps.1 * cosine,
    };
    let scale = Scale { step, oversampling: oversampling(recipe.effort), content };
    let (columns, rows) = (across.needed(step), down.needed(step));
    let (samples, pixels) = (scale.samples(columns), scale.pixels(columns));
    let turn = Turn {
        samples: (samples, scale.samples(rows)),
        pixels: (pixels, scale.pixels(rows)),
        across: scale.places(&across, columns),
        down: scale.places(&down, rows),
        shows_beyond: !(across.is_within(step / 1000.0) && down.is_within(step / 1000.0)),
    };
    Part { columns, rows, content, turn: Some(turn) }
}

/// One axis of the stored picture, and what of it the view covers; all in pixels of the picture.
#[derive(Debug, Clone, Copy)]
struct Axis {
    /// Of the picture.
    side: f64,
    /// The centre of the view, from the middle of the picture.
    centre: f64,
    /// Half of what the view covers.
    half: f64,
    /// From one pixel of the content to the next of its row, and of its column.
    right: f64,
    below: f64,
}

impl Axis {
    /// The whole pixels that are needed, with what the filters see on either side; at least one.
    fn needed(&self, step: f64) -> Span {
        let (middle, reach) = (self.side / 2.0 + self.centre, self.half + REACH * step.max(1.0) + 1.0);
        let first = (middle - reach).floor().min(self.side - 1.0).max(0.0);
        let end = (middle + reach).ceil().min(self.side).max(first + 1.0);
        Span::whole(first as u32, (end - first) as u32)
    }

    /// Whether the view lies within the picture, but for so much.
    fn is_within(&self, tolerance: f64) -> bool {
        self.centre.abs() + self.half <= self.side / 2.0 + tolerance
    }
}

/// How pixels of the picture, samples and pixels of the output go together.
#[derive(Debug, Clone, Copy)]
struct Scale {
    /// Pixels of the picture for one of the output.
    step: f64,
    oversampling: f64,
    content: (u32, u32),
}

impl Scale {
    fn samples(&self, span: Span) -> u32 {
        (span.count() as f64 * self.oversampling / self.step.max(1.0)).ceil() as u32
    }

    fn pixels(&self, span: Span) -> u32 {
        (span.count() as f64 / self.step).round().max(1.0) as u32
    }

    fn places(&self, axis: &Axis, span: Span) -> Places {
        let density = f64::from(self.samples(span)) / span.count() as f64;
        let fixed = |samples: f64| (samples * ONE).round() as i64;
        let place = |pixels: f64| fixed((pixels - f64::from(span.bounds.0)) * density - 0.5);
        let before = |count: u32, step: f64| (f64::from(count) - 1.0) / 2.0 * step;
        let centre = axis.side / 2.0 + axis.centre;
        Places {
            first: place(centre - before(self.content.0, axis.right) - before(self.content.1, axis.below)),
            right: fixed(axis.right * density),
            below: fixed(axis.below * density),
            half_pixel: fixed(self.step * density / 2.0).max(1),
            edges: (place(0.0), place(axis.side)),
        }
    }
}

impl View {
    /// As a person sees it.
    fn new((width, height): (u32, u32), recipe: &Recipe) -> Self {
        let angle = f64::from(recipe.straighten) * (PI / 18_000.0);
        let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
        let target = (recipe.width, recipe.height);
        // The sides of the upright rectangle round a turned one.
        let round = |(w, h): (f64, f64)| (w * cosine + h * sine.abs(), w * sine.abs() + h * cosine);
        let whole = (f64::from(width), f64::from(height));
        let (centre, size, content) = match (recipe.crop, recipe.fit) {
            (None, Fit::Cover) => {
                // A rectangle lies within the turned picture where the one round it, turned back, lies within the picture.
                let shape = (f64::from(target.0), f64::from(target.1));
                let around = round(shape);
                let scale = (whole.0 / around.0).min(whole.1 / around.1);
                ((0.0, 0.0), (shape.0 * scale, shape.1 * scale), target)
            }
            (None, Fit::Contain) => {
                let size = round(whole);
                ((0.0, 0.0), size, contained(size, target))
            }
            (Some(crop), fit) => {
                let (across, down, content) = span::fitted(crop, fit, target);
                let along = |span: Span, side: f64| {
                    let (start, length) = (span.start as f64, span.length as f64);
                    let denominator = span.denominator as f64;
                    ((start + length / 2.0) / denominator - side / 2.0, length / denominator)
                };
                let (across, down) = (along(across, whole.0), along(down, whole.1));
                ((across.0, down.0), (across.1, down.1), content)
            }
        };
        Self { centre, size, content, sine, cosine }
    }

    /// The same in the picture as it is stored.
    fn as_stored(mut self, orientation: Orientation) -> Self {
        let (mirror_x, mirror_y) = orientation.mirrors();
        if mirror_x {
            (self.centre.0, self.sine) = (-self.centre.0, -self.sine);
        }
        if mirror_y {
            (self.centre.1, self.sine) = (-self.centre.1, -self.sine);
        }
        if orientation.swaps_sides() {
            let swapped = |(x, y): (f64, f64)| (y, x);
            (self.centre, self.size, self.sine) = (swapped(self.centre), swapped(self.size), -self.sine);
        }
        Self { content: orientation.size_seen(self.content), ..self }
    }
}

/// The largest size of the shape that fits into the target, at least one pixel.
fn contained((width, height): (f64, f64), target: (u32, u32)) -> (u32, u32) {
    let (w, h) = (f64::from(target.0), f64::from(target.1));
    let side = |length: f64, most: u32| (length.round() as u32).clamp(1, most);
    if width * h > height * w {
        (target.0, side(height * w / width, target.1))
    } else {
        (side(width * h / height, target.0), target.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Crop;

    const ANGLES: [i32; 7] = [1, -1, 300, -2222, 4499, 4500, -4500];

    fn turn(size: (u32, u32), recipe: &Recipe) -> (Part, Turn) {
        let part = turned(size, recipe, Orientation::UPRIGHT);
        let turn = part.turn.unwrap();
        (part, turn)
    }

    #[test]
    fn the_centre_stays_where_it_is() {
        for straighten in ANGLES {
            let recipe = Recipe { width: 101, height: 51, straighten, ..Recipe::default() };
            let (part, turn) = turn((400, 300), &recipe);
            for (places, span, samples, middle) in [
                (turn.across, part.columns, turn.samples.0, 200.0),
                (turn.down, part.rows, turn.samples.1, 150.0),
            ] {
                let density = f64::from(samples) / span.count() as f64;
                let sample = places.of(50, 25) as f64 / ONE;
                let pixel = (sample + 0.5) / density + f64::from(span.bounds.0);
                assert!((pixel - middle).abs() < 1e-3, "{straighten}: {pixel} for {middle}");
            }
        }
    }

    #[test]
    fn without_a_crop_all_of_the_view_is_within_the_picture_and_touches_its_edge() {
        for straighten in ANGLES {
            for (width, height) in [(256, 256), (300, 100), (1, 4096), (1, 1)] {
                for size in [(4032, 3024), (1, 1), (4096, 1), (37, 5000)] {
                    let recipe = Recipe { width, height, straighten, ..Recipe::default() };
                    let (_, turn) = turn(size, &recipe);
                    assert!(!turn.shows_beyond);
                    // Half a pixel further than the centres of the pixels at the corners.
                    let reaches = |places: Places| {
                        let out = (places.right.abs() + places.below.abs()) / 2;
                        let corners = [(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)];
                        let at = corners.map(|(x, y)| places.of(x, y));
                        let first = at.into_iter().min().unwrap() - out - places.edges.0;
                        first.min(places.edges.1 - at.into_iter().max().unwrap() - out)
                    };
                    let left = [turn.across, turn.down].map(|places| reaches(places) as f64 / ONE);
                    let least = left[0].min(left[1]);
                    assert!(least.abs() < 1e-3, "{size:?} to {width} x {height} by {straighten}: {left:?}");
                }
            }
        }
    }

    #[test]
    fn samples_are_bounded_by_the_output() {
        let side = i32::MAX as u32;
        let crops = |(width, height): (u32, u32)| {
            let corner = Crop { x: width - 1, y: 0, width: 1, height: 1 };
            [None, Some(Crop { x: 0, y: 0, width, height }), Some(corner)]
        };
        for size in [(side, side), (side, 1), (1, side), (50_000_000, 1), (7000, 7000)] {
            for straighten in ANGLES {
                for fit in [Fit::Cover, Fit::Contain] {
                    for crop in crops(size) {
                        let recipe =
                            Recipe { width: 4096, height: 4096, fit, crop, straighten, ..Recipe::default() };
                        let (part, turn) = turn(size, &recipe);
                        assert!(turn.samples.0.max(turn.samples.1) < 12_000, "{size:?} {recipe:?}");
                        assert!(part.columns.count() >= 1 && part.rows.bounds.1 <= size.1);
                        for places in [turn.across, turn.down] {
                            places.of(part.content.0, part.content.1);
                        }
                        assert!(turn.down.below >= 0);
                    }
                }
            }
        }
    }
}

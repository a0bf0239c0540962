//! Up to two letters in the middle of the picture.

use super::geometry::{ONE, Pen, Point, Shape};
use super::glyphs::{self, HEIGHT, Mark};
use super::letters::Letter;
use super::path::{Placement, Step, pixels};
use super::spacing::{self, Row};

/// Sizes of the lettering, in hundredths of the shorter side: height of one capital, height of two, and the most that two are wide.
const HEIGHT_OF_ONE: i64 = 42;
const HEIGHT_OF_TWO: i64 = 34;
const MAX_WIDTH: i64 = 66;

/// Height of the pen, in hundredths of its width.
const PEN_FLATNESS: i64 = 94;

/// The lettering for a picture of this size, in pixels.
pub(super) fn shapes(letters: &[Letter], (width, height): (usize, usize)) -> Vec<Shape> {
    let side = pixels(width.min(height));
    let weight = weight(width.min(height));
    let bases: Vec<char> = letters.iter().map(|letter| letter.base).collect();
    let row = Row::new(&bases, weight);

    // Height of a capital with its strokes, in units and in 1/256 of a pixel.
    let units = HEIGHT + weight * PEN_FLATNESS / 100;
    let share = if letters.len() > 1 { HEIGHT_OF_TWO } else { HEIGHT_OF_ONE };
    let room = side * MAX_WIDTH / 100 * units / (row.width / spacing::UNIT).max(1);
    let capital = whole((side * share / 100).min(room), height);
    let placement = Placement { origin: Point { x: 0, y: 0 }, unit: (capital, units) };

    let scaled = |measured: i64| measured * capital / (units * spacing::UNIT);
    let left = pixels(width) / 2 - scaled(row.middle);
    let top = (pixels(height) - capital) / 2 + placement.length(drop(letters, weight));
    let y = top + placement.length(weight * PEN_FLATNESS / 100) / 2;
    let mut shapes = Vec::new();
    for (letter, start) in letters.iter().zip(&row.starts) {
        let origin = Point { x: left + scaled(*start), y };
        draw(letter, Placement { origin, ..placement }, weight, &mut shapes);
    }
    shapes
}

/// Width of a stroke in units: the smaller the picture, the bolder.
fn weight(side_pixels: usize) -> i64 {
    (112 + 440 / (side_pixels as i64).max(1)).min(132)
}

/// Whole pixels, at least one, as even or odd as the picture's height: then the letters' top and bottom are sharp.
fn whole(length: i64, height: usize) -> i64 {
    let count = (length + ONE / 2) / ONE;
    (count + (count + height as i64) % 2).max(1) * ONE
}

/// How far the letters move down for what is above them, or up for what is below, in units.
fn drop(letters: &[Letter], weight: i64) -> i64 {
    let above = letters.iter().any(|letter| letter.above.is_some());
    let below = letters.iter().any(|letter| letter.below.is_some());
    (2 * i64::from(above) - i64::from(below)) * weight / 4
}

pub(super) fn pen(placement: &Placement, weight: i64) -> Pen {
    let across = placement.length(weight) / 2;
    Pen { across, down: across * PEN_FLATNESS / 100 }
}

fn draw(letter: &Letter, placement: Placement, weight: i64, shapes: &mut Vec<Shape>) {
    let Some(steps) = glyphs::drawing(letter.base) else { return };
    placement.strokes(steps, pen(&placement, weight), shapes);
    for mark in [letter.above, letter.below].into_iter().flatten() {
        let x = placement.origin.x + placement.length(anchor(letter.base, steps, mark));
        let pen = pen(&placement, weight * mark.weight() / 100);
        let place = Placement { origin: Point { x, ..placement.origin }, ..placement };
        place.strokes(mark.drawing(), pen, shapes);
    }
}

/// Where a mark sits, in units: at the middle of the letter, but where it has a place of its own.
fn anchor(base: char, steps: &[Step], mark: Mark) -> i64 {
    match (base, mark) {
        ('A', Mark::Ogonek) => 490,
        ('E', Mark::Ogonek) => 300,
        ('J', _) => 300,
        ('Ơ', _) => 298,
        ('Ư', _) => 215,
        ('L', mark) if !mark.is_below() => 60,
        _ => spacing::middle(steps),
    }
}

//! The letters, as strokes. Units: 600 from the middle of a capital's top stroke to the middle of its bottom stroke; round letters reach 8 further.

mod cyrillic;
mod greek;
mod latin;
mod marks;

use super::path::Step;
pub(super) use marks::Mark;

/// A letter and its drawing.
type Glyph = (char, &'static [Step]);

/// From the middle of a capital's top stroke to the middle of its bottom stroke, in units.
pub(super) const HEIGHT: i64 = 600;

pub(super) fn drawing(letter: char) -> Option<&'static [Step]> {
    let all = [latin::LATIN, greek::GREEK, cyrillic::CYRILLIC];
    all.into_iter().flatten().find(|(glyph, _)| *glyph == letter).map(|(_, steps)| *steps)
}

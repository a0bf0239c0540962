//! Letters side by side, evenly spaced for the eye: measured in bands, not by a table of pairs.

use super::geometry::{Point, Shape, Stretch, sort};
use super::glyphs::{self, HEIGHT};
use super::initials::pen;
use super::path::{Placement, Step};

/// A letter's unit where it is measured.
pub(super) const UNIT: i64 = 16;

const MEASURING: Placement = Placement { origin: Point { x: 0, y: 0 }, unit: (UNIT, 1) };

/// What two neighbours keep between them: on average over the bands, at most in one band as far as it counts, and at least.
const MEAN_GAP: i64 = 178 * UNIT;
const MOST_GAP: i64 = 300 * UNIT;
const LEAST_GAP: i64 = 84 * UNIT;

/// Bands of equal height in which a letter is measured.
const BANDS: usize = 32;

/// Bands up and down within which the least gap is kept.
const NEAR: usize = 3;

/// The middle of a drawing, in units.
pub(super) fn middle(steps: &[Step]) -> i64 {
    let lines = MEASURING.lines(steps);
    let xs = || lines.iter().flatten().map(|point| point.x);
    (xs().min().unwrap_or(0) + xs().max().unwrap_or(0)) / (2 * UNIT)
}

/// Letters side by side. Places are in 1/[`UNIT`] of a letter's unit.
pub(super) struct Row {
    /// The origin of each letter.
    pub(super) starts: Vec<i64>,
    pub(super) width: i64,
    /// What belongs in the middle of the picture.
    pub(super) middle: i64,
}

impl Row {
    /// Of letters that have a drawing, with strokes so many units wide.
    pub(super) fn new(letters: &[char], weight: i64) -> Self {
        let profiles: Vec<Profile> = letters.iter().map(|letter| Profile::new(*letter, weight)).collect();
        let mut starts = vec![0];
        for pair in profiles.windows(2) {
            starts.push(starts.last().unwrap_or(&0) + pair[0].advance_to(&pair[1]));
        }
        let placed = || profiles.iter().zip(&starts);
        let left = placed().map(|(profile, start)| start + profile.left).min().unwrap_or(0);
        let right = placed().map(|(profile, start)| start + profile.right).max().unwrap_or(0);
        let ink: i64 = profiles.iter().map(|profile| profile.ink).sum();
        let moment: i64 = placed().map(|(profile, start)| profile.moment + profile.ink * start).sum();
        // Between the middle of the outline, which counts three times, and that of the ink, which counts twice: by its outline alone an F seems to stand
        // too far to the left.
        let middle = ((left + right) * 3 / 2 + 2 * (moment / ink.max(1))) / 5;
        Self { starts, width: right - left, middle }
    }
}

/// Where a letter's ink is, in the same measure.
struct Profile {
    /// How far it reaches to either side; `None`: nothing there.
    bands: [Option<Stretch>; BANDS],
    left: i64,
    right: i64,
    /// Sum of the ink in all bands, and of ink times place.
    ink: i64,
    moment: i64,
}

impl Profile {
    fn new(letter: char, weight: i64) -> Self {
        let mut shapes: Vec<Shape> = Vec::new();
        let steps = glyphs::drawing(letter).unwrap_or_default();
        MEASURING.strokes(steps, pen(&MEASURING, weight), &mut shapes);
        let top = -MEASURING.length(weight) / 2;
        let band = MEASURING.length(HEIGHT + weight) / BANDS as i64;
        let mut profile = Self { bands: [None; BANDS], left: i64::MAX, right: i64::MIN, ink: 0, moment: 0 };
        let mut stretches = Vec::new();
        for (row, reach) in (0..).zip(&mut profile.bands) {
            stretches.clear();
            shapes.iter().for_each(|shape| shape.stretches(top + row * band + band / 2, &mut stretches));
            sort(&mut stretches);
            for &(start, end) in &stretches {
                let (first, covered) = reach.unwrap_or((start, start));
                let start = start.max(covered);
                if start < end {
                    *reach = Some((first, end));
                    profile.ink += end - start;
                    profile.moment += (end - start) * ((start + end) / 2);
                }
            }
        }
        let reaches = || profile.bands.iter().flatten();
        let left = reaches().map(|(start, _)| *start).min().unwrap_or(0);
        let right = reaches().map(|(_, end)| *end).max().unwrap_or(0);
        Self { left, right, ..profile }
    }

    /// From the origin of this letter to that of the next: the least that is wide enough.
    fn advance_to(&self, next: &Self) -> i64 {
        let gap = |ends: (Option<Stretch>, Option<Stretch>), advance: i64| match ends {
            (Some((_, end)), Some((start, _))) => (advance + start - end).min(MOST_GAP),
            _ => MOST_GAP,
        };
        let is_enough = |advance: i64| {
            let gaps = self.bands.into_iter().zip(next.bands).map(|ends| gap(ends, advance));
            gaps.sum::<i64>() >= MEAN_GAP * BANDS as i64
        };
        let nearest = (0..BANDS).flat_map(|row| {
            let near = row.saturating_sub(NEAR)..(row + NEAR + 1).min(BANDS);
            near.filter_map(move |other| Some(self.bands[row]?.1 - next.bands[other]?.0))
        });
        let least = nearest.max().unwrap_or(0) + LEAST_GAP;
        // `low` is not wide enough, `high` is.
        let (mut low, mut high) = (least - 1, least + 2 * MOST_GAP);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if is_enough(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }
}

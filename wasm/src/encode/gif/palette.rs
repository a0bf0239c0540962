//! One palette for all frames, and which of its colours stands for a pixel. Integers throughout: the same file gets the same palette everywhere.
//!
//! Boxes of colours are split where they are widest, weighted by how often the colours occur (median cut, Heckbert 1982, by variance rather than
//! by extent), and the means then moved to where their pixels are (Lloyd 1982).

use super::histogram::{Cell, Histogram};

/// How much a difference of red, green, blue counts: about what each adds to the luma.
const WEIGHTS: [u64; 3] = [3, 6, 1];
/// Rounds of moving the means; more change little.
const ROUNDS: usize = 4;
/// Bits of each sample by which colours are looked up.
const LOOKUP_BITS: u32 = 6;
const UNKNOWN: u16 = u16::MAX;

/// Thresholds of ordered dithering (Bayer 1973), each of 0..64 once.
const THRESHOLDS: [[i32; 8]; 8] = thresholds();

const fn thresholds() -> [[i32; 8]; 8] {
    let mut matrix = [[0; 8]; 8];
    let mut y = 0;
    while y < 8 {
        let mut x = 0;
        while x < 8 {
            let (mut bit, mut value) = (0, 0);
            while bit < 3 {
                let (across, down) = ((x >> bit) & 1, (y >> bit) & 1);
                value |= ((across ^ down) << 1 | down) << (2 * (2 - bit));
                bit += 1;
            }
            matrix[y as usize][x as usize] = value;
            x += 1;
        }
        y += 1;
    }
    matrix
}

/// At most 256 colours.
#[derive(Debug)]
pub(super) struct Palette {
    pub(super) colors: Vec<[u8; 3]>,
    /// How far apart neighbouring colours are: what dithering has to bridge. 0: every colour is there.
    spread: i32,
    /// What was found out so far.
    nearest: Vec<u16>,
}

impl Palette {
    /// At most `most` colours, at least one.
    pub(super) fn new(histogram: &Histogram, most: usize) -> Self {
        let (colors, spread) = match histogram.few(most) {
            Some(colors) => (colors, 0),
            None => {
                let colors = refined(&histogram.cells(), split(histogram.cells(), most));
                let spread = spread(&colors);
                (colors, spread)
            }
        };
        let colors = if colors.is_empty() { vec![[0; 3]] } else { colors };
        Self { colors, spread, nearest: vec![UNKNOWN; 1 << (3 * LOOKUP_BITS)] }
    }

    /// The index of the colour that stands for this one at this place. A pixel that does not change never changes its colour.
    pub(super) fn index(&mut self, color: [u8; 3], (x, y): (usize, usize)) -> u8 {
        if self.spread == 0 {
            return self
                .colors
                .binary_search(&color)
                .map_or_else(|_| nearest(&self.colors, color), |at| at as u8);
        }
        let threshold = THRESHOLDS.get(y % 8).and_then(|row| row.get(x % 8)).copied().unwrap_or(0);
        // From a half below to a half above, in 128ths.
        let shift = (threshold * 2 - 63) * self.spread / 128;
        let moved = color.map(|sample| (i32::from(sample) + shift).clamp(0, 255) as u8);
        let drop = 8 - LOOKUP_BITS;
        let place = moved.iter().fold(0, |place, sample| place << LOOKUP_BITS | usize::from(sample >> drop));
        match self.nearest.get_mut(place) {
            Some(known) if *known != UNKNOWN => *known as u8,
            Some(known) => {
                let middle = moved.map(|sample| sample >> drop << drop | 1 << (drop - 1));
                let index = nearest(&self.colors, middle);
                *known = u16::from(index);
                index
            }
            None => 0,
        }
    }
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u64 {
    a.iter().zip(b).zip(WEIGHTS).map(|((a, b), weight)| weight * u64::from(a.abs_diff(b)).pow(2)).sum()
}

fn nearest(colors: &[[u8; 3]], color: [u8; 3]) -> u8 {
    let by_distance = colors.iter().enumerate().min_by_key(|(_, candidate)| distance(**candidate, color));
    by_distance.map_or(0, |(at, _)| at as u8)
}

/// Of most colours to their nearest neighbour, along a diagonal: of sorted distances the one in the middle.
fn spread(colors: &[[u8; 3]]) -> i32 {
    let mut distances: Vec<u64> = colors
        .iter()
        .enumerate()
        .filter_map(|(at, color)| {
            let others = colors.iter().enumerate().filter(|(other, _)| *other != at);
            others.map(|(_, other)| distance(*color, *other)).min()
        })
        .collect();
    distances.sort_unstable();
    let middle = distances.get(distances.len() / 2).copied().unwrap_or(0);
    let weights: u64 = WEIGHTS.iter().sum();
    i32::try_from((middle / weights).isqrt()).unwrap_or(0).max(1)
}

/// A box of colours.
struct Part {
    cells: Vec<Cell>,
    /// The axis along which they differ most, and by how much all together.
    widest: (usize, u64),
}

impl Part {
    fn new(cells: Vec<Cell>) -> Self {
        let whole = whole(&cells);
        let means = whole.mean().map(u64::from);
        let error = |axis: usize| {
            let weight = WEIGHTS.get(axis).copied().unwrap_or(1);
            let mean = means.get(axis).copied().unwrap_or(0);
            cells
                .iter()
                .map(|cell| cell.count * weight * on_axis(cell, axis).abs_diff(mean).pow(2))
                .sum::<u64>()
        };
        let widest = [0, 1, 2]
            .map(|axis| (axis, error(axis)))
            .into_iter()
            .max_by_key(|(axis, error)| (*error, 2 - axis));
        Self { cells, widest: widest.unwrap_or_default() }
    }

    /// At the mean. One side may be empty, where rounding makes it so.
    fn halves(self) -> (Vec<Cell>, Vec<Cell>) {
        let (axis, _) = self.widest;
        let mean = whole(&self.cells).mean().get(axis).copied().map_or(0, u64::from);
        self.cells.into_iter().partition(|cell| on_axis(cell, axis) <= mean)
    }
}

fn whole(cells: &[Cell]) -> Cell {
    cells.iter().fold(Cell::default(), |mut sum, cell| {
        sum.add(*cell);
        sum
    })
}

fn on_axis(cell: &Cell, axis: usize) -> u64 {
    cell.mean().get(axis).copied().map_or(0, u64::from)
}

/// The means of at most `most` boxes.
fn split(cells: Vec<Cell>, most: usize) -> Vec<[u8; 3]> {
    let mut parts = vec![Part::new(cells)];
    while parts.len() < most {
        let worst = parts.iter().enumerate().filter(|(_, part)| part.widest.1 > 0 && part.cells.len() > 1);
        let Some((at, _)) = worst.max_by_key(|(at, part)| (part.widest.1, usize::MAX - at)) else { break };
        let (low, high) = parts.swap_remove(at).halves();
        if low.is_empty() || high.is_empty() {
            // All on one side of a rounded mean: as good as one colour.
            let mut rest = Part::new(if low.is_empty() { high } else { low });
            rest.widest.1 = 0;
            parts.push(rest);
            continue;
        }
        parts.push(Part::new(low));
        parts.push(Part::new(high));
    }
    let mut colors: Vec<_> = parts.iter().map(|part| whole(&part.cells).mean()).collect();
    colors.sort_unstable();
    colors.dedup();
    colors
}

/// The colours moved to the means of what is nearest to them.
fn refined(cells: &[Cell], mut colors: Vec<[u8; 3]>) -> Vec<[u8; 3]> {
    for _ in 0..ROUNDS {
        let mut sums = vec![Cell::default(); colors.len()];
        for cell in cells {
            if let Some(sum) = sums.get_mut(usize::from(nearest(&colors, cell.mean()))) {
                sum.add(*cell);
            }
        }
        for (color, sum) in colors.iter_mut().zip(sums) {
            if sum.count > 0 {
                *color = sum.mean();
            }
        }
    }
    colors.sort_unstable();
    colors.dedup();
    colors
}

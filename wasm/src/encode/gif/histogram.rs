//! Which colours there are, and how often: what a palette is chosen from. In memory of a fixed size, whatever is looked at.

use crate::pixels::{Layout, Pixels};
use std::collections::BTreeMap;

/// Colours of up to so many are taken as they are.
pub(super) const MOST_EXACT: usize = 256;
/// Bits of each sample that tell colours apart where there are more.
const BITS: u32 = 5;
const CELLS: usize = 1 << (3 * BITS);

/// From this alpha on a pixel is there. GIF knows nothing in between.
pub(super) const OPAQUE_FROM: u8 = 128;

/// Pixels of about one colour.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cell {
    pub(super) count: u64,
    /// Of their red, green and blue.
    pub(super) sums: [u64; 3],
}

impl Cell {
    pub(super) fn mean(self) -> [u8; 3] {
        let count = self.count.max(1);
        self.sums.map(|sum| ((sum + count / 2) / count) as u8)
    }

    pub(super) fn add(&mut self, other: Self) {
        self.count += other.count;
        for (sum, other) in self.sums.iter_mut().zip(other.sums) {
            *sum += other;
        }
    }
}

/// The colours of the pictures that were looked at.
#[derive(Debug)]
pub(super) struct Histogram {
    /// `None`: there are too many.
    exact: Option<BTreeMap<[u8; 3], u64>>,
    cells: Vec<Cell>,
    pub(super) has_transparent: bool,
    pub(super) pictures: u32,
}

impl Histogram {
    pub(super) fn new() -> Self {
        let cells = vec![Cell::default(); CELLS];
        Self { exact: Some(BTreeMap::new()), cells, has_transparent: false, pictures: 0 }
    }

    pub(super) fn look(&mut self, pixels: &Pixels) {
        self.pictures += 1;
        let mut last = None;
        for color in colors(pixels) {
            let Some(color) = color else {
                self.has_transparent = true;
                continue;
            };
            if let Some(cell) = self.cells.get_mut(cell_of(color)) {
                cell.add(Cell { count: 1, sums: color.map(u64::from) });
            }
            if last == Some(color) {
                continue;
            }
            last = Some(color);
            if let Some(exact) = &mut self.exact {
                *exact.entry(color).or_default() += 1;
                if exact.len() > MOST_EXACT {
                    self.exact = None;
                }
            }
        }
    }

    /// All colours, in order, where there are no more than `most`.
    pub(super) fn few(&self, most: usize) -> Option<Vec<[u8; 3]>> {
        let exact = self.exact.as_ref().filter(|exact| exact.len() <= most)?;
        Some(exact.keys().copied().collect())
    }

    /// Those that there are any of, always in the same order.
    pub(super) fn cells(&self) -> Vec<Cell> {
        self.cells.iter().copied().filter(|cell| cell.count > 0).collect()
    }
}

fn cell_of(color: [u8; 3]) -> usize {
    color.iter().fold(0, |cell, sample| cell << BITS | usize::from(sample >> (8 - BITS)))
}

/// The pixels as GIF can have them: `None` is transparent.
pub(super) fn colors(pixels: &Pixels) -> impl Iterator<Item = Option<[u8; 3]>> {
    let channels = pixels.layout.channels();
    let has_alpha = pixels.layout == Layout::Rgba;
    pixels.data.chunks_exact(channels).map(move |pixel| match *pixel {
        [r, g, b] if !has_alpha => Some([r, g, b]),
        [r, g, b, alpha] if alpha >= OPAQUE_FROM => Some([r, g, b]),
        _ => None,
    })
}

//! The samples of one macroblock while it is predicted and its residual added: RFC 6386 sections 12 and 14.5. What lies around it is not
//! filtered yet.

use super::kernels::{self, Row, Square};
use super::modes::{Luma, Mode, SMALL_GRADIENT, SMALL_MEAN, SmallMode};
use super::tokens::{Part, Residual};

/// Where the samples of a row of luma begin.
const LEFT: usize = 8;

/// A row of luma: one sample to the left at `LEFT - 1`, 16 samples, four to the right.
type LumaRow = [u8; 32];

/// What lies outside of the picture: above, and to the left.
const ABOVE: u8 = 127;
const BESIDE: u8 = 129;

/// What lies above a macroblock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Above {
    pub(super) luma: Row,
    /// The first samples of the macroblock to the right.
    pub(super) right: [u8; 4],
    /// Both colour differences, one after the other.
    pub(super) chroma: Row,
}

impl Default for Above {
    /// Above the picture.
    fn default() -> Self {
        Self { luma: [ABOVE; 16], right: [ABOVE; 4], chroma: [ABOVE; 16] }
    }
}

/// Which neighbours a macroblock has within the picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Within {
    pub(super) above: bool,
    pub(super) left: bool,
}

#[derive(Debug)]
pub(super) struct Samples {
    /// The row above, with the corner, then the sixteen of the macroblock.
    luma: [LumaRow; 17],
    /// The same of both colour differences, side by side, without what lies to the left.
    chroma: [Row; 9],
    /// To the left of each of them, the corner first.
    beside: [[u8; 2]; 9],
}

impl Samples {
    pub(super) fn new() -> Self {
        Self { luma: [[0; 32]; 17], chroma: [[0; 16]; 9], beside: [[0; 2]; 9] }
    }

    /// At the left edge of the picture.
    pub(super) fn begin_row(&mut self, is_first: bool) {
        let corner = if is_first { ABOVE } else { BESIDE };
        for row in &mut self.luma {
            row[LEFT - 1] = BESIDE;
        }
        self.luma[0][LEFT - 1] = corner;
        self.beside = [[BESIDE; 2]; 9];
        self.beside[0] = [corner; 2];
    }

    /// Goes on to the macroblock to the right: the last samples of each row come to lie to its left.
    pub(super) fn step(&mut self) {
        for row in &mut self.luma {
            row[LEFT - 1] = row[LEFT + 15];
        }
        for (beside, row) in self.beside.iter_mut().zip(&self.chroma) {
            *beside = [row[7], row[15]];
        }
    }

    /// What lies above; the corner is there.
    pub(super) fn set_above(&mut self, above: &Above) {
        let [first, ..] = &mut self.luma;
        first[LEFT..LEFT + 16].copy_from_slice(&above.luma);
        // Small blocks at the right edge all take what lies above the macroblock to the right.
        for row in [0, 4, 8, 12] {
            self.luma[row][LEFT + 16..LEFT + 20].copy_from_slice(&above.right);
        }
        self.chroma[0] = above.chroma;
    }

    /// The last row of luma, and of both colour differences.
    pub(super) fn last_rows(&self) -> (Row, Row) {
        (self.luma_row(15), self.chroma[8])
    }

    /// Row 0..=15 of luma.
    #[inline(always)]
    pub(super) fn luma_row(&self, y: usize) -> Row {
        *row_of(&self.luma[1 + (y & 15)])
    }

    /// Row 0..=7 of both colour differences.
    #[inline(always)]
    pub(super) fn chroma_row(&self, y: usize) -> Row {
        self.chroma[1 + (y & 7)]
    }

    /// Predicts luma and adds its residual.
    #[inline(never)]
    pub(super) fn make_luma(&mut self, luma: &Luma, within: Within, residual: Option<&Residual>) {
        match luma {
            Luma::Whole(mode) => {
                self.predict_luma(*mode, within);
                let Some(residual) = residual else { return };
                for y in 0..4 {
                    self.add_luma(y, std::array::from_fn(|x| residual.luma(y * 4 + x)));
                }
            }
            Luma::Small(modes) => {
                for (n, mode) in modes.iter().enumerate() {
                    let (x, y) = (n % 4 * 4, n / 4 * 4);
                    let square = self.predict_small(*mode, x, y);
                    let part = residual.map_or(Part::Nothing, |residual| residual.luma(n));
                    self.put(with_part(square, part), x, y);
                }
            }
        }
    }

    /// Predicts both colour differences and adds their residual.
    #[inline(never)]
    pub(super) fn make_chroma(&mut self, mode: Mode, within: Within, residual: Option<&Residual>) {
        let [above, rows @ ..] = &mut self.chroma;
        let [corner, beside @ ..] = &self.beside;
        match mode {
            Mode::Mean => {
                let of_above = kernels::sums(above);
                let mean = |plane: usize| {
                    let left: u32 = beside.iter().map(|both| u32::from(both[plane])).sum();
                    mean(of_above[plane], left, within, 8)
                };
                *rows = [halves([mean(0), mean(1)]); 8];
            }
            Mode::Vertical => *rows = [*above; 8],
            Mode::Horizontal => rows.iter_mut().zip(beside).for_each(|(row, left)| *row = halves(*left)),
            Mode::Gradient => {
                for (row, left) in rows.iter_mut().zip(beside) {
                    let offsets = [0, 1].map(|plane| i16::from(left[plane]) - i16::from(corner[plane]));
                    *row = kernels::gradient(above, offsets);
                }
            }
        }
        let Some(residual) = residual else { return };
        for (y, rows) in rows.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let parts = [0, 1, 4, 5].map(|n| residual.chroma(n + 2 * y));
            if let Some(means) = only_means(&parts) {
                if means != [0; 4] {
                    rows.iter_mut().for_each(|row| *row = kernels::with_means(*row, &means));
                }
                continue;
            }
            for (x, part) in parts.into_iter().enumerate() {
                let square = std::array::from_fn(|n| four_of(&rows[n], 4 * x));
                for (row, four) in rows.iter_mut().zip(with_part(square, part)) {
                    row[4 * x..4 * x + 4].copy_from_slice(&four);
                }
            }
        }
    }

    fn predict_luma(&mut self, mode: Mode, within: Within) {
        let [above, rows @ ..] = &mut self.luma;
        let (corner, above) = (above[LEFT - 1], row_of(above));
        match mode {
            Mode::Mean => {
                let left: u32 = rows.iter().map(|row| u32::from(row[LEFT - 1])).sum();
                let [first, last] = kernels::sums(above);
                let mean = mean(first + last, left, within, 16);
                rows.iter_mut().for_each(|row| change(row, |_, _| [mean; 16]));
            }
            Mode::Vertical => rows.iter_mut().for_each(|row| change(row, |_, _| *above)),
            Mode::Horizontal => rows.iter_mut().for_each(|row| change(row, |_, left| [left; 16])),
            Mode::Gradient => {
                for row in rows {
                    change(row, |_, left| kernels::gradient(above, [i16::from(left) - i16::from(corner); 2]));
                }
            }
        }
    }

    /// Adds a row of four blocks.
    #[inline(always)]
    fn add_luma(&mut self, y: usize, parts: [Part<'_>; 4]) {
        if let Some(means) = only_means(&parts) {
            if means != [0; 4] {
                for row in self.luma.iter_mut().skip(1 + 4 * y).take(4) {
                    change(row, |before, _| kernels::with_means(*before, &means));
                }
            }
            return;
        }
        for (x, part) in parts.into_iter().enumerate() {
            let square = std::array::from_fn(|n| four_of(&self.luma[1 + 4 * y + n], LEFT + 4 * x));
            self.put(with_part(square, part), 4 * x, 4 * y);
        }
    }

    #[inline(always)]
    fn put(&mut self, square: Square, x: usize, y: usize) {
        for (row, four) in self.luma.iter_mut().skip(1 + y).zip(square) {
            row[LEFT + x..LEFT + x + 4].copy_from_slice(&four);
        }
    }

    /// Section 12.3.
    #[inline(always)]
    fn predict_small(&self, mode: SmallMode, x: usize, y: usize) -> Square {
        let at = LEFT + x;
        let above: [u8; 8] = {
            let mut above = [0; 8];
            above.copy_from_slice(&self.luma[y][at..at + 8]);
            above
        };
        let corner = self.luma[y][at - 1];
        let left: [u8; 4] = std::array::from_fn(|n| self.luma[y + 1 + n][at - 1]);
        match mode {
            SMALL_MEAN => {
                let sum: u32 = above[..4].iter().chain(&left).map(|sample| u32::from(*sample)).sum();
                [[((sum + 4) >> 3) as u8; 4]; 4]
            }
            SMALL_GRADIENT => left.map(|left| {
                let offset = i16::from(left) - i16::from(corner);
                std::array::from_fn(|n| (i16::from(above[n]) + offset).clamp(0, 255) as u8)
            }),
            _ => kernels::small(mode, edge(left, corner, above)),
        }
    }
}

/// What lies around a small block, as [`kernels::small`] takes it.
#[inline(always)]
fn edge(left: [u8; 4], corner: u8, above: [u8; 8]) -> Row {
    let (left, above) = (u64::from(u32::from_be_bytes(left)), u64::from_le_bytes(above));
    let low = left & 0xff | left << 8 | u64::from(corner) << 40 | above << 48;
    let high = above >> 16 | (above >> 56) << 48;
    (u128::from(low) | u128::from(high) << 64).to_le_bytes()
}

#[inline(always)]
fn with_part(square: Square, part: Part<'_>) -> Square {
    match part {
        Part::Nothing => square,
        Part::Mean(mean) => {
            let added = (i32::from(mean) + 4) >> 3;
            square.map(|four| four.map(|sample| (i32::from(sample) + added).clamp(0, 255) as u8))
        }
        Part::Whole(block) => kernels::transformed(block, square),
    }
}

/// The first coefficients of blocks that have no others.
#[inline(always)]
fn only_means(parts: &[Part<'_>; 4]) -> Option<[i16; 4]> {
    let mut means = [0; 4];
    for (mean, part) in means.iter_mut().zip(parts) {
        *mean = match part {
            Part::Nothing => 0,
            Part::Mean(mean) => *mean,
            Part::Whole(_) => return None,
        };
    }
    Some(means)
}

/// Section 12.2: of the edges that there are; grey where there is none.
fn mean(above: u32, left: u32, within: Within, side: u32) -> u8 {
    let mean = match (within.above, within.left) {
        (true, true) => (above + left + side) / (2 * side),
        (true, false) => (above + side / 2) / side,
        (false, true) => (left + side / 2) / side,
        (false, false) => 128,
    };
    mean as u8
}

#[inline(always)]
fn halves([first, last]: [u8; 2]) -> Row {
    let mut row = [first; 16];
    row[8..].fill(last);
    row
}

#[inline(always)]
fn row_of(row: &LumaRow) -> &Row {
    row[LEFT..].first_chunk().unwrap_or(&[0; 16])
}

/// Makes the samples of a row of those that were there, and of the one to their left.
#[inline(always)]
fn change(row: &mut LumaRow, make: impl FnOnce(&Row, u8) -> Row) {
    let samples = make(row_of(row), row[LEFT - 1]);
    row[LEFT..LEFT + 16].copy_from_slice(&samples);
}

#[inline(always)]
fn four_of(row: &[u8], at: usize) -> [u8; 4] {
    row.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default()
}

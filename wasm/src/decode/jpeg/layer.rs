//! A component while it is decoded: which of its blocks are needed, and a strip of samples that is handed on row by row.

use super::header::{Component, Frame};
use super::idct::{mean, transform};
use crate::Error;
use crate::raster::{PADDING, PlaneRows, Window};
use std::ops::Range;

/// What a sample is where the file has none.
const GREY: i16 = 128;

#[derive(Debug)]
pub(super) struct Layer {
    /// Samples a block side.
    pub(super) size: usize,
    /// Blocks that hold the window.
    pub(super) columns: Range<u32>,
    pub(super) rows: Range<u32>,
    /// Blocks across and down, with those that fill up the last MCU.
    pub(super) blocks: (u32, u32),
    /// In natural order.
    pub(super) quantisers: [u16; 64],
    /// Blocks of an MCU that lie above each other.
    pub(super) down: u32,
    window: Window,
    /// Samples of `down` rows of blocks.
    strip: Vec<i16>,
    /// Samples from one row of the strip to the next.
    stride: usize,
    /// The next row of samples to hand on.
    next_row: u32,
}

/// Zeros, or the answer that there is not enough memory for them.
pub(super) fn allocate<T: Clone>(length: usize, value: T) -> Result<Vec<T>, Error> {
    let mut memory = Vec::new();
    let needed_bytes = (length as u64).saturating_mul(size_of::<T>() as u64);
    memory.try_reserve_exact(length).map_err(|_| Error::OutOfMemory { needed_bytes })?;
    memory.resize(length, value);
    Ok(memory)
}

impl Layer {
    pub(super) fn new(
        frame: &Frame,
        component: &Component,
        side: u8,
        window: &Window,
    ) -> Result<Self, Error> {
        let (units, size) = (frame.units(), u32::from(side));
        let blocks = (units.0 * component.across, units.1 * component.down);
        let columns = window.columns.start / size..window.columns.end.div_ceil(size).min(blocks.0);
        let rows = window.rows.start / size..window.rows.end.div_ceil(size).min(blocks.1);
        let stride = columns.len() * size as usize + PADDING;
        let strip = allocate(stride * (component.down * size) as usize, GREY)?;
        Ok(Self {
            size: size as usize,
            columns,
            rows,
            blocks,
            quantisers: [0; 64],
            down: component.down,
            window: window.clone(),
            strip,
            stride,
            next_row: window.rows.start,
        })
    }

    /// Whether all rows of the window have been handed on.
    pub(super) fn is_done(&self) -> bool {
        self.next_row >= self.window.rows.end
    }

    /// Makes samples of a block: `column` of all, `row` of those in the strip.
    #[inline(always)]
    pub(super) fn put(&mut self, column: u32, row: usize, coefficients: &[i16; 64]) {
        let size = self.size;
        let left = (column - self.columns.start) as usize * size;
        let target = self.strip.get_mut(row * size * self.stride + left..).unwrap_or_default();
        transform(coefficients, &self.quantisers, size, target, self.stride);
    }

    /// Makes the sample of a block of which only the DC coefficient is needed.
    #[inline(always)]
    pub(super) fn put_dc(&mut self, column: u32, row: usize, coefficient: i32) {
        let left = (column - self.columns.start) as usize;
        if let Some(target) = self.strip.get_mut(row * self.stride + left) {
            *target = mean(coefficient, self.quantisers[0]);
        }
    }

    /// The same for a row of blocks, from the first needed column on.
    pub(super) fn put_dc_row(&mut self, row: usize, coefficients: &[i16]) {
        let (start, quantiser) = (row * self.stride, self.quantisers[0]);
        let strip = self.strip.get_mut(start..start + self.columns.len()).unwrap_or_default();
        for (sample, coefficient) in strip.iter_mut().zip(coefficients) {
            *sample = mean((*coefficient).into(), quantiser);
        }
    }

    /// Hands on the rows of samples of `count` rows of blocks in the strip, the first of which is row `first` of all.
    pub(super) fn hand_on(&mut self, index: usize, first: u32, count: u32, sink: &mut dyn PlaneRows) {
        let size = self.size as u32;
        let end = (first + count).saturating_mul(size).min(self.window.rows.end);
        let left = (self.window.columns.start - self.columns.start * size) as usize;
        let length = self.window.columns.len() + PADDING;
        while self.next_row < end && self.next_row >= first * size {
            let start = (self.next_row - first * size) as usize * self.stride + left;
            // The last row of the strip may end within the padding.
            let row = self.strip.get(start..).unwrap_or_default();
            sink.row(index, row.get(..length).unwrap_or(row));
            self.next_row += 1;
        }
        self.strip.fill(GREY);
    }

    /// Hands on grey for the rows that the file does not have.
    pub(super) fn fill_up(&mut self, index: usize, sink: &mut dyn PlaneRows) {
        let row = vec![GREY; self.window.columns.len() + PADDING];
        while !self.is_done() {
            sink.row(index, &row);
            self.next_row += 1;
        }
    }
}

//! A palette of the exact colours of a picture, where there are few.

use crate::pixels::{Layout, Pixels};
use std::ops::ControlFlow;

const MOST_COLORS: usize = 256;
/// A power of two, and four times as many as colours, so that a search ends soon.
const SLOTS: usize = 4 * MOST_COLORS;

/// At most 256 colours in the order in which they appear; but those that are not opaque come first, so that only their alphas need to be stored.
#[derive(Debug)]
pub(super) struct Palette {
    entries: Vec<[u8; 4]>,
    /// Where an entry is found by its hash, or after that: its number plus one, or zero.
    slots: Box<[u16; SLOTS]>,
}

impl Palette {
    /// `None` where there are more colours.
    pub(super) fn of(pixels: &Pixels) -> Option<Self> {
        let mut palette = Self { entries: Vec::with_capacity(MOST_COLORS), slots: Box::new([0; SLOTS]) };
        let mut last = None;
        let outcome = each_color(pixels, |color| {
            if last != Some(color) {
                last = Some(color);
                let slot = palette.slot(color);
                if palette.slots[slot] == 0 {
                    if palette.entries.len() == MOST_COLORS {
                        return ControlFlow::Break(());
                    }
                    palette.entries.push(color);
                    palette.slots[slot] = palette.entries.len() as u16;
                }
            }
            ControlFlow::Continue(())
        });
        if outcome.is_break() {
            return None;
        }
        let (opaque, others): (Vec<_>, Vec<_>) = palette.entries.iter().partition(|color| color[3] == 255);
        palette.entries = [others, opaque].concat();
        palette.slots.fill(0);
        for number in 0..palette.entries.len() {
            let slot = palette.slot(palette.entries[number]);
            palette.slots[slot] = number as u16 + 1;
        }
        Some(palette)
    }

    /// Where the colour is, or would be.
    fn slot(&self, color: [u8; 4]) -> usize {
        // The high bits of a product depend on all bits of the colour.
        let mut slot = (u32::from_le_bytes(color).wrapping_mul(0x9e37_79b1) >> 22) as usize;
        loop {
            match self.slots[slot] {
                0 => return slot,
                number if self.entries[usize::from(number) - 1] == color => return slot,
                _ => slot = (slot + 1) % SLOTS,
            }
        }
    }

    /// Bits that an index takes: 1, 2, 4 or 8.
    pub(super) fn bits(&self) -> u8 {
        match self.entries.len() {
            0..=2 => 1,
            3..=4 => 2,
            5..=16 => 4,
            _ => 8,
        }
    }

    /// Red, green, blue of each entry.
    pub(super) fn colors(&self) -> Vec<u8> {
        self.entries.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect()
    }

    /// The alphas of the first entries; all others are opaque.
    pub(super) fn alphas(&self) -> Vec<u8> {
        self.entries.iter().map(|color| color[3]).take_while(|alpha| *alpha < 255).collect()
    }

    /// Rows of indices, `bits` wide, the leftmost in the high bits, each row beginning at a byte.
    pub(super) fn indices(&self, pixels: &Pixels, bits: u8) -> Vec<u8> {
        let per_byte = usize::from(8 / bits);
        let row_bytes = pixels.width.div_ceil(per_byte);
        let mut packed = Vec::with_capacity(row_bytes * pixels.height);
        let mut column = 0;
        let _ = each_color(pixels, |color| {
            let index = self.slots[self.slot(color)].saturating_sub(1) as u8;
            let place = column % per_byte;
            let shifted = index << (8 - bits - place as u8 * bits);
            match packed.last_mut() {
                Some(byte) if place > 0 => *byte |= shifted,
                _ => packed.push(shifted),
            }
            column = (column + 1) % pixels.width;
            ControlFlow::Continue(())
        });
        packed
    }
}

fn each_color(pixels: &Pixels, mut take: impl FnMut([u8; 4]) -> ControlFlow<()>) -> ControlFlow<()> {
    match pixels.layout {
        Layout::Rgb => pixels.data.as_chunks().0.iter().try_for_each(|&[r, g, b]| take([r, g, b, 255])),
        Layout::Rgba => pixels.data.as_chunks().0.iter().try_for_each(|&color| take(color)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparent_colours_come_first_and_rows_begin_at_bytes() {
        let (a, b, c) = ([9, 9, 9, 255], [200, 0, 0, 7], [1, 2, 3, 255]);
        let data = [a, b, c, a, a, b].concat();
        let pixels = Pixels { width: 3, height: 2, layout: Layout::Rgba, data };
        let palette = Palette::of(&pixels).unwrap();
        assert_eq!(palette.colors(), [200, 0, 0, 9, 9, 9, 1, 2, 3]);
        assert_eq!((palette.alphas(), palette.bits()), (vec![7], 2));
        assert_eq!(palette.indices(&pixels, 2), [0b01_00_10_00, 0b01_01_00_00]);
    }

    #[test]
    fn there_are_256_colours_and_not_257() {
        let of = |count: u32| {
            let data = (0..count).flat_map(|n| [n as u8, (n >> 8) as u8, 77]).collect();
            Palette::of(&Pixels { width: count as usize, height: 1, layout: Layout::Rgb, data })
        };
        assert_eq!(of(256).unwrap().bits(), 8);
        assert!(of(257).is_none());
    }
}

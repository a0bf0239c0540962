//! Rows of whole pixels -> rows of 16-bit channels, averaged over boxes where the result is a small part of the source.
//!
//! A picture that is made eight times smaller need not have each of its pixels weighed by a filter: means of boxes that leave twice the
//! wanted size, then the filter, are within 50 dB of the filter alone, and cost a fraction.

use crate::pixels::Layout;
use crate::raster::PADDING;

/// Most pixels that a box has along an axis; sums of 8 x 8 pixels fit into 16 bits.
pub(crate) const MOST_BOX: u32 = 8;

/// Fraction bits of colours that are premultiplied: 255 becomes 32,640.
const PREMULTIPLIED_BITS: u32 = 7;

#[derive(Debug)]
pub(super) struct Loader {
    layout: Layout,
    /// Pixels of a box across and down, powers of two.
    boxes: (usize, usize),
    /// Samples of a row that are used.
    used: std::ops::Range<usize>,
    /// Rows of the box so far, samples side by side as they come.
    sums: Vec<i32>,
    rows: usize,
    channels: Vec<Vec<i16>>,
}

impl Loader {
    /// Uses the pixels `columns` of each row.
    pub(super) fn new(layout: Layout, columns: std::ops::Range<u32>, boxes: (u32, u32)) -> Self {
        let (start, end) = (columns.start as usize, columns.end as usize);
        let wide = layout.channels();
        let samples = (end - start).div_ceil(boxes.0 as usize);
        Self {
            layout,
            boxes: (boxes.0 as usize, boxes.1 as usize),
            used: start * wide..end * wide,
            sums: vec![0; (end - start) * wide],
            rows: 0,
            channels: vec![vec![0; samples + PADDING]; wide],
        }
    }

    /// Bytes that a loader keeps.
    pub(super) fn bytes(layout: Layout, columns: u32, boxes: (u32, u32)) -> u64 {
        let wide = layout.channels() as u64;
        wide * (u64::from(columns) * 4 + u64::from(columns.div_ceil(boxes.0)) * 2)
    }

    /// Fraction bits of the rows of channels.
    pub(super) fn sample_bits(layout: Layout, boxes: (u32, u32)) -> u32 {
        match layout {
            Layout::Rgb => (boxes.0 * boxes.1).trailing_zeros(),
            Layout::Rgba => PREMULTIPLIED_BITS,
        }
    }

    /// Whether the row has the pixels that are used.
    pub(super) fn takes(&self, row: &[u8]) -> bool {
        row.len() >= self.used.end
    }

    /// Takes the next row; gives rows of channels where it was the last one of its boxes.
    pub(super) fn push(&mut self, row: &[u8]) -> Option<&[Vec<i16>]> {
        let used = row.get(self.used.clone()).unwrap_or_default();
        if self.rows == 0 {
            self.sums.fill(0);
        }
        self.rows += 1;
        match self.layout {
            Layout::Rgb => {
                for (sum, sample) in self.sums.iter_mut().zip(used) {
                    *sum += i32::from(*sample);
                }
            }
            Layout::Rgba => {
                for (sums, pixel) in self.sums.as_chunks_mut::<4>().0.iter_mut().zip(used.as_chunks::<4>().0)
                {
                    for (sum, sample) in sums.iter_mut().zip(premultiplied(*pixel)) {
                        *sum += sample;
                    }
                }
            }
        }
        (self.rows == self.boxes.1).then(|| self.gathered())
    }

    /// The boxes that the last row of the picture left unfinished: their rows count as often as it takes to fill them.
    pub(super) fn finish(&mut self) -> Option<&[Vec<i16>]> {
        if self.rows == 0 {
            return None;
        }
        let (missing, present) = (self.boxes.1 as i32, self.rows as i32);
        for sum in &mut self.sums {
            *sum = (*sum * missing + present / 2) / present;
        }
        Some(self.gathered())
    }

    fn gathered(&mut self) -> &[Vec<i16>] {
        self.rows = 0;
        let area = (self.boxes.0 * self.boxes.1).trailing_zeros();
        match self.layout {
            Layout::Rgb => gathered::<3>(&self.sums, self.boxes.0, 0, &mut self.channels),
            Layout::Rgba => gathered::<4>(&self.sums, self.boxes.0, area, &mut self.channels),
        }
        &self.channels
    }
}

fn gathered<const N: usize>(sums: &[i32], across: usize, shift: u32, channels: &mut [Vec<i16>]) {
    match across {
        1 => gather::<N, 1>(sums, shift, channels),
        2 => gather::<N, 2>(sums, shift, channels),
        4 => gather::<N, 4>(sums, shift, channels),
        _ => gather::<N, { MOST_BOX as usize }>(sums, shift, channels),
    }
}

/// Adds up `ACROSS` pixels side by side and takes the channels apart. The last box may have fewer; its last pixel fills it up.
fn gather<const N: usize, const ACROSS: usize>(sums: &[i32], shift: u32, channels: &mut [Vec<i16>]) {
    let (boxes, rest) = sums.as_chunks::<N>().0.as_chunks::<ACROSS>();
    let round = (1 << shift) >> 1;
    for (index, channel) in channels.iter_mut().enumerate().take(N) {
        for (sample, pixels) in channel.iter_mut().zip(boxes) {
            let sum: i32 = pixels.iter().map(|pixel| pixel[index]).sum();
            *sample = ((sum + round) >> shift) as i16;
        }
        if let (Some(last), Some(sample)) = (rest.last(), channel.get_mut(boxes.len())) {
            let missing = (ACROSS - rest.len()) as i32;
            let sum: i32 = rest.iter().map(|pixel| pixel[index]).sum();
            *sample = ((sum + missing * last[index] + round) >> shift) as i16;
        }
    }
}

/// Colour times alpha, with fraction bits: `sample * alpha * 128 / 255` within one, exact where the pixel is opaque.
#[inline(always)]
fn premultiplied([r, g, b, a]: [u8; 4]) -> [i32; 4] {
    let (samples, factors) = ([r, g, b, a], [a, a, a, 255]);
    // 32,897 / 65,536 is 128 / 255 within 2^-17; the sum is below 2^31.
    std::array::from_fn(|n| (i32::from(samples[n]) * i32::from(factors[n]) * 32_897 + (1 << 15)) >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_sums_and_the_edge_is_repeated() {
        let row: Vec<u8> = (0..5).flat_map(|x| [x * 10, 100, 255 - x]).collect();
        let mut loader = Loader::new(Layout::Rgb, 0..5, (2, 2));
        assert!(loader.push(&row).is_none());
        let rows = loader.push(&row).unwrap();
        assert_eq!(rows[0][..3], [2 * 10, 2 * (20 + 30), 2 * (40 + 40)]);
        assert_eq!(rows[1][..3], [400; 3]);
        loader.push(&row);
        let rows = loader.finish().unwrap();
        assert_eq!(rows[2][..3], [2 * (255 + 254), 2 * (253 + 252), 4 * 251]);
    }

    #[test]
    fn colours_are_multiplied_by_alpha() {
        for sample in 0..=255u8 {
            for alpha in 0..=255u8 {
                let exact = f64::from(sample) * f64::from(alpha) * 128.0 / 255.0;
                let [got, _, _, of_alpha] = premultiplied([sample, 0, 0, alpha]);
                assert!((f64::from(got) - exact).abs() < 1.0, "{sample} {alpha}");
                assert!(alpha < 255 || got == i32::from(sample) * 128, "{sample}");
                assert_eq!(of_alpha, i32::from(alpha) * 128);
            }
        }
    }
}

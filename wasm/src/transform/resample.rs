//! Resampling in two passes, rows then columns, in 16-bit integers. Alpha is premultiplied on the way.

use super::kernel::{Kernel, WEIGHT_BITS};
use crate::pixels::{Layout, Pixels};
use crate::plan::Span;

/// Fraction bits of the samples that go into the first pass: 255 becomes 32,640, just within 16 bits.
const INPUT_BITS: u32 = 7;
/// Fraction bits between the passes. One less, so that the overshoot of the filter fits.
pub(super) const BETWEEN_BITS: u32 = 6;
/// 255 with `BETWEEN_BITS`.
const FULL: i32 = 255 << BETWEEN_BITS;

/// Makes `size` pixels from the part of the picture that `columns` and `rows` cover. Both lie within the picture.
pub(super) fn resample(pixels: &Pixels, columns: Span, rows: Span, size: (u32, u32)) -> Pixels {
    let across = Kernel::new(columns, size.0);
    let down = Kernel::new(rows, size.1);
    let data = match pixels.layout {
        Layout::Rgb => passes::<3>(pixels.rows(), (0, 0), &across, &down, size, expand),
        Layout::Rgba => {
            let mut data = passes::<4>(pixels.rows(), (0, 0), &across, &down, size, premultiply);
            data.as_chunks_mut::<4>().0.iter_mut().for_each(unpremultiply);
            data
        }
    };
    let data = data.into_iter().map(to_byte).collect();
    Pixels { width: size.0 as usize, height: size.1 as usize, layout: pixels.layout, data }
}

/// Both passes over rows that begin at the column and row `origin` of what the kernels speak of; samples come out with `BETWEEN_BITS`.
pub(super) fn passes<'a, const CHANNELS: usize>(
    rows: impl Iterator<Item = &'a [u8]>,
    origin: (usize, usize),
    across: &Kernel,
    down: &Kernel,
    size: (u32, u32),
    load: impl Fn(&[u8; CHANNELS]) -> [i16; CHANNELS],
) -> Vec<i16> {
    let support = down.support();
    let (first_row, end_row) = (support.start as usize, support.end as usize);
    let out_row_samples = size.0 as usize * CHANNELS;

    let mut narrow: Vec<i16> = Vec::with_capacity((end_row - first_row) * out_row_samples);
    let mut loaded: Vec<[i16; CHANNELS]> = Vec::new();
    for row in rows.take(end_row - origin.1).skip(first_row - origin.1) {
        loaded.clear();
        loaded.extend(row.as_chunks::<CHANNELS>().0.iter().map(&load));
        for (first, weights) in across.outputs() {
            let mut sums = [1 << (WEIGHT_BITS + INPUT_BITS - BETWEEN_BITS - 1); CHANNELS];
            for (pixel, weight) in loaded.iter().skip(first - origin.0).zip(weights) {
                for (sum, sample) in sums.iter_mut().zip(pixel) {
                    *sum += i32::from(*sample) * i32::from(*weight);
                }
            }
            narrow.extend(sums.map(|sum| to_i16(sum >> (WEIGHT_BITS + INPUT_BITS - BETWEEN_BITS))));
        }
    }

    let mut result: Vec<i16> = Vec::with_capacity(size.1 as usize * out_row_samples);
    let mut sums: Vec<i32> = Vec::new();
    for (first, weights) in down.outputs() {
        sums.clear();
        sums.resize(out_row_samples, 1 << (WEIGHT_BITS - 1));
        let rows = narrow.chunks_exact(out_row_samples).skip(first - first_row);
        for (row, weight) in rows.zip(weights) {
            for (sum, sample) in sums.iter_mut().zip(row) {
                *sum += i32::from(*sample) * i32::from(*weight);
            }
        }
        result.extend(sums.iter().map(|sum| to_i16(sum >> WEIGHT_BITS)));
    }
    result
}

fn expand(pixel: &[u8; 3]) -> [i16; 3] {
    pixel.map(|sample| i16::from(sample) << INPUT_BITS)
}

fn premultiply(&[r, g, b, a]: &[u8; 4]) -> [i16; 4] {
    let times_alpha =
        |sample: u8| ((u32::from(sample) * u32::from(a) * (1 << INPUT_BITS) + 127) / 255) as i16;
    [times_alpha(r), times_alpha(g), times_alpha(b), i16::from(a) << INPUT_BITS]
}

/// Divides the colour by the alpha again. Where nothing is left of the pixel, its colour is black.
fn unpremultiply(pixel: &mut [i16; 4]) {
    let alpha = i32::from(pixel[3]).clamp(0, FULL);
    // Half a step of the 8-bit alpha: the pixel will be stored as wholly transparent.
    if alpha < 1 << (BETWEEN_BITS - 1) {
        *pixel = [0; 4];
        return;
    }
    for sample in &mut pixel[..3] {
        let color = i32::from(*sample).clamp(0, alpha);
        *sample = to_i16((color * FULL + alpha / 2) / alpha);
    }
}

fn to_i16(value: i32) -> i16 {
    value.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

fn to_byte(sample: i16) -> u8 {
    ((i32::from(sample) + (1 << (BETWEEN_BITS - 1))) >> BETWEEN_BITS).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::super::{numbered, resized};
    use super::*;

    fn plain(width: usize, height: usize, pixel: [u8; 4]) -> Pixels {
        Pixels { width, height, layout: Layout::Rgba, data: pixel.repeat(width * height) }
    }

    #[test]
    fn a_plain_area_stays_exactly_as_it_is() {
        for value in [[0, 1, 2, 255], [255, 254, 253, 255], [200, 100, 50, 128], [255, 255, 255, 0]] {
            let small = resized(&plain(91, 53, value), (17, 29));
            let expected = if value[3] == 0 { [0; 4] } else { value };
            for pixel in small.data.as_chunks::<4>().0 {
                // Colours behind a thin alpha come back within the precision of the premultiplied form.
                assert!(
                    pixel.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 1),
                    "{pixel:?} from {value:?}"
                );
                assert_eq!(pixel[3], expected[3]);
            }
        }
    }

    #[test]
    fn the_same_size_is_the_same_picture() {
        let picture = numbered(37, 23);
        assert_eq!(resized(&picture, (37, 23)), picture);
    }

    #[test]
    fn a_ramp_stays_a_ramp_and_is_not_shifted() {
        // 240 columns valued 0..=239: each of 24 outputs covers ten of them, its centre is at 10 i + 4.5.
        let small = resized(&numbered(240, 1), (24, 1));
        for (index, pixel) in small.data.as_chunks::<3>().0.iter().enumerate().skip(3).take(18) {
            let centre = 10 * index as i32 + 4;
            assert!((i32::from(pixel[0]) - centre).abs() <= 1, "output {index} is {}", pixel[0]);
        }
    }

    #[test]
    fn transparent_pixels_lend_no_colour() {
        let mut data = [255, 0, 0, 255].repeat(8);
        data.extend([0, 255, 0, 0].repeat(8));
        let small = resized(&Pixels { width: 16, height: 1, layout: Layout::Rgba, data }, (4, 1));
        for pixel in small.data.as_chunks::<4>().0.iter().filter(|pixel| pixel[3] > 0) {
            assert_eq!(pixel[..3], [255, 0, 0]);
        }
    }
}

//! Resampled channels -> pixels of 8 bits. What a JPEG file calls its colours is converted here, where there are few pixels.

use super::channel::{SAMPLE_BITS, to_i16};
use crate::raster::ColorModel;

/// 255 as the resampler gives it.
const FULL: i32 = 255 << SAMPLE_BITS;

/// Makes pixels of one row of each channel.
pub(super) fn planes_to_rgb(model: ColorModel, rows: &[&[i16]], pixels: &mut Vec<u8>) {
    match (model, rows) {
        (ColorModel::Gray, [gray, ..]) => pixels.extend(gray.iter().flat_map(|value| [byte(*value); 3])),
        (ColorModel::Rgb, [r, g, b, ..]) => rgb_row([r, g, b], pixels),
        (ColorModel::YCbCr, [y, cb, cr, ..]) => {
            for ((y, cb), cr) in y.iter().zip(*cb).zip(*cr) {
                pixels.extend(from_ycbcr([*y, *cb, *cr]));
            }
        }
        (ColorModel::Cmyk | ColorModel::CmykInverted | ColorModel::YcckInverted, [a, b, c, k, ..]) => {
            for (((a, b), c), k) in a.iter().zip(*b).zip(*c).zip(*k) {
                let light = match model {
                    ColorModel::Cmyk => [*a, *b, *c].map(|ink| 255 - byte(ink)),
                    ColorModel::CmykInverted => [*a, *b, *c].map(byte),
                    _ => from_ycbcr([*a, *b, *c]).map(|ink| 255 - ink),
                };
                let black = if model == ColorModel::Cmyk { 255 - byte(*k) } else { byte(*k) };
                pixels.extend(light.map(|light| times(light, black)));
            }
        }
        _ => {}
    }
}

/// Channels that are red, green and blue already.
pub(super) fn rgb_row([r, g, b]: [&[i16]; 3], pixels: &mut Vec<u8>) {
    for ((r, g), b) in r.iter().zip(g).zip(b) {
        pixels.extend([byte(*r), byte(*g), byte(*b)]);
    }
}

/// Red, green and blue times alpha, and alpha. Where nothing is left of a pixel, its colour is black.
pub(super) fn premultiplied_row([r, g, b, a]: [&[i16]; 4], pixels: &mut Vec<u8>) {
    for (((r, g), b), a) in r.iter().zip(g).zip(b).zip(a) {
        let alpha = i32::from(*a).clamp(0, FULL);
        // Below half a step of the 8-bit alpha the pixel is stored as wholly transparent.
        if alpha < 1 << (SAMPLE_BITS - 1) {
            pixels.extend([0; 4]);
            continue;
        }
        let color = |sample: i16| {
            let sample = i32::from(sample).clamp(0, alpha);
            byte(to_i16((sample * FULL + alpha / 2) / alpha))
        };
        pixels.extend([color(*r), color(*g), color(*b), byte(*a)]);
    }
}

fn byte(value: i16) -> u8 {
    ((i32::from(value) + (1 << (SAMPLE_BITS - 1))) >> SAMPLE_BITS).clamp(0, 255) as u8
}

/// What is left of 255 parts of light after two filters: the product over 255, rounded.
fn times(a: u8, b: u8) -> u8 {
    let product = u32::from(a) * u32::from(b) + 128;
    ((product + (product >> 8)) >> 8) as u8
}

/// ITU-T T.871 clause 7, with 14 fraction bits in the factors. The sums stay within 31 bits for all 16-bit samples.
fn from_ycbcr(samples: [i16; 3]) -> [u8; 3] {
    let [y, cb, cr] = samples.map(i32::from);
    let zero = 128 << SAMPLE_BITS;
    let (y, cb, cr) = (y << 14, cb - zero, cr - zero);
    let sums = [y + 22_970 * cr, y - 5_638 * cb - 11_700 * cr, y + 29_032 * cb];
    sums.map(|sum| ((sum + (1 << (13 + SAMPLE_BITS))) >> (14 + SAMPLE_BITS)).clamp(0, 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_the_definition() {
        for (y, cb, cr) in
            [(0, 128, 128), (255, 128, 128), (76, 85, 255), (150, 44, 21), (29, 255, 107), (200, 0, 255)]
        {
            let (luma, blue, red) = (f64::from(y), f64::from(cb) - 128.0, f64::from(cr) - 128.0);
            let wanted = [luma + 1.402 * red, luma - 0.344_136 * blue - 0.714_136 * red, luma + 1.772 * blue];
            let got = from_ycbcr([y, cb, cr].map(|value: i16| value << SAMPLE_BITS));
            for (got, wanted) in got.into_iter().zip(wanted) {
                assert!((f64::from(got) - wanted.clamp(0.0, 255.0)).abs() <= 0.51, "{got} for {wanted}");
            }
        }
    }

    #[test]
    fn no_sample_overflows() {
        for y in [i16::MIN, 0, i16::MAX] {
            for cb in [i16::MIN, i16::MAX] {
                for cr in [i16::MIN, i16::MAX] {
                    from_ycbcr([y, cb, cr]);
                    premultiplied_row([&[y], &[cb], &[cr], &[y]], &mut Vec::new());
                }
            }
        }
    }
}

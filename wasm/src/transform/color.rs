//! Resampled channels -> pixels of 8 bits. What a JPEG file calls its colours is converted here, where there are few pixels.

use super::channel::{SAMPLE_BITS, to_i16};
use super::kernel::GROUP;
use super::vector::{self, Group};
use crate::raster::ColorModel;

/// 255 as the resampler gives it.
const FULL: i32 = 255 << SAMPLE_BITS;

/// Makes pixels of one row of each channel.
pub(super) fn planes_to_rgb(model: ColorModel, rows: &[&[i16]], pixels: &mut Vec<u8>) {
    match (model, rows) {
        (ColorModel::Gray, [gray, ..]) => pixels.extend(gray.iter().flat_map(|value| [byte(*value); 3])),
        (ColorModel::Rgb, [r, g, b, ..]) => rgb_row([r, g, b], pixels),
        (ColorModel::YCbCr, [y, cb, cr, ..]) => ycbcr_row::<Full>([y, cb, cr], pixels),
        (ColorModel::YCbCrLimited, [y, cb, cr, ..]) => ycbcr_row::<Limited>([y, cb, cr], pixels),
        (ColorModel::Cmyk | ColorModel::CmykInverted | ColorModel::YcckInverted, [a, b, c, k, ..]) => {
            for (((a, b), c), k) in a.iter().zip(*b).zip(*c).zip(*k) {
                let light = match model {
                    ColorModel::Cmyk => [*a, *b, *c].map(|ink| 255 - byte(ink)),
                    ColorModel::CmykInverted => [*a, *b, *c].map(byte),
                    _ => from_ycbcr::<Full>([*a, *b, *c]).map(|ink| 255 - ink),
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
    by_groups([r, g, b], pixels, vector::to_rgb, |samples| samples.map(byte));
}

fn ycbcr_row<R: Range>(channels: [&[i16]; 3], pixels: &mut Vec<u8>) {
    by_groups(channels, pixels, vector::ycbcr_to_rgb::<R>, from_ycbcr::<R>);
}

/// Makes pixels of three channels: of `GROUP` samples at once, and of those that are left over one by one.
#[inline(always)]
fn by_groups(
    channels: [&[i16]; 3],
    pixels: &mut Vec<u8>,
    group: impl Fn([&Group; 3]) -> [u8; 3 * GROUP],
    one: impl Fn([i16; 3]) -> [u8; 3],
) {
    let [a, b, c] = channels.map(|channel| channel.as_chunks::<GROUP>());
    for ((a, b), c) in a.0.iter().zip(b.0).zip(c.0) {
        pixels.extend_from_slice(&group([a, b, c]));
    }
    for ((a, b), c) in a.1.iter().zip(b.1).zip(c.1) {
        pixels.extend_from_slice(&one([*a, *b, *c]));
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

pub(super) fn byte(value: i16) -> u8 {
    ((i32::from(value) + (1 << (SAMPLE_BITS - 1))) >> SAMPLE_BITS).clamp(0, 255) as u8
}

/// What is left of 255 parts of light after two filters: the product over 255, rounded.
fn times(a: u8, b: u8) -> u8 {
    let product = u32::from(a) * u32::from(b) + 128;
    ((product + (product >> 8)) >> 8) as u8
}

/// What luma and colour differences mean: factors with `BITS` fraction bits, which fit into 16 bits.
pub(super) trait Range {
    const BITS: u32;
    const BY_LUMA: i16;
    const RED_BY_CR: i16;
    const GREEN_BY_CB: i16;
    const GREEN_BY_CR: i16;
    const BLUE_BY_CB: i16;
    /// Luma of black, as the resampler gives it.
    const BLACK: i32;
}

/// ITU-T T.871 clause 7.
pub(super) enum Full {}

impl Range for Full {
    const BITS: u32 = 14;
    const BY_LUMA: i16 = 1 << Self::BITS;
    const RED_BY_CR: i16 = 22_970;
    const GREEN_BY_CB: i16 = -5_638;
    const GREEN_BY_CR: i16 = -11_700;
    const BLUE_BY_CB: i16 = 29_032;
    const BLACK: i32 = 0;
}

/// ITU-R BT.601 with luma from 16 to 235 and colour differences from 16 to 240.
pub(super) enum Limited {}

impl Range for Limited {
    const BITS: u32 = 13;
    const BY_LUMA: i16 = 9_539;
    const RED_BY_CR: i16 = 13_075;
    const GREEN_BY_CB: i16 = -3_209;
    const GREEN_BY_CR: i16 = -6_660;
    const BLUE_BY_CB: i16 = 16_525;
    const BLACK: i32 = 16 << SAMPLE_BITS;
}

/// What a colour difference of nothing is stored as.
pub(super) const ZERO: i32 = 128 << SAMPLE_BITS;

/// The sums stay within 31 bits for all 16-bit samples.
pub(super) fn from_ycbcr<R: Range>(samples: [i16; 3]) -> [u8; 3] {
    let [y, cb, cr] = samples.map(i32::from);
    let (y, cb, cr) = ((y - R::BLACK) * i32::from(R::BY_LUMA), cb - ZERO, cr - ZERO);
    let sums = [
        y + i32::from(R::RED_BY_CR) * cr,
        y + i32::from(R::GREEN_BY_CB) * cb + i32::from(R::GREEN_BY_CR) * cr,
        y + i32::from(R::BLUE_BY_CB) * cb,
    ];
    let shift = R::BITS + SAMPLE_BITS;
    sums.map(|sum| ((sum + (1 << (shift - 1))) >> shift).clamp(0, 255) as u8)
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
            let got = from_ycbcr::<Full>([y, cb, cr].map(|value: i16| value << SAMPLE_BITS));
            for (got, wanted) in got.into_iter().zip(wanted) {
                assert!((f64::from(got) - wanted.clamp(0.0, 255.0)).abs() <= 0.51, "{got} for {wanted}");
            }
        }
    }

    #[test]
    fn colours_of_limited_range_are_those_of_the_definition() {
        for (y, cb, cr) in
            [(16, 128, 128), (235, 128, 128), (81, 90, 240), (145, 54, 34), (41, 240, 110), (0, 0, 255)]
        {
            let luma = (f64::from(y) - 16.0) * 255.0 / 219.0;
            let [blue, red] = [cb, cr].map(|value| (f64::from(value) - 128.0) * 255.0 / 224.0);
            let wanted = [luma + 1.402 * red, luma - 0.344_136 * blue - 0.714_136 * red, luma + 1.772 * blue];
            let got = from_ycbcr::<Limited>([y, cb, cr].map(|value: i16| value << SAMPLE_BITS));
            for (got, wanted) in got.into_iter().zip(wanted) {
                assert!((f64::from(got) - wanted.clamp(0.0, 255.0)).abs() <= 0.52, "{got} for {wanted}");
            }
        }
    }

    #[test]
    fn no_sample_overflows() {
        for y in [i16::MIN, 0, i16::MAX] {
            for cb in [i16::MIN, i16::MAX] {
                for cr in [i16::MIN, i16::MAX] {
                    from_ycbcr::<Full>([y, cb, cr]);
                    from_ycbcr::<Limited>([y, cb, cr]);
                    premultiplied_row([&[y], &[cb], &[cr], &[y]], &mut Vec::new());
                }
            }
        }
    }
}

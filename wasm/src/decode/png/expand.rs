//! From the samples of PNG, of 1 to 16 bits, to 8-bit RGB and RGBA.
//!
//! W3C PNG, third edition, sections 11.2.1 (colour types), 11.2.2 (PLTE), 11.3.1.1 (tRNS) and 13.12 (sample depth rescaling).

use crate::Error;
use crate::inspect::Format;
use crate::pixels::Layout;
use png::{BitDepth, ColorType, Info};

/// Brings rows to a [`Layout`].
#[derive(Debug)]
pub(super) struct Expansion {
    samples: Samples,
    layout: Layout,
    /// One row, where it is not already as wanted.
    row: Vec<u8>,
}

#[derive(Debug)]
enum Samples {
    /// RGB or RGBA of 8 bits.
    AsWanted,
    /// Gray or a palette's indices: the pixel that each value stands for.
    Table {
        bits: u8,
        pixels: Box<[[u8; 4]; 256]>,
    },
    GrayAlpha8,
    /// The colour that is transparent.
    RgbKeyed8([u8; 3]),
    Gray16 {
        transparent: Option<[u8; 2]>,
    },
    GrayAlpha16,
    Rgb16 {
        transparent: Option<[u8; 6]>,
    },
    Rgba16,
}

impl Expansion {
    /// `info` is that before the first row: what comes later says nothing of it.
    pub(super) fn new(info: &Info) -> Result<Self, Error> {
        let key = info.trns.as_deref();
        let layout = match info.color_type {
            ColorType::GrayscaleAlpha | ColorType::Rgba => Layout::Rgba,
            _ if key.is_some() => Layout::Rgba,
            _ => Layout::Rgb,
        };
        let samples = match (info.color_type, info.bit_depth) {
            (ColorType::Grayscale, BitDepth::Sixteen) => {
                Samples::Gray16 { transparent: key.and_then(|key| key.first_chunk().copied()) }
            }
            (ColorType::Grayscale, depth) => Samples::Table {
                bits: depth as u8,
                pixels: Box::new(gray_levels(depth as u8, key.and_then(|key| key.first().copied()))),
            },
            (ColorType::Indexed, depth) => {
                let Some(palette) = info.palette.as_deref() else {
                    return Err(Error::malformed(Format::Png, "it has no palette for its indices"));
                };
                let pixels = Box::new(palette_colors(palette, key.unwrap_or_default()));
                Samples::Table { bits: depth as u8, pixels }
            }
            (ColorType::Rgb, BitDepth::Sixteen) => {
                Samples::Rgb16 { transparent: key.and_then(|key| key.first_chunk().copied()) }
            }
            (ColorType::Rgb, _) => {
                key.and_then(|key| key.first_chunk().copied()).map_or(Samples::AsWanted, Samples::RgbKeyed8)
            }
            (ColorType::GrayscaleAlpha, BitDepth::Sixteen) => Samples::GrayAlpha16,
            (ColorType::GrayscaleAlpha, _) => Samples::GrayAlpha8,
            (ColorType::Rgba, BitDepth::Sixteen) => Samples::Rgba16,
            (ColorType::Rgba, _) => Samples::AsWanted,
        };
        Ok(Self { samples, layout, row: Vec::new() })
    }

    pub(super) fn layout(&self) -> Layout {
        self.layout
    }

    /// A row of `width` pixels.
    pub(super) fn expand<'a>(&'a mut self, raw: &'a [u8], width: usize) -> &'a [u8] {
        if matches!(self.samples, Samples::AsWanted) {
            return raw;
        }
        self.row.resize(width * self.layout.channels(), 0);
        let row = &mut self.row[..];
        let is_opaque = self.layout == Layout::Rgb;
        match &self.samples {
            Samples::AsWanted => {}
            Samples::Table { bits: 8, pixels } if is_opaque => {
                each(raw, row, |&[value]| opaque(pixels[usize::from(value)]));
            }
            Samples::Table { bits: 8, pixels } => each(raw, row, |&[value]| pixels[usize::from(value)]),
            Samples::Table { bits, pixels } if is_opaque => {
                for (to, value) in row.as_chunks_mut().0.iter_mut().zip(unpacked(raw, *bits)) {
                    *to = opaque(pixels[usize::from(value)]);
                }
            }
            Samples::Table { bits, pixels } => {
                for (to, value) in row.as_chunks_mut().0.iter_mut().zip(unpacked(raw, *bits)) {
                    *to = pixels[usize::from(value)];
                }
            }
            Samples::GrayAlpha8 => each(raw, row, |&[v, a]| [v, v, v, a]),
            Samples::RgbKeyed8(key) => {
                each(raw, row, |pixel: &[u8; 3]| with_alpha(*pixel, pixel == key));
            }
            Samples::Gray16 { .. } if is_opaque => each(raw, row, |&[high, low]| [eight(high, low); 3]),
            Samples::Gray16 { transparent } => each(raw, row, |&[high, low]| {
                with_alpha([eight(high, low); 3], *transparent == Some([high, low]))
            }),
            Samples::GrayAlpha16 => each(raw, row, |&[vh, vl, ah, al]| {
                let value = eight(vh, vl);
                [value, value, value, eight(ah, al)]
            }),
            Samples::Rgb16 { .. } if is_opaque => each(raw, row, rgb_of_16),
            Samples::Rgb16 { transparent } => each(raw, row, |pixel: &[u8; 6]| {
                with_alpha(rgb_of_16(pixel), transparent.as_ref() == Some(pixel))
            }),
            Samples::Rgba16 => each(raw, row, |&[rh, rl, gh, gl, bh, bl, ah, al]| {
                [eight(rh, rl), eight(gh, gl), eight(bh, bl), eight(ah, al)]
            }),
        }
        row
    }
}

fn each<const FROM: usize, const TO: usize>(
    raw: &[u8],
    row: &mut [u8],
    pixel: impl Fn(&[u8; FROM]) -> [u8; TO],
) {
    for (from, to) in raw.as_chunks().0.iter().zip(row.as_chunks_mut().0) {
        *to = pixel(from);
    }
}

fn opaque([r, g, b, _]: [u8; 4]) -> [u8; 3] {
    [r, g, b]
}

fn with_alpha([r, g, b]: [u8; 3], is_transparent: bool) -> [u8; 4] {
    [r, g, b, if is_transparent { 0 } else { 255 }]
}

fn rgb_of_16(&[rh, rl, gh, gl, bh, bl]: &[u8; 6]) -> [u8; 3] {
    [eight(rh, rl), eight(gh, gl), eight(bh, bl)]
}

/// 16 bits to 8, rounded: `round(v / 257)`.
fn eight(high: u8, low: u8) -> u8 {
    let value = u32::from(u16::from_be_bytes([high, low]));
    ((value * 255 + 32_895) >> 16) as u8
}

/// The values of a row that has several in a byte, the leftmost in the high bits. Section 7.2.
fn unpacked(raw: &[u8], bits: u8) -> impl Iterator<Item = u8> {
    let mask = (1 << bits) - 1;
    raw.iter().flat_map(move |byte| (1..=8 / bits).map(move |n| (byte >> (8 - n * bits)) & mask))
}

/// What the gray values of up to 8 bits stand for.
fn gray_levels(bits: u8, transparent: Option<u8>) -> [[u8; 4]; 256] {
    // 255 is divisible by the largest value of each depth.
    let step = 255 / (255 >> (8 - bits));
    std::array::from_fn(|value| {
        let value = value as u8;
        with_alpha([value.wrapping_mul(step); 3], transparent == Some(value))
    })
}

/// What the indices stand for. Those beyond the palette are black, as in other decoders.
fn palette_colors(palette: &[u8], alphas: &[u8]) -> [[u8; 4]; 256] {
    let mut pixels = [[0, 0, 0, 255]; 256];
    for (pixel, &[r, g, b]) in pixels.iter_mut().zip(palette.as_chunks().0) {
        *pixel = [r, g, b, 255];
    }
    let entries = palette.len() / 3;
    for (pixel, alpha) in pixels.iter_mut().take(entries).zip(alphas) {
        pixel[3] = *alpha;
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn info(color_type: ColorType, bit_depth: BitDepth, trns: Option<&'static [u8]>) -> Info<'static> {
        let mut info = Info::with_size(3, 1);
        (info.color_type, info.bit_depth, info.trns) = (color_type, bit_depth, trns.map(Cow::Borrowed));
        info.palette = Some(Cow::Borrowed(&[1, 2, 3, 4, 5, 6]));
        info
    }

    fn expanded(info: &Info, raw: &[u8], width: usize) -> Vec<u8> {
        Expansion::new(info).unwrap().expand(raw, width).to_vec()
    }

    #[test]
    fn packed_samples_are_spread_over_the_range() {
        let gray = |depth, key| info(ColorType::Grayscale, depth, key);
        assert_eq!(
            expanded(&gray(BitDepth::One, None), &[0b0101_1111], 3),
            [0, 0, 0, 255, 255, 255, 0, 0, 0]
        );
        assert_eq!(
            expanded(&gray(BitDepth::Two, Some(&[3])), &[0b0110_1100], 3),
            [85, 85, 85, 255, 170, 170, 170, 255, 255, 255, 255, 0]
        );
        assert_eq!(expanded(&gray(BitDepth::Four, None), &[0xf1, 0x80], 3)[2..7], [255, 17, 17, 17, 136]);
    }

    #[test]
    fn an_index_beyond_the_palette_is_black() {
        let mut palette = info(ColorType::Indexed, BitDepth::Two, Some(&[7, 8, 9]));
        assert_eq!(expanded(&palette, &[0b0001_1000], 3), [1, 2, 3, 7, 4, 5, 6, 8, 0, 0, 0, 255]);
        palette.palette = None;
        assert_eq!(Expansion::new(&palette).unwrap_err().code(), "malformed");
    }

    #[test]
    fn sixteen_bits_are_rounded_and_keys_compared_before() {
        let gray = info(ColorType::Grayscale, BitDepth::Sixteen, Some(&[0x12, 0x34]));
        assert_eq!(
            expanded(&gray, &[0x12, 0x34, 0x12, 0x35, 0xff, 0x7e], 3),
            [18, 18, 18, 0, 18, 18, 18, 255, 254, 254, 254, 255]
        );
        for value in 0..=u16::MAX {
            let [high, low] = value.to_be_bytes();
            assert_eq!(u32::from(eight(high, low)), (u32::from(value) * 2 + 257) / 514);
        }
    }
}

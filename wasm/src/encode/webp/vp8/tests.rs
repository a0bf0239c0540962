//! The encoder against the decoder of the crate `image-webp`, which is somebody else's work.

use super::*;
use crate::pixels::Layout;
use image_webp::vp8::Vp8Decoder;

/// Something of everything: slopes, edges, noise, flat parts.
fn drawn(width: usize, height: usize) -> Pixels {
    let mut state = 1_u32;
    let mut data = Vec::new();
    for y in 0..height {
        for x in 0..width {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = if x > width / 2 { state >> 26 } else { 0 } as usize;
            let disc = if (x * 2).abs_diff(width).pow(2) + (y * 2).abs_diff(height).pow(2) < height * height {
                120
            } else {
                0
            };
            data.extend([(x * 2 + noise + disc) as u8, (y + x / 2 + noise) as u8, (255 - y + noise) as u8]);
        }
    }
    Pixels { width, height, layout: Layout::Rgb, data }
}

#[test]
fn a_decoder_makes_of_it_what_the_encoder_thinks() {
    for (width, height, quality) in
        [(1, 1, 50), (16, 16, 80), (17, 33, 1), (95, 61, 30), (95, 61, 80), (64, 64, 99), (250, 14, 60)]
    {
        let planes = Planes::new(&drawn(width, height));
        let index = quantizer_index(quality);
        let header = Header { width, height, quantizer_index: index, filter_level: 0 };
        let bits = BitCosts::new();
        for allows_small in [true, false] {
            let frame = frame::choose(&planes, &bits, &Quantizer::new(index), allows_small);
            let bytes = write::write(&frame, header, &frame.counts.fitting(&bits)).unwrap();
            let decoded = Vp8Decoder::decode_frame(bytes.as_slice()).unwrap();
            assert_eq!((usize::from(decoded.width), usize::from(decoded.height)), (width, height));
            for (i, samples) in frame.decoded.iter().enumerate() {
                let (left, top) = (i % planes.columns, i / planes.columns);
                let at = |plane: &[u8], side: usize, k: usize| {
                    plane[(top * side + k / side) * planes.columns * side + left * side + k % side]
                };
                let place = format!("{width} x {height}, quality {quality}, macroblock {left}, {top}");
                assert!((0..256).all(|k| at(&decoded.ybuf, 16, k) == samples.y[k]), "luma: {place}");
                let chroma = |k: usize, start: usize| samples.uv[k / 8 * 16 + start + k % 8];
                assert!((0..64).all(|k| at(&decoded.ubuf, 8, k) == chroma(k, 0)), "u: {place}");
                assert!((0..64).all(|k| at(&decoded.vbuf, 8, k) == chroma(k, 8)), "v: {place}");
            }
        }
    }
}

#[test]
fn more_quality_is_more_bytes_and_less_error() {
    let pixels = drawn(96, 80);
    let planes = Planes::new(&pixels);
    let mut before = (0, u64::MAX);
    for quality in [5, 20, 40, 60, 80, 90, 99] {
        let bytes = encode(&pixels, quality);
        let decoded = Vp8Decoder::decode_frame(bytes.as_slice()).unwrap();
        let stride = planes.columns * 16;
        let source =
            |x: usize, y: usize| planes.macroblocks[y / 16 * planes.columns + x / 16].y[y % 16 * 16 + x % 16];
        let errors = decoded.ybuf.iter().enumerate().map(|(i, a)| a.abs_diff(source(i % stride, i / stride)));
        let error: u64 = errors.map(|error| u64::from(error).pow(2)).sum();
        assert!(bytes.len() > before.0 && error < before.1, "quality {quality}: {} {error}", bytes.len());
        before = (bytes.len(), error);
    }
    // 40 dB at quality 99.
    assert!(before.1 * 10_000 < 255 * 255 * (planes.macroblocks.len() * 256) as u64, "{}", before.1);
}

#[test]
fn levels_of_every_size_can_be_written() {
    // Black and white in a pattern that no prediction meets, at the finest step: the largest coefficients that there are.
    let data = (0..64 * 64).flat_map(|i| [if (i ^ i >> 6 ^ i >> 3) & 1 == 0 { 0 } else { 255 }; 3]).collect();
    let pixels = Pixels { width: 64, height: 64, layout: Layout::Rgb, data };
    let bytes = encode(&pixels, 99);
    assert!(Vp8Decoder::decode_frame(bytes.as_slice()).is_ok());
}

#[test]
fn the_scale_of_quality_ends_where_the_quantiser_does() {
    assert_eq!([1, 50, 75, 80, 99].map(quantizer_index), [103, 39, 26, 20, 1]);
    assert!((0..128).all(|index| filter_level(index) <= 63));
}

/// Pictures that are hard in their own ways.
fn kinds(width: usize, height: usize) -> Vec<(&'static str, Pixels)> {
    let mut state = 7_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let mut make = |sample: &mut dyn FnMut(usize, usize, u8) -> [u8; 3]| {
        let data = (0..width * height).flat_map(|i| sample(i % width, i / width, noise())).collect();
        Pixels { width, height, layout: Layout::Rgb, data }
    };
    vec![
        ("flat", make(&mut |_, _, _| [200, 30, 90])),
        ("noise", make(&mut |x, y, noise| [noise, noise ^ (x * 31) as u8, noise.wrapping_mul(y as u8)])),
        // Strokes one pixel thin on white.
        ("text", make(&mut |x, y, _| [if (x * 7 + y / 9 * 5) % 11 < 2 && y % 9 < 7 { 0 } else { 255 }; 3])),
        ("stripes", make(&mut |x, _, _| if x / 3 % 2 == 0 { [255, 0, 0] } else { [0, 0, 255] })),
        ("slope", make(&mut |x, y, _| [(x * 2) as u8, (y * 2) as u8, (x + y) as u8])),
    ]
}

#[test]
fn every_quality_of_every_kind_is_decoded_near_to_what_it_was() {
    for (width, height) in [(1, 1), (15, 17), (33, 5), (70, 47)] {
        for (name, pixels) in kinds(width, height) {
            let planes = Planes::new(&pixels);
            for quality in (1..=99).step_by(7).chain([98, 99]) {
                let bytes = encode(&pixels, quality);
                let place = format!("{name}, {width} x {height}, quality {quality}");
                let decoded = Vp8Decoder::decode_frame(bytes.as_slice()).expect(&place);
                assert_eq!(
                    (usize::from(decoded.width), usize::from(decoded.height)),
                    (width, height),
                    "{place}"
                );
                let stride = planes.columns * 16;
                let error: u64 = decoded
                    .ybuf
                    .iter()
                    .enumerate()
                    .map(|(i, sample)| {
                        let (x, y) = (i % stride, i / stride);
                        let source =
                            planes.macroblocks[y / 16 * planes.columns + x / 16].y[y % 16 * 16 + x % 16];
                        u64::from(source.abs_diff(*sample)).pow(2)
                    })
                    .sum();
                // A step off each coefficient is this much; what is finer than a step may go altogether.
                let step = u64::from(tables::AC_STEPS[usize::from(quantizer_index(quality))]);
                let most = decoded.ybuf.len() as u64 * (step * step + 4);
                assert!(error <= most, "{place}: {error} of {most}");
            }
        }
    }
}

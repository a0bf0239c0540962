//! Whole files, held against decoders that are not ours: the `image` crate everywhere, libjpeg-turbo's `djpeg` where it is installed.

use super::*;
use crate::clean::check_clean;
use crate::pixels::Layout;
use image::codecs::jpeg::JpegEncoder;
use std::io::Write;
use std::process::{Command, Stdio};

const QUALITIES: [u8; 8] = [1, 10, 50, 75, 80, 89, 90, 100];

fn drawn(width: usize, height: usize, color: impl FnMut((usize, usize)) -> [u8; 3]) -> Pixels {
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    Pixels { width, height, layout: Layout::Rgb, data: places.flat_map(color).collect() }
}

/// Curved edges, gradients and fine texture, in colour.
fn picture(width: usize, height: usize) -> Pixels {
    drawn(width, height, |(x, y)| {
        let (fx, fy) = (x as f64, y as f64);
        let ring = ((fx * fx + fy * fy).sqrt() / 9.0).sin();
        let texture = (fx * 0.9).sin() * (fy * 1.1).cos();
        let edge = if (fx - 60.0).hypot(fy - 50.0) < 37.0 { 70.0 } else { 0.0 };
        [90.0 + 60.0 * ring + edge, 100.0 + fy / 3.0 + 15.0 * texture, 160.0 - fx / 3.0 - edge]
            .map(|sample| sample as u8)
    })
}

fn noise(width: usize, height: usize) -> Pixels {
    let mut state = 11u32;
    drawn(width, height, |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [a, b, ..] = state.to_be_bytes();
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        [a, b, (state >> 24) as u8]
    })
}

fn at(pixels: &Pixels, quality: u8) -> Vec<u8> {
    encode(pixels, Options::usual(quality, size(pixels))).unwrap()
}

fn decoded(bytes: &[u8]) -> image::RgbImage {
    image::load_from_memory_with_format(bytes, image::ImageFormat::Jpeg).unwrap().to_rgb8()
}

/// Decibels over all channels.
fn psnr(bytes: &[u8], pixels: &Pixels) -> f64 {
    let got = decoded(bytes);
    assert_eq!((got.width() as usize, got.height() as usize), (pixels.width, pixels.height));
    let squares: f64 = got.iter().zip(&pixels.data).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    10.0 * (255.0 * 255.0 * pixels.data.len() as f64 / squares.max(1.0)).log10()
}

fn djpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut child = Command::new("djpeg")
        .args(["-dct", "int", "-rgb", "-pnm"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{complaints}");
    Some(output.stdout)
}

/// Pictures of every kind that has to come through.
fn pictures() -> Vec<(&'static str, Pixels)> {
    let mut all = vec![
        ("picture", picture(150, 130)),
        ("noise", noise(64, 48)),
        ("black", drawn(40, 40, |_| [0; 3])),
        ("white", drawn(40, 40, |_| [255; 3])),
        ("gray ramp", drawn(100, 30, |(x, y)| [(x * 2 + y) as u8; 3])),
        ("gray noise", {
            let colors = noise(40, 24);
            drawn(40, 24, |(x, y)| [colors.data[(y * 40 + x) * 3]; 3])
        }),
        ("black and white dots", drawn(48, 48, |(x, y)| [if (x ^ y) & 1 == 0 { 0 } else { 255 }; 3])),
        ("colored dots", drawn(48, 48, |(x, y)| if (x + y) % 2 == 0 { [255, 0, 0] } else { [0, 255, 255] })),
        // The block that has the largest AC coefficient that there is.
        ("stripes", drawn(32, 32, |(x, _)| [if matches!(x % 8, 0 | 3 | 4 | 7) { 255 } else { 0 }; 3])),
    ];
    for color in [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [0, 255, 255], [255, 0, 255]] {
        all.push(("one color", drawn(17, 9, move |_| color)));
    }
    for (width, height) in
        [(1, 1), (7, 13), (17, 16), (16, 17), (1, 4096), (4096, 1), (8, 8), (15, 9), (200, 24)]
    {
        all.push(("odd size", picture(width, height)));
    }
    all
}

#[test]
fn every_file_is_read_by_others_and_is_clean() {
    let has_djpeg = Command::new("djpeg").arg("-version").output().is_ok();
    for (name, pixels) in pictures() {
        for quality in QUALITIES {
            for subsampling in [Subsampling::Half, Subsampling::Full] {
                let bytes = encode(&pixels, Options { quality, subsampling }).unwrap();
                assert_eq!(check_clean(&bytes), Ok(()), "{name} at {quality}");
                let image = decoded(&bytes);
                assert_eq!((image.width() as usize, image.height() as usize), (pixels.width, pixels.height));
                if has_djpeg {
                    let ppm = djpeg(&bytes).unwrap();
                    let header = format!("P6\n{} {}\n255\n", pixels.width, pixels.height);
                    assert!(ppm.starts_with(header.as_bytes()), "{name} at {quality}");
                }
            }
        }
    }
}

#[test]
fn fidelity_is_what_the_quality_says() {
    for (quality, least) in [(10, 25.0), (50, 28.5), (80, 31.5), (90, 37.0), (95, 40.0), (100, 47.0)] {
        let pixels = picture(256, 192);
        let psnr = psnr(&at(&pixels, quality), &pixels);
        assert!(psnr >= least, "{psnr:.2} dB at {quality}");
    }
    // At full quality without subsampling only roundings are left, whatever the picture.
    for (name, pixels) in pictures() {
        let psnr = psnr(&at(&pixels, 100), &pixels);
        assert!(psnr >= 45.0, "{name}, {} x {}: {psnr:.2} dB", pixels.width, pixels.height);
    }
    for (name, pixels) in
        pictures().into_iter().filter(|(name, _)| matches!(*name, "one color" | "black" | "white"))
    {
        let psnr = psnr(&at(&pixels, 80), &pixels);
        assert!(psnr >= 40.0, "{name}: {psnr:.2} dB");
    }
}

#[test]
fn a_picture_without_color_has_one_component() {
    let ramp = drawn(100, 30, |(x, y)| [(x * 2 + y) as u8; 3]);
    let frame = |bytes: &[u8]| bytes.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    let gray = at(&ramp, 80);
    assert_eq!(gray[frame(&gray) + 9], 1);
    assert!(psnr(&gray, &ramp) > 40.0);
    // One pixel with a tinge is enough.
    let mut tinged = ramp;
    tinged.data[100] ^= 1;
    let color = at(&tinged, 80);
    assert_eq!(color[frame(&color) + 9], 3);
}

#[test]
fn subsampling_follows_the_quality_and_the_size() {
    let pixels = picture(64, 64);
    for (quality, factors) in [(1, 0x22), (80, 0x22), (89, 0x22), (90, 0x11), (100, 0x11)] {
        let bytes = at(&pixels, quality);
        let frame = bytes.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
        assert_eq!(bytes[frame + 11], factors, "at {quality}");
    }
    let factors = |width, height| {
        let bytes = at(&picture(width, height), 80);
        bytes[bytes.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap() + 11]
    };
    assert_eq!([factors(48, 48), factors(49, 48), factors(48, 49)], [0x11, 0x22, 0x22]);
}

#[test]
fn what_is_kept_between_the_passes_does_not_change_the_file() {
    for (name, pixels) in pictures() {
        for quality in [20, 80, 95] {
            let wanted = at(&pixels, quality);
            let mut source = Source::new(&pixels, Subsampling::usual(quality, size(&pixels))).unwrap();
            let mut counted = Counted::new(&source, quality).unwrap();
            counted.kept = None;
            assert_eq!(counted.write(&source).unwrap(), wanted, "{name} at {quality}, without tokens");
            source.keep(usize::MAX);
            let counted = Counted::new(&source, quality).unwrap();
            assert_eq!(counted.write(&source).unwrap(), wanted, "{name} at {quality}, with coefficients");
        }
    }
}

#[test]
fn the_count_is_the_size_but_for_stuffing() {
    for (name, pixels) in pictures() {
        let source = Source::new(&pixels, Subsampling::Half).unwrap();
        let counted = Counted::new(&source, 80).unwrap();
        let bytes = counted.write(&source).unwrap();
        let scan = bytes.windows(2).position(|marker| marker == [0xff, 0xda]).unwrap();
        let data = &bytes[scan + 2 + usize::from(bytes[scan + 3])..bytes.len() - 2];
        let stuffed = data.windows(2).filter(|pair| *pair == [0xff, 0]).count();
        assert_eq!(data.len() - stuffed, counted.data_bytes, "{name}");
        assert!(counted.least_bytes() < bytes.len());
    }
}

#[test]
fn files_are_smaller_than_those_of_the_image_crate() {
    // That one has no subsampling and fixed tables.
    let photo = include_bytes!("../../../tests/fixtures/portrait.jpg");
    let decoded = image::load_from_memory(photo).unwrap().to_rgb8();
    let (width, height) = (decoded.width() as usize, decoded.height() as usize);
    for pixels in [picture(256, 256), Pixels { width, height, layout: Layout::Rgb, data: decoded.into_raw() }]
    {
        for quality in [50, 80, 95] {
            let mut theirs = Vec::new();
            let (width, height) = (pixels.width as u32, pixels.height as u32);
            JpegEncoder::new_with_quality(&mut theirs, quality)
                .encode(&pixels.data, width, height, image::ExtendedColorType::Rgb8)
                .unwrap();
            let full = encode(&pixels, Options { quality, subsampling: Subsampling::Full }).unwrap();
            let half = encode(&pixels, Options { quality, subsampling: Subsampling::Half }).unwrap();
            let message =
                format!("{} full, {} half, theirs {} at {quality}", full.len(), half.len(), theirs.len());
            assert!(
                full.len() * 100 < theirs.len() * 92 && half.len() * 100 < theirs.len() * 80,
                "{message}"
            );
            // The choice of levels costs little of the fidelity.
            let (ours, theirs) = (psnr(&full, &pixels), psnr(&theirs, &pixels));
            assert!(ours > theirs - 1.0, "{ours:.2} dB, theirs {theirs:.2} at {quality}");
        }
    }
}

#[test]
fn a_limit_of_bytes_lowers_the_quality_only_as_far_as_needed() {
    let pixels = picture(160, 160);
    for (wanted, limits) in [(80, [1500, 3000]), (97, [2000, 12_000])] {
        for max_bytes in limits {
            let Fitted::Fits { bytes, quality } = encode_within(&pixels, wanted, max_bytes).unwrap() else {
                panic!("{max_bytes} are enough");
            };
            assert!(bytes.len() <= max_bytes && quality < wanted, "{} at {quality}", bytes.len());
            assert_eq!(bytes, at(&pixels, quality));
            assert!(at(&pixels, quality + 1).len() > max_bytes);
        }
    }
    let whole = at(&pixels, 80);
    let exactly = encode_within(&pixels, 80, whole.len()).unwrap();
    assert_eq!(exactly, Fitted::Fits { bytes: whole, quality: 80 });
    let Fitted::TooMany { bytes } = encode_within(&pixels, 80, 200).unwrap() else {
        panic!("not even quality 1")
    };
    assert!(bytes > 200 && bytes <= at(&pixels, 1).len());
    let Fitted::TooMany { .. } = encode_within(&pixels, 1, 200).unwrap() else {
        panic!("not even quality 1")
    };
}

#[test]
fn no_file_is_larger_than_what_is_stated() {
    // Random pixels of the brightest colours are the worst.
    let colors = noise(96, 80);
    let brightest = Pixels {
        data: colors.data.iter().map(|sample| if *sample < 128 { 0 } else { 255 }).collect(),
        ..colors
    };
    for quality in [89, 100] {
        let recipe = Recipe { width: 96, height: 80, quality, ..Recipe::default() };
        let tokens = most_tokens(96 * 80, Subsampling::usual(quality, (96, 80))) * size_of::<Token>();
        let length = at(&brightest, quality).len();
        assert!((length + tokens) as u64 <= encoder_bytes(&recipe), "{length} bytes at {quality}");
    }
    let largest = Recipe { width: 4096, height: 4096, ..Recipe::default() };
    assert!(encoder_bytes(&largest) <= 2 * 4096 * 4096);
}

#[test]
fn sizes_that_jpeg_cannot_have_are_errors() {
    let broken = [
        Pixels { width: 0, height: 0, layout: Layout::Rgb, data: vec![] },
        Pixels { width: 65_536, height: 1, layout: Layout::Rgb, data: vec![0; 65_536 * 3] },
        Pixels { width: 2, height: 2, layout: Layout::Rgb, data: vec![0; 11] },
        Pixels { width: 1, height: 1, layout: Layout::Rgba, data: vec![0; 4] },
    ];
    for pixels in broken {
        assert_eq!(encode(&pixels, Options::usual(80, size(&pixels))).unwrap_err().code(), "malformed");
    }
}

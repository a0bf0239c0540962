//! Files that end before their picture does: refused, or made into what is there where the caller allows that.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use image::{ImageFormat, RgbImage, RgbaImage};
use roundel::{Error, Limits, OutputFormat, Recipe, inspect, render, render_within};
use std::io::Cursor;
use std::path::PathBuf;

fn fixture(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures", name].iter().collect();
    std::fs::read(path).unwrap()
}

/// The picture at its own size, or the error, where a file may be cut off.
fn lenient(bytes: &[u8], (width, height): (u32, u32)) -> Result<RgbaImage, Error> {
    let recipe = Recipe { width, height, format: OutputFormat::Png, ..Recipe::default() };
    let rendered = render_within(bytes, &recipe, &Limits { allow_truncated: true, ..Limits::default() })?;
    Ok(image::load_from_memory(&rendered.bytes).unwrap().to_rgba8())
}

/// Rows that are the same from the top on.
fn same_rows(a: &RgbaImage, b: &RgbaImage) -> usize {
    a.rows().zip(b.rows()).take_while(|(a, b)| a.clone().eq(b.clone())).count()
}

/// Rows from the bottom on that are of one colour.
fn rows_of(picture: &RgbaImage, color: [u8; 4]) -> usize {
    picture.rows().rev().take_while(|row| row.clone().all(|pixel| pixel.0 == color)).count()
}

#[test]
fn a_sequential_jpeg_is_whole_above_the_cut_and_grey_below() {
    // Neither has chroma that is shared by rows, so that nothing bleeds over the cut.
    for (name, unit) in [("gray.jpg", 8), ("restart.jpg", 8)] {
        let file = fixture(name);
        let info = inspect(&file).unwrap();
        let (size, height) = ((info.width, info.height), info.height as usize);
        let whole = lenient(&file, size).unwrap();
        let mut before = 0;
        let mut partial = 0;
        for length in (0..file.len()).step_by(file.len() / 61) {
            let cut = &file[..length];
            assert!(render(cut, &Recipe::default()).is_err(), "{name}: refused unless it is allowed");
            let Ok(picture) = lenient(cut, size) else {
                assert_eq!(before, 0, "{name}: {length} bytes are refused, fewer were not");
                continue;
            };
            let (same, grey) = (same_rows(&picture, &whole), rows_of(&picture, [128, 128, 128, 255]));
            // One row of blocks is partly there.
            assert!(same + grey + unit >= height, "{name} cut to {length}: {same} rows, {grey} grey");
            assert!(same >= before, "{name} cut to {length}: more bytes give fewer rows");
            before = same;
            partial += usize::from(same > 0 && grey > 0);
        }
        assert!(partial > 40, "{name}: only {partial} cuts were within the picture");
        assert_eq!(lenient(&file[..file.len() - 2], size).unwrap(), whole, "{name}: only its end is missing");
    }
}

#[test]
fn a_progressive_jpeg_is_as_fine_as_the_scans_that_are_there() {
    let file = fixture("progressive.jpg");
    let whole = lenient(&file, (203, 151)).unwrap();
    let starts: Vec<usize> =
        (0..file.len() - 1).filter(|at| file[*at..].starts_with(&[0xff, 0xda])).collect();
    assert_eq!(starts.len(), 10);
    let distance = |picture: &RgbaImage| -> u64 {
        picture.iter().zip(whole.iter()).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum()
    };
    let mut before = u64::MAX;
    for cut in starts.into_iter().skip(1).chain([file.len() - 2]) {
        let error = render(&file[..cut], &Recipe::default()).unwrap_err();
        assert_eq!(error.code(), "truncated");
        let now = distance(&lenient(&file[..cut], (203, 151)).unwrap());
        assert!(now <= before, "{cut} bytes: {now} after {before}");
        before = now;
    }
    assert_eq!(before, 0);
}

#[test]
fn a_progressive_jpeg_cut_in_its_first_scan_is_grey_below() {
    let file = fixture("progressive.jpg");
    let scans: Vec<usize> = (0..file.len() - 1).filter(|at| file[*at..].starts_with(&[0xff, 0xda])).collect();
    let coarse = lenient(&file[..scans[1]], (203, 151)).unwrap();
    let picture = lenient(&file[..(scans[0] + scans[1]) / 2], (203, 151)).unwrap();
    let (same, grey) = (same_rows(&picture, &coarse), rows_of(&picture, [128, 128, 128, 255]));
    // Chroma is shared by rows: where it ends, its filter sees some of the grey, and the grey some of it.
    assert!(same > 30 && grey > 30 && same + grey + 16 + 2 * 6 >= 151, "{same} rows, {grey} grey");
}

#[test]
fn headers_alone_are_no_picture() {
    for name in ["gray.jpg", "progressive.jpg"] {
        let file = fixture(name);
        let scan = (0..file.len() - 1).find(|at| file[*at..].starts_with(&[0xff, 0xda])).unwrap();
        for length in [20, scan, scan + 1, scan + 5] {
            assert_eq!(
                lenient(&file[..length], (203, 151)).unwrap_err().code(),
                "truncated",
                "{name} {length}"
            );
        }
    }
    assert_eq!(lenient(&fixture("alpha.png")[..60], (160, 120)).unwrap_err().code(), "truncated");
}

/// A picture that no row of can be told from the one before.
fn noise<const N: usize>() -> Vec<u8> {
    let mut state = 7u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Never transparent, so that colours come through.
        (state >> 24) as u8 | 1
    };
    (0..96 * 80 * N).map(next).collect()
}

fn png(picture: &image::DynamicImage) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

#[test]
fn a_png_is_whole_above_the_cut_and_empty_below() {
    let opaque = RgbImage::from_raw(96, 80, noise::<3>()).unwrap().into();
    let with_alpha = RgbaImage::from_fn(96, 80, |x, y| {
        let at = ((y * 96 + x) * 3) as usize;
        let sample = noise::<3>()[at];
        image::Rgba([sample, sample / 2, 255 - sample, 255])
    });
    for (file, nothing) in [(png(&opaque), [128, 128, 128, 255]), (png(&with_alpha.into()), [0, 0, 0, 0])] {
        let whole = lenient(&file, (96, 80)).unwrap();
        let mut partial = 0;
        for length in (60..file.len() - 20).step_by(file.len() / 37) {
            let cut = &file[..length];
            assert_eq!(render(cut, &Recipe::default()).unwrap_err().code(), "truncated");
            let Ok(picture) = lenient(cut, (96, 80)) else { continue };
            let (same, empty) = (same_rows(&picture, &whole), rows_of(&picture, nothing));
            assert_eq!(same + empty, 80, "cut to {length} of {}", file.len());
            partial += usize::from(same > 0 && empty > 0);
        }
        assert!(partial > 20, "only {partial} cuts were within the picture");
    }
}

#[test]
fn a_lossy_webp_is_whole_above_the_cut_and_grey_below() {
    let recipe =
        Recipe { width: 400, height: 400, format: OutputFormat::Webp, quality: 70, ..Recipe::default() };
    let file = render(&fixture("portrait.jpg"), &recipe).unwrap().bytes;
    let grey = [128, 128, 128, 255];
    // As it is, in rows of pixels; and smaller, in planes, where the filter blends over the cut: twelve rows of each at most.
    for (side, blended) in [(400, 0), (200, 12), (50, 12)] {
        let whole = lenient(&file, (side, side)).unwrap();
        let (mut partial, mut before) = (0, 0);
        for length in (0..file.len()).step_by(file.len() / 23) {
            let cut = &file[..length];
            assert!(render(cut, &Recipe::default()).is_err(), "{length}: refused unless it is allowed");
            let Ok(picture) = lenient(cut, (side, side)) else {
                assert_eq!(before, 0, "{length} bytes are refused, fewer were not");
                continue;
            };
            let (same, empty) = (same_rows(&picture, &whole), rows_of(&picture, grey));
            assert!(same + empty + blended >= side as usize, "{length}: {same} rows, {empty} grey of {side}");
            assert!(same >= before, "{length}: more bytes give fewer rows");
            before = same;
            partial += usize::from(same > 0 && empty > 0);
        }
        assert!(partial > 8, "only {partial} cuts were within the picture of {side}");
    }
}

#[test]
fn an_interlaced_png_is_refused_all_the_same() {
    let file = fixture("interlaced-rgba-8.png");
    let cut = &file[..file.len() - file.len() / 4];
    let info = inspect(&file).unwrap();
    assert_eq!(lenient(cut, (info.width, info.height)).unwrap_err().code(), "truncated");
}

//! JPEG files in shapes that T.81 allows and cameras rarely write, and damage that libjpeg and browsers put up with. What can be made by moving
//! bytes about is made here, out of the pictures of `fixtures/`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod damage;
mod sampling;

use image::RgbImage;
use roundel::{ColorSpace, Error, OutputFormat, Recipe, inspect, render};
use std::ops::Range;
use std::path::PathBuf;

const SIZE: (u32, u32) = (83, 61);

fn fixture(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures", name].iter().collect();
    std::fs::read(path).unwrap()
}

/// One of the pictures of 83 x 61.
fn shape(name: &str) -> Vec<u8> {
    fixture(&format!("jpeg/{name}.jpg"))
}

fn sized(bytes: &[u8], (width, height): (u32, u32)) -> Result<RgbImage, Error> {
    let rendered = render(bytes, &Recipe { width, height, format: OutputFormat::Png, ..Recipe::default() })?;
    Ok(image::load_from_memory(&rendered.bytes).unwrap().to_rgb8())
}

/// The picture at its own size.
fn picture(bytes: &[u8]) -> RgbImage {
    let info = inspect(bytes).unwrap();
    sized(bytes, (info.width, info.height)).unwrap()
}

/// Mean difference a sample, 0..=255.
fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: u64 = a.iter().zip(b.iter()).map(|(x, y)| u64::from(x.abs_diff(*y))).sum();
    sum as f64 / a.len() as f64
}

/// The bytes of all segments from their marker on, with entropy-coded data between them, up to the end of the picture.
fn segments(bytes: &[u8]) -> Vec<(u8, Range<usize>)> {
    let (mut found, mut at) = (Vec::new(), 2);
    while at + 4 <= bytes.len() {
        let marker = bytes[at + 1];
        let is_marker = bytes[at] == 0xff && !matches!(marker, 0 | 0xd0..=0xd7);
        if !is_marker {
            at += 1;
            continue;
        }
        let end = at + 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
        found.push((marker, at..end));
        at = end;
    }
    found
}

fn find(bytes: &[u8], marker: u8) -> Range<usize> {
    segments(bytes).into_iter().find(|(other, _)| *other == marker).unwrap().1
}

fn without(bytes: &[u8], marker: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (_, range) in segments(&bytes).into_iter().rev().filter(|(other, _)| *other == marker) {
        bytes.drain(range);
    }
    bytes
}

fn inserted(bytes: &[u8], at: usize, what: &[u8]) -> Vec<u8> {
    [&bytes[..at], what, &bytes[at..]].concat()
}

fn detail(bytes: &[u8]) -> (&'static str, String) {
    let error = render(bytes, &Recipe::default()).unwrap_err();
    assert_eq!(inspect(bytes).err(), Some(error.clone()));
    match &error {
        Error::UnsupportedFormat { detail, .. } => (error.code(), (*detail).to_owned()),
        Error::Malformed { detail, .. } => (error.code(), detail.clone()),
        other => (other.code(), String::new()),
    }
}

#[test]
fn a_height_may_stand_behind_the_first_scan() {
    for name in ["sampling-420", "sampling-444", "scans-one-scan-a-component", "scans-progressive-deep"] {
        let whole = shape(name);
        let mut file = whole.clone();
        let frame = segments(&file).into_iter().find(|(marker, _)| (0xc0..=0xc2).contains(marker)).unwrap().1;
        file[frame.start + 5..frame.start + 7].fill(0);
        assert_eq!(render(&file, &Recipe::default()).unwrap_err().code(), "malformed", "{name}: no DNL");
        // Where the data of the first scan ends.
        let scan = find(&file, 0xda);
        let end = segments(&file).into_iter().find(|(_, range)| range.start > scan.start);
        let end = end.map_or(file.len() - 2, |(_, range)| range.start);
        let file = inserted(&file, end, &[0xff, 0xdc, 0, 4, 0, 61]);
        let info = inspect(&file).unwrap();
        assert_eq!((info.width, info.height), SIZE, "{name}");
        assert_eq!(picture(&file), picture(&whole), "{name}");
        assert_eq!(sized(&file, (20, 20)), sized(&whole, (20, 20)), "{name}");
    }
}

#[test]
fn fill_bytes_and_garbage_between_markers_are_stepped_over() {
    for name in ["sampling-420", "scans-progressive-deep", "restart-1"] {
        let whole = shape(name);
        for filling in [b"\xff\xff\xff".as_slice(), b"garbage", b"\xff\0\xff\0", b"\xff\x01\xff\xff"] {
            let mut file = whole.clone();
            // The first marker is what the format is told by.
            for (_, range) in segments(&whole).into_iter().skip(1).rev() {
                file = inserted(&file, range.start, filling);
            }
            let file = inserted(&file, file.len() - 2, filling);
            assert_eq!(picture(&file), picture(&whole), "{name} with {filling:?}");
        }
    }
}

#[test]
fn of_several_pictures_the_first_is_shown() {
    // As in Multi-Picture Format and Ultra HDR: the second is a preview or a gain map.
    let first = shape("sampling-420");
    assert!(!inspect(&first).unwrap().has_metadata);
    let file = [first.clone(), fixture("gray.jpg")].concat();
    let info = inspect(&file).unwrap();
    assert_eq!((info.width, info.height, info.color_space), (83, 61, ColorSpace::Srgb));
    assert!(info.has_metadata);
    assert_eq!(picture(&file), picture(&first));
}

#[test]
fn other_processes_are_refused_by_name() {
    let whole = shape("sampling-444");
    let frame = find(&whole, 0xc0).start;
    for (marker, words) in [
        (0xc3, "lossless coding"),
        (0xc5, "hierarchical coding"),
        (0xc6, "hierarchical coding"),
        (0xc7, "lossless coding"),
        (0xc9, "arithmetic coding"),
        (0xca, "arithmetic coding"),
        (0xcb, "lossless coding"),
        (0xcd, "hierarchical coding"),
        (0xce, "hierarchical coding"),
        (0xcf, "lossless coding"),
    ] {
        let mut file = whole.clone();
        file[frame + 1] = marker;
        assert_eq!(detail(&file), ("unsupported_format", words.to_owned()), "SOF {marker:#x}");
    }
    for bits in [2, 12, 16] {
        let mut file = whole.clone();
        file[frame + 4] = bits;
        assert_eq!(detail(&file), ("unsupported_format", "not 8 bits a sample".to_owned()));
    }
    // The header of a hierarchical progression (DHP) looks like that of a frame.
    let mut header = whole[find(&whole, 0xc0)].to_vec();
    header[1] = 0xde;
    let hierarchical = inserted(&whole, frame, &header);
    assert_eq!(detail(&hierarchical), ("unsupported_format", "hierarchical coding".to_owned()));
    for name in ["arithmetic", "arithmetic-progressive"] {
        assert_eq!(detail(&shape(name)), ("unsupported_format", "arithmetic coding".to_owned()));
    }
}

#[test]
fn the_order_of_the_scans_does_not_show() {
    let whole = picture(&shape("sampling-420"));
    let small = sized(&shape("sampling-420"), (15, 15)).unwrap();
    for name in [
        "scans-one-scan-a-component",
        "scans-chroma-first",
        "scans-progressive-bands-backwards",
        "scans-progressive-deep",
        "scans-progressive-partly-refined",
        "restart-1",
        "restart-1-progressive",
    ] {
        assert!(picture(&shape(name)) == whole, "{name}");
        // Here bits that cannot be seen may be left open.
        let distance = difference(&sized(&shape(name), (15, 15)).unwrap(), &small);
        assert!(distance < 1.0, "{name}, small: {distance}");
    }
}

#[test]
fn a_progressive_file_may_stay_coarse() {
    let file = shape("scans-progressive-coarse");
    let theirs = image::load_from_memory(&file).unwrap().to_rgb8();
    let distance = difference(&picture(&file), &theirs);
    assert!(distance < 4.0, "{distance}");
}

#[test]
fn quantisers_may_have_16_bits() {
    let file = shape("quantisers-16");
    assert_eq!(file[find(&file, 0xdb).start + 4] >> 4, 1);
    let theirs = image::load_from_memory(&file).unwrap().to_rgb8();
    let distance = difference(&picture(&file), &theirs);
    assert!(distance < 4.0, "{distance}");
}

#[test]
fn quantisers_may_come_with_the_scan_that_needs_them() {
    // Luma alone first; the table of chroma behind its scan.
    let file = shape("scans-progressive-deep");
    let table = segments(&file).into_iter().filter(|(marker, _)| *marker == 0xdb).nth(1).unwrap().1;
    let scans = segments(&file).into_iter().filter(|(marker, _)| *marker == 0xda);
    let second = scans.map(|(_, range)| range.start).nth(1).unwrap();
    let late = inserted(&file, second, &file[table.clone()]);
    let late = [&late[..table.start], &late[table.end..]].concat();
    assert_eq!(picture(&late), picture(&file));
    let distance = difference(&sized(&late, (15, 15)).unwrap(), &sized(&file, (15, 15)).unwrap());
    assert!(distance < 0.5, "{distance}");
}

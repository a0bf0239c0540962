use super::*;
use crate::decode::collect::Collector;
use crate::pixels::{Layout, Pixels};
use crate::raster::{Frame, Frames};
use std::path::Path;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

fn pixels(bytes: &[u8]) -> Result<Pixels, Error> {
    let [.., w, x, y, z] = *bytes.first_chunk::<20>().unwrap();
    let [a, b, c, d] = *bytes[20..].first_chunk().unwrap();
    let mut picture = Collector::new((
        u32::from_be_bytes([w, x, y, z]) as usize,
        u32::from_be_bytes([a, b, c, d]) as usize,
    ));
    decode(bytes, &mut picture)?;
    picture.finish(Format::Png)
}

fn rgba(pixels: &Pixels) -> Vec<u8> {
    match pixels.layout {
        Layout::Rgb => pixels.data.as_chunks().0.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect(),
        Layout::Rgba => pixels.data.clone(),
    }
}

fn frames(name: &str) -> (u32, Vec<Frame>) {
    let bytes = fixture(name);
    let mut animation = Animation::new(&bytes).unwrap();
    let frames = std::iter::from_fn(|| animation.next_frame().unwrap()).collect();
    (animation.plays(), frames)
}

/// The sheet of what is to be seen, cut into frames.
fn expected(name: &str, count: usize) -> Vec<Vec<u8>> {
    let sheet = image::load_from_memory(&fixture(name)).unwrap().to_rgba8();
    let length = sheet.len() / count;
    sheet.as_raw().chunks(length).map(<[u8]>::to_vec).collect()
}

/// The 19 x 13 pictures of `make_png.py` by their formulas.
fn drawn(pixel: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
    (0..13).flat_map(|y| (0..19).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y)).collect()
}

#[test]
fn interlaced_pictures_come_out_in_rows_at_every_depth() {
    let shown = |name: &str| rgba(&pixels(&fixture(name)).unwrap());
    let bit = |x, y| [((x * y + x) / 3 % 2) as u8 * 255; 3];
    assert_eq!(
        shown("interlaced-gray-1.png"),
        drawn(|x, y| {
            let [value, ..] = bit(x, y);
            [value, value, value, 255]
        })
    );
    let color = |x, y| {
        let index = ((x + 2 * y) % 16) as u8;
        let alpha = [0, 100, 200].get(usize::from(index)).copied().unwrap_or(255);
        [index * 16, 255 - index * 16, index * 7, alpha]
    };
    assert_eq!(shown("interlaced-palette-4.png"), drawn(color));
    let eight = |x: u32, y: u32| [x * 13, y * 19, x * y, 255 - x * 9].map(|value| value as u8);
    assert_eq!(shown("interlaced-rgba-8.png"), drawn(eight));
    let rounded = |value: u32| ((2 * value + 257) / 514) as u8;
    let deep = |x, y| [x * 3449, y * 5347, x * y * 301 % 65_536, 65_535 - x * 2903].map(rounded);
    assert_eq!(shown("rgba-16.png"), drawn(deep));
    let opaque = |x, y| {
        let [r, g, b, _] = deep(x, y);
        [r, g, b, 255]
    };
    assert_eq!(shown("interlaced-rgb-16.png"), drawn(opaque));
}

#[test]
fn frames_are_composed_as_the_format_says() {
    let (plays, animated) = frames("animated.png");
    let durations: Vec<u32> = animated.iter().map(|frame| frame.duration_ms).collect();
    assert_eq!((plays, durations), (3, vec![100, 33, 70, 667, 50, 60]));
    let shown: Vec<Vec<u8>> = animated.into_iter().map(|frame| frame.pixels.data).collect();
    assert_eq!(shown, expected("animated-frames.png", 6));

    for name in ["animated-apart.png", "animated-apart-interlaced.png"] {
        let (plays, animated) = frames(name);
        assert_eq!((plays, animated[2].duration_ms), (0, 200));
        let shown: Vec<Vec<u8>> = animated.into_iter().map(|frame| frame.pixels.data).collect();
        assert_eq!(shown, expected("animated-apart-frames.png", 4), "{name}");
    }
}

#[test]
fn a_still_of_an_animation_is_its_first_frame() {
    for (name, sheet, count) in [
        ("animated.png", "animated-frames.png", 6),
        ("animated-apart.png", "animated-apart-frames.png", 4),
        ("animated-apart-interlaced.png", "animated-apart-frames.png", 4),
    ] {
        assert_eq!(rgba(&pixels(&fixture(name)).unwrap()), expected(sheet, count)[0], "{name}");
    }
}

/// Where the type of the nth such chunk begins.
fn position(bytes: &[u8], kind: &[u8; 4], nth: usize) -> usize {
    bytes.windows(4).enumerate().filter(|(_, window)| window == kind).nth(nth).unwrap().0
}

/// Changes a byte of a chunk's data and mends its checksum.
fn with_byte(mut bytes: Vec<u8>, kind: &[u8; 4], nth: usize, offset: usize, value: u8) -> Vec<u8> {
    let start = position(&bytes, kind, nth);
    let length = u32::from_be_bytes(*bytes[start - 4..].first_chunk().unwrap()) as usize;
    bytes[start + 4 + offset] = value;
    let end = start + 4 + length;
    let sum = crc32fast::hash(&bytes[start..end]);
    bytes[end..end + 4].copy_from_slice(&sum.to_be_bytes());
    bytes
}

fn outcome(bytes: &[u8]) -> Result<usize, &'static str> {
    let mut count = 0;
    let mut animation = Animation::new(bytes).map_err(|error| error.code())?;
    while animation.next_frame().map_err(|error| error.code())?.is_some() {
        count += 1;
    }
    Ok(count)
}

#[test]
fn an_animation_that_contradicts_itself_is_malformed() {
    let whole = fixture("animated.png");
    assert_eq!(outcome(&whole), Ok(6));
    for (what, kind, nth, offset, value) in [
        ("a control out of sequence", b"fcTL", 2, 3, 9),
        ("data out of sequence", b"fdAT", 1, 3, 9),
        ("a frame beyond the canvas", b"fcTL", 1, 15, 40),
        ("a frame without area", b"fcTL", 1, 7, 0),
        ("a way to dispose that there is not", b"fcTL", 1, 24, 3),
        ("more frames than there are", b"acTL", 0, 3, 7),
        ("a first frame that is not the canvas", b"fcTL", 0, 7, 47),
    ] {
        assert_eq!(outcome(&with_byte(whole.clone(), kind, nth, offset, value)), Err("malformed"), "{what}");
    }
    // Fewer frames than there are: the rest is left out.
    assert_eq!(outcome(&with_byte(whole.clone(), b"acTL", 0, 3, 2)), Ok(2));
    // Damage that only the checksum shows.
    let mut damaged = whole.clone();
    damaged[position(&whole, b"fcTL", 3) + 4 + 21] ^= 1;
    assert_eq!(outcome(&damaged), Err("malformed"));
}

#[test]
fn control_chunks_without_frames_or_after_the_pixels_make_no_animation() {
    let still = fixture("alpha.png");
    let control = |kind: &[u8; 4], data: &[u8]| {
        let sum = crc32fast::hash(&[kind, data].concat()).to_be_bytes();
        [&(data.len() as u32).to_be_bytes(), kind, data, &sum].concat()
    };
    let animated = control(b"acTL", &[0, 0, 0, 9, 0, 0, 0, 0]);
    let (first, end) = (position(&still, b"IDAT", 0) - 4, position(&still, b"IEND", 0) - 4);
    let before = [&still[..first], &animated, &still[first..]].concat();
    let after = [&still[..end], &animated, &still[end..]].concat();
    for bytes in [before, after] {
        assert_eq!(crate::inspect(&bytes).unwrap().frames, 1);
        assert_eq!(pixels(&bytes).unwrap(), pixels(&still).unwrap());
    }
}

#[test]
fn every_file_of_png_suite_is_what_another_program_sees() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora/pngsuite");
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut seen = 0;
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.ends_with(".png") || name.starts_with('x') {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let theirs = image::load_from_memory(&bytes).unwrap().to_rgba8().into_raw();
        assert!(rgba(&pixels(&bytes).unwrap()) == theirs, "{name}");
        seen += 1;
    }
    assert!(seen > 150, "only {seen} files");
}

#[test]
fn long_chunks_that_are_no_pixels_are_not_read() {
    // A text that would inflate to a gigabyte and a profile that is none.
    let still = fixture("gray16.png");
    let first = position(&still, b"IDAT", 0) - 4;
    let chunk = |kind: &[u8; 4]| {
        let data = [b"a\0\0".as_slice(), &[0x78, 0xda, 0xec, 0xc1], &[0; 1_000_000]].concat();
        [&(data.len() as u32).to_be_bytes(), kind.as_slice(), &data, &[0; 4]].concat()
    };
    let padded = [
        &still[..first],
        &chunk(b"zTXt"),
        &chunk(b"iCCP"),
        &chunk(b"eXIf"),
        &chunk(b"ruNd"),
        &still[first..],
    ];
    assert_eq!(pixels(&padded.concat()).unwrap(), pixels(&still).unwrap());
}

#[test]
fn an_animation_cut_or_damaged_anywhere_is_frames_or_a_typed_error() {
    for name in ["animated.png", "animated-apart.png", "animated-apart-interlaced.png"] {
        let whole = fixture(name);
        for length in 0..whole.len() {
            // Only IEND may be missing.
            let codes = ["truncated", "malformed"];
            match outcome(&whole[..length]) {
                Err(code) => assert!(codes.contains(&code), "{name} cut to {length}: {code}"),
                Ok(_) => assert!(length + 20 > whole.len(), "{name} cut to {length}"),
            }
        }
        for kind in [b"IHDR", b"acTL", b"fcTL", b"IDAT", b"fdAT"] {
            for nth in 0..2 {
                let Some((start, _)) =
                    whole.windows(4).enumerate().filter(|(_, window)| window == kind).nth(nth)
                else {
                    continue;
                };
                let length = u32::from_be_bytes(*whole[start - 4..].first_chunk().unwrap());
                for offset in 0..length as usize {
                    for value in [0, 1, 0x7f, 0xff] {
                        let damaged = with_byte(whole.clone(), kind, nth, offset, value);
                        // A header that announces more is refused before it gets to the decoder.
                        let recipe = crate::Recipe { animate: true, ..small() };
                        let limits = crate::Limits { max_pixels: 100_000, ..crate::Limits::default() };
                        for recipe in [recipe, small()] {
                            if let Err(error) = crate::render_within(&damaged, &recipe, &limits) {
                                assert!(!error.to_string().is_empty());
                            }
                        }
                    }
                }
            }
        }
    }
}

fn small() -> crate::Recipe {
    crate::Recipe { width: 5, height: 4, format: crate::OutputFormat::Png, ..crate::Recipe::default() }
}

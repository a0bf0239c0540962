//! WebP, GIF and BMP files of `tests/fixtures`, against what libwebp (in Pillow) made of them, and against each other.

use super::collect::whole;
use super::{frames, shown_ms, stream};
use crate::inspect::{Depth, inspect, survey};
use crate::pixels::{Layout, Pixels};
use crate::raster::Rows;
use crate::{Error, Format, Limits, OutputFormat, Recipe, render_within};
use sha2::{Digest, Sha256};
use std::ops::ControlFlow;
use std::path::PathBuf;

fn fixture(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures", name].iter().collect();
    std::fs::read(path).unwrap()
}

fn still(bytes: &[u8]) -> Pixels {
    whole(bytes, &inspect(bytes).unwrap()).unwrap()
}

fn rgba(pixels: &Pixels) -> Vec<u8> {
    match pixels.layout {
        Layout::Rgba => {
            let pixels = pixels.data.as_chunks::<4>().0.iter();
            pixels.flat_map(|pixel| if pixel[3] == 0 { [0; 4] } else { *pixel }).collect()
        }
        Layout::Rgb => pixels.data.as_chunks::<3>().0.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect(),
    }
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn webp_and_gif_files_are_what_libwebp_and_pillow_make_of_them() {
    let table: std::collections::BTreeMap<String, Vec<String>> =
        serde_json::from_slice(&fixture("decoded.json")).unwrap();
    assert_eq!(table.len(), 17);
    for (name, hashes) in table {
        let bytes = fixture(&name);
        let info = inspect(&bytes).unwrap();
        assert_eq!(info.frames as usize, hashes.len(), "{name}");
        assert_eq!(hex(&rgba(&still(&bytes))), hashes[0], "{name}");
        if hashes.len() > 1 {
            let mut source = frames(&bytes, &info).unwrap();
            for (i, hash) in hashes.iter().enumerate() {
                let frame = source.next_frame().unwrap().unwrap();
                assert_eq!(&hex(&rgba(&frame.pixels)), hash, "{name}, frame {i}");
            }
            assert!(source.next_frame().unwrap().is_none());
        }
    }
}

#[test]
fn animations_tell_how_long_and_how_often() {
    for (name, plays, wanted) in
        [("anim.webp", 3, [100, 100, 200, 70, 1000].as_slice()), ("anim.gif", 3, &[100, 100, 70, 500])]
    {
        let bytes = fixture(name);
        let info = inspect(&bytes).unwrap();
        let mut source = frames(&bytes, &info).unwrap();
        assert_eq!(source.plays(), plays, "{name}");
        let durations: Vec<u32> =
            std::iter::from_fn(|| source.next_frame().unwrap()).map(|frame| frame.duration_ms).collect();
        assert_eq!(durations, wanted, "{name}");
    }
    assert_eq!([0, 10, 11, 20].map(shown_ms), [100, 100, 11, 20]);
}

#[test]
fn animations_beyond_a_limit_are_refused_from_their_headers() {
    let bytes = fixture("anim.webp");
    let recipe =
        Recipe { animate: true, format: OutputFormat::Png, width: 8, height: 8, ..Recipe::default() };
    for limits in [
        Limits { max_frames: 4, ..Limits::default() },
        Limits { max_animation_pixels: 40 * 30 * 5 - 1, ..Limits::default() },
    ] {
        let refusal = render_within(&bytes, &recipe, &limits).unwrap_err();
        assert_eq!(refusal, Error::TooManyFrames { frames: 5, max_frames: 4 });
    }
}

/// The picture of the bitmaps: what `make.py` draws.
fn drawn(from: impl Fn(usize) -> [u8; 3]) -> Vec<u8> {
    (0..7).flat_map(|y| (0..13).map(move |x| (x / 3 + y * 2) % 16)).flat_map(from).collect()
}

fn color(i: usize) -> [u8; 3] {
    [(i * 16) as u8, (255 - i * 15) as u8, (i * 53 % 256) as u8]
}

#[test]
fn all_kinds_of_bitmaps_are_read() {
    let exact = drawn(color);
    for name in ["4", "8", "8-top-down", "rle8", "24", "32", "os2-8", "os2-24", "os2-v2"] {
        let pixels = still(&fixture(&format!("{name}.bmp")));
        assert_eq!((pixels.width, pixels.height, pixels.layout), (13, 7, Layout::Rgb), "{name}");
        assert_eq!(pixels.data, exact, "{name}");
    }
    assert_eq!(still(&fixture("1.bmp")).data, drawn(|i| color(i & 1)));
    // Five or six bits stretched to eight, rounded.
    let stretched = |value: u8, bits: u32| {
        let most = (1_u32 << bits) - 1;
        ((u32::from(value >> (8 - bits)) * 255 + most / 2) / most) as u8
    };
    let five = drawn(|i| color(i).map(|value| stretched(value, 5)));
    assert_eq!(still(&fixture("16-555.bmp")).data, five);
    let [r, g, b] = [5, 6, 5];
    let six = drawn(|i| {
        let [red, green, blue] = color(i);
        [stretched(red, r), stretched(green, g), stretched(blue, b)]
    });
    assert_eq!(still(&fixture("16-565.bmp")).data, six);

    let alpha = still(&fixture("32-alpha.bmp"));
    assert_eq!(alpha.layout, Layout::Rgba);
    let expected: Vec<u8> = exact
        .as_chunks::<3>()
        .0
        .iter()
        .enumerate()
        .flat_map(|(i, &[r, g, b])| [r, g, b, 255 - 9 * (i % 13) as u8])
        .collect();
    assert_eq!(alpha.data, expected);
}

#[test]
fn runs_of_four_bits_and_gaps_are_read() {
    // Of each row the colours from the fourth pixel on are one.
    let flat: Vec<u8> =
        (0..7).flat_map(|y| (0..13).map(move |x| (x.min(3) / 3 + y * 2) % 16)).flat_map(color).collect();
    assert_eq!(still(&fixture("rle4.bmp")).data, flat);
    // Four pixels of colour 5 at the bottom left, then 3 to the right and 2 up, five of colour 6.
    let gaps = still(&fixture("rle8-delta.bmp")).data;
    let at = |x: usize, y: usize| [0, 1, 2].map(|channel| gaps[(y * 13 + x) * 3 + channel]);
    assert_eq!([at(3, 6), at(4, 6), at(7, 4), at(11, 4), at(12, 4), at(6, 4)], [5, 0, 6, 6, 0, 0].map(color));
}

#[test]
fn a_taker_of_rows_can_stop() {
    struct First(usize);
    impl Rows for First {
        fn begin(&mut self, _: Layout) -> Result<(), Error> {
            Ok(())
        }
        fn row(&mut self, _: &[u8]) -> ControlFlow<()> {
            self.0 += 1;
            if self.0 == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }
    for name in [
        "lossy.webp",
        "lossless.webp",
        "anim-partial.webp",
        "still.gif",
        "interlaced.gif",
        "24.bmp",
        "rle8.bmp",
    ] {
        let bytes = fixture(name);
        let mut first = First(0);
        stream(&bytes, &inspect(&bytes).unwrap(), &mut first).unwrap();
        assert_eq!(first.0, 3, "{name}");
    }
}

fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures"].iter().collect();
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "webp" || kind == "gif" || kind == "bmp"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    assert_eq!(files.len(), 32);
    files
}

/// Inspects and decodes all there is.
fn everything(bytes: &[u8]) -> Result<(), Error> {
    let survey = survey(bytes, Depth::Everything)?;
    if !survey.complete {
        return Err(Error::Truncated { format: survey.info.format, detail: "its pixels" });
    }
    if u64::from(survey.info.width) * u64::from(survey.info.height) > 1 << 22 {
        return Ok(());
    }
    whole(bytes, &survey.info)?;
    if survey.info.frames > 1 {
        let mut source = frames(bytes, &survey.info)?;
        while source.next_frame()?.is_some() {}
    }
    Ok(())
}

#[test]
fn a_file_cut_at_any_byte_is_a_typed_error() {
    for (name, whole) in fixtures() {
        everything(&whole).unwrap_or_else(|error| panic!("{name}: {error}"));
        for length in 0..whole.len() {
            let error = match everything(&whole[..length]) {
                Err(error) => error,
                // What follows the last pixel of a bitmap is padding.
                Ok(()) if name.ends_with("bmp") && whole.len() - length < 4 => continue,
                Ok(()) => panic!("{name} cut to {length} of {} bytes is read", whole.len()),
            };
            let wanted =
                if Format::sniff(&whole[..length]).is_some() { "truncated" } else { "unsupported_format" };
            assert_eq!(error.code(), wanted, "{name} cut to {length} of {} bytes: {error}", whole.len());
        }
    }
}

#[test]
fn a_file_with_any_bit_flipped_is_a_picture_or_a_typed_error() {
    for (_, whole) in fixtures() {
        let mut broken = whole.clone();
        for at in (0..whole.len()).step_by(whole.len().div_ceil(700)) {
            broken[at] ^= 1 << (at % 8);
            if let Err(error) = everything(&broken) {
                assert!(!error.to_string().is_empty());
            }
            broken[at] = whole[at];
        }
    }
}

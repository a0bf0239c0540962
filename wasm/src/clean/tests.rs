//! What is written is clean, what cameras write is not, and nothing gets in anywhere without being seen.

use super::png::crc32;
use super::*;
use crate::{OutputFormat, Recipe, inspect, render};
use std::path::{Path, PathBuf};

fn fixtures(folder: &str) -> Vec<(String, Vec<u8>)> {
    let place: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .iter()
        .filter(|path| {
            path.extension().is_some_and(|kind| ["jpg", "png", "webp"].iter().any(|known| kind == *known))
        })
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap()))
        .collect()
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

/// A clean file of each kind of container.
fn clean_files() -> Vec<(&'static str, Vec<u8>)> {
    let photo = fixture("portrait.jpg");
    let rendered = |recipe: Recipe| render(&photo, &recipe).unwrap().bytes;
    let gray =
        render(&fixture("gray.jpg"), &Recipe { width: 33, height: 17, ..Recipe::default() }).unwrap().bytes;
    let mut files = vec![
        ("jpeg", rendered(Recipe { width: 96, height: 96, ..Recipe::default() })),
        ("gray jpeg", gray),
        ("4:4:4 jpeg", rendered(Recipe { width: 40, height: 30, quality: 95, ..Recipe::default() })),
        ("png", rendered(Recipe { width: 40, height: 30, format: OutputFormat::Png, ..Recipe::default() })),
    ];
    for name in ["lossy.webp", "alpha.webp", "lossless.webp", "animated.webp", "animated.png"] {
        files.push((name, fixture(&format!("containers/{name}"))));
    }
    files
}

fn found(bytes: &[u8]) -> String {
    check_clean(bytes).unwrap_err().found
}

fn jpeg_segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], length.as_slice(), content].concat()
}

fn png_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let covered = [kind, content].concat();
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length, covered.as_slice(), &crc32(&covered).to_be_bytes()].concat()
}

fn webp_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    [kind, length.as_slice(), content, &[0][..content.len() % 2]].concat()
}

fn with_riff_length(mut bytes: Vec<u8>) -> Vec<u8> {
    let length = u32::try_from(bytes.len() - 8).unwrap().to_le_bytes();
    bytes[4..8].copy_from_slice(&length);
    bytes
}

fn inserted(bytes: &[u8], at: usize, what: &[u8]) -> Vec<u8> {
    [&bytes[..at], what, &bytes[at..]].concat()
}

/// Where segments begin, and where the data of the scan does.
fn jpeg_segments(bytes: &[u8]) -> Vec<usize> {
    let (mut at, mut starts) = (2, vec![]);
    loop {
        starts.push(at);
        let is_scan = bytes[at + 1] == 0xda;
        at += 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
        if is_scan {
            return starts;
        }
    }
}

#[test]
fn what_is_written_is_clean() {
    for (name, bytes) in clean_files() {
        assert_eq!(check_clean(&bytes), Ok(()), "{name}");
        assert!(is_clean(&bytes));
    }
}

#[test]
fn fixtures_with_metadata_are_refused() {
    let (mut with_metadata, mut clean) = (0, 0);
    for (name, bytes) in fixtures("").into_iter().chain(fixtures("containers")) {
        let has_metadata = match name.as_str() {
            "exif.webp" => true,
            name if name.ends_with("webp") => false,
            _ => inspect(&bytes).unwrap().has_metadata,
        };
        if has_metadata {
            assert!(!is_clean(&bytes), "{name}");
            with_metadata += 1;
        }
        clean += usize::from(is_clean(&bytes));
    }
    assert!(with_metadata >= 12 && clean >= 7, "{with_metadata} with metadata, {clean} clean");
    assert_eq!(found(&fixture("portrait.jpg")), "segment APP1");
    assert_eq!(found(&fixture("progressive.jpg")), "segment C2");
    assert_eq!(found(&fixture("restart.jpg")), "segment DD");
    assert_eq!(found(&fixture("text-exif-8.png")), "chunk tEXt");
    assert_eq!(found(&fixture("containers/exif.webp")), "chunk VP8X of an unusual form");
}

#[test]
fn photographs_are_refused_and_their_pictures_are_clean() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/photos");
    let mut seen = 0;
    let files = std::fs::read_dir(&place).into_iter().flatten().flatten().map(|entry| entry.path());
    for file in files.filter(|path| path.extension().is_some_and(|kind| kind == "jpg")) {
        let photo = std::fs::read(&file).unwrap();
        if inspect(&photo).unwrap().has_metadata {
            assert!(!is_clean(&photo), "{}", file.display());
        }
        let rendered = render(&photo, &Recipe { width: 64, height: 64, ..Recipe::default() }).unwrap();
        assert_eq!(check_clean(&rendered.bytes), Ok(()), "{}", file.display());
        seen += 1;
    }
    assert!(!place.exists() || seen >= 10, "only {seen} photographs");
}

#[test]
fn any_segment_more_is_found_wherever_it_stands() {
    for (name, bytes) in clean_files().into_iter().filter(|(name, _)| name.ends_with("jpeg")) {
        let mut tried = 0;
        for at in jpeg_segments(&bytes).into_iter().chain([bytes.len() - 2, bytes.len()]) {
            for marker in 0x01..=0xfe {
                let with = inserted(&bytes, at, &jpeg_segment(marker, b"note"));
                assert!(!is_clean(&with), "{name}: {marker:02x} at {at}");
                tried += 1;
            }
            assert!(!is_clean(&inserted(&bytes, at, b"\xff")), "{name}: fill byte at {at}");
            assert!(!is_clean(&inserted(&bytes, at, b"\0")), "{name}: zero at {at}");
        }
        // A second copy of a segment of ours could hold something too.
        for pair in jpeg_segments(&bytes).windows(2) {
            let copy = bytes[pair[0]..pair[1]].to_vec();
            assert!(!is_clean(&inserted(&bytes, pair[1], &copy)), "{name}: copy of {}", pair[0]);
        }
        assert!(tried >= 254 * 7);
    }
    let jpeg = &clean_files()[0].1;
    assert_eq!(found(&inserted(jpeg, 20, &jpeg_segment(0xe1, b"Exif\0\0"))), "segment APP1");
    assert_eq!(found(&inserted(jpeg, 20, &jpeg_segment(0xfe, b"hello"))), "segment COM");
    assert_eq!(found(&[jpeg.as_slice(), b"x"].concat()), "bytes after the end");
    let thumbnail = [&jpeg[..18], &[1, 1, 7, 7, 7], &jpeg[20..]].concat();
    let thumbnail = [&thumbnail[..5], &[19], &thumbnail[6..]].concat();
    assert_eq!(check_clean(&thumbnail), Err(Foreign::new(2, "segment APP0 of an unusual form")));
}

#[test]
fn any_chunk_more_in_a_png_is_found() {
    for name in ["png", "animated.png"] {
        let bytes = clean_files().into_iter().find(|(kind, _)| *kind == name).unwrap().1;
        let mut at = 8;
        while at <= bytes.len() {
            for kind in
                [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"iCCP", b"tIME", b"pHYs", b"prVt", b"IHDR", b"IEND"]
            {
                assert!(
                    !is_clean(&inserted(&bytes, at, &png_chunk(kind, b"note"))),
                    "{name}: {kind:?} at {at}"
                );
            }
            let Some(length) = bytes[at..].first_chunk::<4>() else { break };
            at += 12 + u32::from_be_bytes(*length) as usize;
        }
        assert_eq!(at, bytes.len());
        assert_eq!(found(&inserted(&bytes, 33, &png_chunk(b"tEXt", b"Author\0x"))), "chunk tEXt");
        let mut broken = bytes.clone();
        broken[29] ^= 1;
        assert_eq!(found(&broken), "chunk IHDR with a wrong checksum");
        // What the specification allows and we may write.
        assert_eq!(check_clean(&inserted(&bytes, 33, &png_chunk(b"sRGB", &[0]))), Ok(()));
    }
}

#[test]
fn any_chunk_more_in_a_webp_is_found() {
    for name in ["lossy.webp", "alpha.webp", "lossless.webp", "animated.webp"] {
        let bytes = fixture(&format!("containers/{name}"));
        let mut at = 12;
        while at <= bytes.len() {
            for kind in [b"EXIF", b"XMP ", b"ICCP", b"note", b"VP8X", b"ANIM"] {
                let with = with_riff_length(inserted(&bytes, at, &webp_chunk(kind, b"odd")));
                assert!(!is_clean(&with), "{name}: {kind:?} at {at}");
            }
            let Some(length) = bytes.get(at + 4..).and_then(<[u8]>::first_chunk::<4>) else { break };
            at += 8 + (u32::from_le_bytes(*length) as usize).next_multiple_of(2);
        }
        assert_eq!(at, bytes.len());
        assert_eq!(found(&[bytes.as_slice(), b"xx"].concat()), "bytes after the end");
    }
    // Within a frame of an animation.
    let animated = fixture("containers/animated.webp");
    let frame = animated.windows(4).position(|kind| kind == b"ANMF").unwrap();
    let length = u32::from_le_bytes(*animated[frame + 4..].first_chunk().unwrap());
    let more = webp_chunk(b"EXIF", b"odd!");
    let mut with = inserted(&animated, frame + 8 + length as usize, &more);
    with[frame + 4..frame + 8].copy_from_slice(&(length + more.len() as u32).to_le_bytes());
    assert_eq!(found(&with_riff_length(with)), "a chunk behind the picture of a frame");
}

#[test]
fn a_clean_file_cut_anywhere_is_not_clean() {
    for (name, bytes) in clean_files() {
        for length in 0..bytes.len() {
            assert!(!is_clean(&bytes[..length]), "{name} cut to {length} of {} bytes", bytes.len());
        }
    }
}

#[test]
fn arbitrary_bytes_are_an_answer() {
    let mut state = 5u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    };
    let starts: [&[u8]; 6] = [
        b"\xff\xd8",
        b"\xff\xd8\xff\xe0\0\x10JFIF\0",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR",
        b"RIFF\xff\xff\xff\xffWEBPVP8X",
        b"RIFF\x20\0\0\0WEBPVP8X",
    ];
    for round in 0..20_000 {
        let tail: Vec<u8> = (0..random() % 64).map(|_| random() as u8).collect();
        assert!(!is_clean(&[starts[round % starts.len()], &tail].concat()));
    }
    // Clean files with a few bytes changed: only that it ends with an answer.
    for (_, bytes) in clean_files() {
        for _ in 0..2000 {
            let mut broken = bytes.clone();
            for _ in 0..1 + random() % 3 {
                let at = (random() << 16 | random()) as usize % broken.len().min(700);
                broken[at] = random() as u8;
            }
            let _ = check_clean(&broken);
        }
    }
}

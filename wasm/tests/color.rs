//! Pictures of other colour spaces come out in sRGB: held against LittleCMS (beside the fixtures), moxcms and what browsers show.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use image::{GenericImageView, RgbaImage};
use moxcms::{ColorProfile, Layout, TransformOptions};
use roundel::{ColorSpace, Crop, Fit, Format, OutputFormat, Recipe, inspect, render};
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures", name].iter().collect();
    std::fs::read(path).unwrap()
}

/// Files that nobody here wrote, where they are.
fn corpus(name: &str) -> Option<Vec<u8>> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora").join(name)).ok()
}

/// The picture at its own size: nothing but its colours changes.
fn rendered(photo: &[u8]) -> RgbaImage {
    let info = inspect(photo).unwrap();
    let recipe =
        Recipe { width: info.width, height: info.height, format: OutputFormat::Png, ..Recipe::default() };
    image::load_from_memory(&render(photo, &recipe).unwrap().bytes).unwrap().to_rgba8()
}

fn decoded(photo: &[u8]) -> RgbaImage {
    image::load_from_memory(photo).unwrap().to_rgba8()
}

/// The largest difference of a sample, and the mean one.
fn difference(a: &RgbaImage, b: &RgbaImage) -> (u8, f64) {
    assert_eq!(a.dimensions(), b.dimensions());
    let all = || a.iter().zip(b.iter()).map(|(x, y)| x.abs_diff(*y));
    let sum: u64 = all().map(u64::from).sum();
    (all().max().unwrap(), sum as f64 / a.len() as f64)
}

fn by_moxcms(mut picture: RgbaImage, icc: &[u8]) -> RgbaImage {
    let source = ColorProfile::new_from_slice(icc).unwrap();
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions { allow_use_cicp_transfer: false, ..TransformOptions::default() };
    let transform = source.create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgba, options).unwrap();
    let before = picture.as_raw().clone();
    transform.transform(&before, &mut picture).unwrap();
    picture
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum: u32, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 },
        )
    })
}

/// The PNG file with more chunks after its header.
fn with_chunks(png: &[u8], chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let (header, rest) = png.split_at(33);
    let chunk = |(kind, data): &(&[u8; 4], &[u8])| {
        let content = [kind.as_slice(), data].concat();
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [length.as_slice(), &content, &crc(&content).to_be_bytes()].concat()
    };
    [header, &chunks.iter().map(chunk).collect::<Vec<_>>().concat(), rest].concat()
}

fn iccp(icc: &[u8]) -> Vec<u8> {
    [b"a name\0\0".as_slice(), &fdeflate::compress_to_vec(icc)].concat()
}

/// The JPEG file with APP2 segments after its first marker: number, count, chunk.
fn with_icc_chunks(jpeg: &[u8], chunks: &[(u8, u8, &[u8])]) -> Vec<u8> {
    let segment = |(number, count, data): &(u8, u8, &[u8])| {
        let length = u16::try_from(data.len() + 16).unwrap().to_be_bytes();
        [b"\xff\xe2".as_slice(), &length, b"ICC_PROFILE\0", &[*number, *count], data].concat()
    };
    [&jpeg[..2], &chunks.iter().map(segment).collect::<Vec<_>>().concat(), &jpeg[2..]].concat()
}

/// A PNG file with these pixels and nothing else.
fn plain(pixels: &[[u8; 3]]) -> Vec<u8> {
    let width = u32::try_from(pixels.len()).unwrap();
    let picture = image::RgbImage::from_raw(width, 1, pixels.as_flattened().to_vec()).unwrap();
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

fn colors(photo: &[u8]) -> Vec<[u8; 3]> {
    rendered(photo).pixels().map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2]]).collect()
}

const MEADOW: [[u8; 3]; 2] = [[60, 200, 90], [10, 10, 20]];

fn gama(value: u32) -> [u8; 4] {
    value.to_be_bytes()
}

/// White, red, green, blue.
fn chrm(values: [u32; 8]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

const SRGB_CHRM: [u32; 8] = [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000];
const ADOBE_CHRM: [u32; 8] = [31_270, 32_900, 64_000, 33_000, 21_000, 71_000, 15_000, 6_000];

#[test]
fn profiles_are_converted_as_littlecms_does() {
    for (name, color_space) in [
        ("display-p3.png", ColorSpace::DisplayP3),
        ("adobe-rgb.png", ColorSpace::AdobeRgb),
        ("prophoto.png", ColorSpace::Other),
        ("gray-18.png", ColorSpace::Gray),
    ] {
        let photo = fixture(name);
        assert_eq!(inspect(&photo).unwrap().color_space, color_space, "{name}");
        let wanted = decoded(&fixture(&name.replace(".png", "-in-srgb.png")));
        let (most, mean) = difference(&rendered(&photo), &wanted);
        assert!(most <= 2 && mean < 0.2, "{name}: {most}, mean {mean}");
        // Ignoring the profile would be seen.
        assert!(difference(&decoded(&photo), &wanted).1 > 1.0, "{name}");
    }
    let photo = fixture("display-p3.jpg");
    assert_eq!(inspect(&photo).unwrap().color_space, ColorSpace::DisplayP3);
    let (_, mean) = difference(&rendered(&photo), &decoded(&fixture("display-p3-in-srgb.png")));
    assert!(mean < 2.0, "{mean}");
}

#[test]
fn profiles_of_another_maker() {
    let png = fixture("text-exif-8.png");
    let upright = rendered(&png);
    for (profile, color_space) in [
        (ColorProfile::new_display_p3(), ColorSpace::DisplayP3),
        (ColorProfile::new_adobe_rgb(), ColorSpace::AdobeRgb),
        (ColorProfile::new_pro_photo_rgb(), ColorSpace::Other),
        (ColorProfile::new_bt2020(), ColorSpace::Other),
        (ColorProfile::new_dci_p3(), ColorSpace::Other),
    ] {
        let icc = profile.encode().unwrap();
        let photo = with_chunks(&png, &[(b"iCCP", &iccp(&icc))]);
        assert_eq!(inspect(&photo).unwrap().color_space, color_space);
        let (most, mean) = difference(&rendered(&photo), &by_moxcms(upright.clone(), &icc));
        assert!(most <= 1 && mean < 0.1, "{color_space:?}: {most}, mean {mean}");
    }
}

#[test]
fn the_profile_of_srgb_leaves_every_byte_as_it_was() {
    let icc = ColorProfile::new_srgb().encode().unwrap();
    let recipe = Recipe { format: OutputFormat::Png, ..Recipe::default() };
    let bytes = |photo: &[u8]| render(photo, &recipe).unwrap().bytes;
    let (jpeg, png) = (fixture("portrait.jpg"), fixture("alpha.png"));
    assert!(bytes(&with_icc_chunks(&jpeg, &[(1, 1, &icc)])) == bytes(&jpeg));
    assert!(bytes(&with_chunks(&png, &[(b"iCCP", &iccp(&icc))])) == bytes(&png));
    assert!(bytes(&with_chunks(&png, &[(b"sRGB", &[0]), (b"gAMA", &gama(45_455))])) == bytes(&png));
    assert!(bytes(&with_chunks(&png, &[(b"cICP", &[1, 13, 0, 1])])) == bytes(&png));
}

#[test]
fn chunks_of_a_jpeg_profile_are_put_in_order_or_count_for_nothing() {
    let icc = ColorProfile::new_display_p3().encode().unwrap();
    let jpeg = fixture("exif-1.jpg");
    let (plain, whole) = (rendered(&jpeg), rendered(&with_icc_chunks(&jpeg, &[(1, 1, &icc)])));
    assert_ne!(plain, whole);
    let (a, rest) = icc.split_at(200);
    let (b, c) = rest.split_at(7);
    let as_whole = |chunks: &[(u8, u8, &[u8])]| {
        let photo = with_icc_chunks(&jpeg, chunks);
        let is_whole = rendered(&photo) == whole;
        assert!(is_whole || rendered(&photo) == plain);
        let named = if is_whole { ColorSpace::DisplayP3 } else { ColorSpace::Srgb };
        assert_eq!(inspect(&photo).unwrap().color_space, named);
        is_whole
    };
    assert!(as_whole(&[(1, 3, a), (2, 3, b), (3, 3, c)]));
    assert!(as_whole(&[(3, 3, c), (1, 3, a), (2, 3, b)]));
    assert!(!as_whole(&[(1, 3, a), (2, 3, b)]), "one is missing");
    assert!(!as_whole(&[(1, 3, a), (2, 3, b), (2, 3, b), (3, 3, c)]), "one is there twice");
    assert!(!as_whole(&[(1, 3, a), (2, 2, b), (3, 3, c)]), "they disagree");
    assert!(!as_whole(&[(0, 3, a), (1, 3, b), (2, 3, c)]), "they begin at 0");
    assert!(!as_whole(&[(1, 2, a), (2, 2, b), (3, 2, c)]), "there are more than stated");
    assert!(!as_whole(&[(1, 1, a)]), "it is cut");
}

#[test]
fn broken_chunk_sequences_of_others() {
    let names = [
        "icc_chunk_count_mismatch.jpeg",
        "icc_chunk_double_seq_no.jpeg",
        "icc_chunk_order.jpeg",
        "icc_chunk_seq_no_0.jpeg",
        "icc_missing_chunk.jpeg",
    ];
    let photos: Vec<Vec<u8>> = names.iter().filter_map(|name| corpus(&format!("jpeg/icc/{name}"))).collect();
    for photo in &photos {
        assert_eq!(inspect(photo).unwrap().color_space, ColorSpace::Srgb);
        assert_eq!(rendered(photo), rendered(&without_app2(photo)));
    }
    assert!(photos.len() == names.len() || corpus("README.md").is_none(), "only {}", photos.len());
}

fn without_app2(jpeg: &[u8]) -> Vec<u8> {
    let (mut kept, mut rest) = (jpeg[..2].to_vec(), &jpeg[2..]);
    while rest[1] != 0xda {
        let length = 2 + usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        if rest[1] != 0xe2 {
            kept.extend_from_slice(&rest[..length]);
        }
        rest = &rest[length..];
    }
    [&kept, rest].concat()
}

#[test]
fn the_precedence_of_png_chunks() {
    let png = plain(&MEADOW);
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    let (p3, code_points) = (iccp(&p3), [12, 13, 0, 1]);
    let adobe = chrm(ADOBE_CHRM);
    let is = |chunks: &[(&[u8; 4], &[u8])], wanted: [[u8; 3]; 2]| {
        let got = colors(&with_chunks(&png, chunks));
        let near = got.iter().flatten().zip(wanted.iter().flatten()).all(|(a, b)| a.abs_diff(*b) <= 1);
        let kinds: Vec<_> = chunks.iter().map(|(kind, _)| String::from_utf8_lossy(*kind)).collect();
        assert!(near, "{kinds:?}: {got:?} for {wanted:?}");
    };
    // What Chromium 148 and Firefox 140 show.
    let in_p3 = [[0, 203, 73], [10, 10, 21]];
    let linear = [[133, 229, 160], [56, 56, 79]];
    let in_adobe = [[0, 201, 80], [3, 3, 12]];
    is(&[], MEADOW);
    is(&[(b"gAMA", &gama(100_000))], linear);
    is(&[(b"gAMA", &gama(100_000)), (b"cHRM", &chrm(SRGB_CHRM))], linear);
    is(&[(b"gAMA", &gama(45_455)), (b"cHRM", &adobe)], in_adobe);
    is(&[(b"gAMA", &gama(45_455))], MEADOW);
    is(&[(b"cHRM", &adobe)], MEADOW);
    is(&[(b"cICP", &code_points)], in_p3);
    is(&[(b"iCCP", &p3)], in_p3);
    // One over the other, whatever their order.
    is(&[(b"gAMA", &gama(100_000)), (b"sRGB", &[0])], MEADOW);
    is(&[(b"sRGB", &[0]), (b"iCCP", &p3)], in_p3);
    is(&[(b"iCCP", &p3), (b"cICP", &[1, 13, 0, 1])], MEADOW);
    is(&[(b"gAMA", &gama(100_000)), (b"cICP", &code_points), (b"sRGB", &[0])], in_p3);
}

#[test]
fn gamma_suite() {
    // The same picture stored for seven gammas.
    for kind in ["n2c08", "n3p04", "n0g16"] {
        let Some(reference) = corpus(&format!("pngsuite/g04{kind}.png")) else { continue };
        let reference = rendered(&reference);
        for gamma in ["g03", "g05", "g07", "g10", "g25"] {
            let photo = corpus(&format!("pngsuite/{gamma}{kind}.png")).unwrap();
            let (_, mean) = difference(&rendered(&photo), &reference);
            // They were stored in few bits.
            assert!(mean < 6.0, "{gamma}{kind}: {mean}");
            assert!(difference(&decoded(&photo), &reference).1 > 1.7 * mean, "{gamma}{kind}: {mean}");
        }
    }
}

#[test]
fn wide_gamut_suite() {
    let mut seen = 0;
    for name in ["rgb-to-gbr-test", "P3-sRGB-red", "P3-sRGB-color-ring"] {
        for kind in ["png", "jpg"] {
            let Some(photo) = corpus(&format!("wide-gamut/{name}.{kind}")) else { continue };
            seen += 1;
            let icc = embedded(&photo);
            let middle = Crop { x: 300, y: 300, width: 400, height: 400 };
            let recipe = Recipe {
                width: 400,
                height: 400,
                crop: Some(middle),
                format: OutputFormat::Png,
                ..Recipe::default()
            };
            let ours = decoded(&render(&photo, &recipe).unwrap().bytes);
            let theirs = decoded(&photo).view(300, 300, 400, 400).to_image();
            let theirs = by_moxcms(theirs, &icc);
            let (most, mean) = difference(&ours, &theirs);
            assert!(mean < 0.5, "{name}.{kind}: {mean}");
            // Of a JPEG file the decoder differs too.
            assert!(kind == "jpg" || most <= 2, "{name}.{kind}: {most}");
            assert_eq!(
                inspect(&photo).unwrap().color_space,
                if name.starts_with("rgb") { ColorSpace::Other } else { ColorSpace::DisplayP3 }
            );
        }
    }
    assert!(seen == 5 || corpus("README.md").is_none(), "only {seen}");
}

#[test]
fn the_words_of_the_rotated_primaries_lie_on_their_colours() {
    for kind in ["png", "jpg"] {
        let Some(photo) = corpus(&format!("wide-gamut/rgb-to-gbr-test.{kind}")) else { continue };
        let recipe = Recipe { width: 100, height: 100, format: OutputFormat::Png, ..Recipe::default() };
        let picture = decoded(&render(&photo, &recipe).unwrap().bytes);
        for (place, dominant) in [((50, 5), 0), ((5, 80), 1), ((95, 70), 2)] {
            let color = &picture.get_pixel(place.0, place.1).0[..3];
            let is_dominant =
                |(at, sample): (usize, &u8)| if at == dominant { *sample > 240 } else { *sample < 130 };
            assert!(color.iter().enumerate().all(is_dominant), "{kind} at {place:?}: {color:?}");
        }
    }
}

/// The profile of a file, found by other means than ours.
fn embedded(photo: &[u8]) -> Vec<u8> {
    use image::ImageDecoder;
    let reader = image::ImageReader::new(std::io::Cursor::new(photo)).with_guessed_format().unwrap();
    reader.into_decoder().unwrap().icc_profile().unwrap().unwrap()
}

#[test]
fn the_background_is_srgb_already() {
    let background = "#3cc85a".parse().unwrap();
    let recipe = Recipe {
        width: 64,
        height: 64,
        fit: Fit::Contain,
        background,
        format: OutputFormat::Jpeg,
        quality: 100,
        ..Recipe::default()
    };
    let made = decoded(&render(&fixture("display-p3.png"), &recipe).unwrap().bytes);
    let corner = made.get_pixel(2, 2).0;
    assert!(corner.iter().zip([60, 200, 90]).all(|(a, b)| a.abs_diff(b) <= 2), "{corner:?}");
}

#[test]
fn a_picture_with_a_broken_profile_is_the_picture_without() {
    let png = plain(&MEADOW);
    let icc = ColorProfile::new_display_p3().encode().unwrap();
    let whole = iccp(&icc);
    for length in 0..whole.len() {
        let got = colors(&with_chunks(&png, &[(b"iCCP", &whole[..length])]));
        assert_eq!(got, MEADOW, "cut to {length}");
    }
    for bit in (0..whole.len() * 8).step_by(5) {
        let mut broken = whole.clone();
        broken[bit / 8] ^= 1 << (bit % 8);
        let photo = with_chunks(&png, &[(b"iCCP", &broken)]);
        assert_eq!(rendered(&photo).dimensions(), (2, 1));
    }
}

#[test]
fn avif_and_heic_are_inspected() {
    let info = |name: &str| {
        let photo = fixture(name);
        assert_eq!(render(&photo, &Recipe::default()).unwrap_err().code(), "unsupported_format", "{name}");
        let info = inspect(&photo).unwrap();
        assert_eq!(info.orientation.exif(), 1);
        (
            info.format,
            (info.width, info.height),
            info.has_alpha,
            info.frames,
            info.color_space,
            info.has_metadata,
        )
    };
    let size = (64, 48);
    assert_eq!(info("plain.avif"), (Format::Avif, size, false, 1, ColorSpace::Srgb, false));
    assert_eq!(info("exif-6-p3.avif"), (Format::Avif, size, false, 1, ColorSpace::DisplayP3, false));
    assert_eq!(info("alpha.avif"), (Format::Avif, size, true, 1, ColorSpace::Srgb, false));
    assert_eq!(info("three.avif"), (Format::Avif, size, false, 3, ColorSpace::Srgb, false));
    assert_eq!(info("gray.avif").4, ColorSpace::Gray);
    assert_eq!(info("alpha.heic"), (Format::Heic, size, true, 1, ColorSpace::Srgb, false));
    assert_eq!(info("p3.heic"), (Format::Heic, size, false, 1, ColorSpace::DisplayP3, true));
}

#[test]
fn avif_and_heic_that_are_broken_are_typed_errors() {
    for name in ["exif-6-p3.avif", "alpha.avif", "three.avif", "alpha.heic", "p3.heic"] {
        let whole = fixture(name);
        for length in 12..whole.len() {
            if let Err(error) = inspect(&whole[..length]) {
                assert_eq!(error.code(), "truncated", "{name} cut to {length}: {error}");
            }
        }
        for bit in (0..whole.len() * 8).step_by(7) {
            let mut broken = whole.clone();
            broken[bit / 8] ^= 1 << (bit % 8);
            if let Ok(info) = inspect(&broken) {
                assert!(info.width > 0 && info.height > 0 && info.frames > 0, "{name}, bit {bit}");
            }
        }
    }
}

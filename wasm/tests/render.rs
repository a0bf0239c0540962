//! What a user of the crate sees of `inspect` and `render`, on the drawn pictures of `fixtures/`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use image::{DynamicImage, GenericImageView, RgbImage, imageops};
use roundel::{
    Color, ColorSpace, Crop, Error, Fit, Format, Limits, OutputFormat, Recipe, inspect, render, render_within,
};
use std::path::PathBuf;

fn fixture(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures", name].iter().collect();
    std::fs::read(path).unwrap()
}

/// Renders losslessly and decodes again.
fn picture(name: &str, recipe: Recipe) -> DynamicImage {
    let recipe = Recipe { format: OutputFormat::Png, ..recipe };
    let rendered = render(&fixture(name), &recipe).unwrap();
    let decoded = image::load_from_memory(&rendered.bytes).unwrap();
    assert_eq!(decoded.dimensions(), (recipe.width, recipe.height));
    decoded
}

/// Mean difference a sample, 0..=255.
fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: u64 = a.iter().zip(b.iter()).map(|(x, y)| u64::from(x.abs_diff(*y))).sum();
    sum as f64 / a.len() as f64
}

fn sized(width: u32, height: u32) -> Recipe {
    Recipe { width, height, ..Recipe::default() }
}

#[test]
fn inspect_tells_size_orientation_and_metadata() {
    let info = inspect(&fixture("portrait.jpg")).unwrap();
    assert_eq!((info.format, info.width, info.height, info.orientation.exif()), (Format::Jpeg, 480, 640, 6));
    assert_eq!((info.has_alpha, info.frames, info.color_space), (false, 1, ColorSpace::Srgb));
    assert!(info.has_metadata);

    let plain = inspect(&fixture("progressive.jpg")).unwrap();
    assert_eq!((plain.width, plain.height, plain.has_metadata), (203, 151, false));
    assert_eq!(inspect(&fixture("gray.jpg")).unwrap().color_space, ColorSpace::Gray);
    let cmyk = inspect(&fixture("cmyk-exif-5.jpg")).unwrap();
    assert_eq!((cmyk.color_space, cmyk.width, cmyk.height), (ColorSpace::Cmyk, 203, 151));

    let alpha = inspect(&fixture("alpha.png")).unwrap();
    assert_eq!((alpha.format, alpha.has_alpha, alpha.has_metadata), (Format::Png, true, false));
    assert!(inspect(&fixture("palette.png")).unwrap().has_alpha);
    let text = inspect(&fixture("text-exif-8.png")).unwrap();
    assert_eq!((text.width, text.height, text.orientation.exif(), text.has_metadata), (96, 64, 8, true));
    assert_eq!(inspect(&fixture("gray16.png")).unwrap().color_space, ColorSpace::Gray);
}

#[test]
fn inspect_tells_webp_gif_and_bmp_files() {
    let told = |name: &str| {
        let info = inspect(&fixture(name)).unwrap();
        let size = (info.width, info.height, info.orientation.exif());
        (info.format, size, info.has_alpha, info.frames, info.has_metadata)
    };
    use Format::{Bmp, Gif, Webp};
    assert_eq!(told("lossy.webp"), (Webp, (203, 151, 1), false, 1, false));
    assert_eq!(told("lossy-alpha.webp"), (Webp, (61, 47, 1), true, 1, false));
    assert_eq!(told("lossless.webp"), (Webp, (61, 47, 1), false, 1, false));
    assert_eq!(told("lossless-alpha.webp"), (Webp, (61, 47, 1), true, 1, false));
    assert_eq!(told("exif-6.webp"), (Webp, (90, 120, 6), false, 1, true));
    assert_eq!(told("anim.webp"), (Webp, (40, 30, 1), true, 5, false));
    assert_eq!(told("still.gif"), (Gif, (60, 45, 1), false, 1, true));
    assert_eq!(told("transparent.gif"), (Gif, (40, 30, 1), true, 1, false));
    assert_eq!(told("anim.gif"), (Gif, (40, 30, 1), false, 4, false));
    assert_eq!(told("8.bmp"), (Bmp, (13, 7, 1), false, 1, false));
    assert_eq!(told("32-alpha.bmp"), (Bmp, (13, 7, 1), true, 1, false));
}

#[test]
fn a_gif_of_65535_by_65535_is_refused_before_any_allocation() {
    let mut bomb = fixture("still.gif");
    bomb[6..10].fill(0xff);
    let error = render(&bomb, &Recipe::default()).unwrap_err();
    assert_eq!(error, Error::TooManyPixels { width: 65_535, height: 65_535, max_pixels: 50_000_000 });
}

#[test]
fn bytes_after_the_end_are_metadata() {
    for name in ["progressive.jpg", "alpha.png", "lossy.webp", "still.gif", "24.bmp"] {
        let with_tail = [fixture(name), b"a hidden note".to_vec()].concat();
        assert!(inspect(&with_tail).unwrap().has_metadata, "{name}");
    }
}

#[test]
fn all_eight_orientations_give_the_same_picture() {
    let upright = picture("exif-1.jpg", sized(90, 120)).to_rgb8();
    for n in 2..=8 {
        let turned = picture(&format!("exif-{n}.jpg"), sized(90, 120)).to_rgb8();
        let distance = difference(&upright, &turned);
        assert!(distance < 2.0, "orientation {n}: {distance}");
    }
    let mirrored = difference(&upright, &imageops::flip_horizontal(&upright));
    assert!(mirrored > 5.0, "the picture must tell its sides apart: {mirrored}");
}

#[test]
fn at_the_same_size_pixels_come_through_unchanged() {
    let ours = picture("text-exif-8.png", sized(96, 64)).to_rgb8();
    let stored = image::load_from_memory(&fixture("text-exif-8.png")).unwrap().to_rgb8();
    assert_eq!(ours, imageops::rotate270(&stored));
}

#[test]
fn rotate_then_flip_then_crop() {
    let upright = picture("portrait.jpg", sized(480, 640)).to_rgb8();
    let crop = Some(Crop { x: 30, y: 50, width: 200, height: 100 });
    let recipe = Recipe { rotate: 90, flip: true, crop, ..sized(200, 100) };
    let expected = imageops::flip_horizontal(&imageops::rotate90(&upright));
    let expected = imageops::crop_imm(&expected, 30, 50, 200, 100).to_image();
    assert_eq!(picture("portrait.jpg", recipe).to_rgb8(), expected);
}

#[test]
fn cover_agrees_with_an_independent_resampler() {
    // 203 x 151 to a square: the middle 151 columns, starting at a whole pixel.
    let decoded = image::load_from_memory(&fixture("progressive.jpg")).unwrap();
    let theirs =
        decoded.crop_imm(26, 0, 151, 151).resize_exact(64, 64, imageops::FilterType::Lanczos3).to_rgb8();
    let ours = picture("progressive.jpg", sized(64, 64)).to_rgb8();
    assert!(difference(&ours, &theirs) < 1.0, "{}", difference(&ours, &theirs));
}

#[test]
fn contain_fills_with_the_background_or_with_nothing() {
    let background: Color = "#204060".parse().unwrap();
    let recipe = Recipe { fit: Fit::Contain, background, ..sized(200, 200) };
    let transparent = picture("portrait.jpg", recipe.clone()).to_rgba8();
    assert_eq!(transparent.get_pixel(3, 100).0, [0; 4]);
    assert_eq!(transparent.get_pixel(100, 100).0[3], 255);

    let jpeg = render(&fixture("portrait.jpg"), &recipe).unwrap();
    let filled = image::load_from_memory(&jpeg.bytes).unwrap().to_rgb8();
    let corner = filled.get_pixel(3, 100).0;
    assert!(corner.iter().zip(background.rgb).all(|(a, b)| a.abs_diff(b) <= 3), "{corner:?}");
}

#[test]
fn transparent_places_take_the_background_in_a_jpeg() {
    let recipe = Recipe { background: "#ff0080".parse().unwrap(), ..sized(160, 120) };
    let rendered = render(&fixture("alpha.png"), &recipe).unwrap();
    let corner = image::load_from_memory(&rendered.bytes).unwrap().to_rgb8().get_pixel(1, 1).0;
    assert!(corner.iter().zip([255, 0, 128]).all(|(a, b)| a.abs_diff(b) <= 4), "{corner:?}");
}

#[test]
fn no_metadata_comes_out() {
    for (name, secrets) in [
        ("portrait.jpg", [b"Roundel test camera".as_slice(), b"Exif", b"made for tests"].as_slice()),
        ("text-exif-8.png", [b"a name that must".as_slice(), b"Exif", b"eXIf", b"tEXt"].as_slice()),
    ] {
        let source = fixture(name);
        for format in [OutputFormat::Jpeg, OutputFormat::Png] {
            let rendered = render(&source, &Recipe { format, ..Recipe::default() }).unwrap();
            assert!(!inspect(&rendered.bytes).unwrap().has_metadata);
            let found = secrets
                .iter()
                .find(|secret| rendered.bytes.windows(secret.len()).any(|window| window == **secret));
            assert_eq!(found, None, "{name} as {format:?}");
        }
        let in_source = |secret: &[u8]| source.windows(secret.len()).any(|window| window == secret);
        assert!(in_source(secrets[0]), "{name} has nothing to hide: the test would not see a leak");
    }
}

#[test]
fn max_bytes_lowers_the_quality_only_as_far_as_needed() {
    let photo = fixture("portrait.jpg");
    let recipe = Recipe { max_bytes: Some(4000), ..Recipe::default() };
    let rendered = render(&photo, &recipe).unwrap();
    assert!(rendered.bytes.len() <= 4000 && rendered.quality < 80);
    let better = render(&photo, &Recipe { quality: rendered.quality + 1, ..Recipe::default() }).unwrap();
    assert!(better.bytes.len() > 4000);

    for format in [OutputFormat::Jpeg, OutputFormat::Png] {
        let error =
            render(&photo, &Recipe { max_bytes: Some(100), format, ..Recipe::default() }).unwrap_err();
        assert!(matches!(error, Error::BadRecipe { field: "maxBytes", .. }), "{error}");
    }
}

#[test]
fn a_header_of_64250_by_64250_is_refused_before_any_allocation() {
    let mut bomb = fixture("progressive.jpg");
    let frame = bomb.windows(2).position(|w| w == [0xff, 0xc2]).unwrap();
    bomb[frame + 5..frame + 9].copy_from_slice(&[0xfa, 0xfa, 0xfa, 0xfa]);
    let error = render(&bomb, &Recipe::default()).unwrap_err();
    assert_eq!(error, Error::TooManyPixels { width: 64_250, height: 64_250, max_pixels: 50_000_000 });

    let limits = Limits { max_pixels: 203 * 151 - 1, ..Limits::default() };
    let error = render_within(&fixture("progressive.jpg"), &Recipe::default(), &limits).unwrap_err();
    assert_eq!(error.code(), "too_many_pixels");
}

#[test]
fn a_file_cut_anywhere_is_a_typed_error() {
    for name in ["portrait.jpg", "progressive.jpg", "cmyk-exif-5.jpg", "alpha.png", "gray16.png"] {
        let whole = fixture(name);
        for length in (0..whole.len()).step_by((whole.len() / 97).max(1)).chain(whole.len() - 9..whole.len())
        {
            let error = render(&whole[..length], &Recipe::default()).unwrap_err();
            let wanted =
                if Format::sniff(&whole[..length]).is_some() { "truncated" } else { "unsupported_format" };
            assert_eq!(error.code(), wanted, "{name} cut to {length} of {} bytes: {error}", whole.len());
        }
    }
}

#[test]
fn a_file_with_flipped_bits_is_a_picture_or_a_typed_error() {
    let recipe = sized(16, 16);
    for name in ["exif-6.jpg", "progressive.jpg", "cmyk-exif-5.jpg", "alpha.png", "palette.png"] {
        let whole = fixture(name);
        for at in (0..whole.len()).step_by(7) {
            let mut broken = whole.clone();
            broken[at] ^= 1 << (at % 8);
            if let Err(error) = render(&broken, &recipe) {
                assert!(!error.to_string().is_empty());
            }
        }
    }
}

#[test]
fn what_is_no_picture_is_said_to_be_none() {
    for bytes in
        [b"".as_slice(), b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", &[0; 4096], &[0xff; 4096]]
    {
        assert_eq!(render(bytes, &Recipe::default()).unwrap_err().code(), "unsupported_format");
    }
}

#[test]
fn a_bad_recipe_is_refused_before_the_picture_is_looked_at() {
    let error = render(b"no picture", &Recipe { width: 0, ..Recipe::default() }).unwrap_err();
    assert!(matches!(error, Error::BadRecipe { field: "width", .. }));
    let crop = Some(Crop { x: 400, y: 0, width: 81, height: 10 });
    let error = render(&fixture("portrait.jpg"), &Recipe { crop, ..Recipe::default() }).unwrap_err();
    assert!(error.to_string().contains("480 x 640"), "{error}");
}

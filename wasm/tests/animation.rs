//! What a user of the crate sees of animations that are kept: APNG in, APNG out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use image::codecs::png::PngDecoder;
use image::{AnimationDecoder, RgbaImage};
use roundel::{Crop, Error, Limits, OutputFormat, Recipe, inspect, render, render_within};
use std::io::Cursor;
use std::path::PathBuf;

fn fixture(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures", name].iter().collect();
    std::fs::read(path).unwrap()
}

/// The frames that another program makes of an APNG, and their durations in milliseconds.
fn frames(bytes: &[u8]) -> Vec<(RgbaImage, u32)> {
    let animation = PngDecoder::new(Cursor::new(bytes)).unwrap().apng().unwrap();
    let frames = animation.into_frames().collect_frames().unwrap();
    frames
        .into_iter()
        .map(|frame| {
            let (numerator, denominator) = frame.delay().numer_denom_ms();
            (frame.into_buffer(), (numerator + denominator / 2) / denominator)
        })
        .collect()
}

/// The frames of a drawn sheet, each rendered as a still.
fn stills(sheet: &str, count: u32, recipe: &Recipe) -> Vec<RgbaImage> {
    let sheet = image::load_from_memory(&fixture(sheet)).unwrap();
    let height = sheet.height() / count;
    (0..count)
        .map(|number| {
            let mut file = Cursor::new(Vec::new());
            let frame = sheet.crop_imm(0, height * number, sheet.width(), height);
            frame.write_to(&mut file, image::ImageFormat::Png).unwrap();
            let still = render(file.get_ref(), &Recipe { animate: false, ..recipe.clone() }).unwrap();
            image::load_from_memory(&still.bytes).unwrap().to_rgba8()
        })
        .collect()
}

fn kept(width: u32, height: u32) -> Recipe {
    Recipe { width, height, format: OutputFormat::Png, animate: true, ..Recipe::default() }
}

#[test]
fn each_frame_goes_the_way_of_a_still() {
    for (name, sheet, count, recipe) in [
        ("animated.png", "animated-frames.png", 6, kept(24, 16)),
        ("animated.png", "animated-frames.png", 6, kept(48, 32)),
        (
            "animated.png",
            "animated-frames.png",
            6,
            Recipe {
                rotate: 90,
                flip: true,
                crop: Some(Crop { x: 1, y: 5, width: 20, height: 40 }),
                fit: roundel::Fit::Contain,
                ..kept(33, 30)
            },
        ),
        ("animated.png", "animated-frames.png", 6, Recipe { straighten: -1500, ..kept(40, 40) }),
        ("animated-apart.png", "animated-apart-frames.png", 4, kept(12, 10)),
        ("animated-apart-interlaced.png", "animated-apart-frames.png", 4, kept(60, 50)),
    ] {
        let rendered = render(&fixture(name), &recipe).unwrap();
        let info = inspect(&rendered.bytes).unwrap();
        assert_eq!((rendered.frames, info.frames), (count, count), "{name}");
        assert_eq!((info.width, info.height, rendered.quality), (recipe.width, recipe.height, 100));
        let shown: Vec<RgbaImage> = frames(&rendered.bytes).into_iter().map(|(frame, _)| frame).collect();
        assert!(shown == stills(sheet, count, &recipe), "{name} {recipe:?}");
    }
}

#[test]
fn durations_and_plays_are_kept() {
    let source = fixture("animated.png");
    let rendered = render(&source, &kept(24, 16)).unwrap();
    let durations: Vec<u32> = frames(&rendered.bytes).into_iter().map(|(_, duration)| duration).collect();
    assert_eq!(durations, [100, 33, 70, 667, 50, 60]);
    let control = |bytes: &[u8]| {
        let start = bytes.windows(4).position(|kind| kind == b"acTL").unwrap();
        bytes[start + 4..start + 12].to_vec()
    };
    assert_eq!(control(&rendered.bytes), [0, 0, 0, 6, 0, 0, 0, 3]);
    assert_eq!(control(&rendered.bytes), control(&source));
}

#[test]
fn frames_that_look_the_same_become_one() {
    // The corner that only the last frame touches.
    let crop = Some(Crop { x: 40, y: 26, width: 8, height: 6 });
    let rendered = render(&fixture("animated.png"), &Recipe { crop, ..kept(8, 6) }).unwrap();
    assert_eq!(rendered.frames, 2);
    let durations: Vec<u32> = frames(&rendered.bytes).into_iter().map(|(_, duration)| duration).collect();
    assert_eq!(durations, [920, 60]);
}

#[test]
fn the_first_frame_is_the_still_and_gives_the_thumbhash() {
    for name in ["animated.png", "animated-apart.png"] {
        let moving = render(&fixture(name), &kept(24, 20)).unwrap();
        let still = render(&fixture(name), &Recipe { animate: false, ..kept(24, 20) }).unwrap();
        assert_eq!((still.frames, inspect(&still.bytes).unwrap().frames), (1, 1));
        assert_eq!(still.thumbhash, moving.thumbhash);
        let first = image::load_from_memory(&still.bytes).unwrap().to_rgba8();
        assert!(frames(&moving.bytes)[0].0 == first, "{name}");
    }
}

#[test]
fn a_picture_that_does_not_move_stays_a_still() {
    let rendered = render(&fixture("alpha.png"), &kept(24, 16)).unwrap();
    assert_eq!((rendered.frames, inspect(&rendered.bytes).unwrap().frames), (1, 1));
    let jpeg = Recipe { format: OutputFormat::Jpeg, ..kept(24, 16) };
    assert_eq!(render(&fixture("alpha.png"), &jpeg).unwrap().frames, 1);
}

#[test]
fn jpeg_cannot_move() {
    let jpeg = Recipe { format: OutputFormat::Jpeg, ..kept(24, 16) };
    let error = render(&fixture("animated.png"), &jpeg).unwrap_err();
    assert!(matches!(error, Error::BadRecipe { field: "animate", .. }));
    assert!(error.to_string().contains("webp or png"), "{error}");
}

#[test]
fn limits_are_kept_before_a_frame_is_decoded() {
    let source = fixture("animated.png");
    let within = |limits: Limits| render_within(&source, &kept(24, 16), &limits);
    let few = Limits { max_frames: 5, ..Limits::default() };
    assert_eq!(within(few).unwrap_err(), Error::TooManyFrames { frames: 6, max_frames: 5 });
    let pixels = 48 * 32 * 6;
    let small = Limits { max_animation_pixels: pixels - 1, ..Limits::default() };
    assert_eq!(within(small).unwrap_err().code(), "too_many_frames");
    assert!(within(Limits { max_frames: 6, max_animation_pixels: pixels, ..Limits::default() }).is_ok());
    // What is made counts as well.
    let limits = Limits { max_animation_pixels: 1_000_000, ..Limits::default() };
    assert_eq!(render_within(&source, &kept(1000, 1000), &limits).unwrap_err().code(), "too_many_frames");
    let budget = Limits { memory_budget_bytes: 2000, ..Limits::default() };
    assert_eq!(within(budget).unwrap_err().code(), "out_of_memory_budget");
}

#[test]
fn a_file_larger_than_allowed_is_refused() {
    let recipe = Recipe { max_bytes: Some(200), ..kept(24, 16) };
    let error = render(&fixture("animated.png"), &recipe).unwrap_err();
    assert!(matches!(error, Error::BadRecipe { field: "maxBytes", .. }), "{error}");
}

//! The memory that a plan states is the memory that the work takes, at most. Alone in its file: the allocator that counts belongs to
//! the whole process.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use peak_alloc::PeakAlloc;
use roundel::{Fit, Limits, OutputFormat, Recipe, memory_needed, render};
use std::io::Cursor;
use std::path::{Path, PathBuf};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Tables of decoders and encoders, which do not grow with the picture.
const TABLES_BYTES: u64 = 1 << 20;

fn stated_bytes(photo: &[u8], recipe: &Recipe) -> u64 {
    memory_needed(photo, recipe, &Limits::default()).unwrap().peak_bytes()
}

fn peak_bytes(photo: &[u8], recipe: &Recipe) -> u64 {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    render(photo, recipe).unwrap();
    (MEMORY.peak_usage() - before) as u64
}

fn pictures(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let kinds = ["bmp", "gif", "jpg", "png", "webp"];
    files
        .filter(|path| path.extension().is_some_and(|kind| kinds.iter().any(|known| kind == *known)))
        .collect()
}

#[test]
fn no_picture_takes_more_than_its_plan_states() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = pictures(&here.join("tests/fixtures"));
    assert!(files.len() >= 48);
    // Real photographs, where they are.
    files.extend(pictures(&here.join("../../shared/photos")));

    let mut photos: Vec<(String, Vec<u8>)> =
        files.iter().map(|file| (file.display().to_string(), std::fs::read(file).unwrap())).collect();
    // Large pictures of our own making, for machines without the photographs.
    let portrait = std::fs::read(here.join("tests/fixtures/portrait.jpg")).unwrap();
    for format in [OutputFormat::Jpeg, OutputFormat::Png] {
        let large = Recipe { width: 4096, height: 3072, format, ..Recipe::default() };
        photos.push((format!("made {format:?}"), render(&portrait, &large).unwrap().bytes));
    }

    // Rows so long that they, not the tables, are what decoding takes.
    let deep = image::ImageBuffer::from_fn(150_000, 5, |x, y| image::Rgba([x as u16, y as u16, 9, 60_000]));
    let mut wide = Cursor::new(Vec::new());
    image::DynamicImage::ImageRgba16(deep).write_to(&mut wide, image::ImageFormat::Png).unwrap();
    photos.push(("made wide".into(), wide.into_inner()));

    for (name, photo) in &photos {
        // Encoding takes what the output takes, whatever is read: two large pictures tell all there is.
        let count = if name.starts_with("made ") { 7 } else { 4 };
        let recipes = [
            Recipe::default(),
            Recipe { width: 1024, height: 1024, quality: 90, ..Recipe::default() },
            Recipe { format: OutputFormat::Png, rotate: 90, ..Recipe::default() },
            Recipe { straighten: 350, ..Recipe::default() },
            Recipe {
                width: 1024,
                height: 1024,
                quality: 95,
                format: OutputFormat::Webp,
                ..Recipe::default()
            },
            Recipe {
                width: 700,
                height: 1000,
                quality: 100,
                format: OutputFormat::Webp,
                ..Recipe::default()
            },
            Recipe { width: 1024, height: 1024, straighten: -4500, fit: Fit::Contain, ..Recipe::default() },
        ];
        for recipe in recipes.into_iter().take(count) {
            let (stated, peak) = (stated_bytes(photo, &recipe), peak_bytes(photo, &recipe));
            assert!(peak <= stated + TABLES_BYTES, "{name}, {recipe:?}: stated {stated}, took {peak}");
            // A statement far above the truth would turn people away for nothing.
            assert!(stated <= 2 * peak + TABLES_BYTES, "{name}: stated {stated}, took only {peak}");
        }
    }

    let moving = animation(1200, 900, 5);
    for side in [64, 900] {
        let recipe = Recipe {
            width: side,
            height: side,
            format: OutputFormat::Png,
            animate: true,
            straighten: i32::try_from(side).unwrap() - 64,
            ..Recipe::default()
        };
        let (stated, peak) = (stated_bytes(&moving, &recipe), peak_bytes(&moving, &recipe));
        assert!(peak <= stated + TABLES_BYTES, "animation to {side}: stated {stated}, took {peak}");
        assert!(stated <= 2 * peak + TABLES_BYTES, "animation to {side}: stated {stated}, took only {peak}");
    }
}

/// A bar that walks over a gradient.
fn animation(width: u32, height: u32, frames: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_animated(frames, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for frame in 0..frames {
        let pixel = |x: u32, y: u32| {
            let bar = if x / 40 == frame { 255 } else { 0 };
            [(x * 255 / width) as u8, (y * 255 / height) as u8, bar, 255]
        };
        let data: Vec<u8> = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect();
        writer.write_image_data(&data).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

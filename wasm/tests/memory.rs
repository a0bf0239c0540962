//! The memory that a plan states is the memory that the work takes, at most. Alone in its file: the allocator that counts belongs to
//! the whole process.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use peak_alloc::PeakAlloc;
use roundel::{Error, Limits, OutputFormat, Recipe, render, render_within};
use std::path::{Path, PathBuf};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Tables of decoders and encoders, which do not grow with the picture.
const TABLES_BYTES: u64 = 1 << 20;

fn stated_bytes(photo: &[u8], recipe: &Recipe) -> u64 {
    let nothing = Limits { memory_budget_bytes: 0, ..Limits::default() };
    match render_within(photo, recipe, &nothing).unwrap_err() {
        Error::OutOfMemoryBudget { needed_bytes, .. } => needed_bytes,
        other => panic!("{other}"),
    }
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

    for (name, photo) in &photos {
        // Encoding takes what the output takes, whatever is read: of the small files it tells nothing new.
        let count = if photo.len() > 100_000 { 5 } else { 3 };
        let recipes = [
            Recipe::default(),
            Recipe { width: 1024, height: 1024, quality: 90, ..Recipe::default() },
            Recipe { format: OutputFormat::Png, rotate: 90, ..Recipe::default() },
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
        ];
        for recipe in recipes.into_iter().take(count) {
            let (stated, peak) = (stated_bytes(photo, &recipe), peak_bytes(photo, &recipe));
            assert!(peak <= stated + TABLES_BYTES, "{name}: stated {stated}, took {peak}");
            // A statement far above the truth would turn people away for nothing.
            assert!(stated <= 2 * peak + TABLES_BYTES, "{name}: stated {stated}, took only {peak}");
        }
    }
}

//! The eight EXIF orientations: of all eight ways to turn and mirror the upright picture, the one that is most like what comes out is none.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use image::{RgbImage, imageops};
use roundel::{OutputFormat, Recipe, inspect, render};
use std::path::Path;

/// The middle, so that all eight have the same shape.
fn square(file: &Path) -> RgbImage {
    let recipe = Recipe { width: 96, height: 96, format: OutputFormat::Png, ..Recipe::default() };
    let rendered = render(&std::fs::read(file).unwrap(), &recipe).unwrap();
    image::load_from_memory(&rendered.bytes).unwrap().to_rgb8()
}

fn all_eight(upright: &RgbImage) -> [RgbImage; 8] {
    let mirrored = imageops::flip_horizontal(upright);
    let turned = |picture: &RgbImage| {
        [
            picture.clone(),
            imageops::rotate90(picture),
            imageops::rotate180(picture),
            imageops::rotate270(picture),
        ]
    };
    let (straight, mirrored) = (turned(upright), turned(&mirrored));
    std::array::from_fn(|nth| if nth < 4 { straight[nth].clone() } else { mirrored[nth - 4].clone() })
}

fn squares(a: &RgbImage, b: &RgbImage) -> u64 {
    a.iter().zip(b.iter()).map(|(x, y)| u64::from(x.abs_diff(*y)).pow(2)).sum()
}

fn are_the_same(folder: &Path) {
    let file = |n: u8| folder.join(format!("exif-{n}.jpg"));
    let all = all_eight(&square(&file(1)));
    for n in 1..=8 {
        assert_eq!(inspect(&std::fs::read(file(n)).unwrap()).unwrap().orientation.exif(), n);
        let picture = square(&file(n));
        let distances = all.each_ref().map(|other| squares(&picture, other));
        let nearest = (0..8).min_by_key(|nth| distances[*nth]).unwrap();
        assert_eq!(nearest, 0, "orientation {n}: {distances:?}");
        // Not by a hair.
        let next = distances[1..].iter().min().unwrap();
        assert!(distances[0] * 8 < *next, "orientation {n}: {distances:?}");
    }
}

#[test]
fn of_the_drawn_picture() {
    are_the_same(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"));
}

#[test]
fn of_a_photograph() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/photos");
    if folder.exists() {
        are_the_same(&folder);
    }
}

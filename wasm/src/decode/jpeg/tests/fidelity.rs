//! Luma of whole pictures against the full decode and Lanczos3 in `f64`.

use super::*;
use crate::decode::other_programs::run;
use crate::inspect::{Depth, survey};
use crate::plan::{Plan, Source};
use crate::transform::Reduction;
use crate::{Limits, Recipe};
use std::f64::consts::PI;
use std::process::Command;

/// Luma comes out as the grey of the picture.
struct Luma(Reduction);

impl PlaneRows for Luma {
    fn begin(&mut self, _: ColorModel) -> Result<(), Error> {
        PlaneRows::begin(&mut self.0, ColorModel::Gray)
    }

    fn row(&mut self, component: usize, row: &[i16]) {
        PlaneRows::row(&mut self.0, component, row);
    }
}

/// What a picture of that size has of luma, and the sides of the blocks that it was made of.
fn rendered(bytes: &[u8], recipe: &Recipe) -> (Vec<u8>, Vec<u8>) {
    let plan = Plan::new(&survey(bytes, Depth::Pixels).unwrap(), recipe, &Limits::default()).unwrap();
    let Source::Planes(planes) = &plan.source else { panic!("no JPEG") };
    let reduction = Reduction::new(&plan);
    let windows = reduction.windows();
    let mut luma = Luma(reduction);
    decode(bytes, 0, planes, &windows, &mut luma).unwrap();
    let pixels = luma.0.finish().unwrap();
    (pixels.data.into_iter().step_by(3).collect(), planes.iter().map(|plane| plane.side).collect())
}

/// One axis: the weights of the samples from the first on, for each output.
fn lanczos(from: usize, outputs: usize, start: f64, length: f64) -> Vec<(usize, Vec<f64>)> {
    let step = length / outputs as f64;
    let stretch = step.max(1.0);
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
    (0..outputs)
        .map(|output| {
            let centre = start + (output as f64 + 0.5) * step;
            let first = (centre - 3.0 * stretch).floor().max(0.0) as usize;
            let end = ((centre + 3.0 * stretch).ceil() as usize).min(from);
            let weights: Vec<f64> = (first..end)
                .map(|at| (at as f64 + 0.5 - centre) / stretch)
                .map(|x| if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 })
                .collect();
            let sum: f64 = weights.iter().sum();
            (first, weights.into_iter().map(|weight| weight / sum).collect())
        })
        .collect()
}

/// The middle square of luma at `side` x `side`.
fn reference(luma: &[Vec<u8>], side: usize) -> Vec<f64> {
    let (width, height) = (luma[0].len(), luma.len());
    let square = width.min(height) as f64;
    let axis = |length: usize| lanczos(length, side, (length as f64 - square) / 2.0, square);
    let (across, down) = (axis(width), axis(height));
    let narrow: Vec<Vec<f64>> = luma
        .iter()
        .map(|row| {
            let dot = |(first, weights): &(usize, Vec<f64>)| {
                weights.iter().zip(&row[*first..]).map(|(weight, sample)| weight * f64::from(*sample)).sum()
            };
            across.iter().map(dot).collect()
        })
        .collect();
    let at = |(first, weights): &(usize, Vec<f64>), x: usize| -> f64 {
        weights.iter().zip(&narrow[*first..]).map(|(weight, row)| weight * row[x]).sum()
    };
    down.iter().flat_map(|place| (0..side).map(move |x| at(place, x))).collect()
}

/// Peak signal to noise, in decibels.
fn psnr(ours: &[u8], wanted: &[f64]) -> f64 {
    let squares = ours.iter().zip(wanted).map(|(a, b)| (f64::from(*a) - b.clamp(0.0, 255.0)).powi(2));
    10.0 * (255.0 * 255.0 * wanted.len() as f64 / squares.sum::<f64>()).log10()
}

/// Holds the picture of a file against the reference, at the default size and at those at which a block is just small enough for its scale.
fn is_faithful(bytes: &[u8], what: &str) {
    let frame = frame(bytes).unwrap();
    let short = f64::from(frame.width.min(frame.height));
    let luma = planes(bytes, 8).unwrap().rows.swap_remove(0);
    for size in [256.0, (short / 8.0 / 2.75).floor(), (short / 4.0 / 2.125).floor()] {
        let recipe = Recipe { width: size as u32, height: size as u32, ..Recipe::default() };
        let (ours, sides) = rendered(bytes, &recipe);
        let decibels = psnr(&ours, &reference(&luma, size as usize));
        println!("{what} at {size}, blocks of {}: {decibels:.2} dB", sides[0]);
        assert!(decibels >= 50.0, "{what} at {size}, blocks of {}: {decibels:.2} dB", sides[0]);
    }
}

/// The photograph as it is and, where that is not what it is, as progressive files of several qualities.
fn photo(name: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/photos").join(name);
    let Ok(bytes) = std::fs::read(&file) else { return };
    is_faithful(&bytes, name);
    if !djpeg::is_installed() || frame(&bytes).unwrap().is_progressive {
        return;
    }
    let pixels = run(Command::new("djpeg").arg("-pnm"), &bytes).stdout;
    for quality in ["60", "80", "95"] {
        let coded = run(Command::new("cjpeg").args(["-progressive", "-quality", quality]), &pixels);
        is_faithful(&coded.stdout, &format!("{name}, progressive at quality {quality}"));
    }
}

#[test]
fn sharp_6mp() {
    photo("sharp-6mp.jpg");
}

#[test]
fn unsplash_12mp() {
    photo("unsplash-12mp.jpg");
}

#[test]
fn unsplash_12mp_prog() {
    photo("unsplash-12mp-prog.jpg");
}

#[test]
fn pixel_12mp() {
    photo("pixel-12mp.jpg");
}

#[test]
fn pixel_12mp_prog() {
    photo("pixel-12mp-prog.jpg");
}

#[test]
fn olympus_12mp_dri() {
    photo("olympus-12mp-dri.jpg");
}

#[test]
fn exif_1() {
    photo("exif-1.jpg");
}

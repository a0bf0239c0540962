//! The pictures beside the JPEG files of `../shared/corpora/jpeg/reftest`, which libjpeg made, one named test a file; where that folder is.
//!
//! Each file is rendered losslessly at its own size. Where no component is subsampled the two are within 2 of each other in each channel.
//! Where chroma is, libjpeg fills in what is missing with a triangle and we with Lanczos3: luma is within 2 still, and chroma within what these
//! two filters can differ by.

use image::RgbImage;
use libtest_mimic::{Arguments, Failed, Trial};
use roundel::{OutputFormat, Recipe, inspect, render};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Copy)]
enum Expected {
    /// Every sample within so many.
    Within(u8),
    /// YCbCr with less chroma than luma.
    Subsampled,
    /// Inks at half the resolution of the first one: so many a sample on average.
    SubsampledInks(f64),
    /// Not read, with this code.
    Refused(&'static str),
}

use Expected::{Refused, Subsampled, SubsampledInks, Within};

/// All files that are not like most: 2 a channel.
const EXPECTED: [(&str, Expected); 34] = [
    // Named in its `disabled.list` as a known difference.
    ("ycck.jpg", Within(3)),
    ("extraneous-data.jpg", Subsampled),
    ("mjpeg.jpg", Subsampled),
    ("16bit-qtables.jpg", Subsampled),
    ("non-interleaved-mcu.jpg", Subsampled),
    ("mozilla/jpg-cmyk-2.jpg", SubsampledInks(0.5)),
    ("mozilla/jpg-progressive.jpg", Subsampled),
    ("mozilla/jpg-size-1x1.jpg", Subsampled),
    ("mozilla/jpg-size-2x2.jpg", Subsampled),
    ("mozilla/jpg-size-3x3.jpg", Subsampled),
    ("mozilla/jpg-size-4x4.jpg", Subsampled),
    ("mozilla/jpg-size-5x5.jpg", Subsampled),
    ("mozilla/jpg-size-7x7.jpg", Subsampled),
    ("mozilla/jpg-size-8x8.jpg", Subsampled),
    ("mozilla/jpg-size-9x9.jpg", Subsampled),
    ("mozilla/jpg-size-15x15.jpg", Subsampled),
    ("mozilla/jpg-size-16x16.jpg", Subsampled),
    ("mozilla/jpg-size-17x17.jpg", Subsampled),
    ("mozilla/jpg-size-31x31.jpg", Subsampled),
    ("mozilla/jpg-size-32x32.jpg", Subsampled),
    ("mozilla/jpg-size-33x33.jpg", Subsampled),
    ("lossless/1/jpeg_lossless_sel1-8bit.jpg", Refused("unsupported_format")),
    ("lossless/1/jpeg_lossless_sel1.jpg", Refused("unsupported_format")),
    ("lossless/1/jpeg_lossless_sel2.jpg", Refused("unsupported_format")),
    ("lossless/1/jpeg_lossless_sel3.jpg", Refused("unsupported_format")),
    ("lossless/1/jpeg_lossless_sel4.jpg", Refused("unsupported_format")),
    ("lossless/1/jpeg_lossless_sel5.jpg", Refused("unsupported_format")),
    ("lossless/1/jpeg_lossless_sel6.jpg", Refused("unsupported_format")),
    ("lossless/1/jpeg_lossless_sel7.jpg", Refused("unsupported_format")),
    ("lossless/1/lossless16bit.jpg", Refused("unsupported_format")),
    ("lossless/2/MR4.jpg", Refused("unsupported_format")),
    ("lossless/2/XA1.jpg", Refused("unsupported_format")),
    // 6 x 6 pixels in a file that is a PNG.
    ("mozilla/jpg-size-6x6.jpg", Within(0)),
    ("partial_progressive.jpg", Within(0)),
];

/// Half the sum of what the weights of the triangle and of Lanczos3 differ by, over both axes, at the most (four samples a side): the filters
/// cannot be further apart than that part of the range of the samples.
const FILTERS_DIFFER: f64 = 0.506;

/// Luma and two colour differences, as ITU-T T.871.
fn ycbcr([r, g, b]: [u8; 3]) -> [f64; 3] {
    let [r, g, b] = [r, g, b].map(f64::from);
    let luma = 0.299 * r + 0.587 * g + 0.114 * b;
    [luma, (b - luma) / 1.772, (r - luma) / 1.402]
}

fn compare(file: &Path, expected: Expected) -> Result<(), Failed> {
    let bytes = std::fs::read(file)?;
    if let Refused(code) = expected {
        return match render(&bytes, &Recipe::default()) {
            Err(error) if error.code() == code => Ok(()),
            other => Err(format!("{code} was expected: {:?}", other.err()).into()),
        };
    }
    let info = inspect(&bytes)?;
    let recipe =
        Recipe { width: info.width, height: info.height, format: OutputFormat::Png, ..Recipe::default() };
    let ours = image::load_from_memory(&render(&bytes, &recipe)?.bytes)?.to_rgb8();
    let theirs = image::open(file.with_extension("png"))?.to_rgb8();
    if ours.dimensions() != theirs.dimensions() {
        return Err(format!("{:?} instead of {:?}", ours.dimensions(), theirs.dimensions()).into());
    }
    let differences = || ours.iter().zip(theirs.iter()).map(|(a, b)| a.abs_diff(*b));
    match expected {
        Within(most) => {
            let largest = differences().max().unwrap_or(0);
            if largest > most { Err(format!("{largest} of {most}").into()) } else { Ok(()) }
        }
        SubsampledInks(most) => {
            let mean = differences().map(f64::from).sum::<f64>() / ours.len() as f64;
            if mean > most { Err(format!("{mean} of {most} on average").into()) } else { Ok(()) }
        }
        _ => compare_subsampled(&ours, &theirs),
    }
}

fn compare_subsampled(ours: &RgbImage, theirs: &RgbImage) -> Result<(), Failed> {
    let chroma = theirs.pixels().map(|pixel| ycbcr(pixel.0));
    let range = |channel: usize| {
        let values = chroma.clone().map(|pixel| pixel[channel]);
        values.clone().fold(f64::MIN, f64::max) - values.fold(f64::MAX, f64::min)
    };
    // Rounding to red, green and blue, twice.
    let allowed = [2.0, FILTERS_DIFFER * range(1) + 2.0, FILTERS_DIFFER * range(2) + 2.0];
    for (a, b) in ours.pixels().zip(theirs.pixels()) {
        // Where a colour was cut off, nothing can be told of what it was made of.
        if a.0.iter().chain(&b.0).any(|sample| matches!(sample, 0 | 255)) {
            continue;
        }
        for ((ours, theirs), allowed) in ycbcr(a.0).into_iter().zip(ycbcr(b.0)).zip(allowed) {
            if (ours - theirs).abs() > allowed {
                return Err(format!("{:?} for {:?}, of {allowed:?} a channel", a.0, b.0).into());
            }
        }
    }
    Ok(())
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jpg"));
    files.sort();
    files
}

fn main() {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora/jpeg/reftest/images");
    let (mut trials, mut special) = (Vec::new(), 0);
    for file in files_below(&folder) {
        let name = file.strip_prefix(&folder).unwrap_or(&file).display().to_string();
        let named = EXPECTED.iter().find(|(other, _)| *other == name);
        special += usize::from(named.is_some());
        let expected = named.map_or(Within(2), |(_, expected)| *expected);
        trials.push(Trial::test(name, move || compare(&file, expected)));
    }
    let seen = (trials.len(), special);
    trials.push(Trial::test("the pictures are all there, or not at all", move || {
        if folder.exists() && seen != (48, EXPECTED.len()) {
            Err(format!("{seen:?} files").into())
        } else {
            Ok(())
        }
    }));
    libtest_mimic::run(&arguments, trials).exit();
}

//! Samples against libjpeg-turbo's `djpeg`, exactly, where that program is installed; windows against whole planes everywhere.

use super::*;
use crate::raster::{Axis, PADDING};
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder(path: &str) -> Vec<PathBuf> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let entries = std::fs::read_dir(place).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|kind| kind == "jpg" || kind == "jpeg")).collect();
    files.sort();
    files
}

/// The windows of all planes as they come.
struct Planes {
    color: Option<ColorModel>,
    windows: Vec<Window>,
    rows: Vec<Vec<Vec<u8>>>,
}

impl PlaneRows for Planes {
    fn begin(&mut self, color: ColorModel) -> Result<(), Error> {
        self.color = Some(color);
        Ok(())
    }

    fn row(&mut self, component: usize, row: &[i16]) {
        let width = self.windows[component].columns.len();
        assert_eq!(row.len(), width + PADDING);
        self.rows[component].push(row[..width].iter().map(|sample| u8::try_from(*sample).unwrap()).collect());
    }
}

fn decode_windows(bytes: &[u8], sides: &[u8], windows: Vec<Window>) -> Option<Planes> {
    let axis = Axis { samples: 1, pitch: (1, 1) };
    let plans: Vec<PlanePlan> =
        sides.iter().map(|side| PlanePlan { side: *side, place: (axis, axis) }).collect();
    let mut planes = Planes { color: None, rows: vec![Vec::new(); windows.len()], windows: windows.clone() };
    decode(bytes, 0, &plans, &windows, &mut planes).ok()?;
    for (rows, window) in planes.rows.iter().zip(&windows) {
        assert_eq!(rows.len(), window.rows.len());
    }
    Some(planes)
}

/// The whole planes at one scale.
fn planes(bytes: &[u8], side: u8) -> Option<Planes> {
    let mut reader = Reader::new(&bytes[2..]);
    let frame = loop {
        let (marker, segment) = next_segment(&mut reader).ok()??;
        if (0xc0..=0xc2).contains(&marker) {
            break header::frame(marker, segment, 1).ok()?;
        }
    };
    let most = frame.most();
    let samples =
        |length: u32, factor: u32, most: u32| (length * factor * u32::from(side)).div_ceil(most * 8);
    let windows: Vec<Window> = frame
        .components
        .iter()
        .map(|component| Window {
            columns: 0..samples(frame.width, component.across, most.0),
            rows: 0..samples(frame.height, component.down, most.1),
        })
        .collect();
    decode_windows(bytes, &vec![side; windows.len()], windows)
}

fn djpeg(file: &Path, side: u8) -> Option<Vec<u8>> {
    let scale = format!("{side}/8");
    let output = Command::new("djpeg")
        .args(["-grayscale", "-dct", "int", "-scale", &scale, "-pnm"])
        .arg(file)
        .output()
        .ok()?;
    if !output.status.success() || !output.stderr.is_empty() || !output.stdout.starts_with(b"P5") {
        return None;
    }
    // Three lines of header.
    let end = output.stdout.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(2)?.0;
    output.stdout.get(end + 1..).map(<[u8]>::to_vec)
}

#[test]
fn luma_is_exactly_djpeg_s_at_full_and_at_an_eighth() {
    if Command::new("djpeg").arg("-version").output().is_err() {
        return;
    }
    let files = ["tests/fixtures", "../../shared/photos", "../../shared/corpora/jpeg/reftest/images"]
        .map(folder)
        .concat();
    let mut compared = 0;
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        for side in [8, 1] {
            // Other colour models have no plane of luma; files that djpeg warns of are not the matter here.
            let (Some(wanted), Some(planes)) = (djpeg(&file, side), planes(&bytes, side)) else {
                continue;
            };
            if !matches!(planes.color, Some(ColorModel::Gray | ColorModel::YCbCr)) {
                continue;
            }
            let got = planes.rows[0].concat();
            assert_eq!(got.len(), wanted.len(), "{} at {side}/8", file.display());
            let wrong = got.iter().zip(&wanted).filter(|(a, b)| a != b).count();
            assert_eq!(wrong, 0, "{} at {side}/8: of {} samples", file.display(), got.len());
            compared += 1;
        }
    }
    assert!(compared >= 20, "only {compared} comparisons");
}

#[test]
fn a_window_is_that_part_of_the_whole() {
    for name in ["portrait.jpg", "progressive.jpg", "restart.jpg", "gray.jpg", "cmyk-exif-5.jpg"] {
        let bytes =
            std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap();
        for side in [8, 4, 2, 1] {
            let whole = planes(&bytes, side).unwrap();
            let inner = |range: &std::ops::Range<u32>| range.end / 5..(range.end / 2).max(range.end / 5 + 1);
            let windows: Vec<Window> = whole
                .windows
                .iter()
                .map(|window| Window { columns: inner(&window.columns), rows: inner(&window.rows) })
                .collect();
            let parts = decode_windows(&bytes, &vec![side; windows.len()], windows.clone()).unwrap();
            for ((part, whole), window) in parts.rows.iter().zip(&whole.rows).zip(windows) {
                let columns = window.columns.start as usize..window.columns.end as usize;
                let rows = window.rows.start as usize..window.rows.end as usize;
                assert!(
                    part.iter().eq(whole[rows].iter().map(|row| &row[columns.clone()])),
                    "{name} at {side}/8"
                );
            }
        }
    }
}

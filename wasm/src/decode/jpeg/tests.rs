//! Planes of samples, seen from outside: against libjpeg-turbo's `djpeg` where that program is installed, against the definition of the
//! transforms, and windows against whole planes.

mod definition;
mod djpeg;
mod fidelity;
mod files;

use super::*;
use crate::raster::{Axis, PADDING};
use std::path::Path;

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
    let plans: Vec<PlanePlan> = sides
        .iter()
        .map(|side| PlanePlan { side: *side, fraction_bits: 0, shows_smoothing: true, place: (axis, axis) })
        .collect();
    let mut planes = Planes { color: None, rows: vec![Vec::new(); windows.len()], windows: windows.clone() };
    decode(bytes, 0, &plans, &windows, &mut planes).ok()?;
    for (rows, window) in planes.rows.iter().zip(&windows) {
        assert_eq!(rows.len(), window.rows.len());
    }
    Some(planes)
}

fn frame(bytes: &[u8]) -> Option<Frame> {
    let mut reader = Reader::new(bytes.get(2..)?);
    loop {
        let (marker, segment) = next_segment(&mut reader).ok()??;
        if (0xc0..=0xc2).contains(&marker) {
            return header::frame(marker, segment, 1).ok();
        }
    }
}

/// The whole planes at one scale.
fn planes(bytes: &[u8], side: u8) -> Option<Planes> {
    let frame = frame(bytes)?;
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

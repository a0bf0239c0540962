//! Planes of libjpeg-turbo's `djpeg`.
//!
//! A file of three components is said to be RGB before that program sees it: then it converts no colours, and its pixels are the planes.
//! Subsampled ones come repeated to the size of the others (`-nosmooth`), so every so many samples are taken.

use super::*;
use crate::decode::other_programs::run;
use std::process::Command;

pub(super) fn is_installed() -> bool {
    Command::new("djpeg").arg("-version").output().is_ok()
}

/// One component of the picture.
pub(super) struct Plane {
    /// Samples a block side.
    pub(super) side: u8,
    pub(super) width: usize,
    pub(super) samples: Vec<u8>,
}

/// All planes at `scale` eighths of the picture. `Err`: what the program complains of.
pub(super) fn planes(bytes: &[u8], scale: u8) -> Result<Vec<Plane>, String> {
    let frame = frame(bytes).ok_or("we do not read its frame header")?;
    let count = frame.components.len();
    if count == 4 {
        return Err("it cannot write the planes of four components".into());
    }
    let (most, (whole_width, whole)) = (frame.most(), raw(&said_to_be_rgb(bytes), scale)?);
    let planes = frame.components.iter().enumerate().map(|(index, own)| {
        // It enlarges chroma in the transform as far as that does it along both axes alike.
        let (mut side, scale) = (u32::from(scale), u32::from(scale));
        let is_too_small = |most: u32, own: u32, side: u32| (most * scale).is_multiple_of(own * side * 2);
        while side < 8 && is_too_small(most.0, own.across, side) && is_too_small(most.1, own.down, side) {
            side *= 2;
        }
        let repeats = |most: u32, factor: u32| (most * scale / (factor * side)) as usize;
        let width = (frame.width * own.across * side).div_ceil(most.0 * 8) as usize;
        let (across, down) = (repeats(most.0, own.across) * count, repeats(most.1, own.down));
        let rows = whole.chunks_exact(whole_width * count).step_by(down);
        let samples = rows.flat_map(|row| row[index..].iter().step_by(across).take(width).copied()).collect();
        Plane { side: side as u8, width, samples }
    });
    Ok(planes.collect())
}

/// The width, and the samples as the program writes them.
fn raw(bytes: &[u8], scale: u8) -> Result<(usize, Vec<u8>), String> {
    let scale = format!("{scale}/8");
    let output =
        run(Command::new("djpeg").args(["-nosmooth", "-dct", "int", "-scale", &scale, "-pnm"]), bytes);
    if !output.status.success() || !output.stderr.is_empty() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    // Three lines of header: what it is, width and height, the largest sample.
    let lines: Vec<&[u8]> = output.stdout.splitn(4, |byte| *byte == b'\n').collect();
    let width = std::str::from_utf8(lines[1]).unwrap().split(' ').next().unwrap().parse().unwrap();
    Ok((width, lines[3].to_vec()))
}

/// The same file with what tells its colours renamed, and a word of Adobe's in front of its frame header: no transform.
fn said_to_be_rgb(bytes: &[u8]) -> Vec<u8> {
    const ADOBE: [u8; 16] = *b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0";
    let mut changed = bytes.to_vec();
    let mut reader = Reader::new(&bytes[2..]);
    while let Ok(Some((marker, segment))) = next_segment(&mut reader) {
        let start = bytes.len() - reader.rest().len() - segment.len() - 4;
        match marker {
            0xe0 | 0xee => changed[start + 1] = 0xef,
            0xc0..=0xc2 if segment[5] == 3 => {
                changed.splice(start..start, ADOBE);
                break;
            }
            _ => {}
        }
    }
    changed
}

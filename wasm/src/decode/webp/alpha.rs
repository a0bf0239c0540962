//! Alpha of lossy pictures: RFC 9649 section 2.7.1.2.

use super::{lossless, reserved, truncated, wrong};
use crate::Error;
use crate::inspect::reader::Reader;

/// Unpacks an ALPH chunk: one byte a pixel.
pub(super) fn plane(chunk: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, Error> {
    let mut reader = Reader::new(chunk);
    let info = reader.u8().ok_or(truncated())?;
    let pixels = width as usize * height as usize;
    let mut plane = match info & 3 {
        0 => {
            let mut plane = reserved(pixels)?;
            plane.extend_from_slice(reader.take(pixels).ok_or(truncated())?);
            plane
        }
        1 => {
            // Alpha is in the green channel. Brought together at the front, so that nothing is held twice.
            let mut rgba = lossless::rgba(reader.rest(), (width, height))?;
            for at in 0..pixels {
                if let Some(green) = rgba.get(at * 4 + 1).copied()
                    && let Some(place) = rgba.get_mut(at)
                {
                    *place = green;
                }
            }
            rgba.truncate(pixels);
            rgba.shrink_to_fit();
            rgba
        }
        _ => return Err(wrong("its alpha is coded in an unknown way")),
    };
    unfilter(&mut plane, width as usize, info >> 2 & 3);
    Ok(plane)
}

/// Undoes the prediction: 1 from the left, 2 from above, 3 from both less the one across. At the top edge it is from the left, at the
/// left edge from above.
fn unfilter(plane: &mut [u8], width: usize, method: u8) {
    if method == 0 || width == 0 {
        return;
    }
    let mut above: &mut [u8] = &mut [];
    for row in plane.chunks_exact_mut(width) {
        let mut left = above.first().copied().unwrap_or(0);
        let mut corner = left;
        let is_first = above.is_empty();
        for (x, sample) in row.iter_mut().enumerate() {
            let up = above.get(x).copied().unwrap_or(0);
            let prediction = match method {
                _ if is_first || x == 0 => left,
                1 => left,
                2 => up,
                _ => (i16::from(left) + i16::from(up) - i16::from(corner)).clamp(0, 255) as u8,
            };
            *sample = sample.wrapping_add(prediction);
            (left, corner) = (*sample, up);
        }
        above = row;
    }
}

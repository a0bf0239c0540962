//! Lossy pictures: VP8 key frames (RFC 6386) and their alpha (RFC 9649 section 2.7.1.2). The planes become rows of pixels one at a time,
//! with the rounding of libwebp, so that the pixels are those that `dwebp` writes.

use super::spliced::Spliced;
use super::{failure, lossless, partitions, reserved, truncated, wrong};
use crate::Error;
use crate::inspect::reader::Reader;
use crate::pixels::Layout;
use crate::raster::Rows;
use image_webp::vp8::{Frame, Vp8Decoder};
use std::io::Read;

pub(super) fn decode(
    vp8: &[u8],
    alpha: Option<&[u8]>,
    (width, height): (u32, u32),
    layout: Layout,
    rows: &mut dyn Rows,
) -> Result<(), Error> {
    let (columns, lines) = (width as usize, height as usize);
    let alpha = alpha.map(|chunk| alpha_plane(chunk, (width, height))).transpose()?;
    partitions::check(vp8)?;
    // The decoder allocates without asking, so we ask.
    drop(reserved(columns.next_multiple_of(16) * lines.next_multiple_of(16) * 3 / 2)?);
    let mut file = Spliced::bare(vp8);
    // Limited like this it is the type that the decoder of whole files takes.
    let limited = (&mut file).take(vp8.len() as u64);
    let frame = Vp8Decoder::decode_frame(limited).map_err(|error| failure(&error))?;
    if (u32::from(frame.width), u32::from(frame.height)) != (width, height) {
        return Err(wrong("its pixels are not of the size that its header states"));
    }

    rows.begin(layout)?;
    let mut chroma = Chroma::new(columns);
    let mut packed = vec![255; columns * layout.channels()];
    for y in 0..lines {
        chroma.fill(&frame, y);
        let luma = line(&frame.ybuf, columns.next_multiple_of(16), y, columns);
        match layout {
            Layout::Rgb => convert::<3>(luma, &chroma, &mut packed),
            Layout::Rgba => convert::<4>(luma, &chroma, &mut packed),
        }
        if let (Layout::Rgba, Some(alpha)) = (layout, &alpha) {
            let pixels = packed.as_chunks_mut::<4>().0.iter_mut();
            pixels.zip(line(alpha, columns, y, columns)).for_each(|([.., to], alpha)| *to = *alpha);
        }
        if rows.row(&packed).is_break() {
            break;
        }
    }
    Ok(())
}

/// Leaves alpha as it is.
fn convert<const CHANNELS: usize>(luma: &[u8], chroma: &Chroma, packed: &mut [u8]) {
    let samples = luma.iter().zip(chroma.u.samples.iter().zip(&chroma.v.samples));
    for (pixel, (y, (u, v))) in packed.as_chunks_mut::<CHANNELS>().0.iter_mut().zip(samples) {
        if let Some(color) = pixel.first_chunk_mut::<3>() {
            *color = rgb(*y, *u, *v);
        }
    }
}

/// The samples of a row; fewer where the plane is too short, which it never is.
fn line(plane: &[u8], stride: usize, y: usize, width: usize) -> &[u8] {
    plane.get(y * stride..).map(|rest| rest.get(..width).unwrap_or(rest)).unwrap_or_default()
}

/// Chroma has half the samples of luma both ways. Each pixel takes nine parts of the nearest sample, three of the next one in its row and
/// three of the next one in its column, and one of the one across.
struct Chroma {
    u: Stretched,
    v: Stretched,
}

struct Stretched {
    /// Three parts of the nearer row and one of the other; the first and the last sample twice.
    blended: Vec<u16>,
    /// One a pixel of the row, and one more where their number is odd.
    samples: Vec<u8>,
}

impl Chroma {
    fn new(columns: usize) -> Self {
        let stretched = || {
            let half = columns.div_ceil(2);
            Stretched { blended: vec![0; half + 2], samples: vec![0; half * 2] }
        };
        Self { u: stretched(), v: stretched() }
    }

    /// For row `y` of the picture.
    fn fill(&mut self, frame: &Frame, y: usize) {
        let (columns, lines) = (usize::from(frame.width), usize::from(frame.height));
        let stride = columns.next_multiple_of(16) / 2;
        let last = lines.div_ceil(2) - 1;
        let near = y / 2;
        let far = if y.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(last) };
        for (stretched, plane) in [(&mut self.u, &frame.ubuf), (&mut self.v, &frame.vbuf)] {
            let half = columns.div_ceil(2);
            stretched.fill(line(plane, stride, near, half), line(plane, stride, far, half));
        }
    }
}

impl Stretched {
    fn fill(&mut self, near: &[u8], far: &[u8]) {
        let blend = |(near, far): (&u8, &u8)| 3 * u16::from(*near) + u16::from(*far);
        for (to, pair) in self.blended.iter_mut().skip(1).zip(near.iter().zip(far)) {
            *to = blend(pair);
        }
        if let [first, second, ..] = self.blended.as_mut_slice() {
            *first = *second;
        }
        if let [.., second, first] = self.blended.as_mut_slice() {
            *first = *second;
        }
        let part = |near: u16, far: u16| ((3 * near + far + 8) >> 4) as u8;
        let (before, after) = (self.blended.iter(), self.blended.iter().skip(2));
        let around = before.zip(self.blended.iter().skip(1)).zip(after);
        for (to, ((before, near), after)) in self.samples.as_chunks_mut::<2>().0.iter_mut().zip(around) {
            *to = [part(*near, *before), part(*near, *after)];
        }
    }
}

/// ITU-R BT.601 with luma from 16 to 235, in 14 fraction bits of which the products lose eight.
fn rgb(y: u8, u: u8, v: u8) -> [u8; 3] {
    let times = |sample: u8, factor: i32| (i32::from(sample) * factor) >> 8;
    let luma = times(y, 19_077);
    let red = luma + times(v, 26_149) - 14_234;
    let green = luma - times(u, 6_419) - times(v, 13_320) + 8_708;
    let blue = luma + times(u, 33_050) - 17_685;
    [red, green, blue].map(|sum| (sum >> 6).clamp(0, 255) as u8)
}

/// Unpacks an ALPH chunk: one byte a pixel.
fn alpha_plane(chunk: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, Error> {
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

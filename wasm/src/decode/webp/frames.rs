//! Animations: frames are decoded one by one and put on the canvas. RFC 9649 section 2.7.1.1.
//!
//! The canvas begins transparent, and a disposed frame leaves it transparent: the background colour of the file is a hint that browsers
//! do not take.

use super::super::shown_ms;
use super::{decode_bitstream, reserved, truncated, wrong};
use crate::Error;
use crate::inspect::reader::Reader;
use crate::inspect::webp::{Chunks, Extended, Frame as Stored};
use crate::pixels::{Layout, Pixels};
use crate::raster::{Frame, Frames, Rows};
use std::ops::ControlFlow;

pub(in super::super) struct WebpFrames<'a> {
    chunks: Chunks<'a>,
    plays: u32,
    canvas: Canvas,
    /// What becomes transparent before the next frame.
    disposed: Option<Rectangle>,
}

impl<'a> WebpFrames<'a> {
    pub(in super::super) fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let extended = Extended::read(bytes)?.filter(|extended| extended.is_animated);
        let Extended { canvas, .. } = extended.ok_or_else(|| wrong("it is no animation"))?;
        let chunks = Chunks::of_file(bytes);
        // Background colour, then how often: RFC 9649 section 2.7.1.1.
        let plays = chunks
            .clone()
            .find(|chunk| &chunk.kind == b"ANIM")
            .and_then(|chunk| Reader::new(chunk.data.get(4..)?).u16_le())
            .unwrap_or(1);
        Ok(Self { chunks, plays: plays.into(), canvas: Canvas::new(canvas)?, disposed: None })
    }
}

impl Frames for WebpFrames<'_> {
    fn plays(&self) -> u32 {
        self.plays
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, Error> {
        let Some(chunk) = self.chunks.find(|chunk| &chunk.kind == b"ANMF") else { return Ok(None) };
        if !chunk.is_whole {
            return Err(truncated());
        }
        let stored = Stored::read(chunk.data, (self.canvas.width, self.canvas.height))?;
        if let Some(rectangle) = self.disposed.take() {
            self.canvas.rows(rectangle).for_each(|row| row.fill(0));
        }
        self.canvas.put(&stored)?;
        self.disposed = stored.is_disposed.then(|| Rectangle::of(&stored));
        let mut data = reserved(self.canvas.data.len())?;
        data.extend_from_slice(&self.canvas.data);
        let (width, height) = (self.canvas.width as usize, self.canvas.height as usize);
        let pixels = Pixels { width, height, layout: Layout::Rgba, data };
        Ok(Some(Frame { pixels, duration_ms: shown_ms(stored.duration_ms) }))
    }
}

/// A first frame that is smaller than its canvas.
pub(super) fn decode_first(stored: Stored<'_>, size: (u32, u32), rows: &mut dyn Rows) -> Result<(), Error> {
    let mut canvas = Canvas::new(size)?;
    canvas.put(&stored)?;
    rows.begin(Layout::Rgba)?;
    for row in canvas.data.chunks_exact((size.0 as usize * 4).max(1)) {
        if rows.row(row).is_break() {
            break;
        }
    }
    Ok(())
}

#[derive(Debug, Clone, Copy)]
struct Rectangle {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

impl Rectangle {
    fn of(stored: &Stored<'_>) -> Self {
        let (width, height) = (stored.bitstream.width as usize, stored.bitstream.height as usize);
        Self { x: stored.x as usize, y: stored.y as usize, width, height }
    }
}

/// Four bytes a pixel.
struct Canvas {
    width: u32,
    height: u32,
    data: Vec<u8>,
}

impl Canvas {
    fn new((width, height): (u32, u32)) -> Result<Self, Error> {
        let too_large = Error::OutOfMemory { needed_bytes: u64::from(width) * u64::from(height) * 4 };
        let length = (width as usize).checked_mul(height as usize).and_then(|pixels| pixels.checked_mul(4));
        let length = length.ok_or(too_large)?;
        let mut data = reserved(length)?;
        data.resize(length, 0);
        Ok(Self { width, height, data })
    }

    /// The rows of a rectangle, which lies within.
    fn rows(&mut self, rectangle: Rectangle) -> impl Iterator<Item = &mut [u8]> {
        let Rectangle { x, y, width, height } = rectangle;
        let rows = self.data.chunks_exact_mut((self.width as usize * 4).max(1));
        rows.skip(y).take(height).filter_map(move |row| row.get_mut(x * 4..(x + width) * 4))
    }

    fn put(&mut self, stored: &Stored<'_>) -> Result<(), Error> {
        let rows = self.rows(Rectangle::of(stored));
        decode_bitstream(&stored.bitstream, Layout::Rgba, &mut Placed { rows, is_blended: stored.is_blended })
    }
}

/// Takes the rows of a frame and puts each on its row of the canvas.
struct Placed<I> {
    rows: I,
    is_blended: bool,
}

impl<'c, I: Iterator<Item = &'c mut [u8]>> Rows for Placed<I> {
    fn begin(&mut self, _: Layout) -> Result<(), Error> {
        Ok(())
    }

    fn row(&mut self, row: &[u8]) -> ControlFlow<()> {
        let Some(below) = self.rows.next() else { return ControlFlow::Break(()) };
        let pixels = below.as_chunks_mut::<4>().0.iter_mut().zip(row.as_chunks::<4>().0);
        for (below, pixel) in pixels {
            *below = if self.is_blended { over(*pixel, *below) } else { *pixel };
        }
        ControlFlow::Continue(())
    }
}

/// One pixel over another, neither premultiplied, rounded: RFC 9649 section 2.7.1.1, "alpha-blending".
fn over(pixel: [u8; 4], below: [u8; 4]) -> [u8; 4] {
    let [.., alpha] = pixel.map(u32::from);
    let [.., alpha_below] = below.map(u32::from);
    if alpha == 255 || alpha_below == 0 {
        return pixel;
    }
    if alpha == 0 {
        return below;
    }
    // Both weights, and their sum, in parts of 255 times 255.
    let (weight, weight_below) = (alpha * 255, alpha_below * (255 - alpha));
    let sum = weight + weight_below;
    let mut blended = [((sum + 127) / 255) as u8; 4];
    for (to, (sample, sample_below)) in blended.iter_mut().take(3).zip(pixel.into_iter().zip(below)) {
        let mixed = u32::from(sample) * weight + u32::from(sample_below) * weight_below;
        *to = ((mixed + sum / 2) / sum) as u8;
    }
    blended
}

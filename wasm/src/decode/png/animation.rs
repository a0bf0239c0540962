//! APNG: frames composed one onto the other. W3C PNG, third edition, sections 11.3.6 (acTL, fcTL, fdAT) and 13.18.

use super::chunks::Wanted;
use super::expand::Expansion;
use super::{PixelReader, each_row, failure, open, reserve, to_usize};
use crate::Error;
use crate::inspect::{Format, apng};
use crate::pixels::{Layout, Pixels};
use crate::raster::{Frame, Frames};
use png::{BlendOp, DisposeOp, FrameControl};
use std::ops::ControlFlow;

/// The frames of an animated PNG. In memory are the canvas, the frame that is handed out and, where it is interlaced, its samples.
pub(crate) struct Animation<'a> {
    reader: PixelReader<'a>,
    expansion: Expansion,
    /// What the next frame is drawn onto.
    canvas: Pixels,
    plays: u32,
    frames_left: u32,
    /// The frame that the reader already stands before.
    waiting: Option<FrameControl>,
    is_first: bool,
    raw: Vec<u8>,
}

impl<'a> Animation<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let reader = open(bytes, Wanted::Animation)?;
        let info = reader.info();
        let Some(control) = info.animation_control else {
            return Err(Error::malformed(Format::Png, "it has no animation (no usable acTL chunk)"));
        };
        let expansion = Expansion::new(info)?;
        let is_opaque = expansion.layout() == Layout::Rgb
            && apng::outline(bytes).is_some_and(|animation| animation.covers_canvas);
        let layout = if is_opaque { Layout::Rgb } else { Layout::Rgba };
        let (width, height) = (to_usize(info.width)?, to_usize(info.height)?);
        let mut data = Vec::new();
        let length = width.checked_mul(height).and_then(|pixels| pixels.checked_mul(layout.channels()));
        reserve(&mut data, length.ok_or(Error::OutOfMemory { needed_bytes: u64::MAX })?)?;
        Ok(Self {
            waiting: info.frame_control,
            plays: control.num_plays,
            frames_left: control.num_frames,
            canvas: Pixels { width, height, layout, data },
            is_first: true,
            raw: Vec::new(),
            reader,
            expansion,
        })
    }

    /// The first frame alone.
    pub(super) fn into_first(mut self) -> Result<Pixels, Error> {
        let control = self.next_control()?;
        let mut canvas = self.take_canvas();
        self.draw(control, &mut canvas)?;
        Ok(canvas)
    }

    fn take_canvas(&mut self) -> Pixels {
        let empty = Pixels { data: Vec::new(), ..self.canvas };
        std::mem::replace(&mut self.canvas, empty)
    }

    /// What the next frame is like; there is one.
    fn next_control(&mut self) -> Result<FrameControl, Error> {
        self.frames_left = self.frames_left.saturating_sub(1);
        let mut control = match self.waiting.take() {
            Some(control) => control,
            None => *self.reader.next_frame_info().map_err(|error| failure(&error))?,
        };
        // Before the first frame there is nothing to go back to: section 11.3.6.2.
        if std::mem::take(&mut self.is_first) && control.dispose_op == DisposeOp::Previous {
            control.dispose_op = DisposeOp::Background;
        }
        Ok(control)
    }

    /// Draws the frame that the reader stands before.
    fn draw(&mut self, control: FrameControl, canvas: &mut Pixels) -> Result<(), Error> {
        let place = Place::new(control)?;
        let expansion = &mut self.expansion;
        let source = expansion.layout();
        let blends = control.blend_op == BlendOp::Over && source == Layout::Rgba;
        let size = (place.width, place.height);
        let layout = canvas.layout;
        let mut targets = place.rows(canvas);
        each_row(&mut self.reader, size, &mut self.raw, &mut |raw| {
            let Some(target) = targets.next() else { return ControlFlow::Break(()) };
            let row = expansion.expand(raw, size.0);
            if source == layout && !blends {
                target.copy_from_slice(row.get(..target.len()).unwrap_or_default());
            } else if source == layout {
                let pixels = row.as_chunks::<4>().0.iter();
                target
                    .as_chunks_mut::<4>()
                    .0
                    .iter_mut()
                    .zip(pixels)
                    .for_each(|(below, above)| over(below, *above));
            } else {
                let pixels = row.as_chunks::<3>().0.iter();
                target
                    .as_chunks_mut::<4>()
                    .0
                    .iter_mut()
                    .zip(pixels)
                    .for_each(|(to, &[r, g, b])| *to = [r, g, b, 255]);
            }
            ControlFlow::Continue(())
        })
    }
}

impl Frames for Animation<'_> {
    fn plays(&self) -> u32 {
        self.plays
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, Error> {
        if self.frames_left == 0 {
            return Ok(None);
        }
        let control = self.next_control()?;
        let mut canvas = self.take_canvas();
        let pixels = if control.dispose_op == DisposeOp::Previous {
            // Drawn onto the copy, so that the canvas stays as it was.
            let mut shown = copy(&canvas)?;
            self.draw(control, &mut shown)?;
            shown
        } else {
            self.draw(control, &mut canvas)?;
            copy(&canvas)?
        };
        if control.dispose_op == DisposeOp::Background {
            Place::new(control)?.rows(&mut canvas).for_each(|row| row.fill(0));
        }
        self.canvas = canvas;
        Ok(Some(Frame { pixels, duration_ms: duration_ms(control) }))
    }
}

fn copy(pixels: &Pixels) -> Result<Pixels, Error> {
    let mut data = Vec::new();
    let needed_bytes = pixels.data.len() as u64;
    data.try_reserve_exact(pixels.data.len()).map_err(|_| Error::OutOfMemory { needed_bytes })?;
    data.extend_from_slice(&pixels.data);
    Ok(Pixels { data, ..*pixels })
}

/// Where a frame lies on the canvas, in pixels. The decoder has checked that it is within.
#[derive(Debug, Clone, Copy)]
struct Place {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

impl Place {
    fn new(control: FrameControl) -> Result<Self, Error> {
        Ok(Self {
            x: to_usize(control.x_offset)?,
            y: to_usize(control.y_offset)?,
            width: to_usize(control.width)?,
            height: to_usize(control.height)?,
        })
    }

    /// The part of each row of the canvas that the frame covers.
    fn rows(self, canvas: &mut Pixels) -> impl Iterator<Item = &mut [u8]> {
        let channels = canvas.layout.channels();
        let columns = self.x * channels..(self.x + self.width) * channels;
        let rows = canvas.data.chunks_exact_mut((canvas.width * channels).max(1));
        rows.skip(self.y).take(self.height).filter_map(move |row| row.get_mut(columns.clone()))
    }
}

/// Seconds as a fraction; a denominator of 0 stands for 100. Section 11.3.6.2.
fn duration_ms(control: FrameControl) -> u32 {
    let per_second = if control.delay_den == 0 { 100 } else { u32::from(control.delay_den) };
    (u32::from(control.delay_num) * 1000 + per_second / 2) / per_second
}

/// The operator "over" on samples that are not premultiplied, rounded. Section 12.3 (alpha compositing).
fn over(below: &mut [u8; 4], above: [u8; 4]) {
    let (top, bottom) = (u32::from(above[3]), u32::from(below[3]));
    if top == 255 || bottom == 0 {
        *below = above;
        return;
    }
    // Times 255; not 0, as `bottom` is not.
    let alpha = top * 255 + bottom * (255 - top);
    for (low, high) in below.iter_mut().zip(above).take(3) {
        let color = u32::from(high) * top * 255 + u32::from(*low) * bottom * (255 - top);
        *low = ((color + alpha / 2) / alpha) as u8;
    }
    below[3] = ((alpha + 127) / 255) as u8;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_is_the_definition() {
        for (top, bottom) in (0..=255).flat_map(|top| (0..=255).map(move |bottom| (top, bottom))) {
            let mut pixel = [200, 0, 255, bottom];
            over(&mut pixel, [10, 255, 255, top]);
            let (t, b) = (f64::from(top) / 255.0, f64::from(bottom) / 255.0);
            let alpha = t + b * (1.0 - t);
            assert!((f64::from(pixel[3]) - alpha * 255.0).abs() <= 0.501);
            if alpha > 0.0 {
                let red = (10.0 * t + 200.0 * b * (1.0 - t)) / alpha;
                assert!((f64::from(pixel[0]) - red).abs() <= 0.501, "{top} over {bottom}: {pixel:?}");
                assert_eq!(pixel[2], 255);
            }
        }
    }

    #[test]
    fn a_duration_is_a_fraction_of_a_second() {
        let ms = |delay_num, delay_den| {
            duration_ms(FrameControl { delay_num, delay_den, ..FrameControl::default() })
        };
        assert_eq!([ms(1, 10), ms(7, 0), ms(1, 30), ms(2, 3), ms(0, 1)], [100, 70, 33, 667, 0]);
        assert_eq!(ms(u16::MAX, 1), 65_535_000);
    }
}

//! GIF89a (CompuServe, 1990), still or animated: one palette for the whole file, of each frame what changed, LZW by `weezl`.
//!
//! Every frame is looked at twice: first for its colours, then to be written. docs/animation.md says what is kept and what is not.

mod blocks;
mod canvas;
mod histogram;
mod palette;

use super::AnimationEncoder;
use crate::Error;
use crate::inspect::Format;
use crate::pixels::Pixels;
use canvas::{Canvas, Place};
use histogram::Histogram;
use palette::Palette;

/// At this quality and above there are as many colours as the format has.
const ALL_COLORS_QUALITY: u8 = 80;
const MOST_COLORS: usize = 256;

/// What choosing a palette takes of memory beside the frames, in bytes: the histogram and what is looked up of it.
pub(crate) const PALETTE_BYTES: u64 = (1 << 15) * 32 * 2 + (1 << 18) * 2;

/// A still of quality 1..=100.
pub(super) fn encode(pixels: &Pixels, quality: u8) -> Result<Vec<u8>, Error> {
    let mut encoder = Box::new(GifEncoder::new(quality, 1));
    encoder.look(pixels);
    encoder.push(pixels, 0)?;
    encoder.finish()
}

/// Takes all frames twice.
#[derive(Debug)]
pub(crate) struct GifEncoder {
    quality: u8,
    /// 0: for ever.
    plays: u32,
    histogram: Option<Histogram>,
    colors: Option<Colors>,
    /// `None` before the first frame.
    canvas: Option<Canvas>,
    last: Option<Waiting>,
    /// Frames that are written, and those that were like the one before.
    frames: u32,
    merged: u32,
    /// Milliseconds by which what is written is behind what was meant, rounded delays being what they are.
    owed_ms: i64,
    body: Vec<u8>,
}

#[derive(Debug)]
struct Colors {
    palette: Palette,
    /// The index that means that nothing is drawn.
    transparent: Option<u8>,
}

/// The last frame, whose duration and disposal are not known before the next one comes.
#[derive(Debug)]
struct Waiting {
    place: Place,
    /// Of the place, row by row.
    indices: Vec<u8>,
    duration_ms: u32,
}

impl AnimationEncoder for GifEncoder {
    fn looks_first(&self) -> bool {
        true
    }

    fn look(&mut self, frame: &Pixels) {
        self.histogram.get_or_insert_with(Histogram::new).look(frame);
    }

    /// Takes a frame that was looked at.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] where it is not of the size of the first.
    fn push(&mut self, frame: &Pixels, duration_ms: u32) -> Result<(), Error> {
        let quality = self.quality;
        let histogram = self.histogram.take();
        let colors = self
            .colors
            .get_or_insert_with(|| Colors::new(&histogram.unwrap_or_else(Histogram::new), quality));
        let is_first = self.canvas.is_none();
        let canvas = self.canvas.get_or_insert_with(|| Canvas::new(frame.width, frame.height, quality));
        if !canvas.fits(frame) {
            return Err(Error::malformed(Format::Gif, "its frames are not of one size"));
        }
        let cleared = canvas.to_clear(frame);
        if let (None, false, Some(last)) =
            (canvas.change(frame), is_first || cleared.is_some(), &mut self.last)
        {
            last.duration_ms = last.duration_ms.saturating_add(duration_ms);
            self.merged += 1;
            return Ok(());
        }
        if let Some(last) = self.last.take() {
            // What is to vanish is what the frame before covers: it is made to cover all of it.
            let place = cleared.map_or(last.place, |cleared| last.place.and(cleared));
            canvas.cut_away(cleared.map(|_| place));
            let indices = last.place.within(place, &last.indices, colors.transparent.unwrap_or(0));
            self.write(&Waiting { place, indices, ..last }, cleared.is_some());
        }
        let (Some(colors), Some(canvas)) = (&mut self.colors, &mut self.canvas) else { return Ok(()) };
        let whole = Place { left: 0, top: 0, width: frame.width, height: frame.height };
        let place = if is_first {
            whole
        } else {
            canvas.change(frame).unwrap_or(Place { width: 1, height: 1, ..whole })
        };
        let indices = canvas.draw(frame, place, &mut colors.palette, colors.transparent);
        self.last = Some(Waiting { place, indices, duration_ms });
        Ok(())
    }

    fn merged(&self) -> u32 {
        self.merged
    }

    /// One frame makes a still.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] where there is no frame.
    fn finish(mut self: Box<Self>) -> Result<Vec<u8>, Error> {
        let none = || Error::malformed(Format::Gif, "it has no frame");
        let last = self.last.take().ok_or_else(none)?;
        let is_still = self.frames == 0;
        if is_still && self.colors.as_ref().is_none_or(|colors| colors.transparent.is_none()) {
            let bits = self.code_bits();
            blocks::image(&mut self.body, last.place, &last.indices, bits, 0);
        } else {
            let duration_ms = if is_still { 0 } else { last.duration_ms };
            self.write(&Waiting { duration_ms, ..last }, false);
        }
        let (canvas, colors) = (self.canvas.take().ok_or_else(none)?, self.colors.take().ok_or_else(none)?);
        let mut file = Vec::new();
        blocks::header(&mut file, canvas.size(), &colors.palette.colors, colors.transparent.is_some());
        if !is_still {
            blocks::plays(&mut file, self.plays);
        }
        file.append(&mut self.body);
        blocks::trailer(&mut file);
        Ok(file)
    }
}

impl GifEncoder {
    /// Quality 1..=100; how often it is played, 0: for ever.
    pub(crate) fn new(quality: u8, plays: u32) -> Self {
        Self {
            quality,
            plays,
            histogram: None,
            colors: None,
            canvas: None,
            last: None,
            frames: 0,
            merged: 0,
            owed_ms: 0,
            body: Vec::new(),
        }
    }

    fn code_bits(&self) -> u8 {
        self.colors.as_ref().map_or(2, |colors| colors.code_bits())
    }

    fn write(&mut self, frame: &Waiting, is_disposed: bool) {
        let wanted_ms = i64::from(frame.duration_ms) + self.owed_ms;
        let delay = blocks::delay(wanted_ms);
        // Of a frame that is longer than can be said, the rest is lost.
        self.owed_ms = if delay == u16::MAX { 0 } else { wanted_ms - i64::from(delay) * 10 };
        let (bits, transparent) =
            (self.code_bits(), self.colors.as_ref().and_then(|colors| colors.transparent));
        blocks::control(&mut self.body, delay, transparent, is_disposed);
        blocks::image(&mut self.body, frame.place, &frame.indices, bits, transparent.unwrap_or(0));
        self.frames += 1;
    }
}

impl Colors {
    /// Of what moves or is transparent one index means that nothing is drawn.
    fn new(histogram: &Histogram, quality: u8) -> Self {
        let needs_transparent = histogram.has_transparent || histogram.pictures > 1;
        let share = usize::from(quality.min(ALL_COLORS_QUALITY));
        let most = (MOST_COLORS * share / usize::from(ALL_COLORS_QUALITY)).clamp(3, MOST_COLORS);
        let palette = Palette::new(histogram, most - usize::from(needs_transparent));
        let transparent = needs_transparent.then_some(palette.colors.len() as u8);
        Self { palette, transparent }
    }

    /// Of an index, as LZW in GIF begins: 2..=8.
    fn code_bits(&self) -> u8 {
        let indices = self.palette.colors.len() + usize::from(self.transparent.is_some());
        (2..8).find(|bits| 1 << bits >= indices).unwrap_or(8)
    }
}

#[cfg(test)]
mod tests;

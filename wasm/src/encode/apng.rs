//! Animated PNG. W3C PNG, third edition, section 11.3.6 (acTL, fcTL, fdAT).

use super::AnimationEncoder;
use super::png::{self, CHUNK_BYTES, Part, append_chunk};
use crate::Error;
use crate::inspect::Format;
use crate::inspect::png::SIGNATURE_BYTES;
use crate::pixels::{Layout, Pixels};

const IHDR_BYTES: usize = 13;
const ACTL_BYTES: usize = 8;
const FCTL_BYTES: usize = 26;
/// Where acTL begins: after the signature and IHDR.
const ACTL_START: usize = SIGNATURE_BYTES + CHUNK_BYTES + IHDR_BYTES;
/// Where the first fcTL ends, and the pixels of the first frame begin.
const CONTROLS_END: usize = ACTL_START + CHUNK_BYTES + ACTL_BYTES + CHUNK_BYTES + FCTL_BYTES;

/// Leaves the canvas as the frame has made it.
const DISPOSE_NONE: u8 = 0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Blend {
    /// The frame replaces what is below.
    Source = 0,
    /// What is transparent in the frame shows what is below.
    Over = 1,
}

/// Writes frames one after the other. Of each but the first only the rectangle is stored that differs from the one before. It keeps the
/// file so far and one frame.
#[derive(Debug)]
pub(super) struct Apng {
    plays: u32,
    bytes: Vec<u8>,
    frames: u32,
    /// Numbers fcTL and fdAT chunks together.
    sequence: u32,
    shown: Option<Pixels>,
}

impl Apng {
    /// `plays`: how often it is played; 0: for ever.
    pub(super) fn new(plays: u32) -> Self {
        // The format stops one short of what fits into 31 bits and the sign.
        let plays = plays.min(i32::MAX as u32);
        Self { plays, bytes: Vec::new(), frames: 0, sequence: 0, shown: None }
    }

    fn next_sequence(&mut self) -> u32 {
        let sequence = self.sequence;
        self.sequence += 1;
        sequence
    }

    fn append_control(&mut self, place: Place, duration_ms: u32, blend: Blend) -> Result<(), Error> {
        let Place { x, y, width, height } = place;
        let [sequence, width, height, x, y] =
            [self.next_sequence(), width as u32, height as u32, x as u32, y as u32].map(u32::to_be_bytes);
        let (numerator, denominator) = delay(duration_ms);
        let delay = [numerator.to_be_bytes(), denominator.to_be_bytes()].concat();
        let operations = [DISPOSE_NONE, blend as u8];
        append_chunk(&mut self.bytes, b"fcTL", &[&sequence, &width, &height, &x, &y, &delay, &operations])
    }

    fn push_first(&mut self, pixels: &Pixels, duration_ms: u32) -> Result<(), Error> {
        let Part { beginning, stream } = png::encode_as_laid_out(pixels)?;
        self.bytes = beginning;
        // What it says is known at the end.
        append_chunk(&mut self.bytes, b"acTL", &[&[0; ACTL_BYTES]])?;
        self.append_control(Place::whole(pixels), duration_ms, Blend::Source)?;
        append_chunk(&mut self.bytes, b"IDAT", &[&stream])
    }

    fn push_next(&mut self, before: &Pixels, pixels: &Pixels, duration_ms: u32) -> Result<(), Error> {
        let place = Place::of_changes(before, pixels);
        let replaced = png::encode_as_laid_out(&place.cut(pixels))?.stream;
        let (stream, blend) = match place.cut_changes(before, pixels) {
            Some(changes) => {
                let blended = png::encode_as_laid_out(&changes)?.stream;
                if blended.len() < replaced.len() {
                    (blended, Blend::Over)
                } else {
                    (replaced, Blend::Source)
                }
            }
            None => (replaced, Blend::Source),
        };
        self.append_control(place, duration_ms, blend)?;
        let sequence = self.next_sequence().to_be_bytes();
        append_chunk(&mut self.bytes, b"fdAT", &[&sequence, &stream])
    }
}

impl AnimationEncoder for Apng {
    fn push(&mut self, pixels: &Pixels, duration_ms: u32) -> Result<(), Error> {
        match self.shown.take() {
            None => self.push_first(pixels, duration_ms)?,
            Some(before) => {
                let form = |pixels: &Pixels| (pixels.width, pixels.height, pixels.layout);
                if form(&before) != form(pixels) {
                    return Err(Error::malformed(Format::Png, "its frames are not all of one size"));
                }
                self.push_next(&before, pixels, duration_ms)?;
            }
        }
        self.frames += 1;
        self.shown = Some(pixels.clone());
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<u8>, Error> {
        if self.frames == 0 {
            return Err(Error::malformed(Format::Png, "it has no frames"));
        }
        append_chunk(&mut self.bytes, b"IEND", &[])?;
        let mut bytes = std::mem::take(&mut self.bytes);
        if self.frames == 1 {
            // Without the controls it is a still.
            bytes.drain(ACTL_START..CONTROLS_END);
            return Ok(bytes);
        }
        let mut control = Vec::new();
        append_chunk(&mut control, b"acTL", &[&self.frames.to_be_bytes(), &self.plays.to_be_bytes()])?;
        if let Some(place) = bytes.get_mut(ACTL_START..ACTL_START + control.len()) {
            place.copy_from_slice(&control);
        }
        Ok(bytes)
    }
}

/// Milliseconds as a fraction of seconds in 16 bits each, in the finest steps that hold it.
fn delay(duration_ms: u32) -> (u16, u16) {
    let steps = [(1, 1000), (10, 100), (100, 10), (1000, 1)];
    let in_steps = |(ms, per_second): (u32, u16)| {
        let numerator = (u64::from(duration_ms) + u64::from(ms) / 2) / u64::from(ms);
        u16::try_from(numerator).ok().map(|numerator| (numerator, per_second))
    };
    steps.into_iter().find_map(in_steps).unwrap_or((u16::MAX, 1))
}

/// A rectangle of the canvas, in pixels; neither side is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

impl Place {
    fn whole(pixels: &Pixels) -> Self {
        Self { x: 0, y: 0, width: pixels.width, height: pixels.height }
    }

    /// The least rectangle outside of which the pictures are the same; one pixel where they are the same altogether.
    fn of_changes(before: &Pixels, after: &Pixels) -> Self {
        let channels = after.layout.channels();
        let differs = |(old, new): &(&[u8], &[u8])| old != new;
        let pairs = || before.rows().zip(after.rows());
        let top = pairs().position(|pair| differs(&pair)).unwrap_or(0);
        let bottom = pairs().enumerate().filter(|(_, pair)| differs(pair)).last().map_or(top, |(row, _)| row);
        let (mut left, mut right) = (after.width, 0);
        for (old, new) in pairs().skip(top).take(bottom + 1 - top) {
            let mut changed = old.iter().zip(new).map(|(a, b)| a != b);
            if let Some(first) = changed.clone().position(|differs| differs) {
                left = left.min(first / channels);
                right = right.max(changed.rposition(|differs| differs).unwrap_or(first) / channels);
            }
        }
        if left > right {
            return Self { x: 0, y: 0, width: 1, height: 1 };
        }
        Self { x: left, y: top, width: right + 1 - left, height: bottom + 1 - top }
    }

    fn rows(self, pixels: &Pixels) -> impl Iterator<Item = &[u8]> {
        let channels = pixels.layout.channels();
        let columns = self.x * channels..(self.x + self.width) * channels;
        pixels.rows().skip(self.y).take(self.height).filter_map(move |row| row.get(columns.clone()))
    }

    fn cut(self, pixels: &Pixels) -> Pixels {
        let data = self.rows(pixels).flatten().copied().collect();
        Pixels { width: self.width, height: self.height, layout: pixels.layout, data }
    }

    /// What has changed, all else transparent. `None` where a changed pixel is not opaque, so that what was there would show through, or
    /// where nothing has stayed.
    fn cut_changes(self, before: &Pixels, after: &Pixels) -> Option<Pixels> {
        if after.layout == Layout::Rgb {
            return None;
        }
        let mut data = Vec::with_capacity(self.width * self.height * 4);
        let mut some_stayed = false;
        for (old, new) in self.rows(before).zip(self.rows(after)) {
            for (old, new) in old.as_chunks::<4>().0.iter().zip(new.as_chunks::<4>().0) {
                if old == new {
                    some_stayed = true;
                    data.extend([0; 4]);
                } else if new[3] == 255 {
                    data.extend(new);
                } else {
                    return None;
                }
            }
        }
        some_stayed.then_some(Pixels { width: self.width, height: self.height, layout: Layout::Rgba, data })
    }
}

#[cfg(test)]
mod tests;

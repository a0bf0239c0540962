//! Animations: RFC 9649 section 2.7.1. Of each frame only the rectangle that changed is stored; a frame like the one before makes that
//! one longer.

use super::{ALPHA_FLAG, Coded, chunk, extended_header, riff};
use crate::Error;
use crate::encode::AnimationEncoder;
use crate::inspect::Format;
use crate::pixels::Pixels;

const ANIMATION_FLAG: u8 = 2;
/// A frame replaces what is there, and stays.
const REPLACES: u8 = 2;
/// 24 bits tell how long a frame is shown.
const MOST_DURATION_MS: u32 = (1 << 24) - 1;

/// Takes the frames of an animation, all of one size, one after the other.
#[derive(Debug)]
pub(crate) struct WebpAnimation {
    quality: u8,
    /// 0: for ever.
    plays: u16,
    /// The last frame that was taken.
    shown: Option<Pixels>,
    /// Its stored form, which may still be shown longer.
    last: Option<Stored>,
    /// Those before it.
    chunks: Vec<u8>,
    frames: u32,
    has_alpha: bool,
}

#[derive(Debug)]
struct Stored {
    rectangle: Rectangle,
    duration_ms: u32,
    coded: Coded,
}

impl AnimationEncoder for WebpAnimation {
    /// Takes a frame.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] where it is not of the size and layout of the first.
    fn push(&mut self, frame: &Pixels, duration_ms: u32) -> Result<(), Error> {
        let all = Rectangle { left: 0, top: 0, width: frame.width, height: frame.height };
        let rectangle = match &self.shown {
            None => Some(all),
            Some(before)
                if (before.width, before.height, before.layout)
                    != (frame.width, frame.height, frame.layout) =>
            {
                return Err(Error::malformed(Format::Webp, "its frames are not of one size"));
            }
            Some(before) => changed(before, frame),
        };
        let Some(rectangle) = rectangle else {
            if let Some(last) = &mut self.last {
                last.duration_ms = last.duration_ms.saturating_add(duration_ms).min(MOST_DURATION_MS);
            }
            return Ok(());
        };
        self.store_last();
        let coded = Coded::new(&cut(frame, rectangle), self.quality)?;
        self.has_alpha |= coded.has_alpha;
        self.last = Some(Stored { rectangle, duration_ms: duration_ms.min(MOST_DURATION_MS), coded });
        self.shown = Some(frame.clone());
        Ok(())
    }

    /// One frame makes a still.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] where there is no frame.
    fn finish(mut self: Box<Self>) -> Result<Vec<u8>, Error> {
        let none = || Error::malformed(Format::Webp, "it has no frame");
        let canvas = self.shown.take().ok_or_else(none)?;
        if let (0, Some(only)) = (self.frames, &self.last) {
            return Ok(only.coded.still(&canvas));
        }
        self.store_last();
        let (width, height) = super::size(&canvas);
        let flags = ANIMATION_FLAG | if self.has_alpha { ALPHA_FLAG } else { 0 };
        let mut body = Vec::new();
        chunk(&mut body, *b"VP8X", &extended_header(flags, width, height));
        // A transparent background, then how often.
        let [low, high] = self.plays.to_le_bytes();
        chunk(&mut body, *b"ANIM", &[0, 0, 0, 0, low, high]);
        body.append(&mut self.chunks);
        Ok(riff(&body))
    }
}

/// In pixels; left and top are even.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rectangle {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

impl WebpAnimation {
    /// Quality 1..=100 as for stills; how often it is played, 0: for ever.
    pub(crate) fn new(quality: u8, plays: u32) -> Self {
        let plays = u16::try_from(plays).unwrap_or(u16::MAX);
        Self { quality, plays, shown: None, last: None, chunks: Vec::new(), frames: 0, has_alpha: false }
    }

    fn store_last(&mut self) {
        let Some(Stored { rectangle, duration_ms, coded }) = self.last.take() else { return };
        let Rectangle { left, top, width, height } = rectangle;
        let mut data = Vec::new();
        for number in [left / 2, top / 2, width - 1, height - 1, duration_ms as usize] {
            data.extend_from_slice(number.to_le_bytes().get(..3).unwrap_or_default());
        }
        data.push(REPLACES);
        coded.write(&mut data);
        chunk(&mut self.chunks, *b"ANMF", &data);
        self.frames += 1;
    }
}

/// What differs, widened to even places; `None`: nothing.
fn changed(before: &Pixels, after: &Pixels) -> Option<Rectangle> {
    let channels = after.layout.channels();
    let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
    for (y, (old, new)) in before.rows().zip(after.rows()).enumerate() {
        let pixels = || old.chunks_exact(channels).zip(new.chunks_exact(channels));
        let Some(first) = pixels().position(|(old, new)| old != new) else { continue };
        let last = pixels().rposition(|(old, new)| old != new).unwrap_or(first);
        (left, right) = (left.min(first), right.max(last + 1));
        (top, bottom) = (top.min(y), y + 1);
    }
    (top < bottom).then(|| {
        let (left, top) = (left - left % 2, top - top % 2);
        Rectangle { left, top, width: right - left, height: bottom - top }
    })
}

fn cut(pixels: &Pixels, rectangle: Rectangle) -> Pixels {
    let Rectangle { left, top, width, height } = rectangle;
    let channels = pixels.layout.channels();
    let rows = pixels.rows().skip(top).take(height);
    let parts = rows.filter_map(|row| row.get(left * channels..(left + width) * channels));
    Pixels { width, height, layout: pixels.layout, data: parts.flatten().copied().collect() }
}

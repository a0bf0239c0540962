//! Animations: RFC 9649 section 2.7.1. Of each frame only the rectangle is stored that changed, of that only what did, and each in the shortest
//! of the ways to store it; a frame like the one before makes that one longer. docs/animation.md has the choices and what they bring.

use super::change::{Overlay, Rectangle, Tolerance, changed, is_flat, laid_over};
use super::{ALPHA_FLAG, Coded, LOSSLESS_QUALITY, chunk, extended_header, riff};
use crate::Error;
use crate::encode::AnimationEncoder;
use crate::inspect::Format;
use crate::pixels::Pixels;

const ANIMATION_FLAG: u8 = 2;
/// 24 bits tell how long a frame is shown.
const MOST_DURATION_MS: u32 = (1 << 24) - 1;
/// Lossy pictures keep or store macroblocks, in pixels.
const MACROBLOCK: usize = 16;

/// What a frame does to the rectangle that it covers; it stays there in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Blend {
    /// What is transparent in it shows what is below.
    Over = 0,
    /// It replaces what is there.
    Replaces = 2,
}

/// Takes the frames of an animation, all of one size, one after the other.
#[derive(Debug)]
pub(crate) struct WebpAnimation {
    quality: u8,
    /// 0: for ever.
    plays: u16,
    /// What is to be seen after the last frame, as it was meant: what lossy coding made of it is not looked at. Pixels that were near enough to be
    /// left as they were have their older value here, so that small changes add up until they are stored.
    shown: Option<Pixels>,
    /// The stored form of the last frame, which may still be shown longer.
    last: Option<Stored>,
    /// Those before it.
    chunks: Vec<u8>,
    frames: u32,
    merged: u32,
    has_alpha: bool,
}

#[derive(Debug)]
struct Stored {
    rectangle: Rectangle,
    duration_ms: u32,
    coded: Coded,
    blend: Blend,
}

impl AnimationEncoder for WebpAnimation {
    /// Takes a frame.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] where it is not of the size and layout of the first.
    fn push(&mut self, frame: &Pixels, duration_ms: u32) -> Result<(), Error> {
        let duration_ms = duration_ms.min(MOST_DURATION_MS);
        let Some(mut shown) = self.shown.take() else {
            let rectangle = Rectangle::whole(frame);
            let coded = self.shortest(frame)?;
            self.has_alpha = coded.has_alpha;
            self.last = Some(Stored { rectangle, duration_ms, coded, blend: Blend::Replaces });
            self.shown = Some(frame.clone());
            return Ok(());
        };
        if (shown.width, shown.height, shown.layout) != (frame.width, frame.height, frame.layout) {
            return Err(Error::malformed(Format::Webp, "its frames are not of one size"));
        }
        let Some(rectangle) = changed(&shown, frame, Tolerance::of_quality(self.quality)) else {
            if let Some(last) = &mut self.last {
                last.duration_ms = last.duration_ms.saturating_add(duration_ms).min(MOST_DURATION_MS);
            }
            self.shown = Some(shown);
            self.merged += 1;
            return Ok(());
        };
        self.store_last();
        let (coded, blend, part) = self.shortest_change(rectangle.cut(&shown), rectangle.cut(frame))?;
        rectangle.put(&part, &mut shown);
        self.has_alpha |= coded.has_alpha;
        self.last = Some(Stored { rectangle, duration_ms, coded, blend });
        self.shown = Some(shown);
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

impl WebpAnimation {
    /// Quality 1..=100 as for stills; how often it is played, 0: for ever.
    pub(crate) fn new(quality: u8, plays: u32) -> Self {
        let plays = u16::try_from(plays).unwrap_or(u16::MAX);
        Self {
            quality,
            plays,
            shown: None,
            last: None,
            chunks: Vec::new(),
            frames: 0,
            merged: 0,
            has_alpha: false,
        }
    }

    /// A picture at this quality, or lossless where that is shorter.
    fn shortest(&self, pixels: &Pixels) -> Result<Coded, Error> {
        let coded = Coded::new(pixels, self.quality)?;
        if self.quality == LOSSLESS_QUALITY || !is_flat(pixels) {
            return Ok(coded);
        }
        let lossless = Coded::new(pixels, LOSSLESS_QUALITY)?;
        Ok(if lossless.len() < coded.len() { lossless } else { coded })
    }

    /// The same for a part that is to be seen in place of what is shown there; with what is shown afterwards.
    fn shortest_change(&self, shown: Pixels, wanted: Pixels) -> Result<(Coded, Blend, Pixels), Error> {
        let tolerance = Tolerance::of_quality(self.quality);
        let area = wanted.width * wanted.height;
        let (lossy_over, pixels_over) = match self.quality {
            LOSSLESS_QUALITY => (None, laid_over(&shown, &wanted, tolerance, 1)),
            _ => {
                let by_block = laid_over(&shown, &wanted, tolerance, MACROBLOCK);
                // To try both ways would take twice the time; what is kept of a macroblock or two is not worth an alpha plane.
                let by_block = by_block.filter(|overlay| overlay.kept * 8 >= area);
                let by_pixel = is_flat(&wanted).then(|| laid_over(&shown, &wanted, tolerance, 1)).flatten();
                (by_block, by_pixel)
            }
        };
        let mut best: Option<(Coded, Option<Overlay>)> = None;
        let mut offer = |coded: Coded, overlay| {
            if best.as_ref().is_none_or(|(best, _)| coded.len() < best.len()) {
                best = Some((coded, overlay));
            }
        };
        match lossy_over {
            Some(overlay) => offer(Coded::new(&overlay.pixels, self.quality)?, Some(overlay)),
            None => offer(self.shortest(&wanted)?, None),
        }
        if let Some(overlay) = pixels_over {
            offer(Coded::new(&overlay.pixels, LOSSLESS_QUALITY)?, Some(overlay));
        }
        match best {
            Some((coded, Some(overlay))) => {
                let after = overlay.over(shown, &wanted);
                Ok((coded, Blend::Over, after))
            }
            Some((coded, None)) => Ok((coded, Blend::Replaces, wanted)),
            None => Err(Error::malformed(Format::Webp, "a frame could not be stored")),
        }
    }

    fn store_last(&mut self) {
        let Some(Stored { rectangle, duration_ms, coded, blend }) = self.last.take() else { return };
        let Rectangle { left, top, width, height } = rectangle;
        let mut data = Vec::new();
        for number in [left / 2, top / 2, width - 1, height - 1, duration_ms as usize] {
            data.extend_from_slice(number.to_le_bytes().get(..3).unwrap_or_default());
        }
        data.push(blend as u8);
        coded.write(&mut data);
        chunk(&mut self.chunks, *b"ANMF", &data);
        self.frames += 1;
    }
}

#[cfg(test)]
mod tests;

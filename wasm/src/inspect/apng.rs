//! What the control chunks of a PNG say of an animation. W3C PNG, third edition, section 11.3.6.

use super::png::{SIGNATURE_BYTES, chunk};
use super::reader::Reader;

/// Largest number that the format allows: 2^31 - 1. Section 7.1.
const MOST: u32 = i32::MAX as u32;

const DISPOSE_BACKGROUND: u8 = 1;
const DISPOSE_PREVIOUS: u8 = 2;

/// An animation, before any of its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outline {
    /// As acTL states, at least 1.
    pub(crate) frames: u32,
    /// Whether the picture that other programs show, that of the IDAT chunks, is the first frame. Otherwise it is none of them.
    pub(crate) begins_with_picture: bool,
    /// Whether no frame leaves a part of the canvas empty, as far as it is not transparent itself.
    pub(crate) covers_canvas: bool,
}

/// `None` for a still, and where the chunks make no animation: acTL has to come before the pixels, and there have to be frames.
pub(crate) fn outline(bytes: &[u8]) -> Option<Outline> {
    let mut reader = Reader::new(bytes.get(SIGNATURE_BYTES..)?);
    let header = chunk(&mut reader)?;
    let size = header.data.get(..8)?;
    let (mut frames, mut has_pixels, mut outline) = (None, false, None::<Outline>);
    while let Some(chunk) = chunk(&mut reader) {
        match chunk.kind {
            b"acTL" if !has_pixels && frames.is_none() => frames = frame_count(chunk.data),
            b"IDAT" if frames.is_none() => return None,
            b"IDAT" => has_pixels = true,
            b"fcTL" => {
                let dispose = *chunk.data.get(24)?;
                match &mut outline {
                    Some(outline) => outline.covers_canvas &= dispose != DISPOSE_BACKGROUND,
                    None => {
                        let is_whole = chunk.data.get(4..12)? == size;
                        let stays = !matches!(dispose, DISPOSE_BACKGROUND | DISPOSE_PREVIOUS);
                        outline = Some(Outline {
                            frames: 1,
                            begins_with_picture: !has_pixels,
                            covers_canvas: is_whole && stays,
                        });
                    }
                }
            }
            b"IEND" => break,
            _ => {}
        }
    }
    Some(Outline { frames: frames?, ..outline? })
}

/// `num_frames` of acTL, where decoders take the chunk at all.
fn frame_count(control: &[u8]) -> Option<u32> {
    let mut reader = Reader::new(control);
    let (frames, plays) = (reader.u32()?, reader.u32()?);
    let is_usable = (1..=MOST).contains(&frames) && plays <= MOST && reader.rest().is_empty();
    is_usable.then_some(frames)
}

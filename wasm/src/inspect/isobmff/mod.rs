//! AVIF and HEIC, as far as their boxes say what the picture is: ISO/IEC 14496-12 (boxes, brands), ISO/IEC 23008-12 (HEIF), AV1 Image File Format.
//!
//! They are not decoded here: a decoder of AV1 or HEVC is many times this crate, and the browser has one.

mod boxes;
mod meta;
mod movie;

use super::{Coding, ColorSpace, Format, ImageInfo, Survey};
use crate::{Error, Orientation};
use boxes::{Flaw, boxes};

/// Files whose picture is the movie; in others it is the primary item, whatever moves beside it.
fn is_sequence(bytes: &[u8]) -> bool {
    matches!(bytes.get(8..12), Some(b"avis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" | b"msf1"))
}

/// What the boxes say of the picture: its primary item's, or its movie track's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Described {
    /// Pixels, as a person sees them.
    size: (u32, u32),
    has_alpha: bool,
    frames: u32,
    color_space: ColorSpace,
    has_metadata: bool,
}

/// Walks the boxes; the coded pictures are stepped over.
pub(super) fn survey(bytes: &[u8], format: Format) -> Result<Survey, Error> {
    let (mut meta, mut movie, mut has_metadata, mut end) = (None, None, false, None);
    for found in boxes(bytes) {
        match found {
            Ok(found) => match &found.kind {
                b"meta" => _ = meta.get_or_insert(found.content),
                b"moov" => _ = movie.get_or_insert(found.content),
                // XMP and the like.
                b"uuid" => has_metadata = true,
                _ => {}
            },
            Err(flaw) => end = Some(flaw),
        }
    }
    let malformed = |detail: &'static str| Error::malformed(format, detail);
    let described = match (meta, movie) {
        (_, Some(movie)) if is_sequence(bytes) => movie::describe(movie, bytes.len()).map_err(malformed)?,
        (Some(meta), _) => meta::describe(meta).map_err(malformed)?,
        (None, Some(movie)) => movie::describe(movie, bytes.len()).map_err(malformed)?,
        (None, None) if end == Some(Flaw::Size) => return Err(malformed("a box states an impossible size")),
        (None, None) => return Err(Error::Truncated { format, detail: "its headers" }),
    };
    let info = ImageInfo {
        format,
        width: described.size.0,
        height: described.size.1,
        // Turning is a property of the item, which is decoded turned.
        orientation: Orientation::UPRIGHT,
        has_alpha: described.has_alpha,
        frames: described.frames,
        color_space: described.color_space,
        has_metadata: has_metadata || described.has_metadata || end == Some(Flaw::Size),
    };
    let coding = Coding::Whole { decoder_bytes: 0 };
    Ok(Survey { info, complete: end != Some(Flaw::Cut), coding, profile: None })
}

#[cfg(test)]
mod tests;

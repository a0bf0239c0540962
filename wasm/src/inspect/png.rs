//! PNG chunks, as far as they say what the picture is. W3C Portable Network Graphics, third edition.

use super::reader::Reader;
use super::{Coding, ColorSpace, Format, ImageInfo, Survey, apng, exif};
use crate::color::{Channels, ColorChunks, Profile};
use crate::{Error, Orientation};

pub(crate) const SIGNATURE_BYTES: usize = 8;
const ALPHA: u8 = 4;
const COLOR: u8 = 2;
/// Rows of the file that the decoder holds at most, measured: its buffer doubles while it grows.
const ROW_BUFFERS: u64 = 12;

/// Walks all chunks; their content is looked at, not decompressed, and their checksums are left to the decoder.
pub(crate) fn survey(bytes: &[u8]) -> Result<Survey, Error> {
    let mut reader = Reader::new(bytes.get(SIGNATURE_BYTES..).unwrap_or_default());
    let header = chunk(&mut reader).ok_or(truncated("its header"))?;
    if header.kind != b"IHDR" {
        return Err(Error::malformed(Format::Png, "it does not begin with IHDR"));
    }
    let Header { width, height, bits_per_sample, color_type, is_interlaced } = Header::read(header.data)?;

    let mut has_alpha = color_type & ALPHA != 0;
    let mut colors = ColorChunks::default();
    let (mut orientation, mut animation, mut has_metadata) = (Orientation::UPRIGHT, None, false);
    let (mut has_pixels, mut complete) = (false, false);
    while let Some(chunk) = chunk(&mut reader) {
        match chunk.kind {
            b"IEND" => {
                complete = true;
                has_metadata |= !reader.rest().is_empty();
                break;
            }
            b"IDAT" => has_pixels = true,
            b"tRNS" if !has_pixels => has_alpha = true,
            b"acTL" if !has_pixels && animation.is_none() => animation = apng::outline(bytes),
            b"eXIf" => {
                orientation = exif::orientation(chunk.data);
                has_metadata = true;
            }
            b"tEXt" | b"zTXt" | b"iTXt" | b"tIME" => has_metadata = true,
            kind if !has_pixels => colors.take(kind, chunk.data),
            _ => {}
        }
    }
    if complete && !has_pixels {
        return Err(Error::malformed(Format::Png, "it has no pixels (no IDAT chunk)"));
    }
    // Of an animation, what a frame leaves empty or clears is transparent.
    has_alpha |= animation.is_some_and(|animation| !animation.covers_canvas);
    let stored_width = width;
    let (color_space, profile) = if color_type & COLOR == 0 {
        (ColorSpace::Gray, colors.profile(Channels::Gray))
    } else {
        let profile = colors.profile(Channels::Rgb);
        (profile.as_ref().map_or(ColorSpace::Srgb, Profile::color_space), profile)
    };
    let (width, height) = orientation.size_seen((width, height));
    let info = ImageInfo {
        format: Format::Png,
        width,
        height,
        orientation,
        has_alpha,
        frames: animation.map_or(1, |animation| animation.frames),
        color_space,
        has_metadata,
    };
    let bits_per_pixel = u64::from(bits_per_sample) * channels(color_type);
    let beside = match animation {
        Some(animation) if !animation.begins_with_picture => pixels_bytes(width, height, 32),
        _ if is_interlaced => pixels_bytes(width, height, bits_per_pixel),
        _ => 0,
    };
    let rows = row_buffer_bytes(stored_width, bits_per_pixel);
    let decoder_bytes = beside.saturating_add(rows);
    Ok(Survey { info, complete, coding: Coding::Whole { decoder_bytes }, profile })
}

fn truncated(detail: &'static str) -> Error {
    Error::Truncated { format: Format::Png, detail }
}

/// Bytes of a whole picture; of one that is packed a little more, as rows begin at bytes.
fn pixels_bytes(width: u32, height: u32, bits_per_pixel: u64) -> u64 {
    (u64::from(width) * u64::from(height)).saturating_mul(bits_per_pixel).div_ceil(8)
}

/// What the decoder keeps of rows of so many pixels: those that were inflated and not yet taken, the one before, and one of 8-bit RGBA.
pub(crate) fn row_buffer_bytes(width: u32, bits_per_pixel: u64) -> u64 {
    u64::from(width) * bits_per_pixel.div_ceil(8).saturating_mul(ROW_BUFFERS).saturating_add(4)
}

pub(crate) struct Chunk<'a> {
    pub(crate) kind: &'a [u8],
    pub(crate) data: &'a [u8],
}

/// The next whole chunk; `None` where the bytes end before it does.
pub(crate) fn chunk<'a>(reader: &mut Reader<'a>) -> Option<Chunk<'a>> {
    let length = usize::try_from(reader.u32()?).ok()?;
    let kind = reader.take(4)?;
    let data = reader.take(length)?;
    let _checksum = reader.u32()?;
    Some(Chunk { kind, data })
}

fn channels(color_type: u8) -> u64 {
    match color_type {
        2 => 3,
        4 => 2,
        6 => 4,
        _ => 1,
    }
}

/// IHDR. Section 11.2.1.
struct Header {
    width: u32,
    height: u32,
    bits_per_sample: u8,
    color_type: u8,
    is_interlaced: bool,
}

impl Header {
    fn read(data: &[u8]) -> Result<Self, Error> {
        let wrong = |what: &str| Error::malformed(Format::Png, what);
        let mut reader = Reader::new(data);
        let (Some(width), Some(height), Some(bits_per_sample), Some(color_type)) =
            (reader.u32(), reader.u32(), reader.u8(), reader.u8())
        else {
            return Err(wrong("its IHDR is too short"));
        };
        if !(1..=i32::MAX as u32).contains(&width) || !(1..=i32::MAX as u32).contains(&height) {
            return Err(wrong("its IHDR states an impossible size"));
        }
        let possible = match color_type {
            0 => matches!(bits_per_sample, 1 | 2 | 4 | 8 | 16),
            3 => matches!(bits_per_sample, 1 | 2 | 4 | 8),
            2 | 4 | 6 => matches!(bits_per_sample, 8 | 16),
            _ => false,
        };
        if !possible {
            return Err(wrong("its IHDR states an impossible colour type or bit depth"));
        }
        // After the methods of compression and filtering, of which there is one each.
        let is_interlaced = matches!(reader.rest(), [_, _, 1, ..]);
        Ok(Self { width, height, bits_per_sample, color_type, is_interlaced })
    }
}

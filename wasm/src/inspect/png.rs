//! PNG chunks, as far as they say what the picture is. W3C Portable Network Graphics, third edition.

use super::reader::Reader;
use super::{Coding, ColorSpace, Format, ImageInfo, Survey, exif};
use crate::color::{Channels, ColorChunks, Profile};
use crate::{Error, Orientation};

const SIGNATURE_BYTES: usize = 8;
const ALPHA: u8 = 4;
const COLOR: u8 = 2;

/// Walks all chunks; their content is looked at, not decompressed, and their checksums are left to the decoder.
pub(crate) fn survey(bytes: &[u8]) -> Result<Survey, Error> {
    let mut reader = Reader::new(bytes.get(SIGNATURE_BYTES..).unwrap_or_default());
    let header = chunk(&mut reader).ok_or(truncated("its header"))?;
    if header.kind != b"IHDR" {
        return Err(Error::malformed(Format::Png, "it does not begin with IHDR"));
    }
    let (width, height, bits_per_sample, color_type) = size_and_type(header.data)?;

    let mut has_alpha = color_type & ALPHA != 0;
    let mut colors = ColorChunks::default();
    let (mut orientation, mut frames, mut has_metadata) = (Orientation::UPRIGHT, 1, false);
    let (mut has_pixels, mut complete) = (false, false);
    while let Some(chunk) = chunk(&mut reader) {
        match chunk.kind {
            b"IEND" => {
                complete = true;
                has_metadata |= !reader.rest().is_empty();
                break;
            }
            b"IDAT" => has_pixels = true,
            b"tRNS" => has_alpha = true,
            b"acTL" => frames = Reader::new(chunk.data).u32().unwrap_or(1).max(1),
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
        frames,
        color_space,
        has_metadata,
    };
    // What the decoder gives, and beside it our form of it where the two differ.
    let decoded_channels = match (color_type & COLOR != 0, has_alpha) {
        (true, alpha) => 3 + u64::from(alpha),
        (false, alpha) => 1 + u64::from(alpha),
    };
    let decoded = decoded_channels * if bits_per_sample == 16 { 2 } else { 1 };
    let converted = 3 + u64::from(has_alpha);
    let bytes_a_pixel = if decoded == converted { decoded } else { decoded + converted };
    let decoder_bytes = (u64::from(width) * u64::from(height)).saturating_mul(bytes_a_pixel);
    Ok(Survey { info, complete, coding: Coding::Whole { decoder_bytes }, profile })
}

fn truncated(detail: &'static str) -> Error {
    Error::Truncated { format: Format::Png, detail }
}

struct Chunk<'a> {
    kind: &'a [u8],
    data: &'a [u8],
}

/// The next whole chunk; `None` where the bytes end before it does.
fn chunk<'a>(reader: &mut Reader<'a>) -> Option<Chunk<'a>> {
    let length = usize::try_from(reader.u32()?).ok()?;
    let kind = reader.take(4)?;
    let data = reader.take(length)?;
    let _checksum = reader.u32()?;
    Some(Chunk { kind, data })
}

/// Width and height in pixels, bits a sample, colour type. Section 11.2.1.
fn size_and_type(header: &[u8]) -> Result<(u32, u32, u8, u8), Error> {
    let wrong = |what: &str| Error::malformed(Format::Png, what);
    let mut reader = Reader::new(header);
    let (Some(width), Some(height), Some(bits), Some(color_type)) =
        (reader.u32(), reader.u32(), reader.u8(), reader.u8())
    else {
        return Err(wrong("its IHDR is too short"));
    };
    if !(1..=i32::MAX as u32).contains(&width) || !(1..=i32::MAX as u32).contains(&height) {
        return Err(wrong("its IHDR states an impossible size"));
    }
    let possible = match color_type {
        0 => matches!(bits, 1 | 2 | 4 | 8 | 16),
        3 => matches!(bits, 1 | 2 | 4 | 8),
        2 | 4 | 6 => matches!(bits, 8 | 16),
        _ => false,
    };
    if !possible {
        return Err(wrong("its IHDR states an impossible colour type or bit depth"));
    }
    Ok((width, height, bits, color_type))
}

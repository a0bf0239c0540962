//! The tracks of a sequence of pictures: ISO/IEC 14496-12 section 8, ISO/IEC 23008-12 section 7.

use super::Described;
use super::boxes::{boxes, find, full};
use super::meta::color_space;
use crate::inspect::ColorSpace;
use crate::inspect::reader::Reader;
use memchr::memmem;

/// Reserved bytes, size, resolution and name of a `VisualSampleEntry` (section 12.1.3), before the boxes in it.
const SAMPLE_ENTRY_BYTES: usize = 78;
/// A file has one track of pictures, one of alpha, and perhaps sound. More are not looked at.
const MAX_TRACKS: usize = 16;

/// What the `moov` box says of the first track of pictures.
pub(super) fn describe(movie: &[u8], file_bytes: usize) -> Result<Described, &'static str> {
    let tracks = || boxes(movie).flatten().filter(|found| found.kind == *b"trak").take(MAX_TRACKS);
    let pictures = tracks()
        .map(|found| found.content)
        .find(|track| matches!(handler(track), Some(b"pict" | b"vide")))
        .ok_or("it has no track of pictures (trak)")?;
    let size = size(pictures).ok_or("the size of its track (tkhd) cannot be found")?;
    let frames =
        sample_count(pictures, file_bytes).ok_or("the number of its pictures (stsz) cannot be found")?;
    let entry = sample_entry(pictures).unwrap_or_default();
    let described: Vec<_> = boxes(entry).flatten().collect();
    Ok(Described {
        size,
        has_alpha: tracks().any(|track| is_alpha(track.content)),
        frames,
        color_space: color_space(&described).unwrap_or(ColorSpace::Srgb),
        has_metadata: find(movie, b"udta").is_some() || find(movie, b"meta").is_some(),
    })
}

/// Section 8.4.3.
fn handler(track: &[u8]) -> Option<&[u8]> {
    let (_, mut reader) = full(find(find(track, b"mdia")?, b"hdlr")?)?;
    reader.take(4)?;
    reader.take(4)
}

/// Section 8.3.2: the last fields of the track's header are a matrix and the size, with 16 fraction bits.
fn size(track: &[u8]) -> Option<(u32, u32)> {
    let (version, mut reader) = full(find(track, b"tkhd")?)?;
    reader.take(if version == 1 { 48 } else { 36 })?;
    let mut matrix = Reader::new(reader.take(36)?);
    let (width, height) = (reader.u32()? >> 16, reader.u32()? >> 16);
    // A quarter turn has nothing on the diagonal.
    let (a, _, _, _, d) = (matrix.u32()?, matrix.u32()?, matrix.u32()?, matrix.u32()?, matrix.u32()?);
    let size = if a == 0 && d == 0 { (height, width) } else { (width, height) };
    (width > 0 && height > 0).then_some(size)
}

/// Section 8.7.3. A count that cannot be, because the file is too short for so many, is none.
fn sample_count(track: &[u8], file_bytes: usize) -> Option<u32> {
    let (_, mut reader) = full(find(samples(track)?, b"stsz")?)?;
    let (sample_bytes, count) = (reader.u32()?, reader.u32()?);
    let needed = u64::from(count) * u64::from(if sample_bytes == 0 { 4 } else { sample_bytes });
    let there = if sample_bytes == 0 { reader.rest().len() } else { file_bytes };
    (count > 0 && needed <= there as u64).then_some(count)
}

fn samples(track: &[u8]) -> Option<&[u8]> {
    find(find(find(track, b"mdia")?, b"minf")?, b"stbl")
}

/// The boxes within the first sample entry, section 8.5.2.
fn sample_entry(track: &[u8]) -> Option<&[u8]> {
    let (_, mut reader) = full(find(samples(track)?, b"stsd")?)?;
    let _count = reader.u32()?;
    boxes(reader.rest()).next()?.ok()?.content.get(SAMPLE_ENTRY_BYTES..)
}

/// ISO/IEC 23008-12 section 7.5.3: an auxiliary track says what it is in its sample entry.
fn is_alpha(track: &[u8]) -> bool {
    let says_alpha = || {
        let kind = find(sample_entry(track)?, b"auxi")?;
        Some(memmem::find(kind, b":auxiliary:alpha").is_some() || memmem::find(kind, b":auxid:1").is_some())
    };
    handler(track) == Some(b"auxv") && says_alpha().unwrap_or(false)
}

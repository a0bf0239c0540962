//! PNG, by the crate `png`: a still row by row, an animation frame by frame.
//!
//! A picture that is not interlaced is never in memory as a whole. The checksums of the chunks (CRC-32) are verified here, as a damaged file
//! often shows in them alone; that of the compressed stream (Adler-32) says nothing more and is not.

mod animation;
mod checksum;
mod chunks;
mod expand;

pub(super) use animation::Animation;

use crate::Error;
use crate::inspect::png::row_buffer_bytes;
use crate::inspect::{Format, apng};
use crate::raster::Rows;
use chunks::{PixelChunks, Wanted};
use expand::Expansion;
use png::{DecodeOptions, Decoder, DecodingError, Limits, Reader};
use std::io::ErrorKind;
use std::ops::ControlFlow;

/// Hands on the rows of the picture; of an animation those of its first frame, which is what a browser shows first.
pub(super) fn decode(bytes: &[u8], rows: &mut dyn Rows) -> Result<(), Error> {
    if apng::outline(bytes).is_some_and(|animation| !animation.begins_with_picture) {
        let first = Animation::new(bytes)?.into_first()?;
        rows.begin(first.layout)?;
        // `Break` is no failure: nobody needs the rest.
        let _ = first.rows().try_for_each(|row| rows.row(row));
        return Ok(());
    }
    let mut reader = open(bytes, Wanted::Still)?;
    let mut expansion = Expansion::new(reader.info())?;
    rows.begin(expansion.layout())?;
    let (width, height) = reader.info().size();
    let size = (to_usize(width)?, to_usize(height)?);
    each_row(&mut reader, size, &mut Vec::new(), &mut |raw| rows.row(expansion.expand(raw, size.0)))
}

type PixelReader<'a> = Reader<PixelChunks<'a>>;

/// Reads up to the first pixels.
fn open(bytes: &[u8], wanted: Wanted) -> Result<PixelReader<'_>, Error> {
    let mut options = DecodeOptions::default();
    options.set_ignore_checksums(true);
    let mut decoder = Decoder::new_with_options(PixelChunks::new(bytes, wanted), options);
    // No chunk of unbounded length gets there, and rows have been planned for.
    decoder.set_limits(Limits { bytes: usize::MAX });
    let info = decoder.read_header_info().map_err(|error| failure(&error))?;
    probe(row_buffer_bytes(info.width, info.bits_per_pixel() as u64))?;
    decoder.read_info().map_err(|error| failure(&error))
}

/// Gives the rows of the picture that the reader stands before, as they are stored, until `take` breaks off. `size` is that of the
/// picture, in pixels; `raw` is memory to be used again.
fn each_row(
    reader: &mut PixelReader,
    size: (usize, usize),
    raw: &mut Vec<u8>,
    take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<(), Error> {
    let too_large = || Error::malformed(Format::Png, "its size does not fit this machine");
    let whole_row = reader.output_line_size(reader.info().width).ok_or_else(too_large)?;
    let width = u32::try_from(size.0).map_err(|_| too_large())?;
    let row_bytes = reader.output_line_size(width).ok_or_else(too_large)?;
    if !reader.info().interlaced {
        reserve(raw, whole_row)?;
        while reader.read_row(raw).map_err(|error| failure(&error))?.is_some() {
            if take(raw.get(..row_bytes).unwrap_or_default()).is_break() {
                return Ok(());
            }
        }
        return Ok(());
    }
    // Adam7: the first row is known only when all are.
    reserve(raw, reader.output_buffer_size().ok_or_else(too_large)?)?;
    reader.next_frame(raw).map_err(|error| failure(&error))?;
    for row in raw.chunks_exact(whole_row.max(1)).take(size.1) {
        if take(row.get(..row_bytes).unwrap_or_default()).is_break() {
            break;
        }
    }
    Ok(())
}

/// Finds out whether so much memory can be had: the decoder does not ask for its rows in a way that could be answered.
fn probe(needed_bytes: u64) -> Result<(), Error> {
    let length = usize::try_from(needed_bytes).unwrap_or(usize::MAX);
    Vec::<u8>::new().try_reserve_exact(length).map_err(|_| Error::OutOfMemory { needed_bytes })
}

/// Makes the memory `length` bytes long.
fn reserve(memory: &mut Vec<u8>, length: usize) -> Result<(), Error> {
    // A size that passed the pixel limit can still be more than is free: that is an answer, not an abort.
    let missing = length.saturating_sub(memory.len());
    memory.try_reserve_exact(missing).map_err(|_| Error::OutOfMemory { needed_bytes: length as u64 })?;
    memory.resize(length, 0);
    Ok(())
}

fn to_usize(side: u32) -> Result<usize, Error> {
    usize::try_from(side).map_err(|_| Error::malformed(Format::Png, "its size does not fit this machine"))
}

/// What the decoder reports, in our words.
fn failure(error: &DecodingError) -> Error {
    match error {
        DecodingError::IoError(error) if error.kind() == ErrorKind::InvalidData => {
            Error::malformed(Format::Png, "a chunk does not fit its checksum")
        }
        DecodingError::IoError(_) => Error::Truncated { format: Format::Png, detail: "its pixels" },
        DecodingError::LimitsExceeded => {
            Error::malformed(Format::Png, "decoding it takes more memory than its size explains")
        }
        _ => Error::malformed(Format::Png, "its pixels cannot be decoded"),
    }
}

#[cfg(test)]
mod tests;

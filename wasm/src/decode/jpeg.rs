//! JPEG, by the decoder of the `image` crate: the whole picture at full size.

use super::{failure, samples};
use crate::Error;
use crate::inspect::Format;
use crate::pixels::Pixels;
use image::codecs::jpeg::JpegDecoder;
use std::io::Cursor;

pub(super) fn decode(bytes: &[u8]) -> Result<Pixels, Error> {
    let decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(|error| failure(Format::Jpeg, &error))?;
    samples::read(Format::Jpeg, decoder)
}

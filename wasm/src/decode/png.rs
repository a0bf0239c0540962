//! PNG, by the decoder of the `image` crate. Of an animation it gives the default picture.

use super::{failure, samples};
use crate::Error;
use crate::inspect::Format;
use crate::pixels::Pixels;
use image::codecs::png::PngDecoder;
use std::io::Cursor;

pub(super) fn decode(bytes: &[u8]) -> Result<Pixels, Error> {
    let decoder = PngDecoder::new(Cursor::new(bytes)).map_err(|error| failure(Format::Png, &error))?;
    samples::read(Format::Png, decoder)
}

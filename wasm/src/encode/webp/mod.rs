//! WebP (RFC 9649): lossy by our VP8 encoder, lossless by that of the crate `image-webp`, alpha of lossy pictures lossless.

mod animation;
mod change;
mod unseen;
pub(crate) mod vp8;

pub(crate) use animation::WebpAnimation;

use super::size;
use crate::Error;
use crate::inspect::Format;
use crate::pixels::{Layout, Pixels};
use image_webp::{ColorType, WebPEncoder};

/// From this quality on a picture is lossless.
pub(super) const LOSSLESS_QUALITY: u8 = 100;
/// "RIFF", its size, "WEBP", "VP8L", its size.
const SIMPLE_HEADER_BYTES: usize = 20;
/// Signature, sizes, version of a lossless bitstream. An ALPH chunk does without.
const LOSSLESS_HEADER_BYTES: usize = 5;
/// What kind a chunk is, and its size.
const CHUNK_HEADER_BYTES: usize = 8;

/// A still of quality 1..=100.
pub(super) fn encode(pixels: &Pixels, quality: u8) -> Result<Vec<u8>, Error> {
    Ok(Coded::new(pixels, quality)?.still(pixels))
}

const ALPHA_FLAG: u8 = 0x10;

/// The chunks of one picture.
#[derive(Debug)]
struct Coded {
    kind: [u8; 4],
    data: Vec<u8>,
    /// Beside a lossy picture.
    alpha: Option<Vec<u8>>,
    has_alpha: bool,
}

impl Coded {
    fn new(pixels: &Pixels, quality: u8) -> Result<Self, Error> {
        let rgba = match pixels.layout {
            Layout::Rgb => &[],
            Layout::Rgba => pixels.data.as_chunks::<4>().0,
        };
        let has_alpha = rgba.iter().any(|[.., alpha]| *alpha != 255);
        if quality < LOSSLESS_QUALITY {
            let (data, alpha) = if has_alpha {
                (vp8::encode(&unseen::filled(pixels), quality), Some(alpha(pixels)?))
            } else {
                (vp8::encode(pixels, quality), None)
            };
            return Ok(Self { kind: *b"VP8 ", data, alpha, has_alpha });
        }
        let data = if has_alpha || pixels.layout == Layout::Rgb {
            lossless(pixels)?
        } else {
            lossless(&pixels.clone().flattened([0; 3]))?
        };
        Ok(Self { kind: *b"VP8L", data, alpha: None, has_alpha })
    }

    /// The file of this picture alone.
    fn still(&self, pixels: &Pixels) -> Vec<u8> {
        let mut body = Vec::new();
        if self.alpha.is_some() {
            let (width, height) = size(pixels);
            chunk(&mut body, *b"VP8X", &extended_header(ALPHA_FLAG, width, height));
        }
        self.write(&mut body);
        riff(&body)
    }

    /// How many bytes of data it has.
    fn len(&self) -> usize {
        self.data.len() + self.alpha.as_ref().map_or(0, |alpha| alpha.len() + CHUNK_HEADER_BYTES)
    }

    fn write(&self, to: &mut Vec<u8>) {
        if let Some(alpha) = &self.alpha {
            chunk(to, *b"ALPH", alpha);
        }
        chunk(to, self.kind, &self.data);
    }
}

/// The content of a VP8L chunk.
fn lossless(pixels: &Pixels) -> Result<Vec<u8>, Error> {
    let color = match pixels.layout {
        Layout::Rgb => ColorType::Rgb8,
        Layout::Rgba => ColorType::Rgba8,
    };
    lossless_bitstream(&pixels.data, size(pixels), color)
}

fn lossless_bitstream(data: &[u8], (width, height): (u32, u32), color: ColorType) -> Result<Vec<u8>, Error> {
    let failed = || Error::malformed(Format::Webp, "the result could not be encoded");
    let mut file = Vec::new();
    WebPEncoder::new(&mut file).encode(data, width, height, color).map_err(|_| failed())?;
    let length =
        file.get(16..20).and_then(|length| length.first_chunk()).map(|length| u32::from_le_bytes(*length));
    file.drain(..SIMPLE_HEADER_BYTES.min(file.len()));
    file.truncate(length.ok_or_else(failed)? as usize);
    Ok(file)
}

/// The content of an ALPH chunk, RFC 9649 section 2.7.1.2: as a lossless picture of one channel, or as it is where that is shorter.
fn alpha(pixels: &Pixels) -> Result<Vec<u8>, Error> {
    let plane: Vec<u8> = pixels.data.as_chunks::<4>().0.iter().map(|[.., alpha]| *alpha).collect();
    let coded = lossless_bitstream(&plane, size(pixels), ColorType::L8)?;
    let (compression, content) = match coded.get(LOSSLESS_HEADER_BYTES..) {
        Some(content) if content.len() < plane.len() => (1, content),
        _ => (0, plane.as_slice()),
    };
    let mut chunk = vec![compression];
    chunk.extend_from_slice(content);
    Ok(chunk)
}

fn extended_header(flags: u8, width: u32, height: u32) -> [u8; 10] {
    let [w, x, y, _] = width.saturating_sub(1).to_le_bytes();
    let [h, i, j, _] = height.saturating_sub(1).to_le_bytes();
    [flags, 0, 0, 0, w, x, y, h, i, j]
}

fn chunk(to: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    to.extend_from_slice(&kind);
    to.extend((data.len() as u32).to_le_bytes());
    to.extend_from_slice(data);
    if !data.len().is_multiple_of(2) {
        to.push(0);
    }
}

fn riff(body: &[u8]) -> Vec<u8> {
    let mut file = b"RIFF".to_vec();
    file.extend((body.len() as u32 + 4).to_le_bytes());
    file.extend_from_slice(b"WEBP");
    file.extend_from_slice(body);
    file
}

#[cfg(test)]
mod tests;

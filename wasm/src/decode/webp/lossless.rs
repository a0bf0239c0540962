//! Lossless pictures: VP8L, RFC 9649 section 3. Alpha of lossy ones is coded likewise.

use super::{failure, reserved, truncated, wrong};
use crate::Error;
use crate::pixels::Layout;
use crate::raster::Rows;
use image_webp::WebPDecoder;
use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// "RIFF", size, "WEBP", "VP8L", size, and the five bytes of its header.
const HEAD_BYTES: usize = 25;
const HEADER_BYTES: usize = 5;
/// Of the five bytes as a number, signature aside: alpha is used.
const ALPHA_IS_USED: u32 = 1 << 28;

pub(super) fn decode(
    vp8l: &[u8],
    has_alpha: bool,
    (width, height): (u32, u32),
    layout: Layout,
    rows: &mut dyn Rows,
) -> Result<(), Error> {
    let coded = vp8l.get(HEADER_BYTES..).ok_or(truncated())?;
    let mut pixels = rgba(coded, (width, height))?;
    if !has_alpha {
        // The bits are there but mean nothing.
        pixels.as_chunks_mut::<4>().0.iter_mut().for_each(|[.., alpha]| *alpha = 255);
    }
    rows.begin(layout)?;
    let mut packed = Vec::new();
    for row in pixels.chunks_exact((width as usize * 4).max(1)) {
        let row = match layout {
            Layout::Rgba => row,
            Layout::Rgb => {
                packed.clear();
                packed.extend(row.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]));
                &packed
            }
        };
        if rows.row(row).is_break() {
            break;
        }
    }
    Ok(())
}

/// The pixels of a lossless bitstream without its header, which in an ALPH chunk it does not have. Four bytes a pixel, in place: asked for
/// alpha, the decoder needs no second buffer.
pub(super) fn rgba(coded: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, Error> {
    let file = Spliced::new(coded, (width, height)).ok_or(truncated())?;
    let length = width as usize * height as usize * 4;
    let mut pixels = reserved(length)?;
    pixels.resize(length, 0);
    let mut decoder = WebPDecoder::new(file).map_err(|error| failure(&error))?;
    if decoder.dimensions() != (width, height) || decoder.output_buffer_size() != Some(length) {
        return Err(wrong("its pixels are not of the size that its header states"));
    }
    decoder.read_image(&mut pixels).map_err(|error| failure(&error))?;
    Ok(pixels)
}

/// A file of one lossless picture: a head of our making, then the bitstream where it lies.
struct Spliced<'a> {
    head: [u8; HEAD_BYTES],
    coded: &'a [u8],
    at: usize,
}

impl<'a> Spliced<'a> {
    fn new(coded: &'a [u8], (width, height): (u32, u32)) -> Option<Self> {
        let chunk_bytes = u32::try_from(coded.len().checked_add(HEADER_BYTES)?).ok()?;
        let file_bytes = chunk_bytes.checked_add(12 + chunk_bytes % 2)?;
        let header =
            (width.checked_sub(1)? & 0x3fff) | (height.checked_sub(1)? & 0x3fff) << 14 | ALPHA_IS_USED;
        let mut head = [0; HEAD_BYTES];
        let parts: [&[u8]; 7] = [
            b"RIFF",
            &file_bytes.to_le_bytes(),
            b"WEBP",
            b"VP8L",
            &chunk_bytes.to_le_bytes(),
            &[0x2f],
            &header.to_le_bytes(),
        ];
        head.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        Some(Self { head, coded, at: 0 })
    }
}

impl Read for Spliced<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Spliced<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let rest = self.head.get(self.at..).filter(|rest| !rest.is_empty());
        Ok(rest.or_else(|| self.coded.get(self.at.checked_sub(HEAD_BYTES)?..)).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.at = self.at.saturating_add(count);
    }
}

impl Seek for Spliced<'_> {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        let length = (HEAD_BYTES + self.coded.len()) as u64;
        let target = match place {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => (self.at as u64).checked_add_signed(by),
            SeekFrom::End(by) => length.checked_add_signed(by),
        };
        let outside = || io::Error::from(io::ErrorKind::InvalidInput);
        self.at = target.and_then(|at| usize::try_from(at).ok()).ok_or_else(outside)?;
        Ok(self.at as u64)
    }
}

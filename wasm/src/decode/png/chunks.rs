//! The chunks of a PNG file that make its pixels, as a stream for the decoder.
//!
//! Text, profiles, EXIF and chunks that nobody knows are stepped over here, so that they cost neither memory nor time, whatever
//! their length. The checksums of the others are verified before the decoder sees them.

use super::checksum::crc32;
use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// Bytes of a chunk beside its data: length, type, checksum.
const FRAME_BYTES: usize = 12;
const SIGNATURE_BYTES: usize = 8;
/// The bit of the first letter of a chunk's type that is set where a decoder may ignore it. W3C PNG, third edition, section 5.4.
const ANCILLARY: u8 = 0x20;

/// Which pixels are wanted, and so which ancillary chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The picture of the IDAT chunks.
    Still,
    /// All frames.
    Animation,
}

impl Wanted {
    fn includes(self, kind: [u8; 4]) -> bool {
        match &kind {
            b"tRNS" => true,
            b"acTL" | b"fcTL" | b"fdAT" => self == Self::Animation,
            // What is critical and unknown is for the decoder to refuse.
            [first, ..] => first & ANCILLARY == 0,
        }
    }

    /// Whether damage to such a chunk is damage to the picture. A still is shown without its transparency.
    fn needs(self, kind: [u8; 4]) -> bool {
        self == Self::Animation || &kind != b"tRNS"
    }
}

/// Whether the checksum is there and is not that of the type and the data.
fn is_whole_and_damaged(chunk: &[u8], length: usize) -> bool {
    let Some((content, checksum)) = chunk.split_last_chunk() else { return false };
    let Some(content) = content.get(4..) else { return false };
    Some(content.len()) == length.checked_add(4) && crc32(content) != u32::from_be_bytes(*checksum)
}

/// Reads the signature and then, whole, each chunk that is wanted.
#[derive(Debug)]
pub(super) struct PixelChunks<'a> {
    wanted: Wanted,
    /// What is read next.
    current: &'a [u8],
    /// What has not been looked at.
    rest: &'a [u8],
}

impl<'a> PixelChunks<'a> {
    pub(super) fn new(bytes: &'a [u8], wanted: Wanted) -> Self {
        let (current, rest) = bytes.split_at_checked(SIGNATURE_BYTES).unwrap_or((bytes, &[]));
        Self { wanted, current, rest }
    }

    /// Goes to the next wanted chunk. One that is cut off is given as far as it goes, for the decoder to find its end.
    fn advance(&mut self) -> io::Result<()> {
        while let Some((header, _)) = self.rest.split_first_chunk::<8>() {
            let &[a, b, c, d, kind @ ..] = header;
            let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
            let end = length.saturating_add(FRAME_BYTES).min(self.rest.len());
            let (chunk, rest) = self.rest.split_at(end);
            self.rest = rest;
            if !self.wanted.includes(kind) {
                continue;
            }
            if is_whole_and_damaged(chunk, length) {
                if self.wanted.needs(kind) {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                continue;
            }
            self.current = chunk;
            return Ok(());
        }
        self.current = std::mem::take(&mut self.rest);
        Ok(())
    }
}

impl BufRead for PixelChunks<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.current.is_empty() && !self.rest.is_empty() {
            self.advance()?;
        }
        Ok(self.current)
    }

    fn consume(&mut self, count: usize) {
        self.current = self.current.get(count..).unwrap_or_default();
    }
}

impl Read for PixelChunks<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

/// The decoder asks for the trait and never seeks.
impl Seek for PixelChunks<'_> {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let sum = crc32fast::hash(&[kind.as_slice(), data].concat()).to_be_bytes();
        [&(data.len() as u32).to_be_bytes(), kind.as_slice(), data, &sum].concat()
    }

    fn read(bytes: &[u8], wanted: Wanted) -> Vec<u8> {
        let mut read = Vec::new();
        PixelChunks::new(bytes, wanted).read_to_end(&mut read).unwrap();
        read
    }

    #[test]
    fn what_is_not_pixels_is_stepped_over() {
        let signature = b"\x89PNG\r\n\x1a\n".to_vec();
        let (header, end) = (chunk(b"IHDR", &[1; 13]), chunk(b"IEND", &[]));
        let (control, data) = (chunk(b"fcTL", &[2; 26]), chunk(b"IDAT", &[3; 9]));
        let (text, unknown) = (chunk(b"zTXt", &[4; 70_000]), chunk(b"VITL", &[5; 3]));
        let all = [&signature, &header, &text, &control, &data, &unknown, &text, &end].map(Vec::as_slice);
        let still = [&signature, &header, &data, &unknown, &end].map(Vec::as_slice).concat();
        let animation = [&signature, &header, &control, &data, &unknown, &end].map(Vec::as_slice).concat();
        assert_eq!(read(&all.concat(), Wanted::Still), still);
        assert_eq!(read(&all.concat(), Wanted::Animation), animation);
    }

    #[test]
    fn a_chunk_longer_than_the_file_ends_with_it() {
        let cut = [b"\x89PNG\r\n\x1a\n".as_slice(), b"\xff\xff\xff\xffIDATabc"].concat();
        assert_eq!(read(&cut, Wanted::Still), cut);
        for length in 0..cut.len() {
            assert_eq!(read(&cut[..length], Wanted::Still), cut[..length]);
        }
    }

    #[test]
    fn a_damaged_chunk_is_an_error_or_left_out() {
        let damaged = |kind| {
            let mut chunk = chunk(kind, &[7; 900]);
            chunk[500] ^= 1;
            [b"\x89PNG\r\n\x1a\n", chunk.as_slice()].concat()
        };
        let outcome = |kind, wanted| {
            let mut read = Vec::new();
            let bytes = damaged(kind);
            PixelChunks::new(&bytes, wanted).read_to_end(&mut read).map_err(|error| error.kind())
        };
        for wanted in [Wanted::Still, Wanted::Animation] {
            assert_eq!(outcome(b"IDAT", wanted), Err(io::ErrorKind::InvalidData));
            assert_eq!(outcome(b"tEXt", wanted), Ok(8));
        }
        assert_eq!(outcome(b"tRNS", Wanted::Still), Ok(8));
        assert_eq!(outcome(b"fdAT", Wanted::Animation), Err(io::ErrorKind::InvalidData));
    }
}

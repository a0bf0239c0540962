//! The chunks of a PNG file that make its pixels, as a stream for the decoder.
//!
//! Text, profiles, EXIF and chunks that nobody knows are stepped over here, so that they cost neither memory nor time, whatever
//! their length.

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

    /// Goes to the next wanted chunk. One that is cut off is given as far as it goes.
    fn advance(&mut self) {
        while let Some((header, _)) = self.rest.split_first_chunk::<8>() {
            let &[a, b, c, d, kind @ ..] = header;
            let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
            let end = length.saturating_add(FRAME_BYTES).min(self.rest.len());
            let (chunk, rest) = self.rest.split_at(end);
            self.rest = rest;
            if self.wanted.includes(kind) {
                self.current = chunk;
                return;
            }
        }
        self.current = std::mem::take(&mut self.rest);
    }
}

impl BufRead for PixelChunks<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.current.is_empty() && !self.rest.is_empty() {
            self.advance();
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
        [&(data.len() as u32).to_be_bytes(), kind.as_slice(), data, b"sums"].concat()
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
}

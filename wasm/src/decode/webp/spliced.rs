//! What the decoder of `image-webp` reads from.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// "RIFF", size, "WEBP", "VP8L", size, and the five bytes of its header.
const HEAD_BYTES: usize = 25;
const HEADER_BYTES: usize = 5;
/// Of the five bytes as a number, signature aside: alpha is used.
const ALPHA_IS_USED: u32 = 1 << 28;

/// A head of our making, then a bitstream where it lies.
pub(super) struct Spliced<'a> {
    head: [u8; HEAD_BYTES],
    coded: &'a [u8],
    at: usize,
}

impl<'a> Spliced<'a> {
    /// A file of one lossless picture, whose bitstream lacks its header.
    pub(super) fn lossless(coded: &'a [u8], (width, height): (u32, u32)) -> Option<Self> {
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

//! Whether a file holds a picture and nothing else: a strict reading of JPEG, PNG, WebP and GIF files that knows only the parts that Roundel writes.
//!
//! It proves of a picture that was made here that no metadata is in it, by other code than that which wrote it. It is no decoder. The data of
//! a JPEG scan is stepped through to its last block, so that nothing stands behind that; of the compressed pixels of the others only the
//! chunks are looked at.

#[cfg(feature = "gif-output")]
mod gif;
mod jpeg;
#[cfg(feature = "png")]
mod png;
mod scan;
#[cfg(test)]
#[cfg(all(feature = "png", feature = "webp"))]
mod tests;
#[cfg(feature = "webp")]
mod webp;

use crate::Format;
use std::fmt;

/// The first thing in a file that Roundel would not have written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Foreign {
    /// Where it begins, in bytes from the start of the file.
    pub offset_bytes: usize,
    /// What it is, in a few words, such as "segment APP1" or "chunk tEXt". It carries no content of the file.
    pub found: String,
}

impl Foreign {
    fn new(offset_bytes: usize, found: impl Into<String>) -> Self {
        Self { offset_bytes, found: found.into() }
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the file has more in it than a picture: {} at byte {}", self.found, self.offset_bytes)
    }
}

impl std::error::Error for Foreign {}

/// Checks that a file consists of the parts that Roundel writes, whole and in order, and of nothing else: no EXIF, XMP, IPTC, ICC profile,
/// comment, text, thumbnail, time or private part, and no byte after the end.
///
/// - JPEG: SOI, APP0 (JFIF without a thumbnail), DQT, SOF0, DHT, one SOS with its data, EOI.
/// - PNG and APNG: IHDR, `sRGB`, `gAMA`, PLTE, `tRNS`, `acTL`, `fcTL`, IDAT, `fdAT`, IEND, with the right checksums.
/// - GIF: a palette of the file, graphic controls, images, how often it is played.
/// - WebP: VP8 or VP8L alone, or VP8X with ALPH, VP8, VP8L, ANIM and ANMF.
///
/// # Errors
///
/// [`Foreign`]: the first thing that is something else, also where the file is cut short or of another format.
///
/// ```
/// let photo = include_bytes!("../../tests/fixtures/portrait.jpg");
/// assert_eq!(roundel::check_clean(photo).unwrap_err().found, "segment APP1");
///
/// let avatar = roundel::render(photo, &roundel::Recipe::default())?;
/// assert_eq!(roundel::check_clean(&avatar.bytes), Ok(()));
/// # Ok::<(), roundel::Error>(())
/// ```
pub fn check_clean(bytes: &[u8]) -> Result<(), Foreign> {
    match Format::sniff(bytes) {
        Some(Format::Jpeg) => jpeg::check(bytes),
        #[cfg(feature = "png")]
        Some(Format::Png) => png::check(bytes),
        #[cfg(feature = "webp")]
        Some(Format::Webp) => webp::check(bytes),
        #[cfg(feature = "gif-output")]
        Some(Format::Gif) => gif::check(bytes),
        #[allow(unreachable_patterns, reason = "both formats can be left out")]
        Some(format @ (Format::Png | Format::Webp)) => {
            Err(Foreign::new(0, format!("{format}, which this build does not read")))
        }
        _ => Err(Foreign::new(0, "neither JPEG nor PNG nor WebP nor GIF")),
    }
}

/// Whether [`check_clean`] finds nothing.
///
/// ```
/// assert!(!roundel::is_clean(include_bytes!("../../tests/fixtures/portrait.jpg")));
/// ```
#[must_use]
pub fn is_clean(bytes: &[u8]) -> bool {
    check_clean(bytes).is_ok()
}

/// A place in a file.
#[derive(Debug, Clone, Copy)]
struct Cursor<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Cursor<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.offset..).unwrap_or_default()
    }

    fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    /// The next `count` bytes, or that the file ends before.
    fn take(&mut self, count: usize) -> Result<&'a [u8], Foreign> {
        let taken = self.rest().get(..count).ok_or(Foreign::new(self.bytes.len(), "an end too soon"))?;
        self.offset += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Foreign> {
        let end = Foreign::new(self.bytes.len(), "an end too soon");
        self.take(N)?.first_chunk().copied().ok_or(end)
    }

    /// The end of the file, and no byte before it.
    fn end(&self) -> Result<(), Foreign> {
        if self.is_at_end() { Ok(()) } else { Err(Foreign::new(self.offset, "bytes after the end")) }
    }
}

/// Name of a chunk, as far as it consists of letters.
#[cfg(any(feature = "png", feature = "webp"))]
fn named(kind: [u8; 4]) -> String {
    let name: String = kind.into_iter().filter(u8::is_ascii_alphanumeric).map(char::from).collect();
    format!("chunk {name}")
}

#[cfg(test)]
#[cfg(not(feature = "png"))]
mod without_png {
    #[test]
    fn a_format_that_is_left_out_is_named() {
        let found = super::check_clean(b"\x89PNG\r\n\x1a\n").unwrap_err().found;
        assert_eq!(found, "PNG, which this build does not read");
    }
}

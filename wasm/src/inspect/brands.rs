//! AVIF and HEIC by their brands: ISO/IEC 14496-12 section 4.3, ISO/IEC 23008-12, AV1 Image File Format.

use super::Format;
use crate::Error;

/// More compatible brands than any file lists.
const MAX_BRANDS: usize = 64;

/// The format by the brands of the `ftyp` box: the major one, else the first in the list that tells. ISO/IEC 14496-12 section 4.3.
pub(super) fn by_brands(bytes: &[u8]) -> Option<Format> {
    let major = bytes.get(8..)?.first_chunk::<4>()?;
    let stated = bytes.first_chunk().map_or(0, |size| u32::from_be_bytes(*size) as usize);
    let (compatible, _) = bytes.get(16..stated.min(bytes.len())).unwrap_or_default().as_chunks::<4>();
    let mut brands = std::iter::once(major).chain(compatible.iter().take(MAX_BRANDS));
    brands
        .find_map(|brand| match brand {
            b"avif" | b"avis" => Some(Format::Avif),
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" => {
                Some(Format::Heic)
            }
            _ => None,
        })
        // HEIF that does not say how it is coded.
        .or_else(|| matches!(major, b"mif1" | b"msf1").then_some(Format::Heic))
}

/// Says where a picture goes that can be inspected, but not decoded.
pub(crate) fn refuse(format: Format) -> Result<(), Error> {
    match format {
        Format::Avif | Format::Heic => {
            Err(Error::UnsupportedFormat { format: Some(format), detail: "only browsers decode the format" })
        }
        _ => Ok(()),
    }
}

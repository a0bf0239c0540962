//! The headers of Windows and OS/2 bitmaps. Microsoft: "Bitmap Header Types", "Bitmap Compression"; \[MS-WMF\] section 2.2.2 for
//! the compressions.

use super::reader::Reader;
use super::{Coding, ColorSpace, Format, ImageInfo, Survey};
use crate::color::{Channels, Profile};
use crate::{Error, Orientation};

const FILE_HEADER_BYTES: usize = 14;
/// BITMAPCOREHEADER, and OS/2 1.x.
const CORE_HEADER_BYTES: u32 = 12;
/// The shortest form of the OS/2 2.x header: sizes, planes, bits.
const SHORTEST_HEADER_BYTES: u32 = 16;
const INFO_HEADER_BYTES: u32 = 40;
const OS2_HEADER_BYTES: u32 = 64;
const LONGEST_HEADER_BYTES: u32 = 124;

/// What the headers say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bitmap<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) is_top_down: bool,
    pub(crate) coding: PixelCoding,
    /// Blue, green, red, and an unused byte unless `entry_bytes` is 3.
    pub(crate) palette: &'a [u8],
    pub(crate) entry_bytes: usize,
    /// From the first byte of the pixels to the end of the file.
    pub(crate) pixels: &'a [u8],
    profile: Option<&'a [u8]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PixelCoding {
    /// 1, 2, 4 or 8 bits that number a colour, the leftmost pixel in the highest bits.
    Indexed { bits: u8 },
    /// The same, in runs: 4 or 8 bits.
    RunLength { bits: u8 },
    /// Blue, green, red.
    Bgr,
    /// 2 or 4 bytes, in which masks tell red, green, blue and alpha.
    Fields { bytes: u8, masks: [u32; 4] },
}

impl<'a> Bitmap<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, Error> {
        let truncated = Error::Truncated { format: Format::Bmp, detail: "its headers" };
        Self::read(bytes)?.ok_or(truncated)
    }

    /// `None`: the bytes end within the headers.
    fn read(bytes: &'a [u8]) -> Result<Option<Self>, Error> {
        let start = Reader::new(bytes.get(10..18).unwrap_or_default());
        let mut reader = start;
        let (Some(offset), Some(header_bytes)) = (reader.u32_le(), reader.u32_le()) else { return Ok(None) };
        let is_core = header_bytes == CORE_HEADER_BYTES;
        if !is_core && !(SHORTEST_HEADER_BYTES..=LONGEST_HEADER_BYTES).contains(&header_bytes) {
            return Err(unsupported("a header of an unknown size"));
        }
        let header_end = FILE_HEADER_BYTES + header_bytes as usize;
        let Some(header) = bytes.get(FILE_HEADER_BYTES..header_end) else { return Ok(None) };
        let mut fields = Reader::new(header);
        fields.take(4);
        let size = if is_core {
            fields.u16_le().zip(fields.u16_le()).map(|(width, height)| (width.into(), height.into()))
        } else {
            fields.u32_le().zip(fields.u32_le())
        };
        let (Some((width, height)), Some(_planes), Some(bits)) = (size, fields.u16_le(), fields.u16_le())
        else {
            return Ok(None);
        };
        // Signed numbers: a negative height means top to bottom.
        let is_top_down = height > i32::MAX as u32;
        let height = if is_top_down { height.wrapping_neg() } else { height };
        if width == 0 || height == 0 || width > i32::MAX as u32 {
            return Err(Error::malformed(Format::Bmp, "it states an impossible size"));
        }
        let compression = fields.u32_le().unwrap_or(0);
        let _size_resolution = fields.take(12);
        let colors_used = fields.u32_le().unwrap_or(0);
        let _important = fields.u32_le();

        let has_masks = matches!(compression, 3 | 6) && header_bytes != OS2_HEADER_BYTES;
        // Those of the oldest header that has them stand behind it.
        let is_behind = has_masks && header_bytes == INFO_HEADER_BYTES;
        let mask_count = if is_behind && compression == 3 { 3 } else { 4 };
        let mut behind = Reader::new(bytes.get(header_end..).unwrap_or_default());
        let masks = match has_masks {
            true if is_behind => masks(&mut behind, mask_count),
            true => masks(&mut fields, if header_bytes >= 56 { 4 } else { 3 }),
            false => Some([0; 4]),
        };
        let Some(masks) = masks else { return Ok(None) };
        let coding = coding(bits, compression, header_bytes, masks)?;

        let entry_bytes = if is_core { 3 } else { 4 };
        let most_colors = match coding {
            PixelCoding::Indexed { bits } | PixelCoding::RunLength { bits } => 1_usize << bits,
            _ => 0,
        };
        let colors = match usize::try_from(colors_used) {
            Ok(used @ 1..) => used.min(most_colors),
            _ => most_colors,
        };
        let palette_start = bytes.len() - behind.rest().len();
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        // Some writers leave colours out; the pixels begin where they are said to.
        let palette_end =
            (palette_start + colors * entry_bytes).min(offset.max(palette_start)).min(bytes.len());
        let palette = bytes.get(palette_start..palette_end).unwrap_or_default();
        let Some(pixels) = bytes.get(offset..) else { return Ok(None) };
        if offset < header_end {
            return Err(Error::malformed(Format::Bmp, "its pixels begin within its headers"));
        }
        let profile = embedded_profile(bytes, header);
        Ok(Some(Self { width, height, is_top_down, coding, palette, entry_bytes, pixels, profile }))
    }

    /// Bytes from one row to the next: rows are padded to four. `None`: compressed.
    pub(crate) fn stride(&self) -> Option<u64> {
        Some((u64::from(self.width) * self.bits_a_pixel()?).div_ceil(32) * 4)
    }

    /// Bytes of a row without its padding.
    pub(crate) fn row_bytes(&self) -> Option<u64> {
        Some((u64::from(self.width) * self.bits_a_pixel()?).div_ceil(8))
    }

    fn bits_a_pixel(&self) -> Option<u64> {
        match self.coding {
            PixelCoding::Indexed { bits } => Some(bits.into()),
            PixelCoding::RunLength { .. } => None,
            PixelCoding::Bgr => Some(24),
            PixelCoding::Fields { bytes, .. } => Some(u64::from(bytes) * 8),
        }
    }

    pub(crate) fn has_alpha(&self) -> bool {
        matches!(self.coding, PixelCoding::Fields { masks: [.., alpha], .. } if alpha != 0)
    }
}

/// Reads the headers.
pub(crate) fn survey(bytes: &[u8]) -> Result<Survey, Error> {
    let bitmap = Bitmap::open(bytes)?;
    let Bitmap { width, height, pixels, .. } = bitmap;
    let rows = u64::from(height);
    let needed = bitmap
        .stride()
        .zip(bitmap.row_bytes())
        .map(|(stride, row)| stride.saturating_mul(rows - 1).saturating_add(row));
    // Where the runs of a compressed picture end is known when they are decoded.
    let complete = needed.is_none_or(|needed| pixels.len() as u64 >= needed);
    let padded = bitmap.stride().map_or(u64::MAX, |stride| stride.saturating_mul(rows));
    let profile_bytes = bitmap.profile.map_or(0, <[u8]>::len) as u64;
    let has_metadata = pixels.len() as u64 > padded.saturating_add(profile_bytes);
    let decoder_bytes = match bitmap.coding {
        PixelCoding::RunLength { .. } => u64::from(width) * rows,
        _ => 0,
    };
    let profile = bitmap.profile.and_then(|profile| Profile::from_icc(profile, Channels::Rgb));
    let info = ImageInfo {
        format: Format::Bmp,
        width,
        height,
        orientation: Orientation::UPRIGHT,
        has_alpha: bitmap.has_alpha(),
        frames: 1,
        color_space: profile.as_ref().map_or(ColorSpace::Srgb, Profile::color_space),
        has_metadata,
    };
    Ok(Survey { info, complete, coding: Coding::Whole { decoder_bytes }, profile })
}

fn masks(reader: &mut Reader<'_>, count: usize) -> Option<[u32; 4]> {
    let mut masks = [0; 4];
    for mask in masks.iter_mut().take(count) {
        *mask = reader.u32_le()?;
    }
    Some(masks)
}

fn coding(bits: u16, compression: u32, header_bytes: u32, masks: [u32; 4]) -> Result<PixelCoding, Error> {
    let is_os2 = header_bytes == OS2_HEADER_BYTES;
    match (compression, bits) {
        (0, 1 | 2 | 4 | 8) => Ok(PixelCoding::Indexed { bits: bits as u8 }),
        (0, 16) => Ok(PixelCoding::Fields { bytes: 2, masks: [0x7c00, 0x3e0, 0x1f, 0] }),
        (0, 24) => Ok(PixelCoding::Bgr),
        (0, 32) => Ok(PixelCoding::Fields { bytes: 4, masks: [0xff_0000, 0xff00, 0xff, 0] }),
        (1, 8) => Ok(PixelCoding::RunLength { bits: 8 }),
        (2, 4) => Ok(PixelCoding::RunLength { bits: 4 }),
        (3 | 6, 16 | 32) if !is_os2 => {
            let within = masks.iter().fold(0, |all, mask| all | mask) >> (bits - 1) <= 1;
            // Ones in one piece, each bit in one mask only.
            let is_one_piece =
                |mask: &u32| (mask >> mask.trailing_zeros().min(31)).wrapping_add(1).is_power_of_two();
            let ones: u32 = masks.iter().map(|mask| mask.count_ones()).sum();
            let is_disjoint = masks.iter().fold(0, |all, mask| all | mask).count_ones() == ones;
            let has_color = masks.iter().take(3).any(|mask| *mask != 0);
            let are_pieces = masks.iter().all(|mask| *mask == 0 || *mask == u32::MAX || is_one_piece(mask));
            if !within || !is_disjoint || !are_pieces || !has_color {
                return Err(Error::malformed(Format::Bmp, "it states impossible colour masks"));
            }
            Ok(PixelCoding::Fields { bytes: (bits / 8) as u8, masks })
        }
        (3 | 4, 1 | 24) if is_os2 => Err(unsupported("Huffman or 24-bit run-length coding of OS/2")),
        (4, _) => Err(unsupported("a JPEG file within a bitmap")),
        (5, _) => Err(unsupported("a PNG file within a bitmap")),
        _ => Err(unsupported("an unknown coding of its pixels")),
    }
}

/// The profile that is embedded, by the fields of BITMAPV5HEADER.
fn embedded_profile<'a>(bytes: &'a [u8], header: &[u8]) -> Option<&'a [u8]> {
    let mut place = Reader::new(header.get(112..120).unwrap_or_default());
    let (Some(b"DEBM"), Some(start), Some(length)) = (header.get(56..60), place.u32_le(), place.u32_le())
    else {
        return None;
    };
    let start = usize::try_from(start).ok()?.checked_add(FILE_HEADER_BYTES)?;
    bytes.get(start..start.checked_add(usize::try_from(length).ok()?)?)
}

fn unsupported(detail: &'static str) -> Error {
    Error::UnsupportedFormat { format: Some(Format::Bmp), detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bitmap of one pixel with the newest header.
    fn newest(profile: &[u8]) -> Vec<u8> {
        let offset = 14 + 124_u32;
        let mut bytes = [b"BM".as_slice(), &[0; 8], &offset.to_le_bytes(), &124_u32.to_le_bytes()].concat();
        for number in [1_u32, 1, 1 | 24 << 16, 0, 0, 0, 0, 0, 0] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.resize(14 + 56, 0);
        bytes.extend(b"DEBM");
        bytes.resize(14 + 112, 0);
        bytes.extend(128_u32.to_le_bytes());
        bytes.extend(u32::try_from(profile.len()).unwrap().to_le_bytes());
        bytes.resize(14 + 124, 0);
        [bytes.as_slice(), &[1, 2, 3, 0], profile].concat()
    }

    #[test]
    fn a_profile_is_no_metadata_and_a_broken_one_none_at_all() {
        let bytes = newest(&[7; 132]);
        assert_eq!(Bitmap::open(&bytes).unwrap().profile, Some([7; 132].as_slice()));
        let Survey { info, profile, .. } = survey(&bytes).unwrap();
        assert_eq!((info.color_space, info.has_metadata), (ColorSpace::Srgb, false));
        assert!(profile.is_none());
    }

    #[test]
    fn the_largest_sizes_do_not_overflow() {
        for height in [i32::MIN, i32::MAX, -1] {
            let mut bytes = newest(&[]);
            bytes[18..22].copy_from_slice(&i32::MAX.to_le_bytes());
            bytes[22..26].copy_from_slice(&height.to_le_bytes());
            bytes[28] = 32;
            assert!(!survey(&bytes).unwrap().complete);
        }
    }

    #[test]
    fn masks_that_overlap_or_have_gaps_are_refused() {
        let fields = |masks| coding(32, 3, 56, masks);
        assert!(fields([0xff, 0xff00, 0xff_0000, 0xff00_0000]).is_ok());
        assert!(fields([u32::MAX, 0, 0, 0]).is_ok());
        for masks in [[0xff, 0xff, 0, 0], [0b101, 0b1000, 0, 0], [0, 0, 0, 0xff]] {
            assert_eq!(fields(masks).unwrap_err().code(), "malformed", "{masks:x?}");
        }
        assert_eq!(coding(16, 3, 56, [0x1_0000, 1, 2, 0]).unwrap_err().code(), "malformed");
    }
}

//! What an ICC profile calls itself. ICC.1:2022 sections 7.2 (header), 7.3 (tag table), 10.15 (multiLocalizedUnicode);
//! ICC.1:2001 section 6.5.17 (textDescription).

use super::ColorSpace;
use super::reader::Reader;

const HEADER_BYTES: usize = 128;
/// Profiles in photos have 9 to 20 tags; a count beyond this is not worth walking.
const MAX_TAGS: u32 = 256;

/// The colour space by the profile's own description. The beginning of a profile is enough when it holds the description.
pub(crate) fn color_space(profile: &[u8]) -> ColorSpace {
    match profile.get(16..20) {
        Some(b"GRAY") => return ColorSpace::Gray,
        Some(b"CMYK") => return ColorSpace::Cmyk,
        _ => {}
    }
    description(profile).map_or(ColorSpace::Other, |name| by_name(&name))
}

/// The colour space that goes by this name.
pub(crate) fn by_name(name: &str) -> ColorSpace {
    let name = name.to_ascii_lowercase();
    if name.contains("srgb") {
        ColorSpace::Srgb
    } else if name.contains("display p3") {
        ColorSpace::DisplayP3
    } else if name.contains("adobe rgb") {
        ColorSpace::AdobeRgb
    } else {
        ColorSpace::Other
    }
}

fn description(profile: &[u8]) -> Option<String> {
    let mut table = Reader::new(profile.get(HEADER_BYTES..)?);
    let count = table.u32()?.min(MAX_TAGS);
    let (offset, size) = (0..count).find_map(|_| {
        let (signature, offset, size) = (table.take(4)?, table.u32()?, table.u32()?);
        (signature == b"desc").then_some((offset, size))
    })?;
    let start = usize::try_from(offset).ok()?;
    let end = start.checked_add(usize::try_from(size).ok()?)?;
    let tag = profile.get(start..end)?;
    let mut body = Reader::new(tag);
    match body.take(4)? {
        b"desc" => {
            body.take(4)?;
            let length = usize::try_from(body.u32()?).ok()?;
            Some(String::from_utf8_lossy(body.take(length)?).into_owned())
        }
        b"mluc" => {
            body.take(4)?;
            let _records = body.u32()?;
            let _record_bytes = body.u32()?;
            let _language = body.u32()?;
            let (length, offset) = (usize::try_from(body.u32()?).ok()?, usize::try_from(body.u32()?).ok()?);
            let (units, _) = tag.get(offset..offset.checked_add(length)?)?.as_chunks::<2>();
            Some(char::decode_utf16(units.iter().map(|unit| u16::from_be_bytes(*unit))).flatten().collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(description: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; HEADER_BYTES];
        bytes[16..20].copy_from_slice(b"RGB ");
        bytes.extend(1u32.to_be_bytes());
        bytes.extend(b"desc");
        bytes.extend(144u32.to_be_bytes());
        bytes.extend(u32::try_from(description.len()).unwrap().to_be_bytes());
        bytes.extend(description);
        bytes
    }

    #[test]
    fn old_and_new_descriptions_are_read() {
        let old = b"desc\0\0\0\0\0\0\0\x12Adobe RGB (1998)\0\0";
        assert_eq!(color_space(&profile(old)), ColorSpace::AdobeRgb);
        let name: Vec<u8> = "Display P3".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let new = [b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS\0\0\0\x14\0\0\0\x1c".as_slice(), &name].concat();
        assert_eq!(color_space(&profile(&new)), ColorSpace::DisplayP3);
    }

    #[test]
    fn no_cut_or_absurd_profile_panics() {
        let whole = profile(b"desc\0\0\0\0\xff\xff\xff\xffsRGB");
        for length in 0..=whole.len() {
            assert_eq!(color_space(&whole[..length]), ColorSpace::Other);
        }
    }
}

//! ICC profiles: ICC.1:2022 (version 4) and ICC.1:2001-04 (version 2), as far as a matrix and curves go.
//!
//! A profile that is broken anywhere counts as if there was none: the picture is more than its profile.

use super::{Channels, Curve, Matrix, Profile, Range};
use crate::inspect::ColorSpace;
use crate::inspect::reader::Reader;

/// The largest profiles, those of printing presses, have some 4 MiB.
pub(super) const MAX_BYTES: usize = 4 << 20;
const HEADER_BYTES: usize = 128;
/// Profiles in photos have 9 to 20 tags.
const MAX_TAGS: u32 = 256;
/// More of a description is not looked at.
const MAX_NAME_BYTES: usize = 256;

/// The profile, if it is sound and one for such a picture.
pub(super) fn profile(icc: &[u8], picture: Channels) -> Option<Profile> {
    let tags = Tags::new(icc)?;
    match (tags.color_space, picture) {
        (b"GRAY", Channels::Gray) => gray(&tags),
        // A grey picture is shown by way of three equal channels.
        (b"RGB ", _) => rgb(&tags),
        _ => None,
    }
}

fn gray(tags: &Tags<'_>) -> Option<Profile> {
    let curve = curve(tags.find(b"kTRC")?)?;
    let is_lab = tags.connection_space == b"Lab ";
    let curve = if is_lab { Curve::Lightness(&curve) } else { curve };
    Some(Profile::gray(curve, Range::Full))
}

fn rgb(tags: &Tags<'_>) -> Option<Profile> {
    let colorants = [b"rXYZ", b"gXYZ", b"bXYZ"].map(|tag| tags.find(tag));
    let curves = [b"rTRC", b"gTRC", b"bTRC"].map(|tag| tags.find(tag));
    let ([Some(red), Some(green), Some(blue)], [Some(r), Some(g), Some(b)]) = (colorants, curves) else {
        // Only lookup tables: sRGB's are known by name, and it is nearer to the truth to leave the others alone than to guess.
        let has_tables = [b"A2B0", b"A2B1", b"A2B2"].into_iter().any(|tag| tags.find(tag).is_some());
        return has_tables.then(|| Profile::unconverted(by_description(tags)));
    };
    if tags.connection_space != b"XYZ " {
        return None;
    }
    let (red, green, blue) = (xyz(red)?, xyz(green)?, xyz(blue)?);
    let to_xyz: Matrix = std::array::from_fn(|row| [red[row], green[row], blue[row]]);
    Profile::rgb(&to_xyz, [curve(r)?, curve(g)?, curve(b)?], Range::Full)
}

/// A profile whose header is sound, and its tag table (section 7.3).
struct Tags<'a> {
    profile: &'a [u8],
    /// Signature, offset, size: four bytes each.
    table: &'a [[u8; 12]],
    color_space: &'a [u8; 4],
    connection_space: &'a [u8; 4],
}

impl<'a> Tags<'a> {
    /// Section 7.2: size, class, colour space, connection space, file signature.
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let stated = usize::try_from(Reader::new(bytes).u32()?).ok()?;
        let profile = bytes.get(..stated).filter(|profile| profile.len() <= MAX_BYTES)?;
        let field = |at: usize| profile.get(at..)?.first_chunk::<4>();
        let is_for_pictures = matches!(field(12)?, b"scnr" | b"mntr" | b"prtr" | b"spac");
        if !is_for_pictures || field(36)? != b"acsp" {
            return None;
        }
        let mut reader = Reader::new(profile.get(HEADER_BYTES..)?);
        let count = reader.u32().filter(|count| *count <= MAX_TAGS)?;
        let (table, _) = reader.take(12 * usize::try_from(count).ok()?)?.as_chunks::<12>();
        Some(Self { profile, table, color_space: field(16)?, connection_space: field(20)? })
    }

    /// The data of a tag; `None` where there is no such tag, or where it reaches beyond the profile.
    fn find(&self, signature: &[u8; 4]) -> Option<&'a [u8]> {
        let entry = self.table.iter().find(|entry| entry.starts_with(signature))?;
        let mut reader = Reader::new(entry.get(4..)?);
        let start = usize::try_from(reader.u32()?).ok()?;
        let end = start.checked_add(usize::try_from(reader.u32()?).ok()?)?;
        self.profile.get(start..end)
    }
}

/// Section 4.6: a number with 16 fraction bits.
fn s15_fixed_16(reader: &mut Reader<'_>) -> Option<f64> {
    Some(f64::from(reader.u32()?.cast_signed()) / 65_536.0)
}

/// Section 10.31: XYZType.
fn xyz(tag: &[u8]) -> Option<[f64; 3]> {
    let mut reader = Reader::new(tag.strip_prefix(b"XYZ ")?.get(4..)?);
    Some([s15_fixed_16(&mut reader)?, s15_fixed_16(&mut reader)?, s15_fixed_16(&mut reader)?])
}

/// Sections 10.6 and 10.18: curveType, parametricCurveType.
fn curve(tag: &[u8]) -> Option<Curve<'_>> {
    let mut reader = Reader::new(tag);
    let kind = reader.take(4)?;
    reader.take(4)?;
    match kind {
        b"curv" => {
            let count = usize::try_from(reader.u32()?).ok()?;
            let (values, _) = reader.take(count.checked_mul(2)?)?.as_chunks::<2>();
            match values {
                [] => Some(Curve::Power(1.0)),
                [exponent] => power(f64::from(u16::from_be_bytes(*exponent)) / 256.0),
                _ => Some(Curve::Table(values)),
            }
        }
        b"para" => parametric(reader.u16()?, &mut reader),
        _ => None,
    }
}

fn power(exponent: f64) -> Option<Curve<'static>> {
    (exponent > 0.0).then_some(Curve::Power(exponent))
}

/// Table 68: function types 0 to 4, whose parameters come in the order g a b c d e f.
fn parametric(function: u16, reader: &mut Reader<'_>) -> Option<Curve<'static>> {
    reader.take(2)?;
    let mut next = || s15_fixed_16(reader);
    let g = next().filter(|g| *g > 0.0)?;
    if function == 0 {
        return power(g);
    }
    let (a, b) = (next()?, next()?);
    // Where the power begins, for the functions that do not say it themselves.
    let zero = || (a > 0.0).then(|| -b / a);
    let (c, d, e, f) = match function {
        1 => (0.0, zero()?, 0.0, 0.0),
        2 => next().and_then(|constant| Some((0.0, zero()?, constant, constant)))?,
        3 => (next()?, next()?, 0.0, 0.0),
        4 => (next()?, next()?, next()?, next()?),
        _ => return None,
    };
    (a >= 0.0).then_some(Curve::Parametric { g, a, b, c, d, e, f })
}

fn by_description(tags: &Tags<'_>) -> ColorSpace {
    let name = tags.find(b"desc").and_then(description).unwrap_or_default();
    // Byte by byte: the standard library's search in strings is kilobytes of wasm.
    let has = |part: &[u8]| name.as_bytes().windows(part.len()).any(|bytes| bytes.eq_ignore_ascii_case(part));
    if has(b"srgb") {
        ColorSpace::Srgb
    } else if has(b"display p3") {
        ColorSpace::DisplayP3
    } else if has(b"adobe rgb") {
        ColorSpace::AdobeRgb
    } else {
        ColorSpace::Other
    }
}

/// ICC.1:2022 section 10.15 (multiLocalizedUnicodeType, the first record); ICC.1:2001-04 section 6.5.17 (textDescriptionType).
fn description(tag: &[u8]) -> Option<String> {
    let mut reader = Reader::new(tag);
    match reader.take(4)? {
        b"desc" => {
            reader.take(4)?;
            let length = usize::try_from(reader.u32()?).ok()?;
            let text = reader.take(length)?;
            Some(String::from_utf8_lossy(text.get(..MAX_NAME_BYTES).unwrap_or(text)).into_owned())
        }
        b"mluc" => {
            reader.take(16)?;
            let (length, offset) =
                (usize::try_from(reader.u32()?).ok()?, usize::try_from(reader.u32()?).ok()?);
            let (units, _) = tag.get(offset..offset.checked_add(length)?)?.as_chunks::<2>();
            let units = units.iter().take(MAX_NAME_BYTES / 2).map(|unit| u16::from_be_bytes(*unit));
            Some(char::decode_utf16(units).flatten().collect())
        }
        _ => None,
    }
}

//! Items and their properties: ISO/IEC 14496-12 section 8.11, ISO/IEC 23008-12 sections 6.5 and 9.3.

use super::Described;
use super::boxes::{Found, boxes, find, full};
use crate::color::{Channels, CodePoints, Profile};
use crate::inspect::ColorSpace;
use crate::inspect::reader::Reader;

/// An association has 15 bits for the number of a property.
const MAX_PROPERTIES: usize = 0x7fff;
/// Auxiliary pictures of one picture: alpha, depth, gain map. More are not looked at.
const MAX_AUXILIARIES: usize = 16;
const ALPHA_TYPES: [&[u8]; 2] =
    [b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0", b"urn:mpeg:hevc:2015:auxid:1\0"];

/// What the `meta` box says of the primary item.
pub(super) fn describe(content: &[u8]) -> Result<Described, &'static str> {
    let (_, children) = full(content).ok_or("its box of items (meta) is too short")?;
    let items = Items::new(children.rest())?;
    let own = items.properties(items.primary);
    // A picture made of tiles may leave to them what they have in common.
    let of_tile = items.referred(b"dimg", items.primary).first().map(|tile| items.properties(*tile));
    let of_tile = of_tile.unwrap_or_default();
    let size = size(&own).ok_or("the size of its picture (ispe) cannot be found")?;
    let tiles_alpha =
        items.referred(b"dimg", items.primary).first().is_some_and(|tile| items.has_alpha(*tile));
    Ok(Described {
        size,
        has_alpha: items.has_alpha(items.primary) || tiles_alpha,
        frames: 1,
        color_space: color_space(&own).or_else(|| color_space(&of_tile)).unwrap_or(ColorSpace::Srgb),
        has_metadata: items.have_metadata(),
    })
}

struct Items<'a> {
    primary: u32,
    /// The properties that items share, numbered from 1.
    properties: Vec<Found<'a>>,
    /// The contents of `ipma`, `iref` and `iinf`.
    associations: Vec<&'a [u8]>,
    references: &'a [u8],
    information: &'a [u8],
}

impl<'a> Items<'a> {
    fn new(children: &'a [u8]) -> Result<Self, &'static str> {
        if boxes(children).any(|found| found.is_err()) {
            return Err("a box among its items (meta) reaches beyond them");
        }
        let primary =
            find(children, b"pitm").and_then(full).and_then(|(version, mut reader)| id(version, &mut reader));
        let shared = find(children, b"iprp").unwrap_or_default();
        let container = find(shared, b"ipco").unwrap_or_default();
        let associations = boxes(shared).flatten().filter(|found| found.kind == *b"ipma");
        Ok(Self {
            primary: primary.ok_or("it does not say which of its pictures is meant (pitm)")?,
            properties: boxes(container).map_while(Result::ok).take(MAX_PROPERTIES).collect(),
            // By version and by flags: four at most.
            associations: associations.map(|found| found.content).take(4).collect(),
            references: find(children, b"iref").unwrap_or_default(),
            information: find(children, b"iinf").unwrap_or_default(),
        })
    }

    /// The properties of an item in their order. Nothing where the associations are broken.
    fn properties(&self, item: u32) -> Vec<Found<'a>> {
        let numbers =
            self.associations.iter().find_map(|content| associated(content, item)).unwrap_or_default();
        let property = |number: &usize| self.properties.get(number.checked_sub(1)?).copied();
        numbers.iter().filter_map(property).collect()
    }

    /// The items that an item refers to by references of a kind; of many the first.
    fn referred(&self, kind: &[u8; 4], from: u32) -> Vec<u32> {
        let mut all = self.references_of(kind).filter(|(source, _)| *source == from);
        all.next().map(|(_, targets)| targets).unwrap_or_default()
    }

    /// Section 8.11.12: who refers to whom, by references of a kind.
    fn references_of(&self, kind: &[u8; 4]) -> impl Iterator<Item = (u32, Vec<u32>)> {
        let (version, reader) = full(self.references).unwrap_or((0, Reader::new(&[])));
        let of_kind = boxes(reader.rest()).flatten().filter(move |found| found.kind == *kind);
        of_kind.filter_map(move |found| {
            let mut reader = Reader::new(found.content);
            let source = id(version, &mut reader)?;
            let count = reader.u16()?.min(16);
            Some((source, (0..count).map_while(|_| id(version, &mut reader)).collect()))
        })
    }

    /// ISO/IEC 23008-12 section 6.6.2.1.
    fn has_alpha(&self, item: u32) -> bool {
        let auxiliaries = self.references_of(b"auxl").filter(|(_, targets)| targets.contains(&item));
        auxiliaries.take(MAX_AUXILIARIES).any(|(source, _)| {
            self.properties(source).iter().any(|property| {
                let kind = property.content.get(4..).unwrap_or_default();
                property.kind == *b"auxC" && ALPHA_TYPES.iter().any(|alpha| kind.starts_with(alpha))
            })
        })
    }

    /// Section 8.11.6: whether there are items of EXIF, or of XMP and other texts.
    fn have_metadata(&self) -> bool {
        let Some((version, mut reader)) = full(self.information) else { return false };
        if id(version, &mut reader).is_none() {
            return false;
        }
        boxes(reader.rest()).flatten().any(|entry| {
            let kind = || {
                let (version, mut reader) = full(entry.content)?;
                // Version 2 has identifiers of 16 bits, version 3 of 32; older ones no types.
                reader.take(if version == 2 { 4 } else { 6 })?;
                (version >= 2).then(|| reader.take(4))?
            };
            entry.kind == *b"infe" && matches!(kind(), Some(b"Exif" | b"mime"))
        })
    }
}

/// An identifier: 16 bits in version 0 of a box, 32 later.
fn id(version: u8, reader: &mut Reader<'_>) -> Option<u32> {
    if version == 0 { reader.u16().map(u32::from) } else { reader.u32() }
}

/// ISO/IEC 23008-12 section 9.3: the numbers of the properties of an item.
fn associated(content: &[u8], item: u32) -> Option<Vec<usize>> {
    let (version, mut reader) = full(content)?;
    let has_wide_numbers = content.get(3)? & 1 == 1;
    let count = reader.u32()?;
    for _ in 0..count {
        let owner = id(version, &mut reader)?;
        let of_item = usize::from(reader.u8()?);
        let numbers = reader.take(of_item * if has_wide_numbers { 2 } else { 1 })?;
        if owner == item {
            // The highest bit says that the property is essential.
            return Some(if has_wide_numbers {
                let (numbers, _) = numbers.as_chunks::<2>();
                numbers.iter().map(|two| usize::from(u16::from_be_bytes(*two) & 0x7fff)).collect()
            } else {
                numbers.iter().map(|one| usize::from(one & 0x7f)).collect()
            });
        }
    }
    None
}

/// Width and height as a person sees them: `ispe`, then what is cut off (`clap`) and turned (`irot`), in that order of the list. Mirroring
/// changes neither.
fn size(properties: &[Found<'_>]) -> Option<(u32, u32)> {
    let extents = properties.iter().find(|property| property.kind == *b"ispe")?;
    let (_, mut reader) = full(extents.content)?;
    let mut size = (reader.u32()?, reader.u32()?);
    for property in properties {
        match &property.kind {
            b"clap" => size = aperture(property.content, size).unwrap_or(size),
            b"irot" if property.content.first().is_some_and(|turns| turns & 1 == 1) => {
                size = (size.1, size.0)
            }
            _ => {}
        }
    }
    (size.0 > 0 && size.1 > 0).then_some(size)
}

/// ISO/IEC 14496-12 section 12.1.4: width and height as fractions. `None`: they are not those of a part.
fn aperture(content: &[u8], within: (u32, u32)) -> Option<(u32, u32)> {
    let mut reader = Reader::new(content);
    let mut side = |most: u32| {
        let (pixels, per) = (reader.u32()?, reader.u32()?);
        pixels.checked_div(per).filter(|side| (1..=most).contains(side))
    };
    Some((side(within.0)?, side(within.1)?))
}

/// What the samples mean. `None`: it is not said.
pub(super) fn color_space(properties: &[Found<'_>]) -> Option<ColorSpace> {
    // The number of channels: ISO/IEC 23008-12 section 6.5.6.
    let channels = properties.iter().find(|property| property.kind == *b"pixi");
    let is_gray = channels.and_then(|property| property.content.get(4)) == Some(&1)
        || properties.iter().any(|property| is_monochrome(property).unwrap_or(false));
    if is_gray {
        return Some(ColorSpace::Gray);
    }
    let colors =
        || properties.iter().filter(|property| property.kind == *b"colr").map(|property| property.content);
    // A profile says more than code points, where there are both.
    let profile = colors()
        .filter_map(|content| content.strip_prefix(b"prof").or(content.strip_prefix(b"rICC")))
        .find_map(|icc| Profile::from_icc(icc, Channels::Rgb));
    profile.map(|profile| profile.color_space()).or_else(|| colors().find_map(by_code_points))
}

/// `nclx`, ISO/IEC 14496-12 section 12.1.5. The range is that of YCbCr, and no matter of colours.
fn by_code_points(content: &[u8]) -> Option<ColorSpace> {
    let mut reader = Reader::new(content.strip_prefix(b"nclx")?);
    let (primaries, transfer) = (reader.u16()?, reader.u16()?);
    const UNSPECIFIED: u16 = 2;
    if (primaries, transfer) == (UNSPECIFIED, UNSPECIFIED) {
        return None;
    }
    let points = CodePoints { primaries, transfer, is_full_range: true };
    Some(points.profile(Channels::Rgb).map_or(ColorSpace::Other, |profile| profile.color_space()))
}

/// The configuration of the decoder: AV1 in ISOBMFF section 2.3.3, ISO/IEC 14496-15 section 8.3.3.1.2.
fn is_monochrome(property: &Found<'_>) -> Option<bool> {
    match &property.kind {
        b"av1C" => Some(property.content.get(2)? >> 4 & 1 == 1),
        b"hvcC" => Some(property.content.get(16)? & 3 == 0),
        _ => None,
    }
}

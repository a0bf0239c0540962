//! JPEG markers, as far as they say what the picture is. ITU-T T.81 annex B.

use super::reader::Reader;
use super::{Coding, ColorSpace, Depth, Format, ImageInfo, Survey, exif};
use crate::color::{Channels, IccChunks, Profile};
use crate::{Error, Orientation};

const TEM: u8 = 0x01;
const SOF0: u8 = 0xc0;
const SOF2: u8 = 0xc2;
const SOF15: u8 = 0xcf;
const DHT: u8 = 0xc4;
const JPG: u8 = 0xc8;
const DAC: u8 = 0xcc;
const RST0: u8 = 0xd0;
const RST7: u8 = 0xd7;
const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const DNL: u8 = 0xdc;
const DHP: u8 = 0xde;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP13: u8 = 0xed;
const COM: u8 = 0xfe;

/// The frame header, T.81 B.2.2.
#[derive(Debug, Clone, Copy)]
struct Frame {
    width: u32,
    height: u32,
    components: u8,
    shape: Shape,
}

/// What the plan has to know of the coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Sampling factors across and down of each component, 1..=4; 0 where there is none.
    pub(crate) factors: [(u8, u8); 4],
    pub(crate) is_progressive: bool,
    /// Whether one scan brings all components.
    pub(crate) is_interleaved: bool,
}

impl Shape {
    /// The sampling factors of each component.
    pub(crate) fn components(&self) -> impl Iterator<Item = (u8, u8)> + Clone {
        self.factors.into_iter().filter(|(across, _)| *across > 0)
    }
}

/// Walks all markers to the end of the picture; entropy-coded data is stepped over, not decoded. Where only what comes before the pixels is
/// asked for, the walk ends at the first scan of a file whose last bytes are the end of a picture.
pub(crate) fn survey(bytes: &[u8], depth: Depth) -> Result<Survey, Error> {
    let mut frame: Option<Frame> = None;
    let mut orientation: Option<Orientation> = None;
    let mut icc = IccChunks::default();
    let (mut has_metadata, mut has_scan, mut complete) = (false, false, false);

    let mut reader = Reader::new(bytes.get(2..).unwrap_or_default());
    while let Some(marker) = next_marker(&mut reader) {
        match marker {
            EOI => {
                complete = true;
                has_metadata |= !reader.rest().is_empty();
                break;
            }
            SOI | TEM | RST0..=RST7 => continue,
            _ => {}
        }
        let read = segment(&mut reader);
        if has_scan && (read.is_err() || (frame.is_some() && is_frame_header(marker))) {
            // Behind its pixels a file may hold what it likes; nobody knows where it ends then but by its last bytes.
            complete = bytes.ends_with(&[0xff, EOI]);
            has_metadata = true;
            break;
        }
        let Some(segment) = read? else { break };
        match marker {
            DHT | JPG | DAC => {}
            SOF0..=SOF15 if frame.is_some() => {
                return Err(Error::malformed(Format::Jpeg, "it has a second frame header (SOF)"));
            }
            SOF0..=SOF15 => frame = Some(frame_header(marker, segment)?),
            DHP if !has_scan => return Err(unsupported("hierarchical coding")),
            SOS if frame.is_none() => {
                return Err(Error::malformed(Format::Jpeg, "its scan comes before its frame header"));
            }
            SOS => {
                if let (false, Some(frame)) = (has_scan, &mut frame) {
                    frame.shape.is_interleaved = segment.first() == Some(&frame.components);
                }
                has_scan = true;
                let needs_lines = frame.as_ref().is_some_and(|frame| frame.height == 0);
                if depth == Depth::Pixels && !needs_lines && bytes.ends_with(&[0xff, EOI]) {
                    complete = true;
                    break;
                }
            }
            // T.81 B.2.5: the number of lines, after the first scan.
            DNL => match (&mut frame, segment.first_chunk()) {
                (Some(frame), Some(lines)) if frame.height == 0 => {
                    frame.height = u16::from_be_bytes(*lines).into()
                }
                _ => {}
            },
            APP1 => {
                has_metadata = true;
                // The first EXIF block counts; later ones are leftovers of editors.
                if let Some(tiff) = segment.strip_prefix(b"Exif\0") {
                    orientation.get_or_insert(exif::orientation(tiff.get(1..).unwrap_or_default()));
                }
            }
            APP2 => has_metadata |= !icc.take(segment),
            APP13 | COM => has_metadata = true,
            _ => {}
        }
    }

    let frame = frame.ok_or(Error::Truncated { format: Format::Jpeg, detail: "its headers" })?;
    if complete && !has_scan {
        return Err(Error::malformed(Format::Jpeg, "it has no scan"));
    }
    if frame.height == 0 {
        let detail = "its height, which stands after the first scan";
        return Err(if complete {
            Error::malformed(Format::Jpeg, "it states no height (DNL)")
        } else {
            Error::Truncated { format: Format::Jpeg, detail }
        });
    }
    let (color_space, profile) = match frame.components {
        1 => (ColorSpace::Gray, icc.profile(Channels::Gray)),
        4 => (ColorSpace::Cmyk, None),
        _ => {
            let profile = icc.profile(Channels::Rgb);
            (profile.as_ref().map_or(ColorSpace::Srgb, Profile::color_space), profile)
        }
    };
    let orientation = orientation.unwrap_or_default();
    let (width, height) = orientation.size_seen((frame.width, frame.height));
    let info = ImageInfo {
        format: Format::Jpeg,
        width,
        height,
        orientation,
        has_alpha: false,
        frames: 1,
        color_space,
        has_metadata,
    };
    Ok(Survey { info, complete, coding: Coding::Jpeg(frame.shape), profile })
}

/// The next marker that has parameters, with them. `None`: the picture or the file ends.
pub(crate) fn next_segment<'a>(reader: &mut Reader<'a>) -> Result<Option<(u8, &'a [u8])>, Error> {
    loop {
        match next_marker(reader) {
            None | Some(EOI) => return Ok(None),
            Some(SOI | TEM | RST0..=RST7) => {}
            Some(marker) => return Ok(segment(reader)?.map(|segment| (marker, segment))),
        }
    }
}

fn is_frame_header(marker: u8) -> bool {
    matches!(marker, SOF0..=SOF15) && !matches!(marker, DHT | JPG | DAC)
}

/// The next marker code. Fill bytes, stuffed zeros and garbage before it are stepped over, and so is entropy-coded data.
fn next_marker(reader: &mut Reader<'_>) -> Option<u8> {
    loop {
        let at = memchr::memchr(0xff, reader.rest())?;
        reader.take(at + 1)?;
        loop {
            match reader.u8()? {
                0xff => {}
                0 => break,
                code => return Some(code),
            }
        }
    }
}

/// The parameters of a marker segment; `None` where the bytes end before it does.
fn segment<'a>(reader: &mut Reader<'a>) -> Result<Option<&'a [u8]>, Error> {
    let Some(length) = reader.u16() else { return Ok(None) };
    let length = length
        .checked_sub(2)
        .ok_or_else(|| Error::malformed(Format::Jpeg, "a segment has an impossible length"))?;
    Ok(reader.take(usize::from(length)))
}

fn unsupported(detail: &'static str) -> Error {
    Error::UnsupportedFormat { format: Some(Format::Jpeg), detail }
}

fn frame_header(marker: u8, segment: &[u8]) -> Result<Frame, Error> {
    match marker {
        SOF0..=SOF2 => {}
        0xc3 | 0xc7 | 0xcb | SOF15 => return Err(unsupported("lossless coding")),
        0xc5 | 0xc6 | 0xcd | 0xce => return Err(unsupported("hierarchical coding")),
        _ => return Err(unsupported("arithmetic coding")),
    }
    let wrong = |what: &str| Error::malformed(Format::Jpeg, what);
    let mut reader = Reader::new(segment);
    let (Some(bits), Some(height), Some(width), Some(components)) =
        (reader.u8(), reader.u16(), reader.u16(), reader.u8())
    else {
        return Err(wrong("its frame header is too short"));
    };
    if bits != 8 {
        return Err(unsupported("not 8 bits a sample"));
    }
    if width == 0 {
        return Err(wrong("its frame header states a width of 0"));
    }
    if !matches!(components, 1 | 3 | 4) {
        return Err(unsupported("not 1, 3 or 4 components"));
    }
    let mut factors = [(0, 0); 4];
    for slot in factors.iter_mut().take(usize::from(components)) {
        let (Some(_id), Some(sampling), Some(table)) = (reader.u8(), reader.u8(), reader.u8()) else {
            return Err(wrong("its frame header is too short"));
        };
        let (across, down) = (sampling >> 4, sampling & 15);
        if !(1..=4).contains(&across) || !(1..=4).contains(&down) || table > 3 {
            return Err(wrong("its frame header states an impossible sampling factor or table"));
        }
        *slot = (across, down);
    }
    let (width, height) = (u32::from(width), u32::from(height));
    let shape = Shape { factors, is_progressive: marker == SOF2, is_interleaved: false };
    Ok(Frame { width, height, components, shape })
}

//! The segments of a baseline JPEG file, ITU-T T.81 annex B.

use super::scan::{self, Codes, Component};
use super::{Cursor, Foreign};

/// What has been read so far.
#[derive(Debug, Default)]
struct Seen<'a> {
    frame: Option<Frame<'a>>,
    quantizers: [bool; 2],
    /// DC 0, DC 1, AC 0, AC 1.
    codes: [Option<Codes<'a>>; 4],
}

#[derive(Debug, Clone, Copy)]
struct Frame<'a> {
    width: u16,
    height: u16,
    /// Of each component: its name, its sampling factors, its quantisation table.
    components: &'a [[u8; 3]],
}

pub(super) fn check(bytes: &[u8]) -> Result<(), Foreign> {
    let mut cursor = Cursor::new(bytes);
    let _start_of_image = cursor.take(2)?;
    let mut seen = Seen::default();
    loop {
        let start = cursor.offset;
        let [lead, marker] = cursor.array()?;
        if lead != 0xff {
            return Err(Foreign::new(start, "bytes between segments"));
        }
        let name = match marker {
            0xe0..=0xef => format!("segment APP{}", marker - 0xe0),
            0xfe => "segment COM".into(),
            marker => format!("segment {marker:02X}"),
        };
        if !matches!(marker, 0xc0 | 0xc4 | 0xda | 0xdb | 0xe0) {
            return Err(Foreign::new(start, name));
        }
        let length = usize::from(u16::from_be_bytes(cursor.array()?));
        let content = cursor.take(length.saturating_sub(2))?;
        let is_first = start == 2;
        let is_usual = match marker {
            0xe0 => is_first && is_plain_jfif(content),
            _ if is_first => false,
            0xdb => quantizers(content, &mut seen),
            0xc0 => frame(content, &mut seen),
            0xc4 => codes(content, &mut seen),
            _ => true,
        };
        // Each has one form that is written; others may hold more.
        let unusual = || Foreign::new(start, format!("{name} of an unusual form"));
        if length < 2 || !is_usual {
            return Err(unusual());
        }
        if marker == 0xda {
            let (unit_count, components) = components(content, &seen).ok_or_else(unusual)?;
            scan::check(&mut cursor, unit_count, &components)?;
            let end = cursor.offset;
            if cursor.array()? != [0xff, 0xd9] {
                return Err(Foreign::new(end, "bytes behind the last block"));
            }
            return cursor.end();
        }
    }
}

/// T.871 clause 10.1: version, density, and a thumbnail of no size.
fn is_plain_jfif(content: &[u8]) -> bool {
    matches!(content, [b'J', b'F', b'I', b'F', 0, 1, 0..=2, 0..=2, _, _, _, _, 0, 0])
}

/// Tables of 8 bits, each once. T.81 B.2.4.1.
fn quantizers(content: &[u8], seen: &mut Seen<'_>) -> bool {
    let (tables, rest) = content.as_chunks::<65>();
    let is_new = |[number, ..]: &[u8; 65]| match seen.quantizers.get_mut(usize::from(*number)) {
        Some(place) => !std::mem::replace(place, true),
        None => false,
    };
    tables.iter().all(is_new) && rest.is_empty() && !tables.is_empty()
}

/// Tables of codes, each once. T.81 B.2.4.2.
fn codes<'a>(mut content: &'a [u8], seen: &mut Seen<'a>) -> bool {
    if content.is_empty() {
        return false;
    }
    while let Some((number, rest)) = content.split_first() {
        let index = match number {
            0x00 | 0x01 => *number,
            0x10 | 0x11 => 2 + (number & 1),
            _ => return false,
        };
        let Some((counts, rest)) = rest.split_first_chunk::<16>() else { return false };
        let symbol_count: usize = counts.iter().map(|count| usize::from(*count)).sum();
        let Some((symbols, rest)) = rest.split_at_checked(symbol_count) else { return false };
        let Some(place) = seen.codes.get_mut(usize::from(index)).filter(|place| place.is_none()) else {
            return false;
        };
        if symbol_count > 256 {
            return false;
        }
        *place = Some(Codes { counts, symbols });
        content = rest;
    }
    true
}

/// One frame, of one component or three. T.81 B.2.2.
fn frame<'a>(content: &'a [u8], seen: &mut Seen<'a>) -> bool {
    let [8, h1, h0, w1, w0, count @ (1 | 3), components @ ..] = content else { return false };
    let (components, rest) = components.as_chunks::<3>();
    let (height, width) = (u16::from_be_bytes([*h1, *h0]), u16::from_be_bytes([*w1, *w0]));
    let are_usual = components.iter().all(|[_, factors, table]| match factors {
        0x11 => *table < 2,
        0x12 | 0x21 | 0x22 => *table < 2 && *count == 3,
        _ => false,
    });
    let is_whole = rest.is_empty() && components.len() == usize::from(*count) && width > 0 && height > 0;
    let is_only = seen.frame.replace(Frame { width, height, components }).is_none();
    is_only && is_whole && are_usual
}

/// One scan of everything, T.81 B.2.3: how many units it has, and what they consist of.
fn components<'a>(content: &[u8], seen: &Seen<'a>) -> Option<(u64, Vec<Component<'a>>)> {
    let [count, selectors @ .., 0, 63, 0] = content else { return None };
    let (selectors, rest) = selectors.as_chunks::<2>();
    let frame = seen.frame?;
    let is_whole = usize::from(*count) == selectors.len() && selectors.len() == frame.components.len();
    if !is_whole || !rest.is_empty() {
        return None;
    }
    let (mut across, mut down, mut components) = (1, 1, Vec::new());
    for ([name, tables], [wanted, factors, _]) in selectors.iter().zip(frame.components) {
        let (dc, ac) = (usize::from(tables >> 4), usize::from(tables & 15));
        if name != wanted || dc > 1 || ac > 1 {
            return None;
        }
        let (width, height) = (u32::from(factors >> 4), u32::from(factors & 15));
        (across, down) = (width.max(across), height.max(down));
        components.push(Component {
            dc: seen.codes[dc]?,
            ac: seen.codes[2 + ac]?,
            block_count: width * height,
        });
    }
    let units = u32::from(frame.width).div_ceil(8 * across) * u32::from(frame.height).div_ceil(8 * down);
    Some((u64::from(units), components))
}

//! The segments that say how a picture is coded. ITU-T T.81 B.2.

use super::huffman::{AcTable, DcTable};
use super::idct::ZIGZAG;
use super::typical::TYPICAL;
use crate::Error;
use crate::inspect::Format;

/// A component of the frame, T.81 B.2.2.
#[derive(Debug, Clone, Copy)]
pub(super) struct Component {
    pub(super) id: u8,
    /// Sampling factors, 1..=4.
    pub(super) across: u32,
    pub(super) down: u32,
    /// Which quantisation table, 0..=3.
    pub(super) quantisers: usize,
}

/// The frame header.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Pixels.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) is_progressive: bool,
    pub(super) components: Vec<Component>,
}

impl Frame {
    /// The largest sampling factors.
    pub(super) fn most(&self) -> (u32, u32) {
        let across = self.components.iter().map(|component| component.across).max().unwrap_or(1);
        (across, self.components.iter().map(|component| component.down).max().unwrap_or(1))
    }

    /// Blocks of these components.
    pub(super) fn blocks(&self, indices: &[usize]) -> u64 {
        let (across, down) = self.units();
        let of_unit = |index: &usize| {
            self.components.get(*index).map_or(0, |component| u64::from(component.across * component.down))
        };
        indices.iter().map(of_unit).sum::<u64>() * u64::from(across) * u64::from(down)
    }

    /// Minimum coded units across and down where all components are interleaved, T.81 A.2.3.
    pub(super) fn units(&self) -> (u32, u32) {
        let (across, down) = self.most();
        (self.width.div_ceil(8 * across), self.height.div_ceil(8 * down))
    }
}

/// The scan header, T.81 B.2.3.
#[derive(Debug, Clone, Default)]
pub(super) struct Scan {
    /// Index of the component, its DC and its AC table.
    pub(super) components: Vec<(usize, usize, usize)>,
    /// First and last zigzag position.
    pub(super) band: (usize, usize),
    /// Bits below those of this scan: before it (0: this is the first) and after it.
    pub(super) before: u32,
    pub(super) after: u32,
}

/// Counts of codes of each length, and the symbols in order of their codes.
type Codes = ([u8; 16], Vec<u8>);

/// All tables in force, T.81 B.2.4.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// In natural order.
    pub(super) quantisers: [Option<Box<[u16; 64]>>; 4],
    pub(super) dc: [Option<DcTable>; 4],
    pub(super) ac: [Option<AcTable>; 4],
    /// As they stand in the file: a table is worked out when a scan that is read asks for it.
    codes: [[Option<Codes>; 4]; 2],
    /// MCUs between restart markers; 0: none.
    pub(super) restart_interval: u32,
}

pub(super) fn damaged(what: &'static str) -> Error {
    Error::malformed(Format::Jpeg, what)
}

/// `height` in pixels is taken where the frame header states none.
pub(super) fn frame(marker: u8, segment: &[u8], height: u32) -> Result<Frame, Error> {
    let wrong = || damaged("its frame header cannot be right");
    let (&[_, y1, y0, x1, x0, count], rest) = segment.split_first_chunk::<6>().ok_or_else(wrong)?;
    let (parts, _) = rest.as_chunks::<3>();
    let components: Vec<Component> = parts
        .iter()
        .take(count.into())
        .map(|&[id, sampling, table]| Component {
            id,
            across: u32::from(sampling >> 4).clamp(1, 4),
            down: u32::from(sampling & 15).clamp(1, 4),
            quantisers: usize::from(table & 3),
        })
        .collect();
    let stated = u16::from_be_bytes([y1, y0]).into();
    let (width, height) = (u16::from_be_bytes([x1, x0]).into(), if stated == 0 { height } else { stated });
    if components.len() != usize::from(count) || count == 0 || count > 4 || width == 0 || height == 0 {
        return Err(wrong());
    }
    Ok(Frame { width, height, is_progressive: marker == 0xc2, components })
}

pub(super) fn scan(segment: &[u8], frame: &Frame) -> Result<Scan, Error> {
    let wrong = || damaged("a scan header cannot be right");
    let (&count, rest) = segment.split_first().ok_or_else(wrong)?;
    let (parts, tail) = rest.split_at_checked(2 * usize::from(count)).ok_or_else(wrong)?;
    let mut components: Vec<(usize, usize, usize)> = Vec::with_capacity(4);
    for &[id, tables] in parts.as_chunks::<2>().0 {
        // Names that are there twice are taken in order, as libjpeg does.
        let is_free = |index: usize| components.iter().all(|(other, ..)| *other != index);
        let mut named = frame.components.iter().enumerate().filter(|(_, component)| component.id == id);
        let (index, _) = named.find(|(index, _)| is_free(*index)).ok_or_else(wrong)?;
        components.push((index, usize::from(tables >> 4 & 3), usize::from(tables & 3)));
    }
    let &[start, end, approximation, ..] = tail else { return Err(wrong()) };
    // T.81 B.2.3: an MCU has ten blocks at the most.
    let blocks = components.iter().filter_map(|(index, ..)| frame.components.get(*index));
    let blocks: u32 = blocks.map(|component| component.across * component.down).sum();
    if components.is_empty() || (components.len() > 1 && blocks > 10) {
        return Err(wrong());
    }
    if !frame.is_progressive {
        return Ok(Scan { components, band: (0, 63), ..Scan::default() });
    }
    let (before, after) = (u32::from(approximation >> 4), u32::from(approximation & 15));
    let is_dc = start == 0;
    let fits = end <= 63 && start <= end && (is_dc == (end == 0)) && (is_dc || components.len() == 1);
    if !fits || after > 13 || before > 13 {
        return Err(wrong());
    }
    Ok(Scan { components, band: (start.into(), end.into()), before, after })
}

impl Tables {
    /// DQT, T.81 B.2.4.1.
    pub(super) fn read_quantisers(&mut self, mut segment: &[u8]) -> Result<(), Error> {
        let wrong = || damaged("a quantisation table (DQT) is cut short");
        while let Some((&head, rest)) = segment.split_first() {
            let bytes_each = if head >> 4 == 0 { 1 } else { 2 };
            let (values, rest) = rest.split_at_checked(64 * bytes_each).ok_or_else(wrong)?;
            let mut table = Box::new([0; 64]);
            for (value, natural) in values.chunks_exact(bytes_each).zip(ZIGZAG) {
                table[usize::from(natural)] =
                    value.iter().fold(0u16, |number, byte| number << 8 | u16::from(*byte));
            }
            if let Some(slot) = self.quantisers.get_mut(usize::from(head & 15)) {
                *slot = Some(table);
            }
            segment = rest;
        }
        Ok(())
    }

    /// DHT, T.81 B.2.4.2.
    pub(super) fn read_huffman(&mut self, mut segment: &[u8]) -> Result<(), Error> {
        let wrong = || damaged("a Huffman table (DHT) cannot be right");
        while let Some((&head, rest)) = segment.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or_else(wrong)?;
            let symbols = counts.iter().map(|count| usize::from(*count)).sum();
            let (values, rest) = rest.split_at_checked(symbols).ok_or_else(wrong)?;
            let (class, index) = (usize::from(head >> 4 != 0), usize::from(head & 15));
            let slot = self.codes.get_mut(class).and_then(|class| class.get_mut(index)).ok_or_else(wrong)?;
            *slot = Some((*counts, values.to_vec()));
            if class == 0 {
                self.dc[index] = None;
            } else {
                self.ac[index] = None;
            }
            segment = rest;
        }
        Ok(())
    }

    /// Takes those of T.81 K.3.3 where a sequential file has none: frames of Motion JPEG leave them out.
    pub(super) fn assume_typical(&mut self) {
        for (class, typical) in self.codes.iter_mut().zip(TYPICAL) {
            for (slot, (counts, values)) in class.iter_mut().zip(typical) {
                slot.get_or_insert_with(|| (counts, values.to_vec()));
            }
        }
    }

    /// Works out the tables that a scan asks for; `dc` and `ac` say which kinds it reads.
    pub(super) fn work_out(&mut self, scan: &Scan, dc: bool, ac: bool) -> Result<(), Error> {
        let missing = || damaged("a Huffman table (DHT) is missing");
        let wrong = || damaged("a Huffman table (DHT) cannot be right");
        for (_, dc_index, ac_index) in &scan.components {
            let codes = |class: usize, index: usize| {
                self.codes.get(class).and_then(|class| class.get(index)).and_then(Option::as_ref)
            };
            if dc && self.dc.get(*dc_index).is_some_and(Option::is_none) {
                let (counts, values) = codes(0, *dc_index).ok_or_else(missing)?;
                self.dc[*dc_index] = Some(DcTable::new(counts, values).ok_or_else(wrong)?);
            }
            if ac && self.ac.get(*ac_index).is_some_and(Option::is_none) {
                let (counts, values) = codes(1, *ac_index).ok_or_else(missing)?;
                self.ac[*ac_index] = Some(AcTable::new(counts, values).ok_or_else(wrong)?);
            }
        }
        Ok(())
    }
}

/// A table that [`Tables::work_out`] has made.
pub(super) fn table<T>(tables: &[Option<T>; 4], index: usize) -> Result<&T, Error> {
    tables.get(index).and_then(Option::as_ref).ok_or_else(|| damaged("a Huffman table (DHT) is missing"))
}

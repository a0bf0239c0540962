//! What stands around the entropy-coded data: marker segments, T.81 annex B and T.871 clause 10.

use super::huffman::Table;
use super::quantize::Quantizers;
use super::source::Source;
use super::tokens::CLASSES;

const START_OF_IMAGE: u8 = 0xd8;
const APPLICATION_0: u8 = 0xe0;
const QUANTIZATION_TABLES: u8 = 0xdb;
const BASELINE_FRAME: u8 = 0xc0;
const HUFFMAN_TABLES: u8 = 0xc4;
const START_OF_SCAN: u8 = 0xda;
pub(super) const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];

/// More than all segments ever take.
pub(super) const MOST_BYTES: usize = 2048;

fn segment(bytes: &mut Vec<u8>, marker: u8, parts: &[&[u8]]) {
    let length: usize = 2 + parts.iter().map(|part| part.len()).sum::<usize>();
    bytes.extend_from_slice(&[0xff, marker, (length >> 8) as u8, length as u8]);
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
}

/// Everything before the entropy-coded data. `quantizers`: of luma and of chroma; `tables`: by class of tokens.
pub(super) fn write_head(
    bytes: &mut Vec<u8>,
    source: &Source<'_>,
    quantizers: &[Quantizers; 2],
    tables: &[Table; CLASSES],
) {
    let Source { width, height, sampling, .. } = source;
    let component_count = sampling.component_count();
    bytes.extend_from_slice(&[0xff, START_OF_IMAGE]);
    // Version 1.02; pixels are square, of no stated size; no thumbnail.
    segment(bytes, APPLICATION_0, &[b"JFIF\0", &[1, 2, 0, 0, 1, 0, 1, 0, 0]]);

    let [luma, chroma] = quantizers;
    match component_count {
        1 => segment(bytes, QUANTIZATION_TABLES, &[&[0], &luma.steps]),
        _ => segment(bytes, QUANTIZATION_TABLES, &[&[0], &luma.steps, &[1], &chroma.steps]),
    }

    let [height_high, height_low] = height.to_be_bytes();
    let [width_high, width_low] = width.to_be_bytes();
    let head = [8, height_high, height_low, width_high, width_low, component_count];
    let components = [[1, sampling.luma_factors(), 0], [2, 0x11, 1], [3, 0x11, 1]];
    let components = components.get(..usize::from(component_count)).unwrap_or_default();
    segment(bytes, BASELINE_FRAME, &[&head, components.as_flattened()]);

    let used = if component_count == 1 { 2 } else { CLASSES };
    let mut codes = Vec::new();
    for (class, table) in (0u8..).zip(tables).take(used) {
        // Tables of AC are marked by 16; luma's are number 0, chroma's number 1.
        codes.push(class % 2 * 16 + class / 2);
        codes.extend_from_slice(&table.counts);
        codes.extend_from_slice(&table.symbols);
    }
    segment(bytes, HUFFMAN_TABLES, &[&codes]);

    let selectors = [[1, 0x00], [2, 0x11], [3, 0x11]];
    let selectors = selectors.get(..usize::from(component_count)).unwrap_or_default();
    segment(bytes, START_OF_SCAN, &[&[component_count], selectors.as_flattened(), &[0, 63, 0]]);
}

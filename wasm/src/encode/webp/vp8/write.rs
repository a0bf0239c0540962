//! The bitstream of a frame: RFC 6386 sections 9, 11 and 13.

use super::bits::BoolWriter;
use super::cost::{CHROMA_PATHS, CHROMA_PROBABILITIES, LUMA_PATHS, LUMA_PROBABILITIES, SMALL_PATHS};
use super::frame::{Frame, block_order, notes};
use super::macroblock::{Border, Nonzero, SMALL};
use super::quantize::CHROMA_DC_FINER;
use super::tables::{SMALL_MODES, TOKEN_UPDATES, TOKENS, TokenProbabilities};
use super::tokens::Writer;

/// Goes through all levels.
fn levels(frame: &Frame, to: &mut Writer<'_>) {
    let mut above = vec![Border::default(); frame.columns];
    let mut left = Border::default();
    let mut stored = frame.levels.as_slice();
    for (i, macroblock) in frame.macroblocks.iter().enumerate() {
        let column = i % frame.columns;
        if column == 0 {
            left = Border::default();
        }
        let mut nonzero = Nonzero { above: above[column], left };
        for (block, kind, first) in block_order(macroblock.luma_mode != SMALL) {
            let (in_row, in_column) = notes(block, &mut nonzero);
            if !macroblock.has_levels {
                (*in_row, *in_column) = (0, 0);
                continue;
            }
            let (count, rest) = stored.split_first().unwrap_or((&0, &[]));
            let (of_block, rest) = rest.split_at(usize::from(count.unsigned_abs()).min(rest.len()));
            stored = rest;
            to.block(kind, first, usize::from(*in_row + *in_column), of_block);
            let is_nonzero = u8::from(!of_block.is_empty());
            (*in_row, *in_column) = (is_nonzero, is_nonzero);
        }
        (above[column], left) = (nonzero.above, nonzero.left);
    }
}

/// What the header says beside sizes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    /// In pixels.
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) quantizer_index: u8,
    pub(super) filter_level: u8,
}

/// First partitions are at most so long: 19 bits tell their length.
const MOST_FIRST_BYTES: usize = (1 << 19) - 1;

/// The content of a VP8 chunk; `None`: the modes take more than a bitstream can hold.
pub(super) fn write(frame: &Frame, header: Header, probabilities: &TokenProbabilities) -> Option<Vec<u8>> {
    let first = first_partition(frame, header, probabilities);
    if first.len() > MOST_FIRST_BYTES {
        return None;
    }
    let mut tokens = Writer::new(probabilities);
    levels(frame, &mut tokens);
    // Key frame, version 0, to be shown.
    let tag = (first.len() as u32) << 5 | 1 << 4;
    let [a, b, c, _] = tag.to_le_bytes();
    let (width, height) = (header.width as u16, header.height as u16);
    let mut bytes = vec![a, b, c, 0x9d, 0x01, 0x2a];
    bytes.extend(width.to_le_bytes());
    bytes.extend(height.to_le_bytes());
    bytes.extend(first);
    bytes.extend(tokens.finish());
    Some(bytes)
}

/// Sections 9.3 to 9.11, then the modes.
fn first_partition(frame: &Frame, header: Header, probabilities: &TokenProbabilities) -> Vec<u8> {
    let mut bits = BoolWriter::new();
    // Colour space, clamping.
    bits.number(0, 2);
    // No segments.
    bits.flag(false);
    // The normal loop filter, level, sharpness, no adjustments.
    bits.flag(false);
    bits.number(header.filter_level.into(), 6);
    bits.number(0, 3);
    bits.flag(false);
    // One partition of levels.
    bits.number(0, 2);
    bits.number(header.quantizer_index.into(), 7);
    for delta in [0, 0, 0, -i32::from(CHROMA_DC_FINER), 0] {
        bits.optional(delta, 4);
    }
    // The probabilities are for this frame: there is no other.
    bits.flag(false);
    let all = |table: &'static TokenProbabilities| table.as_flattened().as_flattened().as_flattened().iter();
    let new = probabilities.as_flattened().as_flattened().as_flattened().iter();
    for ((probability, usual), update) in new.zip(all(&TOKENS)).zip(all(&TOKEN_UPDATES)) {
        bits.bit(*update, probability != usual);
        if probability != usual {
            bits.number((*probability).into(), 8);
        }
    }
    let total = frame.macroblocks.len() as u64;
    let with_levels = frame.macroblocks.iter().filter(|macroblock| macroblock.has_levels).count() as u64;
    let has_skipped = with_levels < total;
    bits.flag(has_skipped);
    let kept = ((with_levels * 256 + total / 2) / total.max(1)).clamp(1, 255) as u8;
    if has_skipped {
        bits.number(kept.into(), 8);
    }
    let mut above = vec![[0; 4]; frame.columns];
    let mut left = [0; 4];
    for (i, macroblock) in frame.macroblocks.iter().enumerate() {
        let column = i % frame.columns;
        if column == 0 {
            left = [0; 4];
        }
        if has_skipped {
            bits.bit(kept, !macroblock.has_levels);
        }
        path(&mut bits, LUMA_PATHS[usize::from(macroblock.luma_mode)], &LUMA_PROBABILITIES);
        for (k, mode) in macroblock.small_modes.iter().enumerate() {
            if macroblock.luma_mode == SMALL {
                let of = &SMALL_MODES[usize::from(above[column][k % 4])][usize::from(left[k / 4])];
                path(&mut bits, SMALL_PATHS[usize::from(*mode)], of);
            }
            above[column][k % 4] = *mode;
            left[k / 4] = *mode;
        }
        path(&mut bits, CHROMA_PATHS[usize::from(macroblock.chroma_mode)], &CHROMA_PROBABILITIES);
    }
    bits.finish()
}

fn path(bits: &mut BoolWriter, path: &[(usize, bool)], probabilities: &[u8]) {
    for (branch, side) in path {
        bits.bit(probabilities[*branch], *side);
    }
}

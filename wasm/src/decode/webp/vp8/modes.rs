//! How each macroblock is predicted: RFC 6386 sections 10, 11 and 19.3.

use super::bits::{BoolReader, MOST_BITS};
use crate::encode::webp::vp8::tables::SMALL_MODES;

/// How the luma or the chroma of a macroblock is predicted as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mode {
    #[default]
    Mean,
    Vertical,
    Horizontal,
    /// Above and left, less the corner.
    Gradient,
}

/// How a block of 4 x 4 is predicted: numbers in the order of section 8.2.
pub(super) type SmallMode = u8;
pub(super) const SMALL_MEAN: SmallMode = 0;
pub(super) const SMALL_GRADIENT: SmallMode = 1;
const SMALL_VERTICAL: SmallMode = 2;
const SMALL_HORIZONTAL: SmallMode = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Luma {
    Whole(Mode),
    /// Row by row.
    Small([SmallMode; 16]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Macroblock {
    pub(super) segment: usize,
    /// It says that it has no coefficients.
    pub(super) is_skipped: bool,
    pub(super) luma: Luma,
    pub(super) chroma: Mode,
}

/// Reads the next macroblock. `above` and `left` are the modes of the small blocks next to it and become its own last ones.
#[inline(never)]
pub(super) fn read(
    bits: &mut BoolReader<'_>,
    segment_tree: Option<[u8; 3]>,
    skipped: Option<u8>,
    above: &mut [SmallMode; 4],
    left: &mut [SmallMode; 4],
) -> Macroblock {
    let segment = segment_tree.map_or(0, |[root, low, high]| match bits.read(root) {
        false => usize::from(bits.read(low)),
        true => 2 + usize::from(bits.read(high)),
    });
    let is_skipped = skipped.is_some_and(|probability| bits.read(probability));
    let luma = if bits.read(145) {
        let (mode, as_small) = match bits.read(156) {
            true if bits.read(128) => (Mode::Gradient, SMALL_GRADIENT),
            true => (Mode::Horizontal, SMALL_HORIZONTAL),
            false if bits.read(163) => (Mode::Vertical, SMALL_VERTICAL),
            false => (Mode::Mean, SMALL_MEAN),
        };
        (*above, *left) = ([as_small; 4], [as_small; 4]);
        Luma::Whole(mode)
    } else {
        Luma::Small(small_modes(bits, above, left))
    };
    let chroma = match bits.read(142) {
        false => Mode::Mean,
        true if !bits.read(114) => Mode::Vertical,
        true if bits.read(183) => Mode::Gradient,
        true => Mode::Horizontal,
    };
    Macroblock { segment, is_skipped, luma, chroma }
}

fn small_modes(
    bits: &mut BoolReader<'_>,
    above: &mut [SmallMode; 4],
    left: &mut [SmallMode; 4],
) -> [SmallMode; 16] {
    let mut modes = [0; 16];
    let mut reader = *bits;
    for (row, left) in modes.as_chunks_mut::<4>().0.iter_mut().zip(left) {
        for (mode, above) in row.iter_mut().zip(above.iter_mut()) {
            let by_left = SMALL_MODES.get(usize::from(*above));
            let probabilities = by_left.and_then(|of| of.get(usize::from(*left))).unwrap_or(&[128; 9]);
            *mode = small_mode(&mut reader, probabilities);
            (*above, *left) = (*mode, *mode);
        }
    }
    *bits = reader;
    modes
}

/// The tree of section 11.2. None of its leaves takes more values than can be prepared at once.
#[inline(always)]
fn small_mode(bits: &mut BoolReader<'_>, probabilities: &[u8; 9]) -> SmallMode {
    bits.prepare(7 * MOST_BITS);
    let mut is_set = |branch: usize| bits.prepared(probabilities[branch]);
    if !is_set(0) {
        return SMALL_MEAN;
    }
    if !is_set(1) {
        return SMALL_GRADIENT;
    }
    if !is_set(2) {
        return SMALL_VERTICAL;
    }
    if !is_set(3) {
        return match is_set(4) {
            false => SMALL_HORIZONTAL,
            true => 5 + u8::from(is_set(5)),
        };
    }
    if !is_set(6) {
        return 4;
    }
    if is_set(7) { 8 + u8::from(is_set(8)) } else { 7 }
}

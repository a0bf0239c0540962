//! The luma of a macroblock that is predicted as a whole.

use super::kernels::{Block, Quantized, restore_strip, spread, transform_strip};
use super::macroblock::{Around, Chooser, Chosen, LUMA_DC_BLOCK, Samples};
use super::predict::{self, LARGE_MODES};
use super::quantize::{Kind, LUMA_DC, LUMA_WITHOUT_DC};
use super::walsh::{forward_walsh, inverse_walsh};

/// Modes that are tried, after a glance at all.
const TRIED_MODES: usize = 2;

/// Luma, decided.
pub(super) struct Large {
    mode: usize,
    predicted: [u8; 256],
    dc: Quantized,
    blocks: [Quantized; 16],
    pub(super) score: i64,
}

/// The coefficients of a macroblock: of its blocks without the first ones, and of these.
struct Transformed {
    blocks: [Block; 16],
    dc: Block,
}

pub(super) fn choose(chooser: &Chooser<'_>, source: &Samples, around: &Around<'_>) -> Large {
    let mut predictions = [[0; 256]; LARGE_MODES];
    let mut glances = [(0, 0); LARGE_MODES];
    for (mode, predicted) in predictions.iter_mut().enumerate() {
        predict::large(mode, [&around.y; 2], predicted);
        let strips = source.y.as_chunks().0.iter().zip(predicted.as_chunks().0);
        let spread = strips.map(|(source, predicted)| spread(source, predicted)).sum();
        glances[mode] = (chooser.glance(spread, chooser.modes.luma[mode]), mode);
    }
    glances.sort_unstable();
    let mut best: Option<(i64, usize, Transformed)> = None;
    for (_, mode) in &glances[..TRIED_MODES] {
        let transformed = transform(source, &predictions[*mode]);
        let (score, ..) = decide(chooser, *mode, &transformed, around, false);
        if best.as_ref().is_none_or(|(least, ..)| score < *least) {
            best = Some((score, *mode, transformed));
        }
    }
    let (mode, transformed) = best.map_or_else(
        || (0, transform(source, &predictions[0])),
        |(_, mode, transformed)| (mode, transformed),
    );
    let (score, dc, blocks) = decide(chooser, mode, &transformed, around, true);
    Large { mode, predicted: predictions[mode], dc, blocks, score }
}

fn transform(source: &Samples, predicted: &[u8; 256]) -> Transformed {
    let mut transformed = Transformed { blocks: [[0; 16]; 16], dc: [0; 16] };
    let strips = source.y.as_chunks().0.iter().zip(predicted.as_chunks().0);
    for ((source, predicted), blocks) in strips.zip(transformed.blocks.as_chunks_mut::<4>().0) {
        *blocks = transform_strip(source, predicted);
    }
    let mut means = [0; 16];
    for (block, mean) in transformed.blocks.iter_mut().zip(&mut means) {
        *mean = std::mem::take(&mut block[0]);
    }
    transformed.dc = forward_walsh(&means);
    transformed
}

/// The levels, quickly or with care, and error and cost together.
#[inline(never)]
fn decide(
    chooser: &Chooser<'_>,
    mode: usize,
    transformed: &Transformed,
    around: &Around<'_>,
    with_care: bool,
) -> (i64, Quantized, [Quantized; 16]) {
    let (above, left) = (around.nonzero.above, around.nonzero.left);
    let of = Kind { kind: LUMA_DC, first: 0, context: usize::from(above.luma_dc + left.luma_dc) };
    let (dc, score) = chooser.levels(&transformed.dc, &chooser.quantizer.luma_dc, of, with_care);
    let mut total = score + chooser.lambda * i64::from(chooser.modes.luma[mode]);
    let (mut above, mut left) = (above.luma, left.luma);
    let mut blocks = [Quantized::default(); 16];
    for (i, block) in transformed.blocks.iter().enumerate() {
        let context = usize::from(above[i % 4] + left[i / 4]);
        let of = Kind { kind: LUMA_WITHOUT_DC, first: 1, context };
        let (quantized, score) = chooser.levels(block, &chooser.quantizer.luma, of, with_care);
        total += score;
        let nonzero = u8::from(quantized.end > 0);
        (above[i % 4], left[i / 4]) = (nonzero, nonzero);
        blocks[i] = quantized;
    }
    (total, dc, blocks)
}

impl Large {
    /// It is chosen.
    pub(super) fn take(mut self, chosen: &mut Chosen) {
        chosen.luma_mode = self.mode as u8;
        // Neighbours with small blocks take a mode for its likeness among theirs.
        chosen.small_modes = [[0, 2, 3, 1][self.mode]; 16];
        chosen.set(LUMA_DC_BLOCK, &self.dc);
        for (i, (block, mean)) in self.blocks.iter_mut().zip(inverse_walsh(&self.dc.restored)).enumerate() {
            chosen.set(i, block);
            block.restored[0] = mean;
        }
        let predicted = self.predicted.as_chunks().0;
        let out = chosen.decoded.y.as_chunks_mut().0;
        for ((out, predicted), blocks) in out.iter_mut().zip(predicted).zip(self.blocks.as_chunks::<4>().0) {
            *out = restore_strip(blocks.each_ref().map(|block| &block.restored), predicted);
        }
    }
}

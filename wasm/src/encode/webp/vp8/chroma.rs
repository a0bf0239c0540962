//! The chroma of a macroblock: both planes have one mode.

use super::kernels::{Block, Quantized, restore_strip, spread, transform_strip};
use super::macroblock::{Around, Chooser, Chosen, Samples};
use super::predict::{self, LARGE_MODES};
use super::quantize::{CHROMA, Kind};

/// Modes that are tried, after a glance at all.
const TRIED_MODES: usize = 2;

/// Coefficients of both planes, as they lie beside each other.
type Transformed = [Block; 8];

pub(super) fn choose(chooser: &Chooser<'_>, source: &Samples, around: &Around<'_>, chosen: &mut Chosen) {
    let mut predictions = [[0; 128]; LARGE_MODES];
    let mut glances = [(0, 0); LARGE_MODES];
    for (mode, predicted) in predictions.iter_mut().enumerate() {
        predict::large(mode, [&around.u, &around.v], predicted);
        let strips = source.uv.as_chunks().0.iter().zip(predicted.as_chunks().0);
        let spread = strips.map(|(source, predicted)| spread(source, predicted)).sum();
        glances[mode] = (chooser.glance(spread, chooser.modes.chroma[mode]), mode);
    }
    glances.sort_unstable();
    let mut best = (i64::MAX, 0, [[0; 16]; 8]);
    for (_, mode) in &glances[..TRIED_MODES] {
        let transformed = transform(source, &predictions[*mode]);
        let (score, _) = decide(chooser, *mode, &transformed, around, false);
        if score < best.0 {
            best = (score, *mode, transformed);
        }
    }
    let (_, mode, transformed) = best;
    let (_, blocks) = decide(chooser, mode, &transformed, around, true);
    chosen.chroma_mode = mode as u8;
    for (i, block) in blocks.iter().enumerate() {
        let (row, column) = (i / 4, i % 4);
        chosen.set(if column < 2 { 16 } else { 18 } + row * 2 + column, block);
    }
    let predicted = predictions[mode].as_chunks().0;
    let out = chosen.decoded.uv.as_chunks_mut().0;
    for ((out, predicted), blocks) in out.iter_mut().zip(predicted).zip(blocks.as_chunks::<4>().0) {
        *out = restore_strip(blocks.each_ref().map(|block| &block.restored), predicted);
    }
}

fn transform(source: &Samples, predicted: &[u8; 128]) -> Transformed {
    let mut transformed = [[0; 16]; 8];
    let strips = source.uv.as_chunks().0.iter().zip(predicted.as_chunks().0);
    for ((source, predicted), blocks) in strips.zip(transformed.as_chunks_mut::<4>().0) {
        *blocks = transform_strip(source, predicted);
    }
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
) -> (i64, [Quantized; 8]) {
    let beside = |u: [u8; 2], v: [u8; 2]| [u[0], u[1], v[0], v[1]];
    let (above, left) = (around.nonzero.above, around.nonzero.left);
    let mut above = beside(above.u, above.v);
    let mut left = beside(left.u, left.v);
    let scale = &chooser.quantizer.chroma;
    let mut total = chooser.lambda * i64::from(chooser.modes.chroma[mode]);
    let mut blocks = [Quantized::default(); 8];
    for (i, block) in transformed.iter().enumerate() {
        let (row, column) = (i / 4, i % 4);
        let beside = &mut left[column / 2 * 2 + row];
        let of = Kind { kind: CHROMA, first: 0, context: usize::from(above[column] + *beside) };
        let (quantized, score) = chooser.levels(block, scale, of, with_care);
        total += score;
        let nonzero = u8::from(quantized.end > 0);
        (above[column], *beside) = (nonzero, nonzero);
        blocks[i] = quantized;
    }
    (total, blocks)
}

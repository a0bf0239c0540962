//! The luma of a macroblock whose blocks are predicted one by one.

use super::kernels::{
    Quantized, SMALL_MODES, Small, restore, small_predictions, spread_of_small, transform_two,
};
use super::macroblock::{Around, Chooser, Chosen, LUMA_DC_BLOCK, SMALL, Samples};
use super::quantize::{Kind, LUMA};

/// Modes that are tried, after a glance at all; even, as two are transformed together.
const TRIED_MODES: usize = 4;

/// A macroblock as the decoder will see it, with what lies above and to the left.
struct Field([u8; STRIDE * 17]);

const STRIDE: usize = 32;
/// Of the samples themselves.
const LEFT: usize = 8;

impl Field {
    fn new(around: &Around<'_>) -> Self {
        let mut field = [0; STRIDE * 17];
        field[LEFT - 1] = around.y.corner;
        field[LEFT..LEFT + 20].copy_from_slice(around.above_y);
        // To the right of the macroblock is only the row above it.
        for row in [4, 8, 12] {
            field[row * STRIDE + LEFT + 16..][..4].copy_from_slice(&around.above_y[16..]);
        }
        for (row, left) in around.y.left.iter().enumerate() {
            field[(row + 1) * STRIDE + LEFT - 1] = *left;
        }
        Self(field)
    }

    /// Around a block, in the order of [`small_predictions`].
    fn edge(&self, row: usize, column: usize) -> [u8; 16] {
        let above = &self.0[row * 4 * STRIDE + LEFT + column * 4 - 1..][..4 * STRIDE + 1];
        let mut edge = [0; 16];
        edge[4..13].copy_from_slice(&above[..9]);
        for i in 0..4 {
            edge[i] = above[(4 - i) * STRIDE];
        }
        edge[13] = edge[12];
        (edge[14], edge[15]) = (edge[0], edge[0]);
        edge
    }

    fn put(&mut self, samples: &Small, row: usize, column: usize) {
        for (i, part) in samples.as_chunks::<4>().0.iter().enumerate() {
            self.0[(row * 4 + i + 1) * STRIDE + LEFT + column * 4..][..4].copy_from_slice(part);
        }
    }
}

/// Decides, and tells whether that is better than `limit`, which else is not worth an end.
pub(super) fn choose(
    chooser: &Chooser<'_>,
    source: &Samples,
    around: &Around<'_>,
    limit: i64,
    chosen: &mut Chosen,
) -> bool {
    let mut field = Field::new(around);
    let mut total = chooser.lambda * i64::from(chooser.modes.luma[usize::from(SMALL)]);
    let (mut above_nonzero, mut left_nonzero) = (around.nonzero.above.luma, around.nonzero.left.luma);
    for i in 0..16 {
        let (row, column) = (i / 4, i % 4);
        let mode_above = if row == 0 { around.modes_above[column] } else { chosen.small_modes[i - 4] };
        let mode_left = if column == 0 { around.modes_left[row] } else { chosen.small_modes[i - 1] };
        let costs = &chooser.modes.small[usize::from(mode_above)][usize::from(mode_left)];
        let context = usize::from(above_nonzero[column] + left_nonzero[row]);
        let predictions = small_predictions(&field.edge(row, column));
        let one = decide(chooser, &cut(&source.y, row, column), &predictions, costs, context);
        total += one.score;
        if total >= limit {
            return false;
        }
        chosen.small_modes[i] = one.mode as u8;
        chosen.set(i, &one.quantized);
        let nonzero = u8::from(one.quantized.end > 0);
        (above_nonzero[column], left_nonzero[row]) = (nonzero, nonzero);
        field.put(&restore(&one.quantized.restored, &predictions[one.mode]), row, column);
    }
    chosen.luma_mode = SMALL;
    (chosen.levels[LUMA_DC_BLOCK], chosen.ends[LUMA_DC_BLOCK]) = ([0; 16], 0);
    for (row, out) in chosen.decoded.y.as_chunks_mut::<16>().0.iter_mut().enumerate() {
        out.copy_from_slice(&field.0[(row + 1) * STRIDE + LEFT..][..16]);
    }
    true
}

/// One block, decided.
struct Decided {
    mode: usize,
    quantized: Quantized,
    score: i64,
}

#[inline(never)]
fn decide(
    chooser: &Chooser<'_>,
    source: &Small,
    predictions: &[Small; SMALL_MODES],
    costs: &[u16; SMALL_MODES],
    context: usize,
) -> Decided {
    let scale = &chooser.quantizer.luma;
    let of = Kind { kind: LUMA, first: 0, context };
    let spreads = spread_of_small(source, predictions);
    // With the mode in the lowest bits.
    let mut glances: [u32; SMALL_MODES] =
        std::array::from_fn(|mode| chooser.glance(spreads[mode], costs[mode].into()) << 4 | mode as u32);
    let mut best = (i64::MAX, 0, [0; 16], Quantized::default());
    for first in (0..TRIED_MODES).step_by(2) {
        for at in first..first + 2 {
            for other in at + 1..SMALL_MODES {
                let (a, b) = (glances[at], glances[other]);
                (glances[at], glances[other]) = (a.min(b), a.max(b));
            }
        }
        let modes = [glances[first], glances[first + 1]].map(|glance| (glance & 15) as usize);
        let blocks = transform_two(source, modes.map(|mode| &predictions[mode]));
        for (mode, block) in modes.into_iter().zip(blocks) {
            let cost = chooser.lambda * i64::from(costs[mode]);
            let quick = scale.quick(&block);
            let score = cost + chooser.score(scale, of, &quick);
            if score < best.0 {
                best = (score, mode, block, quick);
            }
        }
    }
    let (_, mode, block, quick) = best;
    let (quantized, score) = chooser.best(&block, &quick, scale, of);
    Decided { mode, quantized, score: score + chooser.lambda * i64::from(costs[mode]) }
}

fn cut(samples: &[u8; 256], row: usize, column: usize) -> Small {
    let mut out = [0; 16];
    for (i, part) in out.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        part.copy_from_slice(&samples[(row * 4 + i) * 16 + column * 4..][..4]);
    }
    out
}

//! One number after the other, for every target; the twin that vector code is held against.
#![cfg_attr(
    all(target_arch = "wasm32", target_feature = "simd128", not(test)),
    expect(dead_code, reason = "the vector unit does it")
)]

use super::super::tables::ZIGZAG;
use super::{
    Bias, Block, COSINE_LESS_ONE, FORWARD_COSINE, FORWARD_SINE, MOST_LEVEL, Quantized, RECIPROCAL_BITS,
    SHAPES, SINE_LESS_ONE, SMALL_MODES, Small, Steps, Strip,
};

/// In 32 bits, row by row.
type Wide = [i32; 16];

/// The discrete cosine transform of what two pictures of four blocks differ by. Coefficients are twice those of the orthonormal transform.
pub(in super::super) fn transform_strip(source: &Strip, predicted: &Strip) -> [Block; 4] {
    std::array::from_fn(|block| transform(&difference(source, predicted, block)))
}

/// The same of a small block and two predictions of it.
pub(in super::super) fn transform_two(source: &Small, predictions: [&Small; 2]) -> [Block; 2] {
    predictions.map(|predicted| transform(&difference_of_small(source, predicted)))
}

/// What a decoder makes of four blocks.
pub(in super::super) fn restore_strip(blocks: [&Block; 4], predicted: &Strip) -> Strip {
    let residuals = blocks.map(inverse);
    std::array::from_fn(|i| {
        let residual = residuals[i % 16 / 4][i / 16 * 4 + i % 4];
        (i32::from(predicted[i]) + residual).clamp(0, 255) as u8
    })
}

/// And of a small one.
pub(in super::super) fn restore(block: &Block, predicted: &Small) -> Small {
    let residual = inverse(block);
    std::array::from_fn(|i| (i32::from(predicted[i]) + residual[i]).clamp(0, 255) as u8)
}

/// Half the sum of the sizes of the Hadamard coefficients of what four blocks differ by: what bits such a difference may take, at a glance.
pub(in super::super) fn spread(source: &Strip, predicted: &Strip) -> u32 {
    (0..4).map(|block| hadamard(&difference(source, predicted, block))).sum()
}

/// The same of a small block, for each prediction.
pub(in super::super) fn spread_of_small(
    source: &Small,
    predictions: &[Small; SMALL_MODES],
) -> [u32; SMALL_MODES] {
    std::array::from_fn(|mode| hadamard(&difference_of_small(source, &predictions[mode])))
}

/// All ways to predict a small block, in the order of the modes of RFC 6386 section 11.2. The edge goes from the lower left (four), round the
/// corner, to the upper right (eight); then the last once more, and the first twice.
pub(in super::super) fn small_predictions(edge: &[u8; 16]) -> [Small; SMALL_MODES] {
    let e = |i: usize| u16::from(edge[i]);
    let mut averages = [0; 32];
    for i in 0..15 {
        averages[i] = ((e(i.saturating_sub(1)) + 2 * e(i) + e(i + 1) + 2) >> 2) as u8;
        averages[16 + i] = ((e(i) + e(i + 1) + 1) >> 1) as u8;
    }
    let sum: u16 = (0..4).map(|i| e(i) + e(5 + i)).sum();
    std::array::from_fn(|mode| match mode {
        0 => [((sum + 4) >> 3) as u8; 16],
        1 => std::array::from_fn(|i| {
            (e(3 - i / 4) as i16 + e(5 + i % 4) as i16 - e(4) as i16).clamp(0, 255) as u8
        }),
        _ => SHAPES[mode - 2].map(|average| averages[usize::from(average)]),
    })
}

/// Samples with something added, to the left eight and to the right.
pub(in super::super) fn shifted(samples: &[u8; 16], by: [i16; 2]) -> [u8; 16] {
    std::array::from_fn(|i| (i16::from(samples[i]) + by[i / 8]).clamp(0, 255) as u8)
}

/// To whole levels.
pub(in super::super) fn quantize(block: &Block, steps: &Steps, bias: &Bias) -> Quantized {
    let mut quantized = Quantized { levels: [0; 16], restored: [0; 16], end: 0, error: 0 };
    for (place, coefficient) in block.iter().enumerate() {
        let size = coefficient.unsigned_abs();
        let product = u32::from(size + bias[place] as u16) * u32::from(steps.reciprocal[place]);
        let level = ((product >> RECIPROCAL_BITS) as i16).min(MOST_LEVEL);
        let restored = level * steps.step[place];
        quantized.error += (i32::from(size) - i32::from(restored)).unsigned_abs().pow(2);
        quantized.levels[place] = level * coefficient.signum();
        quantized.restored[place] = restored * coefficient.signum();
        if level != 0 {
            quantized.end = place + 1;
        }
    }
    quantized
}

fn difference(source: &Strip, predicted: &Strip, block: usize) -> Wide {
    std::array::from_fn(|i| {
        let at = i / 4 * 16 + block * 4 + i % 4;
        i32::from(source[at]) - i32::from(predicted[at])
    })
}

fn difference_of_small(source: &Small, predicted: &Small) -> Wide {
    std::array::from_fn(|i| i32::from(source[i]) - i32::from(predicted[i]))
}

/// Outer sum, inner sum, inner difference, outer difference.
fn butterfly([p, q, r, s]: [i32; 4]) -> [i32; 4] {
    [p + s, q + r, q - r, p - s]
}

fn column<T: Copy>(block: &[T; 16], i: usize) -> [T; 4] {
    [block[i], block[4 + i], block[8 + i], block[12 + i]]
}

fn transform(block: &Wide) -> Block {
    let [sine, cosine] = [FORWARD_SINE, FORWARD_COSINE].map(i32::from);
    let mut columns = [0; 16];
    for i in 0..4 {
        let [a, b, c, d] = butterfly(column(block, i));
        columns[i] = (a + b) * 8;
        columns[4 + i] = (c * sine + d * cosine + 256) >> 9;
        columns[8 + i] = (a - b) * 8;
        columns[12 + i] = (d * sine - c * cosine + 256) >> 9;
    }
    let mut out: Wide = [0; 16];
    for (row, out) in columns.as_chunks().0.iter().zip(out.as_chunks_mut().0) {
        let [a, b, c, d] = butterfly(*row);
        *out = [
            (a + b + 8) >> 4,
            (c * sine + d * cosine + 32_768) >> 16,
            (a - b + 8) >> 4,
            (d * sine - c * cosine + 32_768) >> 16,
        ];
    }
    ZIGZAG.map(|place| out[place] as i16)
}

/// Columns first.
fn inverse(block: &Block) -> Wide {
    let mut rows = [0; 16];
    for (place, value) in block.iter().enumerate() {
        rows[ZIGZAG[place]] = i32::from(*value);
    }
    let mut columns: Wide = [0; 16];
    for i in 0..4 {
        let out = inverse_4(column(&rows, i));
        for (k, value) in out.into_iter().enumerate() {
            columns[k * 4 + i] = value;
        }
    }
    let mut out: Wide = [0; 16];
    for (row, out) in columns.as_chunks().0.iter().zip(out.as_chunks_mut().0) {
        *out = inverse_4(*row).map(|value| (value + 4) >> 3);
    }
    out
}

fn inverse_4([p, q, r, s]: [i32; 4]) -> [i32; 4] {
    let by_sine = |value: i32| value + ((value * i32::from(SINE_LESS_ONE)) >> 16);
    let by_cosine = |value: i32| value + ((value * i32::from(COSINE_LESS_ONE)) >> 16);
    let (a, b) = (p + r, p - r);
    let (c, d) = (by_sine(q) - by_cosine(s), by_cosine(q) + by_sine(s));
    [a + d, b + c, b - c, a - d]
}

/// Half the sum: of the last sums and differences of two, the larger in size counts twice.
fn hadamard(block: &Wide) -> u32 {
    let mut rows = [0; 16];
    for i in 0..4 {
        let [p, q, r, s] = column(block, i);
        let (a, b, c, d) = (p + q, p - q, r + s, r - s);
        (rows[i], rows[4 + i], rows[8 + i], rows[12 + i]) = (a + c, b + d, a - c, b - d);
    }
    let of_row = |[p, q, r, s]: [i32; 4]| {
        (p + r).unsigned_abs().max((q + s).unsigned_abs())
            + (p - r).unsigned_abs().max((q - s).unsigned_abs())
    };
    rows.as_chunks().0.iter().map(|row| of_row(*row)).sum()
}

//! The transforms of blocks of 4 x 4: RFC 6386 section 14. The inverse ones are the decoder's, to the bit.

pub(super) type Block = [i32; 16];

/// Square root of two times the sine of an eighth of pi, and times the cosine of it less one, in 16 fraction bits.
const SINE: i32 = 35_468;
const COSINE_LESS_ONE: i32 = 20_091;
/// The same without the one taken off, in 12 fraction bits.
const FORWARD_SINE: i32 = 2_217;
const FORWARD_COSINE: i32 = 5_352;

/// The discrete cosine transform; samples below 256 in size. Coefficients are twice those of the orthonormal transform.
#[inline(never)]
pub(super) fn forward(block: &Block) -> Block {
    let mut rows = [0; 16];
    for (row, out) in block.as_chunks::<4>().0.iter().zip(rows.as_chunks_mut::<4>().0) {
        let [a, b, c, d] = butterfly(*row);
        *out = [
            (a + b) * 8,
            (c * FORWARD_SINE + d * FORWARD_COSINE + 256) >> 9,
            (a - b) * 8,
            (d * FORWARD_SINE - c * FORWARD_COSINE + 256) >> 9,
        ];
    }
    let mut out = [0; 16];
    for i in 0..4 {
        let [a, b, c, d] = butterfly([rows[i], rows[4 + i], rows[8 + i], rows[12 + i]]);
        out[i] = (a + b + 8) >> 4;
        out[4 + i] = (c * FORWARD_SINE + d * FORWARD_COSINE + 32_768) >> 16;
        out[8 + i] = (a - b + 8) >> 4;
        out[12 + i] = (d * FORWARD_SINE - c * FORWARD_COSINE + 32_768) >> 16;
    }
    out
}

/// Outer sum, inner sum, inner difference, outer difference.
fn butterfly([p, q, r, s]: [i32; 4]) -> [i32; 4] {
    [p + s, q + r, q - r, p - s]
}

/// Section 14.3: columns first.
#[inline(never)]
pub(super) fn inverse(block: &Block) -> Block {
    let mut columns = [0; 16];
    for i in 0..4 {
        let out = inverse_4([block[i], block[4 + i], block[8 + i], block[12 + i]]);
        for (k, value) in out.into_iter().enumerate() {
            columns[k * 4 + i] = value;
        }
    }
    let mut out = [0; 16];
    for (row, out) in columns.as_chunks::<4>().0.iter().zip(out.as_chunks_mut::<4>().0) {
        *out = inverse_4(*row).map(|value| (value + 4) >> 3);
    }
    out
}

fn inverse_4([p, q, r, s]: [i32; 4]) -> [i32; 4] {
    let (a, b) = (p + r, p - r);
    let c = ((q * SINE) >> 16) - s - ((s * COSINE_LESS_ONE) >> 16);
    let d = q + ((q * COSINE_LESS_ONE) >> 16) + ((s * SINE) >> 16);
    [a + d, b + c, b - c, a - d]
}

/// The Walsh-Hadamard transform of the first coefficients of 16 blocks. Twice those of the orthonormal one.
pub(super) fn forward_walsh(block: &Block) -> Block {
    walsh(block).map(|value| (value + i32::from(value > 0)) >> 1)
}

/// Section 14.3.
pub(super) fn inverse_walsh(block: &Block) -> Block {
    walsh(block).map(|value| (value + 3) >> 3)
}

fn walsh(block: &Block) -> Block {
    let mut columns = [0; 16];
    for i in 0..4 {
        let out = walsh_4([block[i], block[4 + i], block[8 + i], block[12 + i]]);
        for (k, value) in out.into_iter().enumerate() {
            columns[k * 4 + i] = value;
        }
    }
    let mut out = [0; 16];
    for (row, out) in columns.as_chunks::<4>().0.iter().zip(out.as_chunks_mut::<4>().0) {
        *out = walsh_4(*row);
    }
    out
}

fn walsh_4(values: [i32; 4]) -> [i32; 4] {
    let [a, b, c, d] = butterfly(values);
    [a + b, c + d, a - b, d - c]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_again() {
        let mut state = 1_u32;
        for _ in 0..1000 {
            let block: Block = std::array::from_fn(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 23) as i32 - 255
            });
            let back = inverse(&forward(&block));
            assert!(block.iter().zip(back).all(|(a, b)| (a - b).abs() <= 1), "{block:?} {back:?}");
            let back = inverse_walsh(&forward_walsh(&block));
            assert!(block.iter().zip(back).all(|(a, b)| (a - b).abs() <= 1), "{block:?} {back:?}");
        }
    }
}

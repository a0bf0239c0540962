//! The Walsh-Hadamard transform of the first coefficients of 16 blocks: RFC 6386 section 14.3. The inverse one is the decoder's, to the bit.

use super::kernels::Block;
use super::tables::ZIGZAG;

/// Coefficients in the order of storage, twice those of the orthonormal transform.
pub(super) fn forward_walsh(means: &[i16; 16]) -> Block {
    let out = walsh(&means.map(i32::from));
    ZIGZAG.map(|place| ((out[place] + i32::from(out[place] > 0)) >> 1) as i16)
}

/// The first coefficients, block after block.
pub(super) fn inverse_walsh(block: &Block) -> [i16; 16] {
    let mut rows = [0; 16];
    for (place, value) in block.iter().enumerate() {
        rows[ZIGZAG[place]] = i32::from(*value);
    }
    walsh(&rows).map(|value| ((value + 3) >> 3) as i16)
}

fn walsh(block: &[i32; 16]) -> [i32; 16] {
    let mut columns = [0; 16];
    for i in 0..4 {
        let out = walsh_4([block[i], block[4 + i], block[8 + i], block[12 + i]]);
        for (k, value) in out.into_iter().enumerate() {
            columns[k * 4 + i] = value;
        }
    }
    let mut out = [0; 16];
    for (row, out) in columns.as_chunks().0.iter().zip(out.as_chunks_mut().0) {
        *out = walsh_4(*row);
    }
    out
}

fn walsh_4([p, q, r, s]: [i32; 4]) -> [i32; 4] {
    let (a, b, c, d) = (p + s, q + r, q - r, p - s);
    [a + b, c + d, a - b, d - c]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_again() {
        let mut state = 1_u32;
        for _ in 0..1000 {
            let means: Block = std::array::from_fn(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 20) as i16 - 2048
            });
            let back = inverse_walsh(&forward_walsh(&means));
            assert!(means.iter().zip(back).all(|(a, b)| (a - b).abs() <= 1), "{means:?} {back:?}");
        }
    }
}

//! What [`super::color`] and [`super::dct`] do in scalar code, with the vector unit of WebAssembly (simd128).

mod color;
mod dct;

pub(super) use color::{full_chroma, half_chroma, luma, tile};
pub(super) use dct::forward;

#[cfg(test)]
mod tests {
    use super::super::color::{self as scalar, Block};
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn random(state: &mut u32) -> u8 {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (*state >> 24) as u8
    }

    #[test]
    fn the_vector_unit_gives_what_scalar_code_gives() {
        let mut state = 3;
        for size in [(16, 16), (17, 16), (40, 33), (5, 3), (16, 1)] {
            let pixels: Vec<[u8; 3]> =
                (0..size.0 * size.1).map(|_| std::array::from_fn(|_| random(&mut state))).collect();
            for at in [(0, 0), (16, 16), (32, 0)].into_iter().filter(|at| at.0 < size.0 && at.1 < size.1) {
                let (tile, twin) = (tile::<16>(&pixels, size, at), scalar::tile::<16>(&pixels, size, at));
                let color = |tile: [[u32; 16]; 16]| tile.map(|row| row.map(|pixel| pixel & 0xff_ffff));
                assert_eq!(color(tile), color(twin), "{size:?} {at:?}");
                let mut made: [Block; 6] = [[0; 64]; 6];
                let mut wanted: [Block; 6] = [[0; 64]; 6];
                let [a, b, c, d, e, f] = &mut made;
                luma(&tile, (0, 0), a);
                luma(&tile, (8, 8), b);
                half_chroma(&tile, c, d);
                let small = std::array::from_fn(|y| std::array::from_fn(|x| tile[y][x]));
                full_chroma(&small, e, f);
                let [a, b, c, d, e, f] = &mut wanted;
                scalar::luma(&tile, (0, 0), a);
                scalar::luma(&tile, (8, 8), b);
                scalar::half_chroma(&tile, c, d);
                scalar::full_chroma(&small, e, f);
                assert_eq!(made, wanted, "{size:?} {at:?}");
                assert_eq!(
                    made.map(|block| forward(&block)),
                    wanted.map(|block| super::super::dct::forward(&block))
                );
            }
        }
    }

    #[test]
    fn the_largest_coefficients_are_the_same() {
        let mut state = 7;
        for _ in 0..500 {
            let block: Block = std::array::from_fn(|_| if random(&mut state) < 128 { -128 } else { 127 });
            assert_eq!(forward(&block), super::super::dct::forward(&block));
        }
    }
}

//! What is done to many samples at once: prediction, the inverse transform and the loop filter, in scalar code, and with the vector unit of
//! WebAssembly. Both give the same samples.

#[cfg_attr(
    all(target_arch = "wasm32", target_feature = "simd128", not(test)),
    expect(dead_code, reason = "the vector unit does it")
)]
mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm32;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(super) use scalar::*;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) use wasm32::*;

/// Sixteen samples side by side.
pub(super) type Row = [u8; 16];

/// Four rows of four samples.
pub(super) type Square = [[u8; 4]; 4];

/// Samples on both sides of an edge, at 16 places along it: four lines before it, four behind it.
pub(super) type Lines = [Row; 8];

/// The same as rows across the edge.
pub(super) type Across = [[u8; 8]; 16];

/// How strong an edge is filtered: section 15.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// Of the step over the edge; above it, it is left alone.
    pub(super) edge: u8,
    /// Of the steps on either side.
    pub(super) interior: u8,
    /// Of the steps next to the edge; above it, the edge is only touched up.
    pub(super) variance: u8,
}

/// The place in the edge of a small block from which the mean of three goes, as [`small`] takes it: the two neighbours follow.
type Place = u8;
/// Places from here on mean two.
const OF_TWO: Place = 16;

/// From what each sample of a small block is predicted, by mode from the third on, row by row: section 12.3.
static SMALL_PLACES: [[Place; 16]; 8] = small_places();

const fn small_places() -> [[Place; 16]; 8] {
    // Around the corner, which is sample 4: those to the left from the bottom up are before it, those above behind it.
    const fn three(centre: usize) -> Place {
        centre as Place
    }
    const fn two(first: usize) -> Place {
        OF_TWO + first as Place + 1
    }
    const LOWEST: Place = OF_TWO;
    let mut places = [[0; 16]; 8];
    let mut at = 0;
    while at < 16 {
        let (y, x) = (at / 4, at % 4);
        let along = 2 * y + x;
        // In the order of section 8.2: straight down, straight to the right, down to the left, down to the right, and halfway between.
        places[0][at] = three(5 + x);
        places[1][at] = three(3 - y);
        places[2][at] = three(6 + x + y);
        places[3][at] = three(4 + x - y);
        places[4][at] = match (y, x) {
            (2 | 3, 0) => three(5 - y),
            (1 | 3, _) => three(4 + x - y / 2),
            _ => two(4 + x - y / 2),
        };
        places[5][at] = match (y, x) {
            (2 | 3, 3) => three(8 + y),
            (1 | 3, _) => three(6 + x + y / 2),
            _ => two(5 + x + y / 2),
        };
        places[6][at] = match (y, x) {
            (0, 2 | 3) => three(3 + x),
            (_, 1 | 3) => three(4 + x / 2 - y),
            _ => two(3 + x / 2 - y),
        };
        places[7][at] = match along {
            0 | 2 | 4 => two(2 - along / 2),
            1 | 3 | 5 => three(2 - along / 2),
            _ => LOWEST,
        };
        at += 1;
    }
    places
}

// Elsewhere there is one of the two only, and nothing to compare.
#[cfg(all(test, target_arch = "wasm32", target_feature = "simd128"))]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_vector_unit_gives_what_scalar_code_gives() {
        let mut state = 11_u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        for round in 0..4000 {
            // Samples all over the range, or near each other, so that edges are filtered and others are not.
            let (base, spread) = if round % 3 == 0 { (0, 256) } else { (random() % 200, 2 + random() % 50) };
            let mut sample = || (base + random() % spread).min(255) as u8;
            let lines: Lines = std::array::from_fn(|_| std::array::from_fn(|_| sample()));
            let [row, edge, ..] = lines;
            let square: Square = std::array::from_fn(|n| *lines[n].first_chunk().unwrap());

            assert_eq!(sums(&row), scalar::sums(&row));
            let size = [3, 200, 3000, 32_768][round % 4];
            let mut value = || (random() as i32 % size - size / 2) as i16;
            let offsets = [value() % 256, value() % 256];
            assert_eq!(gradient(&row, offsets), scalar::gradient(&row, offsets));
            let means = std::array::from_fn(|_| value());
            assert_eq!(with_means(row, &means), scalar::with_means(row, &means));
            let block = std::array::from_fn(|_| value());
            assert_eq!(transformed(&block, square), scalar::transformed(&block, square));
            for mode in 2..10 {
                assert_eq!(small(mode, edge), scalar::small(mode, edge), "mode {mode}");
            }

            let across = transposed_back(&lines);
            assert_eq!(across, scalar::transposed_back(&lines));
            assert_eq!(transposed(&across), lines);
            let limits = Limits {
                edge: (random() % 194) as u8,
                interior: (random() % 64) as u8,
                variance: (random() % 3) as u8,
            };
            let both = |ours: fn(&mut Lines, Limits), theirs: fn(&mut Lines, Limits)| {
                let (mut one, mut other) = (lines, lines);
                ours(&mut one, limits);
                theirs(&mut other, limits);
                assert_eq!(one, other, "{limits:?} {lines:?}");
            };
            both(simple_edge, scalar::simple_edge);
            both(inner_edge, scalar::inner_edge);
            both(macroblock_edge, scalar::macroblock_edge);
        }
    }
}

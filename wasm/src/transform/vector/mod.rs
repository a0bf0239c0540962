//! The two sums of products that resampling consists of, and the turn into pixels, over groups of eight: in scalar code, and with the vector unit of WebAssembly.
//! Both give the same numbers: sums of 32 bits do not depend on their order.

mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm32;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(super) use scalar::{Columns, row, to_rgb, ycbcr_to_rgb};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) use wasm32::{Columns, row, to_rgb, ycbcr_to_rgb};

use super::kernel::GROUP;

/// Eight samples or weights.
pub(super) type Group = [i16; GROUP];

/// Where the samples of an output begin, and their weights.
pub(super) type Weighed<'a> = (&'a [i16], &'a [Group]);

// Elsewhere there is one of the two only, and nothing to compare.
#[cfg(all(test, target_arch = "wasm32", target_feature = "simd128"))]
mod tests {
    use super::super::color::{Full, Limited};
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_vector_unit_gives_what_scalar_code_gives() {
        let mut state = 9u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as i16
        };
        for round in 0..500 {
            let groups = 1 + round % 5;
            // Samples and weights as large as they come: 15 bits, and weights that sum up to 14.
            let samples: Vec<i16> = (0..groups * GROUP + 4).map(|_| random()).collect();
            let weights: Vec<Group> =
                (0..groups * 4).map(|_| std::array::from_fn(|_| random() >> 5)).collect();
            let four: [Weighed<'_>; 4] =
                std::array::from_fn(|n| (&samples[n..], &weights[n * groups..(n + 1) * groups]));
            assert_eq!(row(four, 8), scalar::row(four, 8));

            let rows: Vec<Group> = (0..2 * groups).map(|_| std::array::from_fn(|_| random())).collect();
            let (mut columns, mut twin) = (Columns::new(14), scalar::Columns::new(14));
            for ([one, other], weights) in
                rows.as_chunks::<2>().0.iter().zip(weights.as_flattened().as_chunks().0)
            {
                columns.add_two([one, other], *weights);
                twin.add_two([one, other], *weights);
            }
            assert_eq!(columns.finish(14), twin.finish(14));

            let channels: [Group; 3] =
                std::array::from_fn(|_| std::array::from_fn(|_| random() >> (round % 3)));
            let channels_of = channels.each_ref();
            assert_eq!(ycbcr_to_rgb::<Full>(channels_of), scalar::ycbcr_to_rgb::<Full>(channels_of));
            assert_eq!(ycbcr_to_rgb::<Limited>(channels_of), scalar::ycbcr_to_rgb::<Limited>(channels_of));
            assert_eq!(to_rgb(channels.each_ref()), scalar::to_rgb(channels.each_ref()));
        }
    }
}

use super::*;

/// Numbers that follow from a first one.
struct Random(u32);

impl Random {
    fn byte(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 24) as u8
    }

    /// Samples of any kind: noise, black and white, nearly flat.
    fn samples<const N: usize>(&mut self, kind: u32) -> [u8; N] {
        std::array::from_fn(|_| match kind % 3 {
            0 => self.byte(),
            1 => self.byte() / 128 * 255,
            _ => 100 + self.byte() / 64,
        })
    }
}

#[test]
fn there_and_back_again() {
    let mut random = Random(1);
    for round in 0..1000 {
        let (source, predicted): (Strip, Strip) = (random.samples(round), random.samples(round / 3));
        let blocks = transform_strip(&source, &predicted);
        let back = restore_strip(blocks.each_ref(), &predicted);
        assert!(source.iter().zip(back).all(|(a, b)| a.abs_diff(b) <= 1), "{source:?} {back:?}");
    }
}

#[test]
fn the_finest_step_loses_next_to_nothing() {
    let mut random = Random(2);
    let steps = Steps::new(4, 4);
    for round in 0..1000 {
        let (source, predicted): (Small, Small) = (random.samples(round), random.samples(round / 3));
        let [block, _] = transform_two(&source, [&predicted; 2]);
        let quantized = quantize(&block, &steps, &[2; 16]);
        let lost = block.iter().zip(quantized.restored).map(|(a, b)| (i32::from(*a) - i32::from(b)).pow(2));
        assert_eq!(lost.sum::<i32>(), quantized.error as i32);
        assert!(quantized.error <= 16 * 4, "{block:?} {quantized:?}");
        assert_eq!(
            quantized.end,
            block.iter().rposition(|value| value.abs() >= 2).map_or(0, |last| last + 1)
        );
        let back = restore(&quantized.restored, &predicted);
        assert!(source.iter().zip(back).all(|(a, b)| a.abs_diff(b) <= 4), "{source:?} {back:?}");
    }
}

#[test]
fn what_is_alike_is_not_spread() {
    let mut random = Random(3);
    for round in 0..100 {
        let source: Strip = random.samples(round);
        assert_eq!(spread(&source, &source), 0);
        // One step of each sample is one coefficient of 16 in each block.
        assert_eq!(spread(&source.map(|sample| sample / 2), &source.map(|sample| sample / 2 + 1)), 4 * 8);
    }
}

// Elsewhere there is one of the two only, and nothing to compare.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vector {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn same(a: Quantized, b: Quantized) {
        assert_eq!((a.levels, a.restored, a.end, a.error), (b.levels, b.restored, b.end, b.error));
    }

    #[test]
    fn the_vector_unit_gives_what_scalar_code_gives() {
        let mut random = Random(4);
        for round in 0..2000 {
            let (source, predicted): (Strip, Strip) = (random.samples(round), random.samples(round / 3));
            let blocks = transform_strip(&source, &predicted);
            assert_eq!(blocks, scalar::transform_strip(&source, &predicted));
            assert_eq!(spread(&source, &predicted), scalar::spread(&source, &predicted));

            let (dc, ac) = (4 + u16::from(random.byte()), 4 + u16::from(random.byte()) * 3 / 2);
            let steps = Steps::new(dc, ac);
            let bias = steps.step.map(|step| step * 7 / 16);
            let quantized = blocks.map(|block| {
                let quantized = quantize(&block, &steps, &bias);
                same(quantized, scalar::quantize(&block, &steps, &bias));
                quantized.restored
            });
            // First coefficients are as large as this.
            let large = blocks.map(|block| block.map(|value| value * 8));
            same(quantize(&large[0], &steps, &bias), scalar::quantize(&large[0], &steps, &bias));
            let restored = restore_strip(quantized.each_ref(), &predicted);
            assert_eq!(restored, scalar::restore_strip(quantized.each_ref(), &predicted));

            let (small, edge): (Small, [u8; 16]) = (random.samples(round), random.samples(round / 3));
            let predictions = small_predictions(&edge);
            assert_eq!(predictions, scalar::small_predictions(&edge));
            assert_eq!(spread_of_small(&small, &predictions), scalar::spread_of_small(&small, &predictions));
            let two = [&predictions[1], &predictions[round as usize % SMALL_MODES]];
            assert_eq!(transform_two(&small, two), scalar::transform_two(&small, two));
            assert_eq!(restore(&quantized[0], &small), scalar::restore(&quantized[0], &small));
            let by = [i16::from(random.byte()) - 128, i16::from(random.byte()) - 255];
            assert_eq!(shifted(&small, by), scalar::shifted(&small, by));
        }
    }
}

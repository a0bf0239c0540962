//! In plain Rust, for every target; the twin that vector code is held against.
#![cfg_attr(
    all(target_arch = "wasm32", target_feature = "simd128", not(test)),
    expect(dead_code, reason = "the vector unit does it")
)]

use super::super::channel::to_i16;
use super::super::color::{Range, byte, from_ycbcr};
use super::super::kernel::GROUP;
use super::{Group, Weighed};

/// Four outputs next to each other: samples times weights, summed up, rounded and shifted.
#[inline(always)]
pub(in super::super) fn row(outputs: [Weighed<'_>; 4], shift: u32) -> [i16; 4] {
    outputs.map(|(samples, groups)| {
        let mut sums = [0i32; GROUP];
        for (weights, samples) in groups.iter().zip(samples.as_chunks::<GROUP>().0) {
            for ((sum, sample), weight) in sums.iter_mut().zip(samples).zip(weights) {
                *sum = sum.wrapping_add(i32::from(*sample) * i32::from(*weight));
            }
        }
        let sum = sums.iter().fold(1 << (shift - 1), |sum: i32, part| sum.wrapping_add(*part));
        to_i16(sum >> shift)
    })
}

/// Eight columns: rows of samples, each times its weight, summed up, rounded and shifted.
#[derive(Debug)]
pub(in super::super) struct Columns([i32; GROUP]);

impl Columns {
    #[inline(always)]
    pub(in super::super) fn new(shift: u32) -> Self {
        Self([1 << (shift - 1); GROUP])
    }

    /// Adds two rows.
    #[inline(always)]
    pub(in super::super) fn add_two(&mut self, rows: [&Group; 2], weights: [i16; 2]) {
        for (samples, weight) in rows.into_iter().zip(weights) {
            for (sum, sample) in self.0.iter_mut().zip(samples) {
                *sum = sum.wrapping_add(i32::from(*sample) * i32::from(weight));
            }
        }
    }

    #[inline(always)]
    pub(in super::super) fn finish(self, shift: u32) -> Group {
        self.0.map(|sum| to_i16(sum >> shift))
    }
}

/// Eight pixels of luma and colour differences.
#[inline(always)]
pub(in super::super) fn ycbcr_to_rgb<R: Range>([y, cb, cr]: [&Group; 3]) -> [u8; 3 * GROUP] {
    let mut pixels = [0; 3 * GROUP];
    for (n, pixel) in pixels.as_chunks_mut().0.iter_mut().enumerate() {
        *pixel = from_ycbcr::<R>([y[n], cb[n], cr[n]]);
    }
    pixels
}

/// Eight pixels of red, green and blue.
#[inline(always)]
pub(in super::super) fn to_rgb([r, g, b]: [&Group; 3]) -> [u8; 3 * GROUP] {
    let mut pixels = [0; 3 * GROUP];
    for (n, pixel) in pixels.as_chunks_mut().0.iter_mut().enumerate() {
        *pixel = [r[n], g[n], b[n]].map(byte);
    }
    pixels
}

//! Key frames of VP8, RFC 6386: what a lossy WebP picture is. Macroblocks are decoded row by row and their samples handed on, so that a
//! picture of any height takes the memory of a few rows. Partitions are read where they lie.
//!
//! Before upsampling the samples are libwebp's, to the bit.

mod band;
mod bits;
mod frame;
mod header;
mod kernels;
mod modes;
mod samples;
mod tokens;

pub(super) use frame::decode;

use std::ops::ControlFlow;

/// Takes the samples of a picture from the top, two rows of luma at a time with the row of both colour differences that they share.
pub(super) trait Pairs {
    /// The next rows. They are those of whole macroblocks: beyond the picture's right edge its last sample is repeated. The second row of
    /// luma is missing below a picture whose height is odd. `Break`: no further row is needed.
    fn pair(&mut self, pair: Pair<'_>) -> ControlFlow<()>;
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) luma: (&'a [u8], Option<&'a [u8]>),
    pub(super) u: &'a [u8],
    pub(super) v: &'a [u8],
}

/// Whether the picture is smoothed as its file asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Smoothing {
    AsStated,
    /// Of no use where many samples become one.
    Skipped,
}

#[cfg(test)]
mod tests;

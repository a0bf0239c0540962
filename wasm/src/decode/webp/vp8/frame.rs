//! All macroblocks of a picture, row by row.

use super::band::Band;
use super::header::{Filter, Header, Strength};
use super::modes::{self, Luma, SMALL_MEAN, SmallMode};
use super::samples::{Above, Samples, Within};
use super::tokens::{Around, Residual};
use super::{Pairs, Smoothing};
use crate::Error;
use crate::decode::webp::truncated;

/// What the macroblocks of a row leave behind for the one below.
#[derive(Debug, Clone, Copy, Default)]
struct Below {
    modes: [SmallMode; 4],
    around: Around,
    samples: Above,
    /// Of its own, for the loop filter that follows.
    smoothed: Smoothed,
}

/// How a macroblock is filtered.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Smoothed {
    pub(super) strength: Strength,
    /// Between its blocks as well.
    pub(super) is_inside: bool,
}

/// Decodes a picture, whose size its container has checked, and hands on its rows. Where the bytes end within a row of macroblocks, that is
/// [`Error::Truncated`], after the rows before it.
pub(in super::super) fn decode(
    vp8: &[u8],
    size: (u32, u32),
    smoothing: Smoothing,
    pairs: &mut dyn Pairs,
) -> Result<(), Error> {
    let mut header = Header::read(vp8, size)?;
    if smoothing == Smoothing::Skipped {
        header.filter = Filter::None;
    }
    let (across, down) = header.macroblocks;
    let mut band = Band::new(size, header.filter);
    let first = Below { modes: [SMALL_MEAN; 4], ..Below::default() };
    let mut below = vec![first; across];
    let mut samples = Samples::new();
    let mut residual = Residual::default();
    for y in 0..down {
        read_row(&mut header, y, &mut below, &mut samples, &mut residual, &mut band);
        let partition = header.partitions.get(y & (header.partitions.len() - 1));
        if header.modes.is_overrun() || partition.is_none_or(|partition| partition.is_overrun()) {
            return Err(truncated());
        }
        if header.filter != Filter::None {
            band.smooth(y > 0, below.iter().map(|below| below.smoothed));
        }
        if band.hand_on(y + 1 == down, pairs).is_break() {
            break;
        }
    }
    Ok(())
}

/// Makes the samples of a row of macroblocks.
#[inline(never)]
fn read_row(
    header: &mut Header<'_>,
    y: usize,
    below: &mut [Below],
    samples: &mut Samples,
    residual: &mut Residual,
    band: &mut Band,
) {
    // Their number is a power of two.
    let index = y & (header.partitions.len() - 1);
    let Some(partition) = header.partitions.get_mut(index) else { return };
    let mut left_modes = [SMALL_MEAN; 4];
    let mut left_around = Around::default();
    samples.begin_row(y == 0);
    for x in 0..below.len() {
        let next = below.get(x + 1).map(|next| next.samples.luma);
        let Some(own) = below.get_mut(x) else { return };
        let macroblock = modes::read(
            &mut header.modes,
            header.segment_tree,
            header.skipped,
            &mut own.modes,
            &mut left_modes,
        );
        let is_whole = matches!(macroblock.luma, Luma::Whole(_));
        let around = (&mut own.around, &mut left_around);
        let segment = macroblock.segment & 3;
        let has_residual = if macroblock.is_skipped {
            Residual::skip(is_whole, around);
            false
        } else {
            let quantiser = &header.quantisers[segment];
            residual.read(partition, &header.tokens, quantiser, is_whole, around)
        };
        own.smoothed = Smoothed {
            strength: header.strengths[segment][usize::from(!is_whole)],
            is_inside: has_residual || !is_whole,
        };

        if x > 0 {
            samples.step();
        }
        let within = Within { above: y > 0, left: x > 0 };
        if within.above {
            // The last macroblock of a row has none to its right: its own last sample stands in.
            own.samples.right = match next {
                Some([a, b, c, d, ..]) => [a, b, c, d],
                None => [own.samples.luma[15]; 4],
            };
        }
        samples.set_above(&own.samples);
        let residual = has_residual.then_some(&*residual);
        samples.make_luma(&macroblock.luma, within, residual);
        samples.make_chroma(macroblock.chroma, within, residual);
        (own.samples.luma, own.samples.chroma) = samples.last_rows();
        band.put(x, samples);
    }
}

//! A picture as blocks of coefficients, in the order of the file.

use super::Subsampling;
use super::color::Block;
use super::quantize::Quantizers;
use super::tokens::{Component, Token, Tokens};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use super::vector::{forward, full_chroma, half_chroma, luma, tile};
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
use super::{
    color::{full_chroma, half_chroma, luma, tile},
    dct::forward,
};
use crate::Error;
use crate::inspect::Format;
use crate::pixels::{Layout, Pixels};

/// What a minimum coded unit holds, T.81 A.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sampling {
    /// 8 x 8 pixels of luma alone.
    Gray,
    /// 8 x 8 pixels.
    Full,
    /// 16 x 16 pixels.
    Half,
}

/// Most blocks of a unit: four of luma, one of each colour difference.
const MOST_BLOCKS: usize = 6;

impl Sampling {
    pub(super) fn component_count(self) -> u8 {
        if self == Self::Gray { 1 } else { 3 }
    }

    /// Horizontal and vertical sampling factors of luma, four bits each; those of chroma are one.
    pub(super) fn luma_factors(self) -> u8 {
        if self == Self::Half { 0x22 } else { 0x11 }
    }

    fn unit_side(self) -> usize {
        if self == Self::Half { 16 } else { 8 }
    }

    /// Blocks of luma, which come first, and of all components.
    fn block_counts(self) -> (usize, usize) {
        match self {
            Self::Gray => (1, 1),
            Self::Full => (1, 3),
            Self::Half => (4, 6),
        }
    }
}

/// A picture that is to be encoded.
pub(super) struct Source<'a> {
    pixels: &'a [[u8; 3]],
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) sampling: Sampling,
    /// All coefficients, unit by unit, where they are kept.
    kept: Vec<Block>,
}

impl<'a> Source<'a> {
    /// A picture without colour becomes one component, whatever the subsampling.
    pub(super) fn new(pixels: &'a Pixels, subsampling: Subsampling) -> Result<Self, Error> {
        let wrong = || Error::malformed(Format::Jpeg, "the result is of a size that JPEG files cannot have");
        let (Ok(width), Ok(height)) = (u16::try_from(pixels.width), u16::try_from(pixels.height)) else {
            return Err(wrong());
        };
        let (colors, _) = pixels.data.as_chunks::<3>();
        let count = usize::from(width) * usize::from(height);
        if count == 0 || colors.len() != count || pixels.layout != Layout::Rgb {
            return Err(wrong());
        }
        let is_gray = colors.iter().all(|[r, g, b]| r == g && g == b);
        let sampling = match subsampling {
            _ if is_gray => Sampling::Gray,
            Subsampling::Full => Sampling::Full,
            Subsampling::Half => Sampling::Half,
        };
        Ok(Self { pixels: colors, width, height, sampling, kept: Vec::new() })
    }

    fn size(&self) -> (usize, usize) {
        (usize::from(self.width), usize::from(self.height))
    }

    /// The first pixel of each unit.
    fn units(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let ((width, height), side) = (self.size(), self.sampling.unit_side());
        (0..height).step_by(side).flat_map(move |y| (0..width).step_by(side).map(move |x| (x, y)))
    }

    /// Keeps the coefficients, so that further scans need not work them out, if they take at most so many bytes.
    pub(super) fn keep(&mut self, most_bytes: usize) {
        let block_count = self.units().count() * self.sampling.block_counts().1;
        let fits = block_count.checked_mul(size_of::<Block>()).is_some_and(|bytes| bytes <= most_bytes);
        let mut kept = Vec::new();
        if !fits || kept.try_reserve_exact(block_count).is_err() {
            return;
        }
        let mut blocks = [[0; 64]; MOST_BLOCKS];
        for at in self.units() {
            kept.extend_from_slice(self.transform(at, &mut blocks));
        }
        self.kept = kept;
    }

    /// The coefficients of the blocks of the unit whose first pixel is at (x, y).
    fn transform<'b>(&self, at: (usize, usize), blocks: &'b mut [Block; MOST_BLOCKS]) -> &'b [Block] {
        let count = match self.sampling {
            Sampling::Half => {
                let tile = tile::<16>(self.pixels, self.size(), at);
                let [y0, y1, y2, y3, blue, red] = blocks;
                luma(&tile, (0, 0), y0);
                luma(&tile, (8, 0), y1);
                luma(&tile, (0, 8), y2);
                luma(&tile, (8, 8), y3);
                half_chroma(&tile, blue, red);
                6
            }
            Sampling::Full | Sampling::Gray => {
                let tile = tile::<8>(self.pixels, self.size(), at);
                let [y, blue, red, ..] = blocks;
                luma(&tile, (0, 0), y);
                if self.sampling == Sampling::Full {
                    full_chroma(&tile, blue, red);
                }
                self.sampling.block_counts().1
            }
        };
        let blocks = &mut blocks[..count];
        blocks.iter_mut().for_each(|block| *block = forward(block));
        blocks
    }

    /// Gives the tokens of each block in the order of the file.
    pub(super) fn scan(
        &self,
        [luma, chroma]: &[Quantizers; 2],
        mut take: impl FnMut(&[Token]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (width, height) = self.size();
        let (luma_blocks, block_count) = self.sampling.block_counts();
        let mut y_component = Component::new(luma, false);
        let mut color_components = [Component::new(chroma, true), Component::new(chroma, true)];
        let mut kept = self.kept.chunks_exact(block_count);
        let mut blocks = [[0; 64]; MOST_BLOCKS];
        let mut tokens = Tokens::new();
        for (x, y) in self.units() {
            let unit = match kept.next() {
                Some(unit) => unit,
                None => self.transform((x, y), &mut blocks),
            };
            let (lumas, chromas) = unit.split_at(luma_blocks.min(unit.len()));
            for (index, block) in lumas.iter().enumerate() {
                if x + index % 2 * 8 < width && y + index / 2 * 8 < height {
                    y_component.block(block, &mut tokens);
                } else {
                    y_component.outside(&mut tokens);
                }
                take(tokens.as_slice())?;
            }
            for (component, block) in color_components.iter_mut().zip(chromas) {
                component.block(block, &mut tokens);
                take(tokens.as_slice())?;
            }
        }
        Ok(())
    }
}

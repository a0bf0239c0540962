//! pixels -> bytes. One file a format. What is written is the picture and nothing else: no metadata of the source.

mod jpeg;
mod png;
#[cfg(feature = "webp")]
pub(crate) mod webp;

use crate::pixels::Pixels;
use crate::{Error, OutputFormat, Recipe};

/// An encoded picture.
pub(crate) struct Encoded {
    pub(crate) bytes: Vec<u8>,
    /// The quality used, 1..=100; 100 where the format is lossless.
    pub(crate) quality: u8,
}

/// Encodes as the recipe says, lowering the quality as far as `max_bytes` asks.
pub(crate) fn encode(pixels: &Pixels, recipe: &Recipe) -> Result<Encoded, Error> {
    let max_bytes = recipe.max_bytes.map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX));
    let at = |quality| -> Result<Encoded, Error> {
        let bytes = match recipe.format {
            OutputFormat::Jpeg => jpeg::encode(pixels, quality)?,
            OutputFormat::Png => png::encode(pixels)?,
            #[cfg(feature = "webp")]
            OutputFormat::Webp => webp::encode(pixels, quality)?,
            #[cfg(not(feature = "webp"))]
            OutputFormat::Webp => return Err(Error::bad_recipe("format", "this build does not write webp")),
        };
        Ok(Encoded { bytes, quality })
    };
    let fits = |encoded: &Encoded| encoded.bytes.len() <= max_bytes;
    let too_small = |smallest: usize| {
        let detail = format!(
            "the picture takes at least {smallest} bytes at this size; make it smaller or allow more"
        );
        Err(Error::bad_recipe("maxBytes", detail))
    };

    if recipe.format == OutputFormat::Png {
        let encoded = at(100)?;
        return if fits(&encoded) { Ok(encoded) } else { too_small(encoded.bytes.len()) };
    }
    let wanted = at(recipe.quality)?;
    if fits(&wanted) {
        return Ok(wanted);
    }
    // The highest quality below the wanted one that fits. `low` fits, `high` does not.
    let mut best = at(1)?;
    if !fits(&best) {
        return too_small(best.bytes.len());
    }
    let (mut low, mut high) = (1, recipe.quality);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let tried = at(middle)?;
        if fits(&tried) {
            (low, best) = (middle, tried);
        } else {
            high = middle;
        }
    }
    Ok(best)
}

/// Width and height for the encoders, whose sizes are 32 bits. Outputs are at most 4096 a side.
fn size(pixels: &Pixels) -> (u32, u32) {
    (pixels.width as u32, pixels.height as u32)
}

//! pixels -> bytes. One file a format. What is written is the picture and nothing else: no metadata of the source.

#[cfg(feature = "png")]
mod apng;
#[cfg(feature = "gif-output")]
pub(crate) mod gif;
pub(crate) mod jpeg;
#[cfg(feature = "png")]
mod palette;
#[cfg(feature = "png")]
mod png;
#[cfg(feature = "webp")]
pub(crate) mod webp;

use crate::pixels::Pixels;
use crate::{Error, OutputFormat, Recipe};
use jpeg::Fitted;

/// An encoded picture.
pub(crate) struct Encoded {
    pub(crate) bytes: Vec<u8>,
    /// The quality used, 1..=100; 100 where the format is lossless.
    pub(crate) quality: u8,
}

/// Encodes as the recipe says, lowering the quality as far as `max_bytes` asks.
pub(crate) fn encode(pixels: &Pixels, recipe: &Recipe) -> Result<Encoded, Error> {
    // Looking for a quality is cheaper where the encoder does it: it need not transform nor write each time.
    if let (OutputFormat::Jpeg, Some(max_bytes)) = (recipe.format, recipe.max_bytes) {
        let max_bytes = usize::try_from(max_bytes).unwrap_or(usize::MAX);
        return match jpeg::encode_within(pixels, recipe.quality, max_bytes)? {
            Fitted::Fits { bytes, quality } => Ok(Encoded { bytes, quality }),
            Fitted::TooMany { bytes } => Err(too_large(bytes)),
        };
    }
    within_max_bytes(recipe, |quality| {
        let bytes = match recipe.format {
            OutputFormat::Jpeg => jpeg::encode(pixels, jpeg::Options::usual(quality, size(pixels)))?,
            #[cfg(feature = "png")]
            OutputFormat::Png => png::encode(pixels)?,
            #[cfg(feature = "webp")]
            OutputFormat::Webp => webp::encode(pixels, quality)?,
            #[cfg(feature = "gif-output")]
            OutputFormat::Gif => gif::encode(pixels, quality)?,
            #[cfg(not(all(feature = "gif-output", feature = "png", feature = "webp")))]
            _ => return Err(not_written()),
        };
        Ok(Encoded { bytes, quality })
    })
}

/// Takes the frames of an animation one after the other, all of one size and layout, and makes a file of them.
pub(crate) trait AnimationEncoder {
    /// Whether all frames are to be looked at before the first is taken.
    fn looks_first(&self) -> bool {
        false
    }

    /// Looks at a frame that is to come.
    fn look(&mut self, _pixels: &Pixels) {}

    /// The next frame, and how long it is shown.
    ///
    /// # Errors
    ///
    /// Those of the encoder, such as [`Error::OutOfMemory`].
    fn push(&mut self, pixels: &Pixels, duration_ms: u32) -> Result<(), Error>;

    /// How many of the frames that it was given have none of their own in the file, being too much like the one before.
    fn merged(&self) -> u32 {
        0
    }

    /// The whole file. There is at least one frame; where it is the only one, the file is a still.
    ///
    /// # Errors
    ///
    /// Those of the encoder.
    fn finish(self: Box<Self>) -> Result<Vec<u8>, Error>;
}

/// An encoder for an animation that is played `plays` times, or for ever if that is 0. `quality`: as for a still.
#[allow(unused_variables, reason = "every format with animations can be left out")]
pub(crate) fn animation(
    recipe: &Recipe,
    plays: u32,
    quality: u8,
) -> Result<Box<dyn AnimationEncoder>, Error> {
    match recipe.format {
        #[cfg(feature = "png")]
        OutputFormat::Png => Ok(Box::new(apng::Apng::new(plays))),
        #[cfg(feature = "webp")]
        OutputFormat::Webp => Ok(Box::new(webp::WebpAnimation::new(quality, plays))),
        #[cfg(feature = "gif-output")]
        OutputFormat::Gif => Ok(Box::new(gif::GifEncoder::new(quality, plays))),
        _ => Err(not_written()),
    }
}

#[allow(dead_code, reason = "every format but JPEG can be left out")]
fn not_written() -> Error {
    Error::bad_recipe("format", "this build does not write it")
}

fn too_large(smallest_bytes: usize) -> Error {
    let detail = format!(
        "the picture takes at least {smallest_bytes} bytes at this size; make it smaller or allow more"
    );
    Error::bad_recipe("maxBytes", detail)
}

/// Encodes at the recipe's quality, or lower as far as `max_bytes` asks.
pub(crate) fn within_max_bytes(
    recipe: &Recipe,
    mut at: impl FnMut(u8) -> Result<Encoded, Error>,
) -> Result<Encoded, Error> {
    let max_bytes = recipe.max_bytes.map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX));
    let fits = |encoded: &Encoded| encoded.bytes.len() <= max_bytes;

    if recipe.format == OutputFormat::Png {
        let encoded = at(100)?;
        return if fits(&encoded) { Ok(encoded) } else { Err(too_large(encoded.bytes.len())) };
    }
    let wanted = at(recipe.quality)?;
    if fits(&wanted) {
        return Ok(wanted);
    }
    // The highest quality below the wanted one that fits. `low` fits, `high` does not.
    let mut best = at(1)?;
    if !fits(&best) {
        return Err(too_large(best.bytes.len()));
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

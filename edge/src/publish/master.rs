//! The master and what is made of it: the recipes of this product.

use super::error::PublishError;
use super::keys::Extension;
use crate::variant::{ServedFormat, Size, Version};
use roundel::{Error, Limits, OutputFormat, Recipe, Rendered};

/// Longest side of a master, in pixels: the largest size that is served.
const MAX_MASTER_SIDE: u32 = 1024;
/// JPEG quality of a master: high, because variants are made of it.
const MASTER_QUALITY: u8 = 90;

/// The square picture that every variant is made of.
pub(crate) struct Master {
    pub(crate) picture: Rendered,
    pub(crate) format: ServedFormat,
    pub(crate) version: Version,
}

/// Makes the master of an upload: square, at most 1024 pixels, PNG where the upload has transparency.
///
/// # Errors
///
/// An upload that is not what its extension says, or that cannot be read.
pub(crate) fn make(upload: &[u8], extension: Extension, limits: &Limits) -> Result<Master, PublishError> {
    let info = roundel::inspect(upload)?;
    if info.format != extension.format() {
        return Err(PublishError::ContentTypeMismatch { found: info.format, expected: extension.format() });
    }
    let side = info.width.min(info.height).min(MAX_MASTER_SIDE);
    let format = if info.has_alpha { ServedFormat::Png } else { ServedFormat::Jpg };
    let recipe = Recipe {
        width: side,
        height: side,
        format: format.output(),
        quality: MASTER_QUALITY,
        ..Recipe::default()
    };
    let picture = roundel::render_within(upload, &recipe, limits)?;
    let version = Version::of(&picture.sha256);
    Ok(Master { picture, format, version })
}

/// Makes a variant of a master, enlarging where the master is smaller.
///
/// # Errors
///
/// A master that cannot be read, which only damage in the storage can bring about.
pub(crate) fn render_variant(
    master: &[u8],
    size: Size,
    format: ServedFormat,
    limits: &Limits,
) -> Result<Vec<u8>, Error> {
    let side = u32::from(size.pixels());
    let output: OutputFormat = format.output();
    let recipe = Recipe { width: side, height: side, format: output, ..Recipe::default() };
    Ok(roundel::render_within(master, &recipe, limits)?.bytes)
}

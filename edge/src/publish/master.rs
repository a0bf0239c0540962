//! The master and what is made of it: the recipes of this product.

use super::error::PublishError;
use super::keys::Extension;
use crate::kind::Kind;
use crate::variant::{ServedFormat, Size, Version, height_for};
use roundel::{Error, Limits, OutputFormat, Recipe, Rendered};

/// JPEG quality of a master: high, because variants are made of it.
const MASTER_QUALITY: u8 = 90;

/// The picture that every variant is made of.
pub(crate) struct Master {
    pub(crate) picture: Rendered,
    pub(crate) format: ServedFormat,
    pub(crate) version: Version,
}

/// Makes the master of an upload: in the shape of its kind, as wide as the largest size that is served at most, PNG where the
/// upload has transparency.
///
/// # Errors
///
/// An upload that is not what its extension says, or that cannot be read.
pub(crate) fn make(
    kind: Kind,
    upload: &[u8],
    extension: Extension,
    limits: &Limits,
) -> Result<Master, PublishError> {
    let info = roundel::inspect(upload)?;
    if info.format != extension.format() {
        return Err(PublishError::ContentTypeMismatch { found: info.format, expected: extension.format() });
    }
    let aspect = u32::from(kind.aspect());
    let max_width = kind.widths().iter().copied().max().map_or(1, u32::from);
    let width = info.width.min(info.height.saturating_mul(aspect)).min(max_width);
    let format = if info.has_alpha { ServedFormat::Png } else { ServedFormat::Jpg };
    let recipe = Recipe {
        width,
        height: height_for(kind, width),
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
    let (width, height) = (u32::from(size.width()), u32::from(size.height()));
    let output: OutputFormat = format.output();
    let recipe = Recipe { width, height, format: output, ..Recipe::default() };
    Ok(roundel::render_within(master, &recipe, limits)?.bytes)
}

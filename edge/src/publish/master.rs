//! The master and what is made of it: the recipes of this product.

use super::error::PublishError;
use super::keys::Extension;
use crate::kind::Kind;
use crate::variant::{Motion, ServedFormat, Size, Version, height_for};
use roundel::{Error, ImageInfo, Limits, OutputFormat, Recipe, Rendered};

/// JPEG quality of a master: high, because variants are made of it.
const MASTER_QUALITY: u8 = 90;

/// Most frames of an upload that is kept as an animation: at ten a second, most of a minute. As the crate has it by default.
const MAX_FRAMES: u32 = 500;
/// Most pixels of all its frames together, as they are decoded: seconds of processor time.
const MAX_DECODED_PIXELS: u64 = 140_000_000;
/// Most pixels of all frames of the animation that is kept: what is encoded at once, here and for each size that is asked for.
const MAX_KEPT_PIXELS: u64 = 6_000_000;
/// Largest width that an animation is kept in.
const MAX_ANIMATION_WIDTH: u32 = 512;
/// Most bytes of an animation that is kept.
pub(crate) const MAX_ANIMATION_BYTES: u64 = 4 * 1024 * 1024;

/// What every variant is made of.
pub(crate) struct Master {
    /// The picture at rest.
    pub(crate) picture: Rendered,
    /// The picture in motion, WebP.
    pub(crate) animation: Option<Rendered>,
    pub(crate) format: ServedFormat,
    pub(crate) version: Version,
}

impl Master {
    pub(crate) fn motion(&self) -> Motion {
        if self.animation.is_some() { Motion::Moves } else { Motion::Rests }
    }
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
    let animation = animation(kind, upload, &info, limits);
    let version = match &animation {
        Some(animation) => Version::of_moving(&picture.sha256, &animation.sha256),
        None => Version::of(&picture.sha256),
    };
    Ok(Master { picture, animation, format, version })
}

/// Makes the animation that moving variants are made of. `None`: it does not move, or there is too much of it, or a later frame is broken. Its first
/// frame is a good picture then all the same, which is what the person gets, and has got ever since before animations were kept.
fn animation(kind: Kind, upload: &[u8], info: &ImageInfo, limits: &Limits) -> Option<Rendered> {
    if !kind.keeps_animations() || info.frames < 2 || info.frames > MAX_FRAMES {
        return None;
    }
    let width = animation_width(kind, (info.width, info.height), info.frames);
    let recipe = Recipe {
        width,
        height: height_for(kind, width),
        format: OutputFormat::Webp,
        quality: MASTER_QUALITY,
        animate: true,
        ..Recipe::default()
    };
    let limits = Limits { max_frames: MAX_FRAMES, max_animation_pixels: MAX_DECODED_PIXELS, ..*limits };
    let animation = roundel::render_within(upload, &recipe, &limits).ok()?;
    (animation.frames > 1 && animation.bytes.len() as u64 <= MAX_ANIMATION_BYTES).then_some(animation)
}

/// The largest width that the kind is served in and that is within bounds: the more frames, the smaller they are. A picture that is smaller than
/// all of them is kept as large as it is.
fn animation_width(kind: Kind, (width, height): (u32, u32), frames: u32) -> u32 {
    let there = width.min(height.saturating_mul(u32::from(kind.aspect()))).min(MAX_ANIMATION_WIDTH);
    let fits = |width: &u32| {
        let pixels = u64::from(*width) * u64::from(height_for(kind, *width));
        *width <= there && pixels * u64::from(frames) <= MAX_KEPT_PIXELS
    };
    let widths = kind.widths().iter().copied().map(u32::from);
    let smallest = widths.clone().min().unwrap_or(there).min(there);
    widths.filter(fits).max().unwrap_or(smallest)
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

/// Makes a moving variant of an animation. One that is smaller than what is asked for stays as it is: enlarging it is work for whoever shows it,
/// who does it anyway, and not for a network.
///
/// # Errors
///
/// An animation that cannot be read, which only damage in the storage can bring about.
pub(crate) fn render_moving_variant(
    animation: Vec<u8>,
    size: Size,
    limits: &Limits,
) -> Result<Vec<u8>, Error> {
    let (width, height) = (u32::from(size.width()), u32::from(size.height()));
    if roundel::inspect(&animation)?.width <= width {
        return Ok(animation);
    }
    let recipe = Recipe { width, height, format: OutputFormat::Webp, animate: true, ..Recipe::default() };
    Ok(roundel::render_within(&animation, &recipe, limits)?.bytes)
}

#[cfg(test)]
mod tests;

//! The whole path: bytes + recipe -> bytes.

use crate::encode::Encoded;
use crate::inspect::{Depth, refuse, survey};
use crate::pixels::Pixels;
use crate::plan::{MemoryNeeded, Plan};
use crate::{Error, Limits, OutputFormat, Recipe};
use crate::{animate, color, decode, encode, thumbhash, transform};
use sha2::{Digest, Sha256};

/// A finished picture.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rendered {
    /// The encoded file. It holds the picture and nothing of the source's metadata.
    pub bytes: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The format of `bytes`.
    pub format: OutputFormat,
    /// SHA-256 of `bytes`.
    pub sha256: [u8; 32],
    /// ThumbHash of the picture: a blurred placeholder.
    pub thumbhash: Vec<u8>,
    /// The quality used, 1..=100: the recipe's, or less where `max_bytes` asked for it; 100 where lossless.
    pub quality: u8,
    /// Frames in `bytes`; 1 for a still.
    pub frames: u32,
}

impl Rendered {
    /// A picture that was encoded as the recipe says.
    pub(crate) fn of_still(picture: &Pixels, encoded: Encoded, recipe: &Recipe) -> Self {
        Self::new(encoded, recipe, thumbhash::thumbhash(picture), 1)
    }

    pub(crate) fn new(encoded: Encoded, recipe: &Recipe, thumbhash: Vec<u8>, frames: u32) -> Self {
        Self {
            width: recipe.width,
            height: recipe.height,
            format: recipe.format,
            sha256: Sha256::digest(&encoded.bytes).into(),
            thumbhash,
            quality: encoded.quality,
            frames,
            bytes: encoded.bytes,
        }
    }

    /// SHA-256 of the bytes in lower-case hexadecimal.
    #[must_use]
    pub fn sha256_hex(&self) -> String {
        use std::fmt::Write;
        self.sha256.iter().fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// Makes a picture as the recipe says, within the default [`Limits`].
///
/// # Errors
///
/// Any [`Error`]; see [`Error::code`]. Sizes are checked against the limits before anything is allocated for them.
///
/// ```
/// use roundel::{Recipe, render};
/// let photo = include_bytes!("../tests/fixtures/portrait.jpg");
/// let avatar = render(photo, &Recipe { width: 48, height: 48, ..Recipe::default() })?;
/// assert_eq!(avatar.format.content_type(), "image/jpeg");
/// assert_eq!((avatar.width, avatar.height), (48, 48));
/// # Ok::<(), roundel::Error>(())
/// ```
pub fn render(bytes: &[u8], recipe: &Recipe) -> Result<Rendered, Error> {
    render_within(bytes, recipe, &Limits::default())
}

/// Makes a picture as the recipe says, within limits of the caller's choice.
///
/// # Errors
///
/// As [`render`].
pub fn render_within(bytes: &[u8], recipe: &Recipe, limits: &Limits) -> Result<Rendered, Error> {
    recipe.validate()?;
    let survey = survey(bytes, Depth::Pixels)?;
    refuse(survey.info.format)?;
    if recipe.animate && survey.info.frames > 1 {
        return animate::animate(bytes, &survey, recipe, limits);
    }
    let plan = Plan::new(&survey, recipe, limits)?;
    if !survey.complete && !limits.allow_truncated {
        return Err(Error::Truncated { format: survey.info.format, detail: "its pixels" });
    }
    let mut reduction = transform::Reduction::new(&plan);
    match decode::decode(bytes, &survey, &plan, &mut reduction) {
        Err(Error::Truncated { .. }) if limits.allow_truncated && reduction.fill_up() => {}
        result => result?,
    }
    let missing = || Error::malformed(survey.info.format, "it has fewer rows than its header states");
    let content = reduction.finish().ok_or_else(missing)?;
    // Here the pixels are few, and the background, which is sRGB already, is not among them yet.
    let content = color::to_srgb(content, survey.profile.as_ref());
    let picture = transform::arrange(content, &plan, recipe.background.rgb);
    let encoded = encode::encode(&picture, recipe)?;
    Ok(Rendered::of_still(&picture, encoded, recipe))
}

/// What making a picture as the recipe says would take of memory, worked out from the header alone; the budget is not asked.
///
/// # Errors
///
/// As [`render`], as far as the header tells.
///
/// ```
/// let photo = include_bytes!("../tests/fixtures/portrait.jpg");
/// let needed = roundel::memory_needed(photo, &roundel::Recipe::default(), &roundel::Limits::default())?;
/// assert!(needed.peak_bytes() < 1_000_000);
/// # Ok::<(), roundel::Error>(())
/// ```
pub fn memory_needed(bytes: &[u8], recipe: &Recipe, limits: &Limits) -> Result<MemoryNeeded, Error> {
    let survey = survey(bytes, Depth::Pixels)?;
    let is_kept = recipe.animate && survey.info.frames > 1;
    let survey = if is_kept { animate::animated(&survey, recipe) } else { survey };
    Ok(Plan::with_memory(&survey, recipe, limits)?.1)
}

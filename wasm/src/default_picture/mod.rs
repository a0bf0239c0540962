//! The picture that is shown where a person has none: initials, or a pattern.
//!
//! No font and no picture file: letters and tiles are drawings of ours, painted in integers, so that a seed has the same picture everywhere.
//! `docs/default-pictures.md` has the rules.

mod canvas;
mod geometry;
mod glyphs;
mod identicon;
mod initials;
mod letters;
mod palette;
mod path;
mod silhouette;
mod spacing;
#[cfg(test)]
mod tests;

use crate::pixels::Pixels;
use crate::render::Rendered;
use crate::{Error, OutputFormat, Recipe, encode};
use canvas::Layer;
use serde::Deserialize;

/// White, for letters.
const WHITE: [u8; 3] = [255; 3];

/// What is seen on a default picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DefaultPictureKind {
    /// Up to two letters of the name; head and shoulders where none can be drawn.
    #[default]
    Initials,
    /// A symmetric pattern that belongs to the seed.
    Identicon,
}

/// How a default picture is to be made. Every member has a default; build one with struct update syntax.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct DefaultPicture {
    /// Default [`DefaultPictureKind::Initials`].
    pub kind: DefaultPictureKind,
    /// The name that the initials are taken from; looked at for initials only. Default empty: head and shoulders.
    pub name: String,
    /// Decides the colours and the pattern: something of the person that stays, such as the account's ID. Default empty.
    pub seed: String,
    /// Width in pixels, 1..=4096. Default 256.
    pub width: u32,
    /// Height in pixels, 1..=4096. Default 256.
    pub height: u32,
    /// Default [`OutputFormat::Png`]: flat colours are smaller in it, and sharper.
    pub format: OutputFormat,
    /// Quality of JPEG and WebP, 1..=100. Default 80. A WebP picture of quality 100 is lossless.
    pub quality: u8,
}

impl Default for DefaultPicture {
    fn default() -> Self {
        Self {
            kind: DefaultPictureKind::Initials,
            name: String::new(),
            seed: String::new(),
            width: 256,
            height: 256,
            format: OutputFormat::Png,
            quality: 80,
        }
    }
}

impl DefaultPicture {
    /// The names of all members, as JavaScript and JSON spell them.
    pub const MEMBERS: [&str; 7] = ["kind", "name", "seed", "width", "height", "format", "quality"];
}

/// Makes the picture for a person who has none. The same options give the same bytes on every target.
///
/// # Errors
///
/// [`Error::BadRecipe`] names the member that is out of range; [`Error::OutOfMemory`].
///
/// ```
/// use roundel::{DefaultPicture, default_picture};
/// let options = DefaultPicture { name: "Ada Lovelace".into(), seed: "7f3c".into(), ..DefaultPicture::default() };
/// let picture = default_picture(&options)?;
/// assert_eq!((picture.width, picture.height, picture.format.content_type()), (256, 256, "image/png"));
/// # Ok::<(), roundel::Error>(())
/// ```
pub fn default_picture(options: &DefaultPicture) -> Result<Rendered, Error> {
    let DefaultPicture { width, height, format, quality, .. } = *options;
    let recipe = Recipe { width, height, format, quality, ..Recipe::default() };
    recipe.validate()?;
    let picture = paint(options)?;
    let encoded = encode::encode(&picture, &recipe)?;
    Ok(Rendered::of_still(&picture, encoded, &recipe))
}

/// The picture before it is encoded. Its size has been checked.
fn paint(options: &DefaultPicture) -> Result<Pixels, Error> {
    let size = (options.width as usize, options.height as usize);
    let choices = palette::Choices::new(&options.seed);
    let tones = choices.tones();
    let layers: Vec<Layer> = match options.kind {
        DefaultPictureKind::Identicon => identicon::layers(&choices, &tones, size).into(),
        DefaultPictureKind::Initials => {
            let letters = letters::initials(&options.name);
            vec![if letters.is_empty() {
                Layer { color: tones.pale, shapes: silhouette::shapes(size) }
            } else {
                Layer { color: WHITE, shapes: initials::shapes(&letters, size) }
            }]
        }
    };
    canvas::paint(size, tones.ground, &layers)
}

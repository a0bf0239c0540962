//! What the user asks for, validated.

use crate::Error;
use serde::Deserialize;

/// Longest side of an output picture, in pixels.
pub const MAX_OUTPUT_SIDE: u32 = 4096;

/// Largest angle of [`Recipe::straighten`], in hundredths of a degree.
const MAX_STRAIGHTEN: i32 = 4500;

/// How a picture is to be made. Every member has a default; build one with struct update syntax:
///
/// ```
/// use roundel::{OutputFormat, Recipe};
/// let recipe = Recipe { width: 128, height: 128, format: OutputFormat::Png, ..Recipe::default() };
/// assert!(recipe.validate().is_ok());
/// ```
///
/// The order of the steps is fixed: orientation from the file, `rotate`, `flip`, `straighten`, `crop`, resize, encode.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Recipe {
    /// Output width in pixels, 1..=4096. Default 256.
    pub width: u32,
    /// Output height in pixels, 1..=4096. Default 256.
    pub height: u32,
    /// How a picture of another shape fills the output. Default [`Fit::Cover`].
    pub fit: Fit,
    /// The part to use, in pixels as a person sees the picture: after orientation, rotate and flip.
    /// Default: everything; of a straightened picture see [`Recipe::straighten`].
    pub crop: Option<Crop>,
    /// Degrees clockwise: 0, 90, 180 or 270. Default 0.
    pub rotate: u16,
    /// Mirror left to right, after `rotate`. Default false.
    pub flip: bool,
    /// Hundredths of a degree clockwise, -4500..=4500. Default 0.
    ///
    /// Turns the picture about its centre after orientation, `rotate` and `flip`. A `crop` is still given in the rectangle of the picture before this
    /// turn, and lies within it; where it reaches beyond the edges of the turned picture, the output is transparent, or `background` where it
    /// has no alpha. Without a crop, [`Fit::Cover`] takes the largest centred rectangle of the output's shape that lies wholly within the turned
    /// picture, so that nothing beyond it shows, and [`Fit::Contain`] the upright rectangle round it, whose corners are free.
    pub straighten: i32,
    /// Fills what the picture leaves free or transparent where the output has no alpha. Default white.
    pub background: Color,
    /// Default [`OutputFormat::Jpeg`].
    pub format: OutputFormat,
    /// Quality of JPEG, WebP and GIF, 1..=100. Default 80. A WebP picture of quality 100 is lossless. A GIF has as many colours as it can from 80
    /// on, and fewer below.
    pub quality: u8,
    /// Lower the quality until the file has at most so many bytes. Default: no limit.
    pub max_bytes: Option<u32>,
    /// How much work goes into fidelity. Default [`Effort::Best`].
    pub effort: Effort,
    /// Keep an animation; otherwise its first frame is used. Default false. PNG then becomes APNG; JPEG cannot hold one and is refused.
    pub animate: bool,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            width: 256,
            height: 256,
            fit: Fit::Cover,
            crop: None,
            rotate: 0,
            flip: false,
            straighten: 0,
            background: Color::WHITE,
            format: OutputFormat::Jpeg,
            quality: 80,
            max_bytes: None,
            effort: Effort::Best,
            animate: false,
        }
    }
}

impl Recipe {
    /// The names of all members, as JavaScript and JSON spell them.
    pub const MEMBERS: [&str; 13] = [
        "width",
        "height",
        "fit",
        "crop",
        "rotate",
        "flip",
        "straighten",
        "background",
        "format",
        "quality",
        "maxBytes",
        "effort",
        "animate",
    ];

    /// Checks every member that can be checked without the picture.
    ///
    /// # Errors
    ///
    /// [`Error::BadRecipe`] names the first member that is out of range.
    pub fn validate(&self) -> Result<(), Error> {
        for (field, value) in [("width", self.width), ("height", self.height)] {
            if !(1..=MAX_OUTPUT_SIDE).contains(&value) {
                return Err(Error::bad_recipe(
                    field,
                    format!("{value} is not within 1..{MAX_OUTPUT_SIDE} pixels"),
                ));
            }
        }
        if let Some(crop) = self.crop
            && (crop.width == 0 || crop.height == 0)
        {
            return Err(Error::bad_recipe("crop", "it has no area; width and height are at least 1"));
        }
        if !matches!(self.rotate, 0 | 90 | 180 | 270) {
            return Err(Error::bad_recipe(
                "rotate",
                format!("{} is not one of 0, 90, 180, 270", self.rotate),
            ));
        }
        if !(-MAX_STRAIGHTEN..=MAX_STRAIGHTEN).contains(&self.straighten) {
            let detail = format!(
                "{} hundredths of a degree are not within -{MAX_STRAIGHTEN}..{MAX_STRAIGHTEN}; rotate turns by quarters",
                self.straighten
            );
            return Err(Error::bad_recipe("straighten", detail));
        }
        if !(1..=100).contains(&self.quality) {
            return Err(Error::bad_recipe("quality", format!("{} is not within 1..100", self.quality)));
        }
        if self.max_bytes == Some(0) {
            return Err(Error::bad_recipe("maxBytes", "no file has 0 bytes; use 1 or more"));
        }
        Ok(())
    }
}

/// How a picture of another shape fills the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// Fill the output; what sticks out at two sides is cut off evenly.
    #[default]
    Cover,
    /// Show everything, centred; what stays free is `background`, or transparent where the output has alpha.
    Contain,
}

/// A rectangle of pixels; x grows to the right, y downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crop {
    /// Left edge in pixels.
    pub x: u32,
    /// Top edge in pixels.
    pub y: u32,
    /// Width in pixels, at least 1.
    pub width: u32,
    /// Height in pixels, at least 1.
    pub height: u32,
}

/// The format of the picture that is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputFormat {
    /// Baseline JPEG, no alpha.
    #[default]
    Jpeg,
    /// PNG, with alpha where the source has it.
    Png,
    /// WebP, with alpha where the source has it. Quality 100 is lossless, all others are lossy.
    Webp,
    /// GIF: at most 256 colours, dithered; what is half transparent or more is transparent, all else opaque. For what reads nothing newer.
    Gif,
}

impl OutputFormat {
    /// The media type, for `Content-Type`.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
        }
    }
}

/// How much work goes into fidelity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// As good as the common default of other resizers, sooner. Of formats other than JPEG all pixels are decoded anyway: those are made as
    /// with [`Effort::Best`].
    Fast,
    /// At least 50 dB of luma PSNR against a full decode.
    #[default]
    Best,
}

/// An opaque sRGB colour, written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Color {
    /// Red, green, blue; sRGB, 0..=255.
    pub rgb: [u8; 3],
}

impl Color {
    /// `#ffffff`.
    pub const WHITE: Self = Self { rgb: [255; 3] };
}

impl std::str::FromStr for Color {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::bad_recipe("background", "it is not of the form #rrggbb");
        let digits =
            text.strip_prefix('#').filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit()));
        let value = u32::from_str_radix(digits.ok_or_else(wrong)?, 16).map_err(|_| wrong())?;
        let [_, r, g, b] = value.to_be_bytes();
        Ok(Self { rgb: [r, g, b] })
    }
}

impl TryFrom<String> for Color {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(recipe: Recipe) -> &'static str {
        match recipe.validate().unwrap_err() {
            Error::BadRecipe { field, .. } => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_default_is_a_256_pixel_jpeg_at_quality_80() {
        let recipe: Recipe = serde_json::from_str("{}").unwrap();
        assert_eq!(recipe, Recipe::default());
        assert_eq!((recipe.width, recipe.height, recipe.quality), (256, 256, 80));
        assert!(recipe.validate().is_ok());
    }

    #[test]
    fn members_are_spelled_as_in_javascript() {
        let text = r##"{"width":64,"height":32,"fit":"contain","crop":{"x":1,"y":2,"width":3,"height":4},
            "rotate":90,"flip":true,"background":"#0a0B0c","format":"png","quality":7,"maxBytes":900,"effort":"fast"}"##;
        let recipe: Recipe = serde_json::from_str(text).unwrap();
        assert_eq!(recipe.background.rgb, [10, 11, 12]);
        assert_eq!(recipe.crop, Some(Crop { x: 1, y: 2, width: 3, height: 4 }));
        assert_eq!(
            (recipe.max_bytes, recipe.fit, recipe.format),
            (Some(900), Fit::Contain, OutputFormat::Png)
        );
    }

    #[test]
    fn each_member_out_of_range_is_named() {
        let base = Recipe::default;
        assert_eq!(refused(Recipe { width: 0, ..base() }), "width");
        assert_eq!(refused(Recipe { height: 4097, ..base() }), "height");
        assert_eq!(refused(Recipe { rotate: 45, ..base() }), "rotate");
        assert_eq!(refused(Recipe { straighten: 4501, ..base() }), "straighten");
        assert_eq!(refused(Recipe { straighten: -4501, ..base() }), "straighten");
        assert_eq!(refused(Recipe { straighten: i32::MIN, ..base() }), "straighten");
        assert_eq!(refused(Recipe { quality: 0, ..base() }), "quality");
        assert_eq!(refused(Recipe { quality: 101, ..base() }), "quality");
        assert_eq!(refused(Recipe { max_bytes: Some(0), ..base() }), "maxBytes");
        assert_eq!(
            refused(Recipe { crop: Some(Crop { x: 0, y: 0, width: 0, height: 1 }), ..base() }),
            "crop"
        );
    }

    #[test]
    fn a_colour_is_six_hexadecimal_digits() {
        for text in ["", "#fff", "ffffff", "#gggggg", "#fffffff", "#+fffff", "red", "#ééé"] {
            assert_eq!(text.parse::<Color>().unwrap_err().code(), "bad_recipe", "{text}");
        }
    }

    #[test]
    fn the_list_of_members_is_the_struct_s_own() {
        let error = serde_json::from_str::<Recipe>(r#"{"?":0}"#).unwrap_err().to_string();
        let listed = Recipe::MEMBERS.map(|name| format!("`{name}`")).join(", ");
        assert!(error.contains(&listed), "{error}");
    }

    #[test]
    fn a_misspelled_member_is_refused() {
        assert!(serde_json::from_str::<Recipe>(r#"{"heigth":3}"#).is_err());
    }
}

//! Pixels + recipe -> bytes: for pictures that something else decoded, such as the browser.

use crate::inspect::{Coding, ColorSpace, Survey};
use crate::pixels::{Layout, Pixels};
use crate::plan::Plan;
use crate::render::Rendered;
use crate::{Error, Format, ImageInfo, Limits, Orientation, Recipe, encode, transform};

/// A decoded picture as a person sees it, as a canvas gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RgbaPixels {
    /// Width in pixels, at least 1.
    pub width: u32,
    /// Height in pixels, at least 1.
    pub height: u32,
    /// Red, green, blue and alpha of each pixel, row by row from the top; sRGB, alpha not premultiplied.
    pub rgba: Vec<u8>,
}

/// Makes a picture as the recipe says of pixels that are decoded already.
///
/// # Errors
///
/// [`Error::BadRecipe`], where `pixels` are not as many as their width and height say too; [`Error::TooManyPixels`];
/// [`Error::OutOfMemoryBudget`].
///
/// ```
/// use roundel::{Limits, Recipe, RgbaPixels, render_pixels};
/// let pixels = RgbaPixels { width: 2, height: 1, rgba: vec![255, 0, 0, 255, 0, 0, 255, 255] };
/// let avatar = render_pixels(pixels, &Recipe::default(), &Limits::default())?;
/// assert_eq!((avatar.width, avatar.height), (256, 256));
/// # Ok::<(), roundel::Error>(())
/// ```
pub fn render_pixels(pixels: RgbaPixels, recipe: &Recipe, limits: &Limits) -> Result<Rendered, Error> {
    let RgbaPixels { width, height, rgba } = pixels;
    let info = ImageInfo {
        // Nothing of the plan depends on where the pixels come from.
        format: Format::Png,
        width,
        height,
        orientation: Orientation::UPRIGHT,
        has_alpha: true,
        frames: 1,
        color_space: ColorSpace::Srgb,
        has_metadata: false,
    };
    let count = u64::from(width) * u64::from(height);
    if count == 0 || !rgba.len().is_multiple_of(4) || rgba.len() as u64 / 4 != count {
        let detail = format!("{} bytes are not {width} x {height} pixels of four bytes", rgba.len());
        return Err(Error::bad_recipe("pixels", detail));
    }
    // The pixels are the input; there is nothing to decode.
    let coding = Coding::Whole { decoder_bytes: 0 };
    let plan = Plan::new(&Survey { info, complete: true, coding, profile: None }, recipe, limits)?;
    let stored = opaque_or_not(width as usize, height as usize, rgba);
    let needed_bytes = count * 4;
    let content = transform::reduced(&stored, &plan).ok_or(Error::OutOfMemory { needed_bytes })?;
    drop(stored);
    let picture = transform::arrange(content, &plan, recipe.background.rgb);
    let encoded = encode::encode(&picture, recipe)?;
    Ok(Rendered::of_still(&picture, encoded, recipe))
}

/// Without alpha where no pixel needs it: a canvas always has some.
fn opaque_or_not(width: usize, height: usize, mut rgba: Vec<u8>) -> Pixels {
    let is_opaque = rgba.as_chunks::<4>().0.iter().all(|[_, _, _, alpha]| *alpha == 255);
    if !is_opaque {
        return Pixels { width, height, layout: Layout::Rgba, data: rgba };
    }
    // In place: the picture may be large.
    for pixel in 0..width * height {
        rgba.copy_within(4 * pixel..4 * pixel + 3, 3 * pixel);
    }
    rgba.truncate(3 * width * height);
    Pixels { width, height, layout: Layout::Rgb, data: rgba }
}

#[cfg(test)]
#[cfg(feature = "png")]
mod tests {
    use super::*;
    use crate::{Crop, Fit, OutputFormat, render};

    /// The same picture, decoded here by the crate `image`.
    fn decoded(png: &[u8]) -> RgbaPixels {
        let picture = image::load_from_memory(png).unwrap().into_rgba8();
        RgbaPixels { width: picture.width(), height: picture.height(), rgba: picture.into_raw() }
    }

    #[test]
    fn pixels_give_the_bytes_that_their_file_gives() {
        let recipes = [
            Recipe::default(),
            Recipe {
                width: 40,
                height: 30,
                rotate: 90,
                flip: true,
                crop: Some(Crop { x: 3, y: 2, width: 20, height: 30 }),
                format: OutputFormat::Png,
                ..Recipe::default()
            },
            Recipe { straighten: 1200, fit: Fit::Contain, ..Recipe::default() },
        ];
        let files: [&[u8]; 2] =
            [include_bytes!("../tests/fixtures/alpha.png"), include_bytes!("../tests/fixtures/palette.png")];
        for file in files {
            for recipe in &recipes {
                let made = render_pixels(decoded(file), recipe, &Limits::default()).unwrap();
                assert_eq!(made, render(file, recipe).unwrap());
            }
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let refused = |width, height, length| {
            let pixels = RgbaPixels { width, height, rgba: vec![0; length] };
            render_pixels(pixels, &Recipe::default(), &Limits::default()).unwrap_err().code()
        };
        assert_eq!(refused(0, 1, 0), "bad_recipe");
        assert_eq!(refused(2, 2, 15), "bad_recipe");
        assert_eq!(refused(2, 2, 20), "bad_recipe");
        assert_eq!(refused(u32::MAX, u32::MAX, 4), "bad_recipe");
        let limits = Limits { max_pixels: 3, ..Limits::default() };
        let pixels = RgbaPixels { width: 2, height: 2, rgba: vec![0; 16] };
        let error = render_pixels(pixels, &Recipe::default(), &limits).unwrap_err();
        assert_eq!(error.code(), "too_many_pixels");
    }
}

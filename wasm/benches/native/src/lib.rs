//! The same task done by several libraries: the middle square of a photo as a JPEG picture of 256 x 256 pixels at quality 80.
//! What the file says of orientation is passed over by all but ours; the photographs of the benches are stored upright.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{PixelType, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ExtendedColorType};
use std::error::Error;
use std::path::{Path, PathBuf};

const SIDE: u32 = 256;
const QUALITY: u8 = 80;

/// The encoded picture, or why there is none.
pub type Made = Result<Vec<u8>, Box<dyn Error>>;

/// A way to do it, by the names of the libraries that take part.
pub type Contender = (&'static str, fn(&[u8]) -> Made);

/// Everyone, for a photo of this format.
pub fn contenders(is_jpeg: bool) -> Vec<Contender> {
    let mut all: Vec<Contender> =
        vec![("roundel", roundel_best), ("roundel, fast", roundel_fast), ("image", image_full)];
    if is_jpeg {
        all.push(("jpeg-decoder scaled + fast_image_resize", jpeg_decoder_scaled));
        all.push(("zune-jpeg + fast_image_resize", zune_full));
    }
    all
}

/// A photograph from beside the checkout, or a drawn picture where there are none: name and content.
pub fn photos() -> Vec<(String, Vec<u8>)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let photographs = here.join("../../../../shared/photos");
    let (folder, names): (PathBuf, &[&str]) = if photographs.is_dir() {
        (photographs, &["pixel-12mp.jpg", "pixel-12mp-prog.jpg", "photo-4mp.png"])
    } else {
        (here.join("../../tests/fixtures"), &["portrait.jpg", "progressive.jpg", "alpha.png"])
    };
    names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), std::fs::read(folder.join(name)).ok()?)))
        .collect()
}

fn roundel_best(photo: &[u8]) -> Made {
    Ok(roundel::render(photo, &roundel::Recipe::default())?.bytes)
}

fn roundel_fast(photo: &[u8]) -> Made {
    let recipe = roundel::Recipe { effort: roundel::Effort::Fast, ..roundel::Recipe::default() };
    Ok(roundel::render(photo, &recipe)?.bytes)
}

/// Everything decoded, then Lanczos.
fn image_full(photo: &[u8]) -> Made {
    let whole = image::load_from_memory(photo)?;
    let side = whole.width().min(whole.height());
    let (left, top) = ((whole.width() - side) / 2, (whole.height() - side) / 2);
    let small = whole.crop_imm(left, top, side, side).resize_exact(SIDE, SIDE, FilterType::Lanczos3);
    encoded(small.to_rgb8().as_raw())
}

/// Decoded at the scale of a power of two that still suffices, then Lanczos in SIMD.
fn jpeg_decoder_scaled(photo: &[u8]) -> Made {
    let mut decoder = jpeg_decoder::Decoder::new(photo);
    decoder.read_info()?;
    let info = decoder.info().ok_or("there is no header")?;
    let shortest = u32::from(info.width.min(info.height)).max(1);
    // It keeps at least the size that it is asked for: of the shorter side, that of the picture.
    let longest = u32::from(info.width.max(info.height)) * SIDE / shortest;
    let ask = |side: u16| u16::try_from(if u32::from(side) == shortest { SIDE } else { longest });
    let (width, height) = decoder.scale(ask(info.width)?, ask(info.height)?)?;
    let samples = decoder.decode()?;
    resized(&samples, (width.into(), height.into()), info.pixel_format == jpeg_decoder::PixelFormat::L8)
}

/// Everything decoded, then Lanczos, both in SIMD.
fn zune_full(photo: &[u8]) -> Made {
    let mut decoder = zune_jpeg::JpegDecoder::new(zune_core::bytestream::ZCursor::new(photo));
    let samples = decoder.decode().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions().ok_or("there is no header")?;
    resized(&samples, (u32::try_from(width)?, u32::try_from(height)?), samples.len() == width * height)
}

/// The middle square of packed samples: gray, or red, green and blue.
fn resized(samples: &[u8], (width, height): (u32, u32), is_gray: bool) -> Made {
    let kind = if is_gray { PixelType::U8 } else { PixelType::U8x3 };
    let source = ImageRef::new(width, height, samples, kind)?;
    let mut small = Image::new(SIDE, SIDE, kind);
    let options = ResizeOptions::new().fit_into_destination(None);
    Resizer::new().resize(&source, &mut small, &options)?;
    if !is_gray {
        return encoded(small.buffer());
    }
    let gray = image::GrayImage::from_raw(SIDE, SIDE, small.into_vec()).ok_or("the size is wrong")?;
    encoded(DynamicImage::from(gray).to_rgb8().as_raw())
}

fn encoded(rgb: &[u8]) -> Made {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode(rgb, SIDE, SIDE, ExtendedColorType::Rgb8)?;
    Ok(bytes)
}

//! Draws a sheet of default pictures: `cargo run --example default_pictures -- OUT.png SIZE COLUMNS NAME...`. A name that begins with `#` stands for
//! an identicon.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use roundel::{DefaultPicture, DefaultPictureKind, default_picture};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("usage: OUT.png SIZE COLUMNS NAME...");
    let (out, size, columns): (String, u32, u32) = (next()?, next()?.parse()?, next()?.parse()?);
    let names: Vec<String> = arguments.collect();

    let step = size + (size / 8).max(4);
    let rows = (names.len() as u32).div_ceil(columns);
    let paper = image::Rgb([255, 255, 255]);
    let mut sheet =
        image::RgbImage::from_pixel(step * columns - (step - size), step * rows - (step - size), paper);
    for (index, name) in (0..).zip(&names) {
        let kind =
            if name.starts_with('#') { DefaultPictureKind::Identicon } else { DefaultPictureKind::Initials };
        let options = DefaultPicture {
            kind,
            name: name.clone(),
            seed: name.clone(),
            width: size,
            height: size,
            ..DefaultPicture::default()
        };
        let picture = image::load_from_memory(&default_picture(&options)?.bytes)?.into_rgb8();
        let (x, y) = (index % columns * step, index / columns * step);
        image::imageops::replace(&mut sheet, &picture, x.into(), y.into());
    }
    let file = std::fs::File::create(out)?;
    sheet.write_with_encoder(PngEncoder::new_with_quality(
        file,
        CompressionType::Best,
        FilterType::Adaptive,
    ))?;
    Ok(())
}

//! Pictures as JPEG at several qualities, at the size that they have: `qualities FOLDER QUALITY[,QUALITY...] PICTURE...`
//!
//! Writes `FOLDER/<name of the picture>-<quality>.jpg`. `benches/jpeg-quality.ts` holds these files against those of another encoder.

use roundel::{Recipe, inspect, render};
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, qualities, pictures @ ..] = arguments.as_slice() else {
        return Err("usage: qualities FOLDER QUALITY[,QUALITY...] PICTURE...".into());
    };
    let qualities: Vec<u8> = qualities.split(',').map(str::parse).collect::<Result<_, _>>()?;
    for picture in pictures.iter().map(Path::new) {
        let bytes = std::fs::read(picture)?;
        let info = inspect(&bytes)?;
        let name = picture.file_stem().unwrap_or_default().to_string_lossy();
        for quality in &qualities {
            let recipe =
                Recipe { width: info.width, height: info.height, quality: *quality, ..Recipe::default() };
            let made = render(&bytes, &recipe)?;
            std::fs::write(Path::new(folder).join(format!("{name}-{quality}.jpg")), made.bytes)?;
        }
    }
    Ok(())
}

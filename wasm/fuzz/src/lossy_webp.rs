use super::rendered;
use super::round_trip::{as_png, as_rgb, draw};
use super::script::Script;
use image_webp::WebPDecoder;
use png::{BitDepth, ColorType};
use roundel::{OutputFormat, Recipe};
use std::io::Cursor;

/// Pixels of any kind, as a PNG file, at their size through the lossy WebP encoder, and read by the decoder of others.
pub fn lossy_webp(data: &[u8]) {
    let mut script = Script::new(data);
    let quality = 1 + script.byte() % 99;
    let drawing = draw(&mut script);
    let recipe = Recipe {
        width: drawing.width,
        height: drawing.height,
        format: OutputFormat::Webp,
        quality,
        ..Recipe::default()
    };
    let made = rendered(&as_png(&drawing), &recipe).expect("a good PNG file is not refused");
    assert_eq!(made.quality, quality);
    let mut decoder =
        WebPDecoder::new(Cursor::new(&made.bytes)).expect("another decoder reads the container");
    assert_eq!(decoder.dimensions(), (drawing.width, drawing.height));
    let mut pixels = vec![0; decoder.output_buffer_size().expect("a small picture")];
    decoder.read_image(&mut pixels).expect("another decoder reads the picture");

    // Without colours and alpha nothing is lost but what the quantiser loses: less than a step of each sample, in the mean.
    if drawing.color == ColorType::Grayscale && drawing.depth == BitDepth::Eight {
        let wanted = as_rgb(&drawing);
        let error: u64 = wanted.iter().zip(&pixels).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
        let step = if drawing.is_flat { 24 } else { step(quality) };
        let most = (step * step + 16) * wanted.len() as u64;
        assert!(error <= most, "quality {quality}: {error} of {most}");
    }
}

/// As coarse as the quantiser is at most, on the scale of libwebp.
fn step(quality: u8) -> u64 {
    match quality {
        90.. => 16,
        75.. => 32,
        50.. => 48,
        20.. => 96,
        _ => 180,
    }
}

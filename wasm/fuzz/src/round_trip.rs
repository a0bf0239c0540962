use super::rendered;
use super::script::Script;
use png::{BitDepth, ColorType};
use roundel::{Effort, Fit, OutputFormat, Recipe};
use zune_core::bytestream::ZCursor;

/// A drawing of samples, row by row.
pub(super) struct Drawing {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) color: ColorType,
    pub(super) depth: BitDepth,
    samples: Vec<u8>,
    pub(super) is_flat: bool,
}

/// Pixels of any kind, as a PNG file, through all that writes, and read back by our own parsers and by those of others.
pub fn round_trip(data: &[u8]) {
    let mut script = Script::new(data);
    let drawing = draw(&mut script);
    let source = as_png(&drawing);
    let format =
        script.choose(&[OutputFormat::Jpeg, OutputFormat::Png, OutputFormat::Webp, OutputFormat::Gif]);
    let is_same_size = script.byte().is_multiple_of(2);
    let recipe = Recipe {
        width: if is_same_size { drawing.width } else { 1 + u32::from(script.byte()) },
        height: if is_same_size { drawing.height } else { 1 + u32::from(script.byte()) },
        quality: 1 + script.byte() % 100,
        fit: script.choose(&[Fit::Cover, Fit::Contain]),
        effort: script.choose(&[Effort::Best, Effort::Fast]),
        max_bytes: script.choose(&[None, Some(700), Some(60)]),
        format,
        ..Recipe::default()
    };
    if recipe.validate().is_err() {
        return;
    }
    let Some(made) = rendered(&source, &recipe) else {
        assert!(recipe.max_bytes.is_some(), "a good PNG file was refused");
        return;
    };

    // Read again by ourselves: the same size, so that a decoder's pixels come through.
    let again = Recipe { max_bytes: None, quality: 100, format: OutputFormat::Png, ..recipe.clone() };
    let ours = pixels(&rendered(&made.bytes, &again).expect("our own output can be rendered").bytes);
    let is_opaque = matches!(drawing.color, ColorType::Rgb | ColorType::Grayscale);
    if is_same_size && is_opaque && format == OutputFormat::Png && drawing.depth == BitDepth::Eight {
        assert_eq!(ours, as_rgb(&drawing), "lossless, at the same size");
    }
    if is_same_size && is_opaque && drawing.is_flat && made.quality >= 90 && drawing.depth == BitDepth::Eight
    {
        let wanted = as_rgb(&drawing);
        let worst = ours.iter().zip(&wanted).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(worst <= Some(6), "one colour became another: {:?} {:?}", &wanted[..3], &ours[..3]);
    }

    if format == OutputFormat::Jpeg {
        let theirs = zune_jpeg::JpegDecoder::new(ZCursor::new(&made.bytes)).decode();
        let length = theirs.expect("another decoder reads our JPEG").len();
        assert!(length >= (made.width * made.height) as usize);
    }
}

pub(super) fn draw(script: &mut Script) -> Drawing {
    let width = 1 + u32::from(script.byte() % 80);
    let height = 1 + u32::from(script.byte() % 80);
    let (color, channels) = script.choose(&[
        (ColorType::Rgb, 3),
        (ColorType::Rgba, 4),
        (ColorType::Grayscale, 1),
        (ColorType::GrayscaleAlpha, 2),
    ]);
    let depth = script.choose(&[BitDepth::Eight, BitDepth::Sixteen]);
    let bytes_a_pixel = channels * if depth == BitDepth::Sixteen { 2 } else { 1 };
    let pattern = script.byte() % 4;
    let pixel: [u8; 8] = std::array::from_fn(|_| script.byte());
    let count = (width * height) as usize * bytes_a_pixel;
    let samples = (0..count)
        .map(|at| match pattern {
            0 => pixel[at % bytes_a_pixel],
            1 => script.random(256) as u8,
            2 => (at / bytes_a_pixel) as u8 ^ pixel[at % 8],
            _ => {
                if script.random(9) == 0 {
                    pixel[at % 8]
                } else {
                    0xff
                }
            }
        })
        .collect();
    Drawing { width, height, color, depth, samples, is_flat: pattern == 0 }
}

pub(super) fn as_png(drawing: &Drawing) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, drawing.width, drawing.height);
    encoder.set_color(drawing.color);
    encoder.set_depth(drawing.depth);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&drawing.samples).unwrap();
    writer.finish().unwrap();
    file
}

/// Of 8 bits, without alpha.
pub(super) fn as_rgb(drawing: &Drawing) -> Vec<u8> {
    let copies = if drawing.color == ColorType::Grayscale { 3 } else { 1 };
    drawing.samples.iter().flat_map(|sample| std::iter::repeat_n(*sample, copies)).collect()
}

/// Red, green and blue of a PNG file, read by the library that is the yardstick for that.
pub fn pixels(file: &[u8]) -> Vec<u8> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().unwrap();
    let mut samples = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut samples).unwrap();
    samples.truncate(info.buffer_size());
    match info.color_type {
        ColorType::Rgb => samples,
        ColorType::Rgba => samples.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect(),
        ColorType::GrayscaleAlpha => samples.chunks_exact(2).flat_map(|pixel| [pixel[0]; 3]).collect(),
        ColorType::Grayscale | ColorType::Indexed => samples.iter().flat_map(|sample| [*sample; 3]).collect(),
    }
}

use super::jpeg_maker::{Color, Component, Made, make};
use super::round_trip::pixels;
use super::script::Script;
use super::{LIMITS, rendered};
use roundel::{ColorSpace, Error, OutputFormat, Recipe, inspect, render_within};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace as TheirSpace;
use zune_core::options::DecoderOptions;

/// Our samples of luma are within one of the definition's; turned into colours of 8 bits and back they are within this.
const LUMA_TOLERANCE: f64 = 2.5;

/// A channel: one step of luma and of each colour difference (1.772 of blue at most), and a rounding.
const CHANNEL_TOLERANCE: f64 = 4.0;

/// Of another decoder's luma, which is as free as ours.
const THEIR_TOLERANCE: f64 = 2.0;

/// How far a filter that enlarges may reach, in samples.
const REACH: usize = 4;

/// Files that are beyond doubt: ours is held against the definition of the inverse DCT, pixel by pixel, at full size, and so is the decoder
/// zune-jpeg where the file is an ordinary one, which speaks for the file. Each colour has to be within what any way of enlarging the colour differences could make.
pub fn differential(data: &[u8]) {
    let made = make(&mut Script::new(data));
    let samples: Vec<Vec<f64>> = made.components.iter().map(Component::samples).collect();
    if made.is_ordinary
        && let Some(theirs) = luma_of_zune(&made.file, made.color)
    {
        compare_luma_of_zune(&made, &samples[0], &theirs);
    }

    let recipe = Recipe {
        width: made.width as u32,
        height: made.height as u32,
        format: OutputFormat::Png,
        ..Recipe::default()
    };
    let Some(ours) = rendered(&made.file, &recipe) else {
        let error = render_within(&made.file, &recipe, &LIMITS).unwrap_err();
        assert!(matches!(error, Error::UnsupportedFormat { .. }), "a good file was refused: {error}");
        return;
    };
    let ours = pixels(&ours.bytes);
    let places = (0..made.height).flat_map(|y| (0..made.width).map(move |x| (x, y)));
    for ((x, y), pixel) in places.zip(ours.chunks_exact(3)) {
        let values: Vec<Range> =
            made.components.iter().zip(&samples).map(|(c, of)| possible(&made, c, of, (x, y))).collect();
        let channels = colors(made.color, &values);
        for (got, possible) in pixel.iter().zip(channels) {
            let got = f64::from(*got);
            let wanted = (possible.least.clamp(0.0, 255.0), possible.most.clamp(0.0, 255.0));
            assert!(
                got >= wanted.0 - CHANNEL_TOLERANCE && got <= wanted.1 + CHANNEL_TOLERANCE,
                "at ({x}, {y}) {pixel:?} is not within {channels:?}"
            );
        }
        // Where no channel is cut off, luma is known exactly, whatever the colours.
        let is_whole = channels.iter().all(|channel| channel.least >= 1.0 && channel.most <= 254.0);
        if made.color == Color::YCbCr && is_whole {
            let luma = values[0];
            let got = luma_of(pixel);
            assert!(
                got >= luma.least - LUMA_TOLERANCE && got <= luma.most + LUMA_TOLERANCE,
                "at ({x}, {y}) {pixel:?} has luma {got}, not {luma:?}"
            );
        }
    }
}

/// What a value may be.
#[derive(Clone, Copy, Debug)]
struct Range {
    least: f64,
    most: f64,
}

/// A component at a pixel: the sample there, or where it has fewer samples, anything that its neighbourhood may make.
fn possible(made: &Made, component: &Component, samples: &[f64], (x, y): (usize, usize)) -> Range {
    let near = |at: usize, own: usize, whole: usize| {
        if own == whole {
            return at..=at;
        }
        let centre = at * own / whole;
        centre.saturating_sub(REACH)..=(centre + REACH).min(own - 1)
    };
    let mut range = Range { least: f64::INFINITY, most: f64::NEG_INFINITY };
    for row in near(y, component.height, made.height) {
        for column in near(x, component.width, made.width) {
            let sample = samples[row * component.width + column];
            range = Range { least: range.least.min(sample), most: range.most.max(sample) };
        }
    }
    // Filters with negative lobes overshoot; Lanczos with three lobes by 0.27 of the range along one axis, 0.69 along both.
    let beyond = (range.most - range.least) * 0.7;
    Range { least: range.least - beyond, most: range.most + beyond }
}

/// JFIF 1.02: from luma and colour differences to red, green and blue.
fn colors(color: Color, values: &[Range]) -> [Range; 3] {
    let sum = |terms: [f64; 3]| {
        let ends = terms.iter().zip(values).enumerate().map(|(at, (factor, value))| {
            let middle = if at == 0 { 0.0 } else { 128.0 };
            let (a, b) = (factor * (value.least - middle), factor * (value.most - middle));
            (a.min(b), a.max(b))
        });
        ends.fold(Range { least: 0.0, most: 0.0 }, |sum, (least, most)| Range {
            least: sum.least + least,
            most: sum.most + most,
        })
    };
    match color {
        Color::Gray => [values[0]; 3],
        Color::Rgb => [values[0], values[1], values[2]],
        Color::YCbCr => [sum([1.0, 0.0, 1.402]), sum([1.0, -0.344_136, -0.714_136]), sum([1.0, 1.772, 0.0])],
    }
}

fn luma_of(pixel: &[u8]) -> f64 {
    0.299 * f64::from(pixel[0]) + 0.587 * f64::from(pixel[1]) + 0.114 * f64::from(pixel[2])
}

/// The first component of the picture, at full size, where zune-jpeg takes the file without complaint.
fn luma_of_zune(file: &[u8], color: Color) -> Option<Vec<u8>> {
    let wanted = if color == Color::Gray { TheirSpace::Luma } else { TheirSpace::YCbCr };
    if color == Color::Rgb {
        return None;
    }
    let options = DecoderOptions::default().set_strict_mode(true).jpeg_set_out_colorspace(wanted);
    let samples = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(file), options).decode().ok()?;
    Some(samples.chunks_exact(wanted.num_components()).map(|pixel| pixel[0]).collect())
}

fn compare_luma_of_zune(made: &Made, samples: &[f64], theirs: &[u8]) {
    let luma = &made.components[0];
    if (luma.width, luma.height) != (made.width, made.height) {
        return;
    }
    assert_eq!(theirs.len(), samples.len());
    for (at, (theirs, wanted)) in theirs.iter().zip(samples).enumerate() {
        assert!(
            (f64::from(*theirs) - wanted).abs() <= THEIR_TOLERANCE,
            "zune-jpeg has {theirs}, the definition {wanted} at {at}: the file is not what it should be"
        );
    }
}

/// Of a file that nobody doubts, but whose samples are known to nobody: how far our luma is from that of zune-jpeg, where both read it.
///
/// Not for the fuzzer: of damaged files each decoder makes what it likes.
pub fn mean_difference(file: &[u8]) -> Option<f64> {
    let info = inspect(file).ok()?;
    if u64::from(info.width) * u64::from(info.height) > LIMITS.max_pixels {
        return None;
    }
    let color = match info.color_space {
        ColorSpace::Gray => Color::Gray,
        ColorSpace::Srgb => Color::YCbCr,
        // Colours that are turned into others.
        _ => return None,
    };
    let theirs = luma_of_zune(file, color)?;
    // As stored: zune-jpeg does not turn.
    let (rotate, flip) = [
        (0, false),
        (0, true),
        (180, false),
        (180, true),
        (90, true),
        (270, false),
        (270, true),
        (90, false),
    ][usize::from(info.orientation.exif()) - 1];
    let is_turned = rotate % 180 != 0;
    let (width, height) = if is_turned { (info.height, info.width) } else { (info.width, info.height) };
    let recipe = Recipe { width, height, rotate, flip, format: OutputFormat::Png, ..Recipe::default() };
    let ours = pixels(&rendered(file, &recipe)?.bytes);
    let sum: f64 = ours
        .chunks_exact(3)
        .zip(&theirs)
        .map(|(pixel, theirs)| (luma_of(pixel) - f64::from(*theirs)).abs())
        .sum();
    Some(sum / theirs.len() as f64)
}

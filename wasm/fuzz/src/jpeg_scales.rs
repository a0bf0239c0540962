use super::{LIMITS, rendered};
use roundel::{Crop, Effort, Error, Fit, OutputFormat, Recipe, render_within};

/// Pixels of a source; each is rendered ten times.
const MOST_PIXELS: u64 = 1 << 18;

/// Longest side of an output, in pixels.
const SIDE: u32 = 96;

/// A JPEG file at every scale of its blocks.
pub fn jpeg_scales(data: &[u8]) {
    if data.starts_with(&[0xff, 0xd8]) {
        at_all_scales(data);
    }
}

/// A picture at every scale of its blocks, from all of a sample to one a block, at both efforts. What is small by that much keeps the whole
/// picture; otherwise a part of it is cropped, so that windows of all kinds are seen.
pub(super) fn at_all_scales(data: &[u8]) {
    let Ok(info) = roundel::inspect(data) else { return };
    if u64::from(info.width) * u64::from(info.height) > MOST_PIXELS {
        let outcome = render_within(data, &Recipe::default(), &LIMITS);
        let is_refused = matches!(outcome, Err(Error::TooManyPixels { .. }));
        let is_large = u64::from(info.width) * u64::from(info.height) > LIMITS.max_pixels;
        assert_eq!(is_refused, is_large, "{info:?}");
        return;
    }
    for (reduction, rotate) in [(1, 0), (2, 90), (4, 180), (8, 270), (16, 0)] {
        // As a person sees it after this turn.
        let (width, height) =
            if rotate % 180 == 0 { (info.width, info.height) } else { (info.height, info.width) };
        let part = |length: u32| length.min(SIDE * reduction);
        // Off the grid of blocks.
        let start = |length: u32| ((length - part(length)) / 2) | u32::from(length > part(length) + 1);
        let crop = Crop { x: start(width), y: start(height), width: part(width), height: part(height) };
        for effort in [Effort::Best, Effort::Fast] {
            let recipe = Recipe {
                width: (crop.width / reduction).max(1),
                height: (crop.height / reduction).max(1),
                crop: Some(crop),
                rotate,
                flip: reduction == 2,
                fit: if reduction == 4 { Fit::Contain } else { Fit::Cover },
                format: if effort == Effort::Best { OutputFormat::Png } else { OutputFormat::Jpeg },
                effort,
                ..Recipe::default()
            };
            rendered(data, &recipe);
        }
    }
}

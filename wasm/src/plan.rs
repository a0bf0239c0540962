//! Header and recipe -> [`Plan`]: what will be done, worked out before a pixel is decoded. Pure arithmetic.

use crate::encode::jpeg;
use crate::inspect::jpeg::Shape;
use crate::inspect::{Coding, Survey};
use crate::raster::Axis;
use crate::{Crop, Effort, Error, Fit, Limits, Orientation, OutputFormat, Recipe};

/// A stretch of one axis of the stored picture, in pixels, as an exact fraction: a cover crop can begin between pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// Start times `denominator`.
    pub(crate) start: u64,
    /// Length times `denominator`.
    pub(crate) length: u64,
    /// At least 1.
    pub(crate) denominator: u64,
    /// The pixels that may be looked at, first and one past the last: those of the crop.
    pub(crate) bounds: (u32, u32),
}

/// How many samples the resampling filter reaches to either side where it enlarges.
const LOBES: u32 = 3;

impl Span {
    /// The same stretch in samples of an axis, for so many output pixels. Where there are fewer samples than that, as in chroma at full
    /// scale, those just outside of the crop belong to the pixels at its edge: a crop is then what it is in the whole picture.
    pub(crate) fn in_samples(self, axis: Axis, outputs: u32) -> Self {
        let (pixels, per) = (u64::from(axis.pitch.0), u64::from(axis.pitch.1));
        let nearest =
            |edge: u32| u32::try_from((u64::from(edge) * per + pixels / 2) / pixels).unwrap_or(u32::MAX);
        let first = nearest(self.bounds.0).min(axis.samples - 1);
        let end = nearest(self.bounds.1).clamp(first + 1, axis.samples.max(first + 1));
        let (start, length, denominator) = (self.start * per, self.length * per, self.denominator * pixels);
        let beyond = if length < u64::from(outputs) * denominator { LOBES } else { 0 };
        let bounds = (first.saturating_sub(beyond), end.saturating_add(beyond).min(axis.samples.max(end)));
        Self { start, length, denominator, bounds }
    }
}

/// How the samples of a plane lie along the rows and along the columns of the stored picture.
pub(crate) type Place = (Axis, Axis);

/// What will be done with the stored pixels. Sizes are in pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The part of the stored picture that is used, along its rows and along its columns.
    pub(crate) columns: Span,
    pub(crate) rows: Span,
    /// The size that this part is resampled to, still lying as stored.
    pub(crate) content: (u32, u32),
    /// How the resampled content is then turned.
    pub(crate) orientation: Orientation,
    /// The size of the output; larger than the turned content where it is letterboxed.
    pub(crate) canvas: (u32, u32),
    /// Whether the output keeps transparency.
    pub(crate) keeps_alpha: bool,
    /// JPEG: samples a block side that each component is decoded to: 8, 4, 2 or 1.
    pub(crate) block_sides: [u8; 4],
    /// JPEG: how the samples of each component then lie along the rows and along the columns.
    pub(crate) planes: Vec<Place>,
}

impl Plan {
    /// Works out the plan, or refuses before anything is allocated.
    pub(crate) fn new(survey: &Survey, recipe: &Recipe, limits: &Limits) -> Result<Self, Error> {
        recipe.validate()?;
        let info = &survey.info;
        let (width, height) = (info.width, info.height);
        let pixels = u64::from(width) * u64::from(height);
        if pixels > limits.max_pixels {
            let (width, height) = info.orientation.size_seen((width, height));
            return Err(Error::TooManyPixels { width, height, max_pixels: limits.max_pixels });
        }

        let orientation = info.orientation.then(Orientation::from_turn(recipe.rotate, recipe.flip));
        let stored = info.orientation.size_seen((width, height));
        let seen = orientation.size_seen(stored);
        let crop = crop_within(recipe.crop, seen)?;
        let target = (recipe.width, recipe.height);
        let (across, down, content) = match recipe.fit {
            Fit::Cover => {
                let (across, down) = cover(crop, target);
                (across, down, target)
            }
            Fit::Contain => {
                let across = whole(crop.x, crop.width);
                (across, whole(crop.y, crop.height), contained(crop, target))
            }
        };

        let (mirror_x, mirror_y) = orientation.mirrors();
        let across = if mirror_x { mirrored(across, seen.0) } else { across };
        let down = if mirror_y { mirrored(down, seen.1) } else { down };
        let (columns, rows) = if orientation.swaps_sides() { (down, across) } else { (across, down) };
        let content = orientation.size_seen(content);

        let keeps_alpha = recipe.format != OutputFormat::Jpeg;
        let (block_sides, planes) = match survey.coding {
            Coding::Jpeg(shape) => scales(&shape, stored, (columns, rows), content, recipe.effort),
            Coding::Whole { .. } => ([8; 4], Vec::new()),
        };
        // Between the passes of the resampler: 16-bit samples, of one plane or of up to four interleaved channels.
        let row_count = u64::from(rows.bounds.1 - rows.bounds.0);
        let (decoder_bytes, between) = match survey.coding {
            Coding::Jpeg(shape) => {
                let tallest = planes
                    .iter()
                    .map(|(_, down)| rows.in_samples(*down, content.1).sample_count())
                    .max()
                    .unwrap_or(0);
                let resampled = u64::from(content.0) * u64::from(content.1) * 2 * planes.len() as u64;
                let bytes = jpeg_bytes(&shape, &planes, block_sides, (columns, rows), content, stored);
                (bytes, u64::from(content.0) * tallest * 2 + resampled)
            }
            Coding::Whole { decoder_bytes } => (decoder_bytes, u64::from(content.0) * row_count * 8),
        };
        // The result while it is turned, placed and encoded: two copies; of a whole picture one is of 16-bit samples with alpha.
        let bytes_a_pixel = if planes.is_empty() { 12 } else { 6 };
        let result = u64::from(target.0) * u64::from(target.1) * bytes_a_pixel;
        // The finished picture and what its encoder takes; all else is freed by then.
        let encoded = match recipe.format {
            OutputFormat::Jpeg => u64::from(target.0) * u64::from(target.1) * 3 + jpeg::encoder_bytes(recipe),
            _ => 0,
        };
        // At the peak, beyond the input.
        let peak_bytes = decoder_bytes.saturating_add(between + result).max(encoded);
        if peak_bytes > limits.memory_budget_bytes {
            return Err(Error::OutOfMemoryBudget {
                needed_bytes: peak_bytes,
                budget_bytes: limits.memory_budget_bytes,
            });
        }
        Ok(Self { columns, rows, content, orientation, canvas: target, keeps_alpha, block_sides, planes })
    }
}

impl Span {
    /// Pixels, or samples, that may be looked at.
    fn sample_count(self) -> u64 {
        u64::from(self.bounds.1 - self.bounds.0)
    }
}

/// The scale of each component of a JPEG picture, and where its samples then lie.
///
/// Of luma twice as many samples as the output has pixels are kept, where there are as many: then the picture is within 50 dB of a full decode.
/// Half of that is what other resizers keep by default ([`Effort::Fast`]). A subsampled component was meant to be seen at half the
/// resolution, so it keeps half.
fn scales(
    shape: &Shape,
    stored: (u32, u32),
    (columns, rows): (Span, Span),
    content: (u32, u32),
    effort: Effort,
) -> ([u8; 4], Vec<Place>) {
    let factors: Vec<(u32, u32)> = shape
        .factors
        .iter()
        .filter(|(across, _)| *across > 0)
        .map(|(across, down)| ((*across).into(), (*down).into()))
        .collect();
    let most_across = factors.iter().map(|factor| factor.0).max().unwrap_or(1);
    let most_down = factors.iter().map(|factor| factor.1).max().unwrap_or(1);
    let mut sides = [8; 4];
    let mut planes = Vec::with_capacity(factors.len());
    for ((across, down), side) in factors.into_iter().zip(&mut sides) {
        let is_subsampled = (across, down) != (most_across, most_down);
        // Twice the samples an output pixel.
        let wanted = match (effort, is_subsampled) {
            (Effort::Best, false) => 4,
            (Effort::Best, true) | (Effort::Fast, false) => 2,
            (Effort::Fast, true) => 1,
        };
        // Both sides times what they are over; sides are below 2^16, denominators below 2^14.
        let is_enough = |span: Span, factor: u32, most: u32, outputs: u32, side: u8| {
            let samples = 2 * span.length * u64::from(factor) * u64::from(side);
            samples >= u64::from(outputs) * wanted * span.denominator * u64::from(most) * 8
        };
        let fits = |side: &u8| {
            is_enough(columns, across, most_across, content.0, *side)
                && is_enough(rows, down, most_down, content.1, *side)
        };
        *side = [1, 2, 4].into_iter().find(fits).unwrap_or(8);
        let axis = |length: u32, factor: u32, most: u32| {
            let pitch = (most * 8, factor * u32::from(*side));
            Axis { samples: (length * pitch.1).div_ceil(pitch.0).max(1), pitch }
        };
        planes.push((axis(stored.0, across, most_across), axis(stored.1, down, most_down)));
    }
    (sides, planes)
}

/// What decoding a JPEG picture takes: the samples of the crop in whole blocks, and in a progressive file the 16-bit coefficients of all blocks.
fn jpeg_bytes(
    shape: &Shape,
    planes: &[Place],
    sides: [u8; 4],
    (columns, rows): (Span, Span),
    content: (u32, u32),
    stored: (u32, u32),
) -> u64 {
    let most = |pick: fn(&(u8, u8)) -> u8| u64::from(shape.factors.iter().map(pick).max().unwrap_or(1));
    let units_across = u64::from(stored.0).div_ceil(8 * most(|factor| factor.0));
    let units_down = u64::from(stored.1).div_ceil(8 * most(|factor| factor.1));
    let component_bytes = |(((across, down), side), factors): ((&Place, u8), (u8, u8))| {
        let side = u64::from(side);
        let samples = (columns.in_samples(*across, content.0).sample_count() + 2 * side)
            * (rows.in_samples(*down, content.1).sample_count() + 2 * side);
        let blocks = units_across * u64::from(factors.0) * units_down * u64::from(factors.1);
        let kept = if side == 1 { 1 } else { 64 };
        samples + if shape.is_progressive { blocks * kept * 2 } else { 0 }
    };
    planes.iter().zip(sides).zip(shape.factors).map(component_bytes).sum()
}

fn crop_within(crop: Option<Crop>, (width, height): (u32, u32)) -> Result<Crop, Error> {
    let Some(crop) = crop else { return Ok(Crop { x: 0, y: 0, width, height }) };
    let ends_within =
        |start: u32, length: u32, side: u32| start.checked_add(length).is_some_and(|end| end <= side);
    if ends_within(crop.x, crop.width, width) && ends_within(crop.y, crop.height, height) {
        return Ok(crop);
    }
    let Crop { x, y, width: w, height: h } = crop;
    let detail = format!(
        "{w} x {h} at ({x}, {y}) reaches outside the picture, which is {width} x {height} after turning"
    );
    Err(Error::bad_recipe("crop", detail))
}

fn whole(start: u32, length: u32) -> Span {
    Span {
        start: start.into(),
        length: length.into(),
        denominator: 1,
        bounds: (start, start.saturating_add(length)),
    }
}

/// The largest centred part of the crop that has the shape of the target.
fn cover(crop: Crop, target: (u32, u32)) -> (Span, Span) {
    let across = whole(crop.x, crop.width);
    let down = whole(crop.y, crop.height);
    let (crop_w, crop_h) = (u64::from(crop.width), u64::from(crop.height));
    let (target_w, target_h) = (u64::from(target.0), u64::from(target.1));
    // Sides are at most 32 bits and targets at most 13, so that no product here leaves 64 bits.
    if crop_w * target_h > crop_h * target_w {
        let denominator = 2 * target_h;
        let start = across.start * denominator + (crop_w * target_h - crop_h * target_w);
        (Span { start, length: 2 * crop_h * target_w, denominator, ..across }, down)
    } else {
        let denominator = 2 * target_w;
        let start = down.start * denominator + (crop_h * target_w - crop_w * target_h);
        (across, Span { start, length: 2 * crop_w * target_h, denominator, ..down })
    }
}

/// The largest size with the shape of the crop that fits into the target.
fn contained(crop: Crop, target: (u32, u32)) -> (u32, u32) {
    // Rounded division, at least one pixel.
    let side = |length: u32, by: u32, of: u32| {
        let scaled = (2 * u64::from(length) * u64::from(by) + u64::from(of)) / (2 * u64::from(of));
        u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
    };
    if u64::from(crop.width) * u64::from(target.1) > u64::from(crop.height) * u64::from(target.0) {
        (target.0, side(crop.height, target.0, crop.width).min(target.1))
    } else {
        (side(crop.width, target.1, crop.height).min(target.0), target.1)
    }
}

/// The same stretch, counted from the other end of an axis of `side` pixels.
fn mirrored(span: Span, side: u32) -> Span {
    let (first, end) = span.bounds;
    Span {
        start: u64::from(side) * span.denominator - span.start - span.length,
        bounds: (side - end, side - first),
        ..span
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::{ColorSpace, Format, ImageInfo};

    fn survey(width: u32, height: u32, exif: u16) -> Survey {
        let orientation = Orientation::from_exif(exif).unwrap();
        let (width, height) = orientation.size_seen((width, height));
        let info = ImageInfo {
            format: Format::Jpeg,
            width,
            height,
            orientation,
            has_alpha: false,
            frames: 1,
            color_space: ColorSpace::Srgb,
            has_metadata: false,
        };
        let decoder_bytes = u64::from(width) * u64::from(height) * 3;
        Survey { info, complete: true, coding: Coding::Whole { decoder_bytes } }
    }

    fn plan(size: (u32, u32), exif: u16, recipe: &Recipe) -> Result<Plan, Error> {
        Plan::new(&survey(size.0, size.1, exif), recipe, &Limits::default())
    }

    fn edges(span: Span) -> (f64, f64) {
        let (start, length, denominator) = (span.start as f64, span.length as f64, span.denominator as f64);
        (start / denominator, (start + length) / denominator)
    }

    #[test]
    fn cover_takes_the_middle_exactly_even_between_pixels() {
        let plan = plan((4001, 3000), 1, &Recipe::default()).unwrap();
        assert_eq!((edges(plan.columns), edges(plan.rows)), ((500.5, 3500.5), (0.0, 3000.0)));
        assert_eq!((plan.content, plan.canvas), ((256, 256), (256, 256)));
    }

    #[test]
    fn a_crop_is_given_as_a_person_sees_the_picture() {
        // Stored 400 x 300, seen 300 x 400: EXIF 6 shows the stored left edge at the top, the stored bottom at the left.
        let crop = Some(Crop { x: 10, y: 20, width: 30, height: 60 });
        let recipe = Recipe { width: 15, height: 30, crop, ..Recipe::default() };
        let plan = plan((400, 300), 6, &recipe).unwrap();
        assert_eq!(edges(plan.columns), (20.0, 80.0));
        assert_eq!(edges(plan.rows), (260.0, 290.0));
        assert_eq!((plan.rows.bounds, plan.content), ((260, 290), (30, 15)));
    }

    #[test]
    fn contain_keeps_the_shape_and_never_vanishes() {
        let recipe = Recipe { width: 100, height: 100, fit: Fit::Contain, ..Recipe::default() };
        assert_eq!(plan((400, 300), 1, &recipe).unwrap().content, (100, 75));
        assert_eq!(plan((400, 300), 6, &recipe).unwrap().content, (100, 75));
        assert_eq!(plan((60000, 1), 1, &recipe).unwrap().content, (100, 1));
    }

    #[test]
    fn a_crop_outside_is_refused() {
        for crop in [
            Crop { x: 1, y: 0, width: 400, height: 1 },
            Crop { x: 0, y: 300, width: 1, height: 1 },
            Crop { x: u32::MAX, y: 0, width: u32::MAX, height: 1 },
        ] {
            let recipe = Recipe { crop: Some(crop), ..Recipe::default() };
            assert_eq!(plan((400, 300), 1, &recipe).unwrap_err().code(), "bad_recipe");
        }
    }

    #[test]
    fn too_many_pixels_are_refused_as_stored() {
        let error = plan((10_000, 5_001), 6, &Recipe::default()).unwrap_err();
        assert_eq!(error, Error::TooManyPixels { width: 10_000, height: 5_001, max_pixels: 50_000_000 });
    }

    #[test]
    fn a_budget_is_kept_before_the_work_begins() {
        let limits = Limits { memory_budget_bytes: 1_000_000, ..Limits::default() };
        let error = Plan::new(&survey(1000, 1000, 1), &Recipe::default(), &limits).unwrap_err();
        assert_eq!(error.code(), "out_of_memory_budget");
    }

    #[test]
    fn the_largest_sizes_do_not_overflow() {
        let limits = Limits { max_pixels: u64::MAX, ..Limits::default() };
        let side = i32::MAX as u32;
        for (width, height) in [(side, side), (side, 1), (1, side)] {
            for fit in [Fit::Cover, Fit::Contain] {
                let recipe = Recipe { width: 4096, height: 1, fit, ..Recipe::default() };
                let _ = Plan::new(&survey(width, height, 7), &recipe, &limits);
            }
        }
    }
}

//! Header and recipe -> [`Plan`]: what will be done, worked out before a pixel is decoded. Pure arithmetic.

mod memory;
mod scale;
mod span;
mod turn;

use crate::inspect::{Coding, Survey};
use crate::{Crop, Error, Limits, Orientation, OutputFormat, Recipe};
pub use memory::MemoryNeeded;
pub(crate) use scale::PlanePlan;
pub(crate) use span::Span;
pub(crate) use turn::{FRACTION_BITS, Places, Turn};

/// How the picture comes from its decoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// In planes, each at a scale of its own: JPEG, and lossy WebP that becomes much smaller.
    Planes(Vec<PlanePlan>),
    /// In rows of whole pixels, of which boxes of so many pixels across and down are averaged.
    Rows { boxes: (u32, u32) },
}

/// What will be done with the stored pixels. Sizes are in pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The part of the stored picture that is used, along its rows and along its columns.
    pub(crate) columns: Span,
    pub(crate) rows: Span,
    /// The size that this part is resampled to, still lying as stored.
    pub(crate) content: (u32, u32),
    /// How it is turned on the way by less than a quarter.
    pub(crate) turn: Option<Turn>,
    /// How the resampled content is then turned.
    pub(crate) orientation: Orientation,
    /// The size of the output; larger than the turned content where it is letterboxed.
    pub(crate) canvas: (u32, u32),
    /// Whether the output keeps transparency.
    pub(crate) keeps_alpha: bool,
    pub(crate) source: Source,
}

impl Plan {
    /// Works out the plan, or refuses before anything is allocated.
    pub(crate) fn new(survey: &Survey, recipe: &Recipe, limits: &Limits) -> Result<Self, Error> {
        let (plan, needed) = Self::with_memory(survey, recipe, limits)?;
        if needed.working_bytes > limits.memory_budget_bytes {
            let (needed_bytes, budget_bytes) = (needed.working_bytes, limits.memory_budget_bytes);
            return Err(Error::OutOfMemoryBudget { needed_bytes, budget_bytes });
        }
        Ok(plan)
    }

    /// The plan and what it takes of memory, whatever the budget is.
    pub(crate) fn with_memory(
        survey: &Survey,
        recipe: &Recipe,
        limits: &Limits,
    ) -> Result<(Self, MemoryNeeded), Error> {
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
        let Part { columns, rows, content, turn } = if recipe.straighten == 0 {
            Part::new(seen, crop, recipe, orientation)
        } else {
            turn::turned(seen, recipe, orientation)
        };
        let pixels = turn.map_or(content, |turn| turn.pixels);
        let source = match survey.coding {
            Coding::Jpeg(shape) => {
                Source::Planes(scale::planes(&shape, stored, (columns, rows), pixels, recipe.effort))
            }
            Coding::Vp8 { .. } => match scale::boxed_planes(stored, (columns, rows), pixels, recipe.effort) {
                Some(planes) => Source::Planes(planes),
                None => Source::Rows { boxes: scale::boxes((columns, rows), pixels) },
            },
            Coding::Whole { .. } => Source::Rows { boxes: scale::boxes((columns, rows), pixels) },
        };
        let keeps_alpha = recipe.format != OutputFormat::Jpeg;
        let canvas = (recipe.width, recipe.height);
        let plan = Self { columns, rows, content, turn, orientation, canvas, keeps_alpha, source };
        let needed = memory::needed(&plan, survey.coding, stored, recipe);
        Ok((plan, needed))
    }

    /// The size that the source is resampled to, before it is turned if it is.
    pub(crate) fn samples(&self) -> (u32, u32) {
        self.turn.map_or(self.content, |turn| turn.samples)
    }

    /// The size for which it is filtered.
    pub(crate) fn filtered(&self) -> (u32, u32) {
        self.turn.map_or(self.content, |turn| turn.pixels)
    }
}

/// What of the stored picture is used, and what becomes of it.
struct Part {
    columns: Span,
    rows: Span,
    content: (u32, u32),
    turn: Option<Turn>,
}

impl Part {
    /// Turned by quarters only.
    fn new(seen: (u32, u32), crop: Crop, recipe: &Recipe, orientation: Orientation) -> Self {
        let target = (recipe.width, recipe.height);
        let (across, down, content) = span::fitted(crop, recipe.fit, target);
        let (mirror_x, mirror_y) = orientation.mirrors();
        let across = if mirror_x { across.mirrored(seen.0) } else { across };
        let down = if mirror_y { down.mirrored(seen.1) } else { down };
        let (columns, rows) = if orientation.swaps_sides() { (down, across) } else { (across, down) };
        Self { columns, rows, content: orientation.size_seen(content), turn: None }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fit;
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
        Survey { info, complete: true, coding: Coding::Whole { decoder_bytes }, profile: None }
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
                for straighten in [0, -777] {
                    let recipe = Recipe { width: 4096, height: 1, fit, straighten, ..Recipe::default() };
                    let _ = Plan::new(&survey(width, height, 7), &recipe, &limits);
                }
            }
        }
    }
}

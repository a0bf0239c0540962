//! Animation + recipe -> animation: each frame goes the way of a still.

use crate::encode::Encoded;
use crate::inspect::{Coding, Survey};
use crate::pixels::Pixels;
use crate::plan::Plan;
use crate::raster::Frames;
use crate::{Error, Limits, OutputFormat, Recipe, Rendered};
use crate::{color, decode, encode, thumbhash, transform};

/// Renders all frames of a source that has more than one. In memory at a time are what the decoder keeps (a canvas and a frame), three pictures
/// of the output's size, and the file so far.
pub(crate) fn animate(
    bytes: &[u8],
    survey: &Survey,
    recipe: &Recipe,
    limits: &Limits,
) -> Result<Rendered, Error> {
    if recipe.format == OutputFormat::Jpeg {
        let detail = "JPEG holds no animation; set format to webp or png, or to gif, or animate to false for the first frame";
        return Err(Error::bad_recipe("animate", detail));
    }
    let max_frames = most_frames(survey, recipe, limits);
    check_frames(survey.info.frames, max_frames)?;
    let plan = Plan::new(&animated(survey, recipe), recipe, limits)?;
    if !survey.complete {
        return Err(Error::Truncated { format: survey.info.format, detail: "its pixels" });
    }

    let mut made = None;
    let encoded = encode::within_max_bytes(recipe, |quality| {
        let (bytes, first) = animate_once(bytes, survey, recipe, &plan, max_frames, quality)?;
        made = Some(first);
        Ok(Encoded { bytes, quality })
    })?;
    let (thumbhash, frames) = made.unwrap_or_default();
    Ok(Rendered::new(encoded, recipe, thumbhash, frames))
}

/// The file, the ThumbHash of its first frame, and how many frames it has.
type Made = (Vec<u8>, (Vec<u8>, u32));

fn animate_once(
    bytes: &[u8],
    survey: &Survey,
    recipe: &Recipe,
    plan: &Plan,
    max_frames: u32,
    quality: u8,
) -> Result<Made, Error> {
    let mut source = decode::frames(bytes, &survey.info)?;
    let mut encoder = encode::animation(recipe, source.plays(), quality)?;
    if encoder.looks_first() {
        // Decoded twice rather than kept: what is in memory does not grow with the number of frames.
        each_picture(&mut *source, survey, recipe, plan, max_frames, |picture, _| {
            encoder.look(&picture);
            Ok(())
        })?;
        source = decode::frames(bytes, &survey.info)?;
    }
    let (mut pushed, mut hash) = (0, Vec::new());
    // Waits for the next one: frames that look the same become one that is shown as long.
    let mut waiting: Option<(Pixels, u32)> = None;
    each_picture(&mut *source, survey, recipe, plan, max_frames, |picture, duration_ms| {
        match &mut waiting {
            Some((before, shown_ms)) if *before == picture => {
                *shown_ms = shown_ms.saturating_add(duration_ms)
            }
            Some((before, shown_ms)) => {
                encoder.push(before, *shown_ms)?;
                pushed += 1;
                waiting = Some((picture, duration_ms));
            }
            None => {
                hash = thumbhash::thumbhash(&picture);
                waiting = Some((picture, duration_ms));
            }
        }
        Ok(())
    })?;
    if let Some((last, shown_ms)) = waiting {
        encoder.push(&last, shown_ms)?;
        pushed += 1;
    }
    let frames = pushed - encoder.merged();
    Ok((encoder.finish()?, (hash, frames)))
}

/// Hands on the frames of a source, each as the recipe wants it, with how long it is shown.
fn each_picture(
    source: &mut dyn Frames,
    survey: &Survey,
    recipe: &Recipe,
    plan: &Plan,
    max_frames: u32,
    mut take: impl FnMut(Pixels, u32) -> Result<(), Error>,
) -> Result<(), Error> {
    let (width, height) = survey.info.orientation.size_seen((survey.info.width, survey.info.height));
    let mut seen = 0;
    while let Some(frame) = source.next_frame()? {
        seen += 1;
        check_frames(seen, max_frames)?;
        let stored = frame.pixels;
        if (stored.width as u64, stored.height as u64) != (width.into(), height.into()) {
            let detail = "a frame is not of the size that the header states";
            return Err(Error::malformed(survey.info.format, detail));
        }
        let needed_bytes = u64::from(width) * u64::from(height) * 4;
        let content = transform::reduced(&stored, plan).ok_or(Error::OutOfMemory { needed_bytes })?;
        drop(stored);
        let content = color::to_srgb(content, survey.profile.as_ref());
        take(transform::arrange(content, plan, recipe.background.rgb), frame.duration_ms)?;
    }
    Ok(())
}

/// How many frames may be decoded and made, each as large as it is on the larger side of the two.
fn most_frames(survey: &Survey, recipe: &Recipe, limits: &Limits) -> u32 {
    let stored = u64::from(survey.info.width) * u64::from(survey.info.height);
    let made = u64::from(recipe.width) * u64::from(recipe.height);
    let by_pixels = limits.max_animation_pixels / stored.max(made).max(1);
    limits.max_frames.min(u32::try_from(by_pixels).unwrap_or(u32::MAX))
}

fn check_frames(frames: u32, max_frames: u32) -> Result<(), Error> {
    if frames > max_frames { Err(Error::TooManyFrames { frames, max_frames }) } else { Ok(()) }
}

/// The survey of the source as an animation: beside what a still takes there are a canvas and a frame of it, and of the output the frame that
/// waits, the one before it, and twice what of it has changed.
pub(crate) fn animated(survey: &Survey, recipe: &Recipe) -> Survey {
    let pixels = |width: u32, height: u32| u64::from(width) * u64::from(height);
    let still = match survey.coding {
        Coding::Vp8 { decoder_bytes } | Coding::Whole { decoder_bytes } => decoder_bytes,
        Coding::Jpeg(_) => 0,
    };
    let canvases = pixels(survey.info.width, survey.info.height).saturating_mul(2 * 4);
    let decoder_bytes =
        still.saturating_add(canvases).saturating_add(pixels(recipe.width, recipe.height) * 4 * 4);
    Survey { coding: Coding::Whole { decoder_bytes }, ..survey.clone() }
}

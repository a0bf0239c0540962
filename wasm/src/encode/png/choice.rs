//! Which of several ways to store a picture takes the fewest bytes.

use super::deflate::{Deflate, Search};
use super::filter::{self, Filter};
use super::{Form, reserve};
use crate::Error;
use crate::inspect::Format;
use std::ops::Range;

/// How rows become a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    /// Filtered, and only runs: for photographs. Hardly anything in the differences of a photograph has been before.
    Differences,
    /// Filtered, and what has been before: for gradients and what is drawn softly.
    Gradients,
    /// The samples as they are, and what has been before: for what is flat, and for text.
    Repetitions,
}

impl Coding {
    const ALL: [Self; 3] = [Self::Differences, Self::Gradients, Self::Repetitions];

    fn search(self) -> Search {
        match self {
            Self::Differences => Search::Runs,
            // Differences repeat in many places, each a little shorter than wanted: 128, as usual, take twice the time, for 1 to 5 %.
            Self::Gradients => Search::Matches { probes: 32 },
            // In drawings twice as many as usual save 5 %, and what is flat is passed over quickly.
            Self::Repetitions => Search::Matches { probes: 256 },
        }
    }

    /// Bytes that it takes, and more for what it costs: looking for what has been before takes two or three times as long as not looking,
    /// which has to save a thirty-second or a sixteenth.
    fn weighed(self, bytes: usize) -> usize {
        match self {
            Self::Differences => bytes,
            Self::Gradients => bytes + bytes / 16,
            Self::Repetitions => bytes + bytes / 32,
        }
    }
}

/// The form that was chosen, and the stream in it.
#[derive(Debug)]
pub(super) struct Chosen<'a> {
    pub(super) form: &'a Form<'a>,
    pub(super) stream: Vec<u8>,
}

#[derive(Debug)]
struct Candidate<'a> {
    form: &'a Form<'a>,
    coding: Coding,
    palette_bytes: usize,
    /// Palette and stream, going by some of the rows, and weighed.
    weight: usize,
}

/// What is tried: a part of the rows, then more of them. Each time what seems to take more than the least is given up. A part tells little of
/// what is short altogether, but that costs little too, and so its margin is wide.
const TRIALS: [Trial; 2] = [
    Trial { part: 16, margin: |least| MARGIN_BYTES + least / 16 },
    Trial { part: 4, margin: |least| MARGIN_BYTES.saturating_sub(least / 16) },
];
const MARGIN_BYTES: usize = 2000;
/// A part of the rows has at least these many bytes; and it is in bands, as pictures are not the same all the way down.
const LEAST_BYTES: usize = 12_288;
const BANDS: usize = 2;
#[derive(Debug, Clone, Copy)]
struct Trial {
    /// One row in so many.
    part: usize,
    /// Bytes more than the least, given that.
    margin: fn(usize) -> usize,
}

/// The smallest, or nearly so, of the forms of one picture. On 520 pictures of all kinds it was 0.7 % larger than the smallest, in the mean.
pub(super) fn smallest<'a>(forms: &'a [Form<'a>]) -> Result<Chosen<'a>, Error> {
    let mut candidates = Vec::new();
    let [first, ..] = TRIALS;
    for form in forms {
        let palette_bytes = form.palette_chunks()?.len();
        let [differences, gradients, repetitions] = Coding::ALL.map(|coding| {
            let weight = palette_bytes + coding.weighed(foretold_bytes(form, coding, first.part));
            Candidate { form, coding, palette_bytes, weight }
        });
        // The two are as good as each other in photographs, and there the one is enough.
        candidates.push(if gradients.weight < differences.weight { gradients } else { differences });
        candidates.push(repetitions);
    }
    for Trial { part, margin } in TRIALS {
        if part != first.part {
            for Candidate { form, coding, palette_bytes, weight } in &mut candidates {
                *weight = *palette_bytes + coding.weighed(foretold_bytes(form, *coding, part));
            }
        }
        candidates.sort_by_key(|candidate| candidate.weight);
        let least = candidates.first().map_or(0, |candidate| candidate.weight);
        let most = least + margin(least);
        candidates.retain(|candidate| candidate.weight <= most);
        if candidates.len() == 1 {
            break;
        }
    }

    let mut best = None;
    let mut best_bytes = usize::MAX;
    for Candidate { form, coding, palette_bytes, .. } in candidates {
        if let Some(stream) = encoded(form, coding, best_bytes.saturating_sub(palette_bytes))? {
            best_bytes = palette_bytes + stream.len();
            best = Some(Chosen { form, stream });
        }
    }
    best.ok_or_else(|| Error::malformed(Format::Png, "the result could not be encoded"))
}

/// The stream; `None` where it does not take less than `most_bytes`, which ends the work early.
fn encoded(form: &Form, coding: Coding, most_bytes: usize) -> Result<Option<Vec<u8>>, Error> {
    let mut stream = Vec::new();
    let mut failure = None;
    let is_whole = code(form, coding, 0..form.height, |part| {
        if stream.len() + part.len() >= most_bytes {
            return false;
        }
        if let Err(error) = reserve(&mut stream, part.len()) {
            failure = Some(error);
            return false;
        }
        stream.extend_from_slice(part);
        true
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(is_whole.then_some(stream)),
    }
}

/// What the stream takes, going by one row in `part`.
fn foretold_bytes(form: &Form, coding: Coding, part: usize) -> usize {
    let bands = tried(form, part);
    let rows: usize = bands.iter().map(ExactSizeIterator::len).sum();
    let mut bytes = 0_u64;
    code(form, coding, bands.into_iter().flatten(), |part| {
        bytes += part.len() as u64;
        true
    });
    (bytes * form.height as u64 / rows.max(1) as u64) as usize
}

/// The rows that stand for all: bands, each in the middle of its share of the picture.
fn tried(form: &Form, part: usize) -> [Range<usize>; BANDS] {
    let least = LEAST_BYTES.div_ceil(form.row_bytes().max(1));
    let in_band = form.height.div_ceil(part).max(least).div_ceil(BANDS);
    std::array::from_fn(|band| {
        let [start, end] = [band, band + 1].map(|band| band * form.height / BANDS);
        let left_out = (end - start).saturating_sub(in_band);
        start + left_out / 2..end - left_out.div_ceil(2)
    })
}

/// Codes some of the rows. Whether the stream is whole: `take` did not end it.
fn code(
    form: &Form,
    coding: Coding,
    rows: impl IntoIterator<Item = usize>,
    take: impl FnMut(&[u8]) -> bool,
) -> bool {
    let row_bytes = form.row_bytes();
    let mut deflate = Deflate::new(coding.search(), take);
    let mut filter = Filter::new(form.pixel_bytes(), row_bytes);
    let row = |y: usize| form.data.get(y * row_bytes..(y + 1) * row_bytes).unwrap_or_default();
    let goes_on = rows.into_iter().all(|y| match coding {
        Coding::Repetitions => deflate.write(&[filter::NONE]) && deflate.write(row(y)),
        Coding::Differences | Coding::Gradients => {
            deflate.write(filter.apply(y.checked_sub(1).map(row), row(y)))
        }
    });
    goes_on && deflate.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::png::Color;
    use std::borrow::Cow;

    fn gray(width: usize, height: usize, value: impl Fn(usize, usize) -> u8) -> Form<'static> {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let data = Cow::Owned(places.map(|(x, y)| value(x, y)).collect());
        Form { width, height, color: Color::Gray, bits: 8, data, palette: None }
    }

    /// Hard to foretell.
    fn noise(x: usize, y: usize) -> u8 {
        let mixed = ((x * 7919 + y * 104_729) as u32).wrapping_mul(0x9e37_79b1);
        ((mixed ^ (mixed >> 15)).wrapping_mul(0x85eb_ca6b) >> 24) as u8
    }

    #[test]
    fn each_kind_of_picture_gets_its_coding() {
        let check = |form: Form, coding| {
            let wanted = encoded(&form, coding, usize::MAX).unwrap().unwrap();
            assert!(smallest(&[form]).unwrap().stream == wanted, "not {coding:?}");
        };
        let wave =
            |x: usize, y: usize| (128.0 + 100.0 * (x as f64 / 31.0).sin() * (y as f64 / 43.0).cos()) as u8;
        check(gray(256, 256, |x, y| wave(x, y) + noise(x, y) / 16), Coding::Differences);
        check(gray(256, 256, |x, y| ((x * x + y * y) / 64) as u8), Coding::Gradients);
        check(gray(256, 256, |x, y| noise(x % 12, y % 12)), Coding::Repetitions);
    }

    #[test]
    fn the_rows_tried_lie_within_the_picture() {
        for (width, height) in [(1, 1), (1, 4096), (4096, 1), (4096, 4), (37, 29), (256, 256), (4096, 4096)] {
            let form = gray(width, height, |_, _| 0);
            for Trial { part, .. } in TRIALS {
                let bands = tried(&form, part);
                assert!(bands[0].end <= bands[1].start && bands[1].end <= height, "{bands:?}");
                let rows: usize = bands.iter().map(ExactSizeIterator::len).sum();
                assert!(
                    rows * width >= (width * height / part).max((width * height).min(LEAST_BYTES)),
                    "{rows} rows"
                );
            }
        }
    }

    #[test]
    fn what_does_not_get_smaller_is_given_up() {
        let form = gray(64, 64, noise);
        let stream = encoded(&form, Coding::Repetitions, usize::MAX).unwrap().unwrap();
        assert_eq!(encoded(&form, Coding::Repetitions, stream.len()).unwrap(), None);
        assert_eq!(encoded(&form, Coding::Repetitions, stream.len() + 1).unwrap(), Some(stream));
    }
}

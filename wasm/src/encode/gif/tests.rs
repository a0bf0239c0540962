//! What is written, as the decoder of this crate shows it; wasm/npm/tests/animation.test.ts has those of others.

use super::*;
use crate::decode::frames;
use crate::inspect::inspect;
use crate::pixels::Layout;
use crate::raster::Frame;

const SIDE: usize = 40;

fn picture(pixel: impl Fn(usize, usize) -> [u8; 4]) -> Pixels {
    let data = (0..SIDE * SIDE).flat_map(|i| pixel(i % SIDE, i / SIDE)).collect();
    Pixels { width: SIDE, height: SIDE, layout: Layout::Rgba, data }
}

/// More colours than GIF has.
fn gradient(shift: usize) -> Pixels {
    picture(|x, y| [(x * 6) as u8, (y * 6) as u8, ((x + y + shift) * 3) as u8, 255])
}

fn file_of(quality: u8, plays: u32, frames: &[(Pixels, u32)]) -> (Vec<u8>, u32) {
    let mut encoder = GifEncoder::new(quality, plays);
    for (frame, _) in frames {
        encoder.look(frame);
    }
    for (frame, duration_ms) in frames {
        encoder.push(frame, *duration_ms).unwrap();
    }
    let merged = encoder.merged();
    (Box::new(encoder).finish().unwrap(), merged)
}

fn shown(file: &[u8]) -> (Vec<Frame>, u32) {
    let mut source = frames(file, &inspect(file).unwrap()).unwrap();
    (std::iter::from_fn(|| source.next_frame().unwrap()).collect(), source.plays())
}

fn pixels(frame: &Frame) -> &[[u8; 4]] {
    frame.pixels.data.as_chunks().0
}

/// What GIF has of it.
fn wanted(frame: &Pixels) -> Vec<Option<[u8; 3]>> {
    histogram::colors(frame).collect()
}

fn is_exactly(frame: &Frame, meant: &Pixels) -> bool {
    let seen = pixels(frame).iter().map(|[r, g, b, alpha]| (*alpha > 0).then_some([*r, *g, *b]));
    seen.eq(wanted(meant))
}

#[test]
fn few_colours_come_back_as_they_were() {
    let drawing = |at: usize| {
        picture(|x, y| match (x + at) / 7 % 3 {
            0 => [0, 0, 0, 0],
            1 => [200, y as u8 * 2, 10, 255],
            _ => [1, 2, 3, 200],
        })
    };
    let all = [(drawing(0), 100), (drawing(1), 50), (drawing(9), 20)];
    for quality in [80, 100] {
        let (file, merged) = file_of(quality, 3, &all);
        let (got, plays) = shown(&file);
        assert_eq!((got.len(), plays, merged), (3, 3, 0));
        for (got, (meant, duration_ms)) in got.iter().zip(&all) {
            assert!(is_exactly(got, meant), "{quality}");
            assert_eq!(got.duration_ms, *duration_ms);
        }
    }
    let still = encode(&drawing(0), 80).unwrap();
    assert!(is_exactly(&shown(&still).0[0], &drawing(0)));
    assert_eq!(inspect(&still).unwrap().frames, 1);
}

#[test]
fn many_colours_come_near_and_the_same_pixel_stays_the_same() {
    let square = |at: usize| {
        let ground = gradient(0);
        picture(|x, y| {
            let pixel = ground.data.as_chunks().0[y * SIDE + x];
            if (at..at + 8).contains(&x) && (10..18).contains(&y) { [255, 0, 0, 255] } else { pixel }
        })
    };
    let all: Vec<_> = [0, 6, 12, 18].map(|at| (square(at), 40)).to_vec();
    let (file, _) = file_of(80, 0, &all);
    let (got, plays) = shown(&file);
    assert_eq!((got.len(), plays), (4, 0));
    for (got, (meant, _)) in got.iter().zip(&all) {
        let pairs = pixels(got).as_flattened().iter().zip(&meant.data);
        let error: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
        assert!(error / (meant.data.len() as u64) < 60, "{}", error / (meant.data.len() as u64));
    }
    // What the square does not touch is as it was, and what it leaves is as it was before.
    for (before, after) in got.iter().zip(got.iter().skip(1)) {
        assert!(pixels(before)[20 * SIDE..] == pixels(after)[20 * SIDE..]);
    }
    assert_eq!(pixels(&got[3])[12 * SIDE + 2], pixels(&got[1])[12 * SIDE + 2]);
    let first = file_of(80, 0, &all[..1]).0.len();
    assert!(file.len() < first + 3 * 250, "{} {first}", file.len());
}

#[test]
fn fewer_colours_and_bytes_at_lower_quality() {
    let colours = |file: &[u8]| {
        let (got, _) = shown(file);
        let mut all: Vec<_> = pixels(&got[0]).to_vec();
        all.sort_unstable();
        all.dedup();
        all.len()
    };
    let files = [1, 20, 50, 80, 100].map(|quality| encode(&gradient(0), quality).unwrap());
    let counts = files.each_ref().map(|file| colours(file));
    assert!(counts.is_sorted() && counts[0] <= 3 && (200..=256).contains(&counts[4]), "{counts:?}");
    assert!(files.is_sorted_by_key(Vec::len));
}

#[test]
fn what_vanishes_vanishes() {
    // Alone, on what stays, and after frames that lie elsewhere.
    let disc = |at: usize, has_ground: bool| {
        picture(|x, y| {
            if (at..at + 6).contains(&x) && (at..at + 6).contains(&y) {
                return [9, 200, 30, 255];
            }
            if has_ground && y > 30 { [80, 80, 80, 255] } else { [0; 4] }
        })
    };
    let nothing = picture(|_, _| [7, 7, 7, 100]);
    let all: Vec<_> = [
        disc(0, true),
        disc(20, true),
        disc(4, false),
        nothing.clone(),
        disc(10, false),
        nothing,
        disc(10, true),
    ]
    .map(|frame| (frame, 70))
    .to_vec();
    let (file, merged) = file_of(80, 1, &all);
    let (got, plays) = shown(&file);
    assert_eq!((got.len(), plays, merged), (7, 1, 0));
    for (at, (got, (meant, _))) in got.iter().zip(&all).enumerate() {
        assert!(is_exactly(got, meant), "{at}");
    }
}

#[test]
fn delays_add_up_and_none_is_one_that_browsers_take_for_another() {
    let frame = |at: usize| gradient(at * 40);
    // Thirds of a tenth of a second, and one that would be rounded to a hundredth.
    let all: Vec<_> =
        [33, 33, 33, 33, 33, 33, 14, 20].into_iter().enumerate().map(|(at, ms)| (frame(at), ms)).collect();
    let (got, _) = shown(&file_of(100, 0, &all).0);
    let delays: Vec<_> = got.iter().map(|frame| frame.duration_ms).collect();
    assert_eq!(delays[..6].iter().sum::<u32>(), 200);
    assert!(delays.iter().all(|delay| (20..50).contains(delay)), "{delays:?}");
    let (got, _) = shown(&file_of(100, 0, &[(frame(0), u32::MAX), (frame(1), 100)]).0);
    assert_eq!((got[0].duration_ms, got[1].duration_ms), (655_350, 100));
}

#[test]
fn frames_that_are_alike_become_one() {
    let all = [(gradient(0), 100), (gradient(1), 100), (gradient(0), 50), (gradient(50), 30)];
    let (file, merged) = file_of(80, 0, &all);
    let (got, _) = shown(&file);
    assert_eq!((got.len(), merged, got[0].duration_ms), (2, 2, 250));
    assert_eq!(file_of(100, 0, &all).1, 0);
}

#[test]
fn odd_pictures_are_written_and_none_is_an_error() {
    for (width, height) in [(1, 1), (1, 300), (300, 1), (7, 3)] {
        for fill in [[0; 4], [1, 2, 3, 255]] {
            let data = fill.repeat(width * height);
            let picture = Pixels { width, height, layout: Layout::Rgba, data };
            for quality in [1, 100] {
                let file = encode(&picture, quality).unwrap();
                let info = inspect(&file).unwrap();
                assert_eq!((info.width as usize, info.height as usize), (width, height));
                assert!(is_exactly(&shown(&file).0[0], &picture));
            }
        }
    }
    assert_eq!(Box::new(GifEncoder::new(80, 0)).finish().unwrap_err().code(), "malformed");
    let mut encoder = GifEncoder::new(80, 0);
    encoder.push(&gradient(0), 10).unwrap();
    let other = Pixels { width: SIDE / 2, height: SIDE * 2, ..gradient(0) };
    assert!(encoder.push(&other, 10).is_err());
}

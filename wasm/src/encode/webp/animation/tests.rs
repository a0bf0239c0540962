//! What is to be seen of the frames that are stored, frame by frame, by the decoder of this crate; wasm/tests has those of others.

use super::*;
use crate::decode::frames;
use crate::inspect::inspect;
use crate::pixels::Layout;

const SIDE: usize = 96;

fn picture(pixel: impl Fn(usize, usize) -> [u8; 4]) -> Pixels {
    let data = (0..SIDE * SIDE).flat_map(|i| pixel(i % SIDE, i / SIDE)).collect();
    Pixels { width: SIDE, height: SIDE, layout: Layout::Rgba, data }
}

/// Texture that lossy coding makes the best of, and a grey square on it.
fn scene(square_at: usize) -> Pixels {
    picture(|x, y| {
        if (square_at..square_at + 20).contains(&x) && (40..60).contains(&y) {
            return [90, 90, 90, 255];
        }
        let wave = ((x * x / 30 + y * 3) % 64) as u8;
        [60 + wave.abs_diff(32) * 2, 100 + wave.abs_diff(32) * 2, y as u8, 255]
    })
}

fn file_of(quality: u8, frames: &[Pixels]) -> (Vec<u8>, u32) {
    let mut animation = WebpAnimation::new(quality, 0);
    for frame in frames {
        animation.push(frame, 50).unwrap();
    }
    let merged = animation.merged();
    (Box::new(animation).finish().unwrap(), merged)
}

fn shown(file: &[u8]) -> Vec<Pixels> {
    let mut source = frames(file, &inspect(file).unwrap()).unwrap();
    std::iter::from_fn(|| source.next_frame().unwrap()).map(|frame| frame.pixels).collect()
}

fn contains(file: &[u8], kind: &[u8; 4]) -> usize {
    file.windows(4).filter(|window| window == kind).count()
}

fn mean_square_error(a: &Pixels, b: &Pixels) -> u64 {
    let sum: u64 = a.data.iter().zip(&b.data).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
    sum / a.data.len() as u64
}

#[test]
fn what_moves_is_stored_and_what_rests_stays_as_it_was() {
    let wanted: Vec<Pixels> = [4, 12, 20, 28].map(scene).to_vec();
    let (file, merged) = file_of(80, &wanted);
    let got = shown(&file);
    assert_eq!((got.len(), merged), (4, 0));
    for (got, wanted) in got.iter().zip(&wanted) {
        let error = mean_square_error(got, wanted);
        assert!(error < 60, "{error}");
    }
    // Far from the square nothing flickers.
    let row = |frame: &Pixels| frame.data[10 * SIDE * 4..11 * SIDE * 4].to_vec();
    assert!(got.iter().all(|frame| row(frame) == row(&got[0])));
    let alone: usize = wanted.iter().map(|frame| file_of(80, std::slice::from_ref(frame)).0.len()).sum();
    assert!(file.len() * 2 < alone, "{} {alone}", file.len());
}

#[test]
fn lossy_pixels_that_are_laid_over_others_hide_them() {
    // Everything but one column of blocks changes: what is laid over leaves a hole there, and nowhere else.
    let before = scene(4);
    let after = picture(|x, y| {
        let at = (y * SIDE + x) * 4;
        if (32..64).contains(&x) {
            before.data[at..at + 4].try_into().unwrap()
        } else {
            [200, (x * 2) as u8, (y * 2) as u8, 255]
        }
    });
    let (file, _) = file_of(85, &[before, after.clone()]);
    assert_eq!(contains(&file, b"ALPH"), 1, "it is laid over");
    let got = shown(&file);
    assert!(mean_square_error(&got[1], &after) < 60, "{}", mean_square_error(&got[1], &after));
    assert!(got[1].data.iter().skip(3).step_by(4).all(|alpha| *alpha == 255));
}

#[test]
fn near_enough_is_the_same_until_it_adds_up() {
    let gray = |level: u8| picture(|_, _| [level, level, level, 255]);
    let fade: Vec<Pixels> = (100..160).map(gray).collect();
    let (file, merged) = file_of(80, &fade);
    assert!((30..50).contains(&merged), "{merged}");
    // No frame is off by more than what is tolerated and what is lost.
    let got = shown(&file);
    assert_eq!(got.len() as u32, 60 - merged);
    let last = got[got.len() - 1].data[0];
    assert!(last.abs_diff(159) <= 4 + 3, "{last}");
    let (lossless, merged) = file_of(100, &fade);
    assert_eq!((shown(&lossless), merged), (fade, 0));
}

#[test]
fn alpha_is_exact_in_every_frame_whatever_it_covers() {
    let disc = |shift: usize| {
        picture(|x, y| {
            let distance = (x + shift).abs_diff(60).pow(2) + y.abs_diff(48).pow(2);
            [x as u8, 90, y as u8, 255_usize.saturating_sub(distance / 5) as u8]
        })
    };
    let wanted: Vec<Pixels> = [0, 1, 7, 30, 30, 2].map(disc).to_vec();
    for quality in [20, 80, 100] {
        let (file, merged) = file_of(quality, &wanted);
        let got = shown(&file);
        assert_eq!((got.len(), merged), (5, 1));
        let kept = [0, 1, 2, 3, 5].map(|at| &wanted[at]);
        for (got, wanted) in got.iter().zip(kept) {
            for (got, wanted) in got.data.as_chunks::<4>().0.iter().zip(wanted.data.as_chunks::<4>().0) {
                assert_eq!(got[3], wanted[3], "{quality}");
                assert!(quality < 100 || wanted[3] == 0 || got == wanted);
            }
        }
    }
}

#[test]
fn drawings_are_lossless_where_that_is_shorter() {
    let drawing =
        |at: usize| {
            picture(|x, y| {
                if (x / 24 + at + y).is_multiple_of(5) { [220, 30, 60, 255] } else { [250, 250, 240, 255] }
            })
        };
    let wanted: Vec<Pixels> = (0..5).map(drawing).collect();
    let (file, _) = file_of(80, &wanted);
    assert_eq!((contains(&file, b"VP8L"), contains(&file, b"VP8 ")), (5, 0));
    assert_eq!(shown(&file), wanted);
    let (file, _) = file_of(80, &[scene(0), scene(9)]);
    assert_eq!(contains(&file, b"VP8L"), 0);
}

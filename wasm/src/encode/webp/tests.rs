//! What is written, against the decoders of this crate and of `image-webp`.

use super::*;
use crate::decode::frames;
use crate::encode::AnimationEncoder;
use crate::inspect::{inspect, webp::Chunks};
use crate::raster::Frame;
use crate::{Recipe, render};
use image_webp::WebPDecoder;
use std::io::Cursor;

/// A disc on nothing; what lies under transparent pixels is not to be seen.
fn disc(width: usize, height: usize, shift: usize) -> Pixels {
    let pixel = |x: usize, y: usize| {
        let distance = (x * 2).abs_diff(width + shift).pow(2) + (y * 2).abs_diff(height).pow(2);
        let alpha = 255_usize.saturating_sub(distance * 300 / (width * height)) as u8;
        [(x * 3) as u8, (y * 3) as u8, 90, alpha]
    };
    let data = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect();
    Pixels { width, height, layout: Layout::Rgba, data }
}

fn kinds(file: &[u8]) -> Vec<String> {
    Chunks::of_file(file).map(|chunk| String::from_utf8_lossy(&chunk.kind).into_owned()).collect()
}

/// By `image-webp`, with its own reader of the container.
fn decoded(file: &[u8]) -> Vec<u8> {
    let mut decoder = WebPDecoder::new(Cursor::new(file)).unwrap();
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut pixels).unwrap();
    pixels
}

#[test]
fn lossless_pictures_come_back_as_they_were() {
    let picture = disc(61, 47, 0);
    let file = encode(&picture, 100).unwrap();
    assert_eq!(kinds(&file), ["VP8L"]);
    assert_eq!(decoded(&file), picture.data);
    let opaque = picture.flattened([200, 10, 30]);
    let file = encode(&opaque, 100).unwrap();
    assert_eq!(decoded(&file), opaque.data);
    assert!(!inspect(&file).unwrap().has_alpha);
}

#[test]
fn alpha_of_lossy_pictures_is_exact() {
    let picture = disc(61, 47, 0);
    let file = encode(&picture, 60).unwrap();
    assert_eq!(kinds(&file), ["VP8X", "ALPH", "VP8 "]);
    let pixels = decoded(&file);
    let pairs = pixels.as_chunks::<4>().0.iter().zip(picture.data.as_chunks::<4>().0);
    let (mut error, mut count) = (0_u64, 0);
    for (ours, theirs) in pairs {
        assert_eq!(ours[3], theirs[3]);
        if theirs[3] > 0 {
            error += (0..3).map(|i| u64::from(ours[i].abs_diff(theirs[i])).pow(2)).sum::<u64>();
            count += 3;
        }
    }
    assert!(error < count * 40, "mean squared error {}", error / count);

    let mut noise = disc(16, 16, 0);
    let mut state = 1_u32;
    for pixel in noise.data.as_chunks_mut::<4>().0 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        pixel[3] = (state >> 24) as u8;
    }
    // Shorter as it is than coded.
    let pixels = decoded(&encode(&noise, 60).unwrap());
    assert!(pixels.iter().skip(3).step_by(4).eq(noise.data.iter().skip(3).step_by(4)));
}

#[test]
fn an_opaque_picture_has_no_alpha_whatever_its_layout() {
    let mut picture = disc(20, 20, 0);
    picture.data.iter_mut().skip(3).step_by(4).for_each(|alpha| *alpha = 255);
    for quality in [50, 100] {
        let file = encode(&picture, quality).unwrap();
        assert_eq!(kinds(&file).len(), 1);
        assert!(!inspect(&file).unwrap().has_alpha);
    }
}

fn all_frames(file: &[u8]) -> (Vec<Frame>, u32) {
    let info = inspect(file).unwrap();
    let mut source = frames(file, &info).unwrap();
    (std::iter::from_fn(|| source.next_frame().unwrap()).collect(), source.plays())
}

#[test]
fn an_animation_comes_back_with_its_durations() {
    let pushed = [(0, 100), (5, 40), (5, 30), (9, 50), (0, 20)];
    let mut animation = WebpAnimation::new(100, 3);
    for (shift, duration_ms) in pushed {
        animation.push(&disc(40, 30, shift), duration_ms).unwrap();
    }
    let file = Box::new(animation).finish().unwrap();
    assert_eq!(kinds(&file), ["VP8X", "ANIM", "ANMF", "ANMF", "ANMF", "ANMF"]);
    let (all, plays) = all_frames(&file);
    assert_eq!((all.len(), plays), (4, 3));
    let wanted = [(0, 100), (5, 70), (9, 50), (0, 20)];
    for (frame, (shift, duration_ms)) in all.iter().zip(wanted) {
        assert_eq!(frame.pixels, disc(40, 30, shift));
        assert_eq!(frame.duration_ms, duration_ms);
    }
    assert_eq!(WebPDecoder::new(Cursor::new(&file)).unwrap().num_frames(), 4);
}

#[test]
fn only_what_changed_is_stored() {
    let before = disc(64, 64, 0).flattened([255; 3]);
    let mut after = before.clone();
    // One pixel at (33, 21).
    after.data[(21 * 64 + 33) * 3] ^= 255;
    let size = |quality| {
        let mut animation = WebpAnimation::new(quality, 0);
        animation.push(&before, 100).unwrap();
        let alone = encode(&before, quality).unwrap().len();
        animation.push(&after, 100).unwrap();
        let file = Box::new(animation).finish().unwrap();
        let (all, _) = all_frames(&file);
        assert_eq!(all.len(), 2);
        let is_same = |i: usize| all[0].pixels.data[i * 4..][..4] == all[1].pixels.data[i * 4..][..4];
        let same = (0..64 * 64).filter(|i| is_same(*i)).count();
        assert!(same >= 64 * 64 - 4, "{same}");
        file.len() - alone
    };
    assert!(size(100) < 260 && size(70) < 160, "{} {}", size(100), size(70));
}

#[test]
fn one_frame_is_a_still_and_none_is_an_error() {
    let picture = disc(20, 10, 0);
    let mut animation = WebpAnimation::new(80, 0);
    animation.push(&picture, 10).unwrap();
    animation.push(&picture, u32::MAX).unwrap();
    assert_eq!(Box::new(animation).finish().unwrap(), encode(&picture, 80).unwrap());
    assert!(Box::new(WebpAnimation::new(80, 0)).finish().is_err());
    let mut animation = WebpAnimation::new(80, 0);
    animation.push(&picture, 10).unwrap();
    assert!(animation.push(&disc(10, 20, 0), 10).is_err());
}

#[test]
fn the_recipe_chooses() {
    let photo = include_bytes!("../../../tests/fixtures/portrait.jpg");
    let webp = Recipe { format: crate::OutputFormat::Webp, width: 96, height: 96, ..Recipe::default() };
    let lossy = render(photo, &webp).unwrap();
    assert_eq!((kinds(&lossy.bytes), lossy.quality), (vec!["VP8 ".to_owned()], 80));
    let lossless = render(photo, &Recipe { quality: 100, ..webp.clone() }).unwrap();
    assert_eq!((kinds(&lossless.bytes), lossless.quality), (vec!["VP8L".to_owned()], 100));
    // Lossless does not fit: the best lossy quality that does.
    let limit = lossy.bytes.len() as u32 * 3 / 2;
    let fitting = render(photo, &Recipe { quality: 100, max_bytes: Some(limit), ..webp.clone() }).unwrap();
    assert!(fitting.bytes.len() <= limit as usize && (80..100).contains(&fitting.quality));
    let error = render(photo, &Recipe { max_bytes: Some(60), ..webp }).unwrap_err();
    assert_eq!(error.code(), "bad_recipe");
}

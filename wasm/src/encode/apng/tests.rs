use super::*;
use crate::raster::Frame;

fn decoded(bytes: &[u8]) -> (u32, Vec<Frame>) {
    let mut frames = crate::decode::frames(bytes, &crate::inspect(bytes).unwrap()).unwrap();
    let all = std::iter::from_fn(|| frames.next_frame().unwrap()).collect();
    (frames.plays(), all)
}

fn encoded(frames: &[Frame], plays: u32) -> Vec<u8> {
    let mut encoder = Box::new(Apng::new(plays));
    for Frame { pixels, duration_ms } in frames {
        encoder.push(pixels, *duration_ms).unwrap();
    }
    encoder.finish().unwrap()
}

fn picture(layout: Layout, pixel: impl Fn(usize, usize) -> [u8; 4]) -> Pixels {
    let (width, height) = (23, 17);
    let data = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| pixel(x, y).into_iter().take(layout.channels()))
        .collect();
    Pixels { width, height, layout, data }
}

/// A square that walks over a background, here and there transparent.
fn walk(layout: Layout) -> Vec<Frame> {
    let at = |step: usize| {
        let pixel = move |x: usize, y: usize| {
            let is_inside = (step * 3..step * 3 + 5).contains(&x) && (4..9).contains(&y);
            if is_inside {
                [200, step as u8, 30, if step == 2 { 90 } else { 255 }]
            } else {
                [(x * 11) as u8, (y * 13) as u8, (x * y) as u8, if x > y { 255 } else { (x * 10) as u8 }]
            }
        };
        Frame { pixels: picture(layout, pixel), duration_ms: 40 + step as u32 }
    };
    (0..6).map(at).collect()
}

#[test]
fn frames_durations_and_plays_come_back() {
    for layout in [Layout::Rgb, Layout::Rgba] {
        let frames = walk(layout);
        assert_eq!(decoded(&encoded(&frames, 3)), (3, frames));
    }
}

#[test]
fn a_frame_like_the_one_before_takes_one_pixel() {
    let mut frames = walk(Layout::Rgba);
    let one = encoded(&frames, 0).len();
    frames.push(Frame { duration_ms: 7, ..frames[5].clone() });
    let bytes = encoded(&frames, 0);
    assert!(bytes.len() < one + 100, "{} after {one}", bytes.len());
    assert_eq!(decoded(&bytes), (0, frames));
}

#[test]
fn a_single_frame_is_a_still() {
    let bytes = encoded(&walk(Layout::Rgba)[..1], 0);
    assert!(!bytes.windows(4).any(|kind| kind == b"acTL" || kind == b"fcTL"));
    let still = image::load_from_memory(&bytes).unwrap().to_rgba8();
    assert_eq!(still.into_raw(), walk(Layout::Rgba)[0].pixels.data);
}

#[test]
fn what_changes_on_a_busy_background_is_stored_alone() {
    let busy = |x: usize, y: usize| {
        let mixed = ((x * 7919 + y * 104_729) as u32).wrapping_mul(0x9e37_79b1);
        ((mixed ^ (mixed >> 15)).wrapping_mul(0x85eb_ca6b) >> 24) as u8
    };
    let at = |corner: bool| {
        let pixel = |x: usize, y: usize| {
            let is_new = corner && ((x, y) == (0, 0) || (x, y) == (22, 16));
            if is_new { [1, 2, 3, 255] } else { [busy(x, y), busy(y, x), busy(x + 1, y), 255] }
        };
        Frame { pixels: picture(Layout::Rgba, pixel), duration_ms: 5 }
    };
    let frames = [at(false), at(true), at(false)];
    let one = encoded(&frames[..1], 0).len();
    let bytes = encoded(&frames, 0);
    // Both changes span the canvas; as replaced rectangles they would each be as long as the first.
    assert!(bytes.len() < one + one / 2, "{} after {one}", bytes.len());
    assert_eq!(decoded(&bytes).1, frames);
}

#[test]
fn no_duration_is_lost_beyond_16_bits() {
    assert_eq!([delay(0), delay(33), delay(65_535)], [(0, 1000), (33, 1000), (65_535, 1000)]);
    assert_eq!([delay(65_536), delay(1_000_004)], [(6554, 100), (10_000, 10)]);
    assert_eq!([delay(10_000_000), delay(u32::MAX)], [(10_000, 1), (65_535, 1)]);
}

#[test]
fn frames_of_another_size_are_refused() {
    let mut encoder = Apng::new(0);
    encoder.push(&walk(Layout::Rgb)[0].pixels, 1).unwrap();
    assert_eq!(encoder.push(&walk(Layout::Rgba)[0].pixels, 1).unwrap_err().code(), "malformed");
    assert_eq!(Box::new(Apng::new(0)).finish().unwrap_err().code(), "malformed");
}

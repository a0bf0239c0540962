use super::*;
use roundel::inspect;

const GIF: &[u8] = include_bytes!("../../../../wasm/tests/fixtures/anim.gif");
const WEBP: &[u8] = include_bytes!("../../../../wasm/tests/fixtures/anim.webp");

fn made(kind: Kind, upload: &[u8], extension: Extension) -> Master {
    make(kind, upload, extension, &Limits::default()).unwrap()
}

/// One pixel, black and white in turn.
fn blinking(frames: usize) -> Vec<u8> {
    let mut file = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
    for frame in 0..frames {
        file.extend(b"\x21\xf9\x04\0\x0a\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02");
        file.extend([if frame % 2 == 0 { 0x44 } else { 0x4c }, 1, 0]);
    }
    file.push(0x3b);
    file
}

#[test]
fn an_animation_has_two_masters_and_a_version_of_both() {
    for (upload, extension, frames) in [(GIF, Extension::Gif, 4), (WEBP, Extension::Webp, 5)] {
        let master = made(Kind::Avatar, upload, extension);
        let animation = master.animation.as_ref().unwrap();
        let found = inspect(&animation.bytes).unwrap();
        assert_eq!((found.width, found.height, found.frames), (30, 30, frames));
        assert_eq!(inspect(&master.picture.bytes).unwrap().frames, 1);
        assert_eq!(master.version, Version::of_moving(&master.picture.sha256, &animation.sha256));
        assert_ne!(master.version, Version::of(&master.picture.sha256));
    }
}

#[test]
fn two_animations_that_begin_alike_are_two_versions() {
    // The delay of the last frame is one of its bytes.
    let control = GIF.windows(3).rposition(|window| window == [0x21, 0xf9, 4]).unwrap();
    let mut other = GIF.to_vec();
    other[control + 4] ^= 0x40;
    let (one, other) = (made(Kind::Avatar, GIF, Extension::Gif), made(Kind::Avatar, &other, Extension::Gif));
    assert_eq!(one.picture.sha256, other.picture.sha256);
    assert_ne!(one.version, other.version);
}

#[test]
fn stills_and_banners_are_what_they_were() {
    let still = include_bytes!("../../../../wasm/tests/fixtures/still.gif");
    for (kind, upload) in [(Kind::Avatar, still.as_slice()), (Kind::Banner, GIF)] {
        let master = made(kind, upload, Extension::Gif);
        assert_eq!((master.motion(), &master.version), (Motion::Rests, &Version::of(&master.picture.sha256)));
    }
}

#[test]
fn a_broken_animation_is_a_still() {
    let (good, mut broken) = (blinking(3), blinking(3));
    // Its last frame states a code size that there is not.
    let code_size = broken.len() - 6;
    assert_eq!(broken[code_size], 2);
    broken[code_size] = 200;
    let (good, broken) =
        (made(Kind::Avatar, &good, Extension::Gif), made(Kind::Avatar, &broken, Extension::Gif));
    assert_eq!((good.motion(), broken.motion()), (Motion::Moves, Motion::Rests));
    assert_eq!(good.picture.sha256, broken.picture.sha256);
}

#[test]
fn what_is_too_much_to_keep_moving_is_a_still() {
    let strict = Limits { memory_budget_bytes: 40_000, ..Limits::default() };
    assert!(animation(Kind::Avatar, GIF, &inspect(GIF).unwrap(), &strict).is_none());
    let motion = |frames| made(Kind::Avatar, &blinking(frames), Extension::Gif).motion();
    assert_eq!([1, 2, 500, 501].map(motion), [Motion::Rests, Motion::Moves, Motion::Moves, Motion::Rests]);
}

#[test]
fn the_more_frames_the_smaller_they_are() {
    let width = |width, height, frames| animation_width(Kind::Avatar, (width, height), frames);
    assert_eq!(
        [2, 22, 23, 34, 91, 500].map(|frames| width(4000, 3000, frames)),
        [512, 512, 384, 384, 256, 96]
    );
    assert_eq!((width(4000, 100, 2), width(300, 900, 5), width(20, 40, 500)), (96, 256, 20));
    for frames in 2..=MAX_FRAMES {
        let side = u64::from(width(4000, 4000, frames));
        assert!(side * side * u64::from(frames) <= MAX_KEPT_PIXELS);
    }
}

#[test]
fn a_moving_variant_is_as_large_as_asked_for_but_never_larger_than_what_there_is() {
    let size = |text| Size::parse(Kind::Avatar, text).unwrap();
    let recipe =
        Recipe { width: 128, height: 128, format: OutputFormat::Webp, animate: true, ..Recipe::default() };
    let animation = roundel::render(GIF, &recipe).unwrap().bytes;
    let variant = |text| render_moving_variant(animation.clone(), size(text), &Limits::default()).unwrap();
    let smaller = inspect(&variant("48")).unwrap();
    assert_eq!((smaller.width, smaller.height, smaller.frames), (48, 48, 4));
    for larger in ["128", "1024"] {
        assert!(variant(larger) == animation, "{larger}");
    }
}

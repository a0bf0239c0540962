//! What has to hold whatever the bytes are. Each target takes bytes and panics where a promise is broken.
//!
//! libFuzzer calls them through `fuzz_targets/`, and `wasm/tests/fuzz_short.rs`, which includes this file, on the stable toolchain.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a target fails by panicking"
)]

mod animated;
mod differential;
mod jpeg_maker;
mod jpeg_scales;
mod lossy_webp;
mod mutated;
mod round_trip;
mod script;
mod webp_scales;

pub use animated::animated;
pub use differential::{differential, mean_difference};
pub use jpeg_scales::jpeg_scales;
pub use lossy_webp::lossy_webp;
pub use mutated::{changed, files, mutated};
pub use round_trip::round_trip;
pub use webp_scales::webp_scales;

use roundel::{Error, Limits, Recipe, Rendered, render_within};

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 9] = [
    ("animated", animated),
    ("differential", differential),
    ("inspect", inspect),
    ("jpeg_scales", jpeg_scales),
    ("lossy_webp", lossy_webp),
    ("mutated", mutated),
    ("recipe", recipe),
    ("round_trip", round_trip),
    ("webp_scales", webp_scales),
];

/// Small, so that a run is over soon; what is refused for its size is refused before the work.
pub const LIMITS: Limits = Limits {
    max_pixels: 4_000_000,
    memory_budget_bytes: 64 << 20,
    max_frames: 16,
    max_animation_pixels: 4_000_000,
    allow_truncated: false,
};

/// The JPEG file that `differential` makes of a script, to look at.
pub fn made_file(script: &[u8]) -> Vec<u8> {
    jpeg_maker::make(&mut script::Script::new(script)).file
}

/// Larger outputs take long and tell nothing new.
const MOST_OUTPUT_PIXELS: u32 = 300_000;

/// Headers are read, or refused with words.
pub fn inspect(data: &[u8]) {
    match roundel::inspect(data) {
        Ok(info) => {
            assert!(info.width > 0 && info.height > 0 && info.frames > 0, "{info:?}");
            assert!((1..=8).contains(&info.orientation.exif()));
        }
        Err(error) => {
            assert!(!matches!(error, Error::BadRecipe { .. }), "there is no recipe: {error}");
            assert_has_words(&error);
        }
    }
}

/// A recipe as JSON, a line feed, and the bytes of a picture.
pub fn recipe(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let Ok(recipe) = serde_json::from_slice::<Recipe>(&data[..end]) else { return };
    if recipe.validate().is_ok() && recipe.width * recipe.height > MOST_OUTPUT_PIXELS {
        return;
    }
    rendered(&data[end + 1..], &recipe);
}

fn assert_has_words(error: &Error) {
    let words = error.to_string();
    assert!((10..600).contains(&words.len()), "{words}");
}

/// Renders, and holds the outcome to what is promised of every outcome.
fn rendered(bytes: &[u8], recipe: &Recipe) -> Option<Rendered> {
    let made = match render_within(bytes, recipe, &LIMITS) {
        Ok(made) => made,
        Err(error) => {
            assert_has_words(&error);
            return None;
        }
    };
    let source = roundel::inspect(bytes).expect("what is rendered can be inspected");
    assert!(u64::from(source.width) * u64::from(source.height) <= LIMITS.max_pixels);
    recipe.validate().expect("a recipe that is rendered is valid");

    let info = roundel::inspect(&made.bytes).expect("the output can be inspected");
    assert_eq!((made.width, made.height), (recipe.width, recipe.height));
    assert_eq!((info.width, info.height), (recipe.width, recipe.height));
    assert_eq!(format!("image/{}", info.format.name()), recipe.format.content_type());
    assert_eq!((info.frames, info.orientation.exif()), (made.frames, 1));
    assert!(!info.has_metadata, "the output has metadata");
    assert_eq!(roundel::check_clean(&made.bytes), Ok(()), "the output holds more than its picture");
    assert!(!made.thumbhash.is_empty());
    assert!((1..=100).contains(&made.quality));
    if let Some(most) = recipe.max_bytes {
        assert!(made.bytes.len() <= most as usize, "{} bytes of at most {most}", made.bytes.len());
    }
    Some(made)
}

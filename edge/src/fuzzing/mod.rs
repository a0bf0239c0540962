//! What has to hold whatever comes from outside: tokens and keys ([`crate::auth::fuzzing`]), requests, the storage's answers. A target
//! panics where a promise is broken.
//!
//! libFuzzer calls them through `edge/fuzz`; `cargo test` over many inputs that follow from good ones by fixed numbers.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a target fails by panicking, and is in reach with the feature `fuzzing` only"
)]

mod requests;
mod storage;

pub use crate::auth::fuzzing::{claims, key_set, token};
pub use requests::{accept, conditions, key_upload, range, route};
pub use storage::{answer, event, listing, object_key, pointer};

use crate::config::{Config, ordinary};
use crate::problem::Problem;

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 13] = [
    ("accept", accept),
    ("answer", answer),
    ("claims", claims),
    ("conditions", conditions),
    ("event", event),
    ("key_set", key_set),
    ("key_upload", key_upload),
    ("listing", listing),
    ("object_key", object_key),
    ("pointer", pointer),
    ("range", range),
    ("route", route),
    ("token", token),
];

/// Whether it is one segment of a path and of a key, and cannot be more than that.
fn is_safe_segment(text: &str) -> bool {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=128).contains(&text.len()) && text.bytes().all(is_safe)
}

/// A refusal has a status of those, words of ours, and headers that are one line each.
fn assert_refused(problem: &Problem, statuses: &[u16]) {
    assert!(statuses.contains(&problem.status), "{problem:?}");
    let is_line = |text: &str| text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    assert!(is_line(&problem.detail) && problem.detail.len() < 200, "{problem:?}");
    assert!(problem.headers.iter().all(|(_, value)| is_line(value)), "{problem:?}");
}

/// The worker's variables as an ordinary deployment has them, with a storage of its own.
fn config() -> Config {
    let read = Config::read(|name| match name {
        "S3_ENDPOINT" => Some("https://s3.example".to_owned()),
        _ => ordinary(name),
    });
    read.unwrap_or_else(|error| panic!("{error}"))
}

#[cfg(test)]
pub(crate) mod tests;

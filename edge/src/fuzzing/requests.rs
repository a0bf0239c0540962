//! What a client sends: method, path and query, the headers that count, the body of `key_upload`.

use super::{assert_refused, config, is_safe_segment};
use crate::conditional::{Preconditions, http_date};
use crate::default_picture::Fallback;
use crate::kind::{Kind, Subject};
use crate::negotiate::Accepted;
use crate::publish::keys;
use crate::range::{self, Part};
use crate::route::{self, CurrentImage, Route};
use crate::routes::uploads;
use crate::storage::presign;
use crate::variant::ServedFormat;
use crate::variant::Variant;
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

const ETAG: &str = "\"0123456789abcdef-256-jpg\"";

/// `METHOD path?query` is refused with words, or is one of our routes. There is one path for each thing, and its subject is safe.
pub fn route(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (method, target) = text.split_once(' ').unwrap_or(("GET", text));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    check_route(method, path, query);
    // As it comes through the runtime.
    if let Ok(url) = Url::parse("https://avatars.example").unwrap().join(target) {
        check_route(method, url.path(), url.query().unwrap_or_default());
    }
}

fn check_route(method: &str, path: &str, query: &str) {
    let route = match route::route(method, path, query) {
        Ok(route) => route,
        Err(problem) => return assert_refused(&problem, &[400, 404, 405]),
    };
    let is_reading = matches!(method, "GET" | "HEAD");
    let (its_path, its_query) = match &route {
        Route::CurrentImage(CurrentImage { kind, subject, size, format, fallback, is_still }) => {
            assert!(is_reading && is_safe_segment(subject.as_str()));
            let extension = format.map_or(String::new(), |format| format!(".{}", format.extension()));
            let width = size.map_or(String::new(), |size| format!("{}={size}&", kind.width_parameter()));
            let fallback = match fallback {
                Fallback::Initials => "initials",
                Fallback::Identicon => "identicon",
                Fallback::NotFound => "404",
            };
            let path = format!("{}/{}{extension}", kind.folder(), subject.as_str());
            (path, format!("{width}d={fallback}&still={}", u8::from(*is_still)))
        }
        Route::VersionImage { kind, subject, variant } => {
            assert!(is_reading && is_safe_segment(subject.as_str()));
            let digits = variant.version.as_str().bytes();
            assert!(digits.len() == 16 && digits.into_iter().all(|byte| byte.is_ascii_hexdigit()));
            assert!(kind.widths().contains(&variant.size.width()));
            let still = if variant.is_still { "still=1" } else { "" };
            let plain = Variant { is_still: false, ..variant.clone() };
            (keys::variant(*kind, subject, &plain), still.to_owned())
        }
        Route::KeyUpload(kind) => {
            assert_eq!(method, "POST");
            (format!("{}/key_upload", kind.folder()), String::new())
        }
        Route::Publish(kind) => {
            assert_eq!(method, "POST");
            (format!("{}/publish", kind.folder()), String::new())
        }
        Route::Remove(kind) => {
            assert_eq!(method, "DELETE");
            (kind.folder().to_owned(), String::new())
        }
        _ => return,
    };
    assert_eq!(path.strip_prefix('/').unwrap_or(path), its_path, "another path for the same thing");
    assert_eq!(route::route(method, &its_path, &its_query), Ok(route));
}

/// `Accept` comes down to a format of ours, by the same rule however it is spelled; WebP is only for those who name it.
pub fn accept(data: &[u8]) {
    let Ok(header) = std::str::from_utf8(data) else { return };
    let accepted = Accepted::parse(Some(header));
    let (lower, upper) = (header.to_ascii_lowercase(), header.to_ascii_uppercase());
    for has_alpha in [false, true] {
        let chosen = accepted.choose(has_alpha);
        assert!(chosen != ServedFormat::Webp || lower.contains("image/webp"));
        for spelling in [&lower, &upper] {
            assert_eq!(Accepted::parse(Some(spelling)).choose(has_alpha), chosen);
        }
    }
    if header.len() > 2048 || header.is_empty() {
        assert_eq!(accepted, Accepted::parse(Some("*/*")));
    }
}

/// `Range`, `If-Range` and a length, a line each: a part lies within the file, and is what RFC 9110 section 14.1.2 says of a range
/// that is plainly written.
pub fn range(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.splitn(3, '\n');
    let header = lines.next().unwrap_or_default();
    let if_range = lines.next().filter(|line| !line.is_empty());
    let length = lines.next().and_then(|line| line.parse().ok()).unwrap_or(1000);
    let part = range::part(Some(header), if_range, ETAG, length);
    if let Part::Bytes(bytes) = &part {
        assert!(bytes.start < bytes.end && bytes.end <= length, "{bytes:?} of {length}");
    }
    if part != Part::Whole {
        assert!(if_range.is_none_or(|validator| validator.trim() == ETAG), "of another file");
    }
    if let Some(wanted) = plain_range(header, length) {
        assert_eq!(range::part(Some(header), None, ETAG, length), wanted, "{header}");
    }
}

/// `None`: not plainly written.
fn plain_range(header: &str, length: usize) -> Option<Part> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    let is_plain = |digits: &str| digits.len() < 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_plain(first) || !is_plain(last) {
        return None;
    }
    let number = |digits: &str| digits.parse::<usize>().ok();
    let bytes = match (first, last) {
        ("", "") => return Some(Part::Whole),
        ("", count) => length - number(count)?.min(length)..length,
        (first, "") => number(first)?..length,
        (first, last) if number(first)? > number(last)? => return Some(Part::Whole),
        (first, last) => number(first)?..number(last)?.min(length.saturating_sub(1)) + 1,
    };
    Some(if bytes.start < bytes.end && bytes.end <= length {
        Part::Bytes(bytes)
    } else {
        Part::Unsatisfiable
    })
}

/// `If-None-Match`, `If-Modified-Since` and the second of the last change, a line each.
pub fn conditions(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.splitn(3, '\n');
    let (none_match, since) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let changed =
        lines.next().and_then(|line| line.parse().ok()).and_then(|at| Timestamp::from_second(at).ok());
    let changed = changed.unwrap_or(Timestamp::UNIX_EPOCH);

    let by_tag = Preconditions { if_none_match: Some(none_match.to_owned()), ..Preconditions::default() };
    assert_eq!(by_tag.hold(ETAG, None), names_the_tag(none_match), "{none_match:?}");
    let both = Preconditions { if_modified_since: Some(since.to_owned()), ..by_tag.clone() };
    assert_eq!(both.hold(ETAG, Some(changed)), by_tag.hold(ETAG, None), "the tag decides");

    let by_date = Preconditions { if_modified_since: Some(since.to_owned()), ..Preconditions::default() };
    assert!(!by_date.hold(ETAG, None), "what has no date has not been left as it was since one");
    let earlier = Timestamp::from_second(changed.as_second().saturating_sub(1)).unwrap_or(changed);
    assert!(!by_date.hold(ETAG, Some(changed)) || by_date.hold(ETAG, Some(earlier)));

    let told = Preconditions { if_modified_since: Some(http_date(changed)), ..Preconditions::default() };
    assert!(told.hold(ETAG, Some(changed)), "the date that we gave");
}

/// RFC 9110 section 13.1.2, letter by letter.
fn names_the_tag(header: &str) -> bool {
    enum State {
        Between,
        Weak(bool),
        Inside(String),
        After,
    }
    if header.trim() == "*" {
        return true;
    }
    let mut is_named = false;
    let mut state = State::Between;
    for letter in header.trim().chars() {
        state = match (state, letter) {
            (State::Between, ' ' | '\t' | ',') | (State::After, ',') => State::Between,
            (State::Between, 'W') => State::Weak(false),
            (State::Weak(false), '/') => State::Weak(true),
            (State::Between | State::Weak(true), '"') => State::Inside(String::new()),
            (State::Inside(tag), '"') => {
                is_named |= ETAG == format!("\"{tag}\"");
                State::After
            }
            (State::Inside(tag), letter) => State::Inside(tag + letter.encode_utf8(&mut [0; 4])),
            (State::After, ' ' | '\t') => State::After,
            _ => return false,
        };
    }
    is_named && matches!(state, State::Between | State::After)
}

/// The body of `key_upload` is refused with words, or read as `serde_json` reads it; the URL is for the caller's key and no other.
pub fn key_upload(data: &[u8]) {
    const MAX_UPLOAD_BYTES: u64 = 1_000;
    let (extension, stated) = match uploads::parse(data, MAX_UPLOAD_BYTES) {
        Ok(parsed) => parsed,
        Err(problem) => return assert_refused(&problem, &[400, 413]),
    };
    let body: Value = serde_json::from_slice(data).unwrap();
    assert_eq!(body["extension"], extension.as_str());
    let member = |name: &str| Some(&body[name]).filter(|value| !value.is_null());
    assert_eq!(member("content_type").and_then(Value::as_str), stated.content_type);
    assert!(stated.content_type.is_none_or(|given| given == extension.content_type()));
    assert_eq!(member("content_length").and_then(Value::as_u64), stated.content_length);
    assert!(stated.content_length.is_none_or(|bytes| (1..=MAX_UPLOAD_BYTES).contains(&bytes)));
    let digits = member("sha256").and_then(Value::as_str).map(str::to_ascii_lowercase);
    assert_eq!(digits, stated.sha256.map(hex::encode));
    assert_eq!(member("if_none_match").is_some(), stated.only_if_absent);

    let key = keys::upload(Kind::Avatar, &Subject::new("user-1").unwrap(), extension);
    let grant = presign::upload(&config(), key.clone(), &stated, Timestamp::UNIX_EPOCH);
    let grant = serde_json::to_value(grant).unwrap();
    assert_eq!(grant["key"], key);
    let url = Url::parse(grant["url"].as_str().unwrap()).unwrap();
    assert_eq!((url.host_str(), url.path()), (Some("s3.example"), format!("/uploads/{key}").as_str()));
    for value in grant["headers"].as_object().unwrap().values() {
        assert!(value.as_str().unwrap().bytes().all(|byte| byte.is_ascii_graphic()), "{value}");
    }
}

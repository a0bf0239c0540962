//! `Range` and `If-Range`: part of a file, RFC 9110 section 14.

use http_range_header::{SyntacticallyCorrectRange, parse_range_header};
use std::ops::Range;

/// What a request asks for of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// These bytes of it: 206.
    Bytes(Range<usize>),
    /// Bytes that it does not have: 416.
    Unsatisfiable,
}

/// The part that these headers ask for of a file of `length` bytes with this strong entity tag.
///
/// A header that cannot be read, another unit than bytes and more ranges than one are ignored, as section 14.2 allows: nobody
/// needs several parts of a picture in one answer. `If-Range` wants the very same tag (section 13.1.5); a weak one and a date match
/// nothing, since no version has a date.
pub(crate) fn part(range: Option<&str>, if_range: Option<&str>, etag: &str, length: usize) -> Part {
    let Some(range) = range else { return Part::Whole };
    if if_range.is_some_and(|validator| validator.trim() != etag) {
        return Part::Whole;
    }
    let Ok(parsed) = parse_range_header(range) else { return Part::Whole };
    let [single] = parsed.into_ranges()[..] else { return Part::Whole };
    // A position beyond what the machine counts to is beyond the file as well.
    let position = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let bytes = match single {
        SyntacticallyCorrectRange::FromStart(first) => position(first)..length,
        SyntacticallyCorrectRange::FromLast(count) => length.saturating_sub(position(count))..length,
        SyntacticallyCorrectRange::Indexed(first, last) => {
            position(first)..position(last).saturating_add(1).min(length)
        }
    };
    if bytes.is_empty() { Part::Unsatisfiable } else { Part::Bytes(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ETAG: &str = "\"a-1\"";

    #[test]
    fn one_range_of_any_kind_is_cut_to_what_is_there() {
        for (range, wanted) in [
            ("bytes=0-0", 0..1),
            ("bytes=0-9", 0..10),
            ("bytes=3-5", 3..6),
            ("bytes=5-", 5..10),
            ("bytes=0-", 0..10),
            ("bytes=9-100", 9..10),
            ("bytes=0-18446744073709551615", 0..10),
            ("bytes=-1", 9..10),
            ("bytes=-10", 0..10),
            ("bytes=-11", 0..10),
            ("bytes=-18446744073709551615", 0..10),
            ("Bytes=2-3", 2..4),
            ("bytes= 2-3", 2..4),
            ("bytes=,2-3", 2..4),
        ] {
            assert_eq!(part(Some(range), None, ETAG, 10), Part::Bytes(wanted), "{range}");
        }
    }

    #[test]
    fn bytes_that_are_not_there_cannot_be_had() {
        for range in ["bytes=10-", "bytes=10-11", "bytes=-0", "bytes=18446744073709551615-"] {
            assert_eq!(part(Some(range), None, ETAG, 10), Part::Unsatisfiable, "{range}");
        }
        for range in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
            assert_eq!(part(Some(range), None, ETAG, 0), Part::Unsatisfiable, "{range} of nothing");
        }
    }

    #[test]
    fn several_ranges_other_units_and_nonsense_mean_the_whole() {
        for range in [
            "bytes=0-1,3-4",
            "bytes=0-1, 100-200",
            "bytes=-1,-2",
            "items=0-1",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=5-2",
            "bytes=+1-2",
            "bytes=1.5-2",
            "bytes 0-1",
            "bytes=0-1;q=1",
            "bytes=0--1",
            "",
        ] {
            assert_eq!(part(Some(range), None, ETAG, 10), Part::Whole, "{range}");
        }
        assert_eq!(part(None, Some(ETAG), ETAG, 10), Part::Whole, "If-Range means nothing alone");
    }

    #[test]
    fn a_part_of_another_file_is_not_wanted() {
        let of = |if_range| part(Some("bytes=0-1"), Some(if_range), ETAG, 10);
        assert_eq!(of(ETAG), Part::Bytes(0..2));
        for other in
            ["\"a-2\"", "W/\"a-1\"", "a-1", "*", "", "Sun, 06 Nov 1994 08:49:37 GMT", "\"a-1\", \"x\""]
        {
            assert_eq!(of(other), Part::Whole, "{other}");
        }
        assert_eq!(part(Some("bytes=90-"), Some("\"a-2\""), ETAG, 10), Part::Whole);
    }
}

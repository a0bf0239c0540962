//! Preconditions: RFC 9110 section 13; of a GET in the order of section 13.2.2: first [`Preconditions::fail`], then [`Preconditions::hold`].

use jiff::Timestamp;
use std::time::{Duration, UNIX_EPOCH};

/// The headers by which a client says what it has already, or what it means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Preconditions {
    pub(crate) if_match: Option<String>,
    pub(crate) if_unmodified_since: Option<String>,
    pub(crate) if_none_match: Option<String>,
    pub(crate) if_modified_since: Option<String>,
}

impl Preconditions {
    pub(crate) fn all(&self) -> [&Option<String>; 4] {
        [&self.if_match, &self.if_unmodified_since, &self.if_none_match, &self.if_modified_since]
    }

    /// Whether the client wants another representation than this one: 412. To be asked only of what would be answered with a picture
    /// or 304 (section 13.2.1).
    ///
    /// `If-Unmodified-Since` counts only where there is no `If-Match` (section 13.1.4), for what has a time, and if it is a date.
    pub(crate) fn fail(&self, etag: &str, last_modified: Option<Timestamp>) -> bool {
        match (&self.if_match, &self.if_unmodified_since, last_modified) {
            (Some(header), _, _) => !names(header, etag, Comparison::Strong),
            (None, Some(header), Some(changed)) => {
                parse_http_date(header).is_some_and(|since| changed.as_second() > since)
            }
            _ => false,
        }
    }

    /// Whether the client has the representation with this strong entity tag and this time of its last change already: 304.
    ///
    /// `If-Modified-Since` counts only where there is no `If-None-Match` (section 13.1.3), and for what has such a time.
    pub(crate) fn hold(&self, etag: &str, last_modified: Option<Timestamp>) -> bool {
        match (&self.if_none_match, &self.if_modified_since, last_modified) {
            (Some(header), _, _) => names(header, etag, Comparison::Weak),
            (None, Some(header), Some(changed)) => {
                parse_http_date(header).is_some_and(|since| changed.as_second() <= since)
            }
            _ => false,
        }
    }
}

/// A time as `Last-Modified` has it: whole seconds, rounded down.
pub(crate) fn http_date(time: Timestamp) -> String {
    let seconds = Duration::from_secs(u64::try_from(time.as_second()).unwrap_or(0));
    httpdate::fmt_http_date(UNIX_EPOCH + seconds)
}

/// Seconds since 1970 of any of the three forms of a date in HTTP, section 5.6.7. `None`: malformed, or before 1970.
fn parse_http_date(text: &str) -> Option<i64> {
    let since = httpdate::parse_http_date(text.trim()).ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

/// Section 8.8.3.2.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// A weak tag equals none. For `If-Match`.
    Strong,
    /// Whether a tag is weak does not matter. For `If-None-Match`.
    Weak,
}

/// Whether a header names this strong entity tag. `*` names whatever exists. What is not a list of entity tags names nothing.
fn names(header: &str, etag: &str, comparison: Comparison) -> bool {
    let opaque = etag.strip_prefix('"').and_then(|inner| inner.strip_suffix('"'));
    let is_it =
        |tag: &EntityTag<'_>| Some(tag.opaque) == opaque && (comparison == Comparison::Weak || !tag.is_weak);
    match parse_tags(header) {
        Some(Tags::Any) => true,
        Some(Tags::List(tags)) => tags.iter().any(is_it),
        None => false,
    }
}

/// What `If-Match` or `If-None-Match` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tags<'a> {
    /// `*`
    Any,
    /// At least one.
    List(Vec<EntityTag<'a>>),
}

/// An entity tag, RFC 9110 section 8.8.3, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EntityTag<'a> {
    pub(crate) is_weak: bool,
    pub(crate) opaque: &'a str,
}

/// Reads the value of `If-Match` or `If-None-Match`. `None`: neither `*` nor a list of entity tags.
pub(crate) fn parse_tags(header: &str) -> Option<Tags<'_>> {
    let mut rest = header.trim();
    if rest == "*" {
        return Some(Tags::Any);
    }
    let mut tags = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            break;
        }
        let tag = rest.strip_prefix("W/");
        // A tag may hold commas, so that splitting at them would be wrong.
        let (opaque, after) = tag.unwrap_or(rest).strip_prefix('"')?.split_once('"')?;
        tags.push(EntityTag { is_weak: tag.is_some(), opaque });
        rest = after.trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
    (!tags.is_empty()).then_some(Tags::List(tags))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_weak_tags_and_the_star_match() {
        for header in [
            "\"a-1\"",
            "*",
            " * ",
            "W/\"a-1\"",
            "\"x\", \"a-1\"",
            "\"x\",W/\"a-1\" ,\"y\"",
            "\"p,q\" , \"a-1\"",
        ] {
            assert!(names(header, "\"a-1\"", Comparison::Weak), "{header}");
        }
    }

    #[test]
    fn other_tags_and_nonsense_do_not() {
        for header in
            ["", "a-1", "\"a-1", "\"a\"", "\"a-1\" \"x\"", "\"x,a-1\"", "w/\"a-1\"", ",", "\"", "W/"]
        {
            assert!(!names(header, "\"a-1\"", Comparison::Weak), "{header}");
        }
    }

    /// 2026-03-01T12:00:00.7Z, a Sunday.
    fn changed() -> Timestamp {
        "2026-03-01T12:00:00.7Z".parse().unwrap()
    }

    fn hold(if_none_match: Option<&str>, if_modified_since: &str, changed: Option<Timestamp>) -> bool {
        let preconditions = Preconditions {
            if_none_match: if_none_match.map(str::to_owned),
            if_modified_since: Some(if_modified_since.to_owned()),
            ..Preconditions::default()
        };
        preconditions.hold("\"a-1\"", changed)
    }

    #[test]
    fn a_date_counts_in_each_of_its_three_forms() {
        assert_eq!(http_date(changed()), "Sun, 01 Mar 2026 12:00:00 GMT");
        for date in [
            "Sun, 01 Mar 2026 12:00:00 GMT",
            "Sun, 01 Mar 2026 12:00:01 GMT",
            "Sunday, 01-Mar-26 12:00:00 GMT",
            "Sun Mar  1 12:00:00 2026",
            "Fri, 01 Jan 2100 00:00:00 GMT",
        ] {
            assert!(hold(None, date, Some(changed())), "{date}");
        }
        for date in [
            "Sun, 01 Mar 2026 11:59:59 GMT",
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "2026-03-01T12:00:00Z",
            "Sun, 01 Mar 2026 12:00:00 CET",
            "tomorrow",
            "",
        ] {
            assert!(!hold(None, date, Some(changed())), "{date}");
        }
    }

    #[test]
    fn a_date_means_nothing_beside_an_entity_tag_or_for_what_has_none() {
        let later = "Fri, 01 Jan 2100 00:00:00 GMT";
        assert!(!hold(Some("\"other\""), later, Some(changed())));
        assert!(hold(Some("\"a-1\""), "Thu, 01 Jan 1970 00:00:00 GMT", Some(changed())));
        assert!(!hold(None, later, None));
    }

    fn fail(if_match: Option<&str>, if_unmodified_since: Option<&str>, changed: Option<Timestamp>) -> bool {
        let preconditions = Preconditions {
            if_match: if_match.map(str::to_owned),
            if_unmodified_since: if_unmodified_since.map(str::to_owned),
            ..Preconditions::default()
        };
        preconditions.fail("\"a-1\"", changed)
    }

    #[test]
    fn who_means_another_picture_is_told_so() {
        for header in ["\"a-1\"", "*", "\"x\", \"a-1\"", "W/\"a-1\", \"a-1\""] {
            assert!(!fail(Some(header), None, Some(changed())), "{header}");
        }
        for header in ["\"x\"", "W/\"a-1\"", "a-1", "", "\"a-1"] {
            assert!(fail(Some(header), None, Some(changed())), "{header}");
        }
        assert!(!fail(None, None, Some(changed())));
    }

    #[test]
    fn a_date_fails_for_what_changed_after_it() {
        let (before, after) = ("Sun, 01 Mar 2026 11:59:59 GMT", "Sun, 01 Mar 2026 12:00:00 GMT");
        assert!(fail(None, Some(before), Some(changed())));
        assert!(!fail(None, Some(after), Some(changed())));
        assert!(!fail(None, Some("yesterday"), Some(changed())), "no date");
        assert!(!fail(None, Some(before), None), "a version has no date");
        assert!(!fail(Some("\"a-1\""), Some(before), Some(changed())), "the tag counts alone");
    }
}

//! Which revision a write may replace: `If-Match` and `If-None-Match` of a PUT, RFC 9110 section 13.
//!
//! An entity tag is `"<revision>-<digest>"`: the revision of what the person wrote, and a digest of the whole answer, pictures included.
//! The digest tells caches apart; a write is compared by its revision alone, so that a new picture is in nobody's way.

use super::store::Revision;
use crate::conditional::{Tags, parse_tags};
use sha2::{Digest, Sha256};

/// Hexadecimal digits of an answer's SHA-256 that are part of its tag.
const DIGEST_DIGITS: usize = 16;

/// The strong entity tag of an answer, with its quotes.
pub(crate) fn etag(revision: Revision, answer: &[u8]) -> String {
    let mut digest = hex::encode(Sha256::digest(answer));
    digest.truncate(DIGEST_DIGITS);
    format!("\"{revision}-{digest}\"")
}

/// The revision that a tag without its quotes stands for. `None`: not a tag of ours.
fn revision_of(opaque: &str) -> Option<Revision> {
    let (revision, digest) = opaque.split_once('-')?;
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (digest.len() == DIGEST_DIGITS && digest.bytes().all(is_digit)).then(|| Revision::parse(revision))?
}

/// Under which condition a profile may be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Guard {
    if_match: Option<Named>,
    if_none_match: Option<Named>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Named {
    /// `*`: whatever was written.
    Any,
    Revisions(Vec<Revision>),
}

/// Which header is no list of entity tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MalformedHeader(pub(crate) &'static str);

impl Guard {
    /// Reads both headers. `If-Match` compares strongly: a tag that somebody on the way has weakened matches nothing (section 13.1.1).
    ///
    /// # Errors
    ///
    /// A header that is neither `*` nor a list of entity tags. Whoever sent it meant to protect something.
    pub(crate) fn read(if_match: Option<&str>, if_none_match: Option<&str>) -> Result<Self, MalformedHeader> {
        let named = |header: Option<&str>, name, is_strong: bool| match header {
            None => Ok(None),
            Some(header) => match parse_tags(header).ok_or(MalformedHeader(name))? {
                Tags::Any => Ok(Some(Named::Any)),
                Tags::List(tags) => {
                    let comparable = tags.iter().filter(|tag| !(is_strong && tag.is_weak));
                    let revisions = comparable.filter_map(|tag| revision_of(tag.opaque)).collect();
                    Ok(Some(Named::Revisions(revisions)))
                }
            },
        };
        Ok(Self {
            if_match: named(if_match, "If-Match", true)?,
            if_none_match: named(if_none_match, "If-None-Match", false)?,
        })
    }

    /// Whether anything may be replaced.
    pub(crate) fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it may be written over this revision.
    pub(crate) fn admits(&self, held: Revision) -> bool {
        let names = |named: &Named| match named {
            Named::Any => held != Revision::NONE,
            Named::Revisions(revisions) => revisions.contains(&held),
        };
        self.if_match.as_ref().is_none_or(names) && !self.if_none_match.as_ref().is_some_and(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "0123456789abcdef";

    fn tag(revision: u32) -> String {
        format!("\"{revision}-{DIGEST}\"")
    }

    fn admitted(if_match: Option<&str>, if_none_match: Option<&str>) -> Vec<u32> {
        let guard = Guard::read(if_match, if_none_match).unwrap();
        [0, 1, 2, 3].into_iter().filter(|revision| guard.admits(Revision::of(*revision))).collect()
    }

    #[test]
    fn a_tag_holds_the_revision_and_changes_with_the_answer() {
        let first = etag(Revision::of(12), b"{}");
        assert_eq!(first, "\"12-44136fa355b3678a\"");
        assert_ne!(first, etag(Revision::of(12), b"{ }"));
        assert_eq!(revision_of(first.trim_matches('"')), Some(Revision::of(12)));
    }

    #[test]
    fn a_revision_is_compared_and_a_digest_is_not() {
        assert_eq!(admitted(None, None), [0, 1, 2, 3]);
        assert_eq!(admitted(Some(&tag(2)), None), [2]);
        assert_eq!(admitted(Some("\"2-ffffffffffffffff\""), None), [2]);
        assert_eq!(admitted(Some(&tag(0)), None), [0], "of one who has a picture and wrote nothing");
        assert_eq!(admitted(Some(&format!("{}, \"x\" , {}", tag(1), tag(3))), None), [1, 3]);
        assert_eq!(admitted(None, Some(&tag(2))), [0, 1, 3]);
    }

    #[test]
    fn the_star_is_whatever_was_written() {
        assert_eq!(admitted(Some("*"), None), [1, 2, 3]);
        assert_eq!(admitted(None, Some("*")), [0]);
        assert_eq!(admitted(Some("*"), Some("*")), Vec::<u32>::new());
        assert_eq!(admitted(Some("*"), Some(&tag(2))), [1, 3], "both have to hold");
    }

    #[test]
    fn a_weak_tag_protects_nothing_but_is_one_to_avoid() {
        assert_eq!(admitted(Some(&format!("W/{}", tag(2))), None), Vec::<u32>::new());
        assert_eq!(admitted(None, Some(&format!("W/{}", tag(2)))), [0, 1, 3]);
    }

    #[test]
    fn tags_that_are_not_ours_match_nothing() {
        for opaque in [
            "",
            "2",
            "2-",
            "-0123456789abcdef",
            "02-0123456789abcdef",
            "+2-0123456789abcdef",
            "2-0123456789ABCDEF",
            "2-0123456789abcdef0",
            "2-0123456789abcde",
            "4294967298-0123456789abcdef",
            "99999999999999999999-0123456789abcdef",
        ] {
            assert_eq!(admitted(Some(&format!("\"{opaque}\"")), None), Vec::<u32>::new(), "{opaque}");
        }
    }

    #[test]
    fn what_is_no_list_of_tags_is_not_taken_for_no_condition() {
        for header in ["", ",", "2-0123456789abcdef", "\"2", "* , *", "\"a\" \"b\"", "w/\"a\""] {
            assert_eq!(Guard::read(Some(header), None), Err(MalformedHeader("If-Match")), "{header}");
            assert_eq!(Guard::read(None, Some(header)), Err(MalformedHeader("If-None-Match")), "{header}");
        }
    }
}

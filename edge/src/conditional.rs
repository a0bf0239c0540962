//! `If-None-Match`, RFC 9110 section 13.1.2.

/// Whether a client that sends this header has the representation with this strong entity tag already.
///
/// The comparison is the weak one, as the RFC asks. `*` matches whatever exists. What is not a list of entity
/// tags matches nothing.
pub(crate) fn none_match_holds(header: &str, etag: &str) -> bool {
    let mut rest = header.trim();
    if rest == "*" {
        return true;
    }
    let mut found = false;
    while !rest.is_empty() {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            break;
        }
        let tag = rest.strip_prefix("W/").unwrap_or(rest);
        // A tag may hold commas, so that splitting at them would be wrong.
        let Some((opaque, after)) = tag.strip_prefix('"').and_then(|inner| inner.split_once('"')) else {
            return false;
        };
        found |= etag.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) == Some(opaque);
        rest = after.trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with(',') {
            return false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::none_match_holds;

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
            assert!(none_match_holds(header, "\"a-1\""), "{header}");
        }
    }

    #[test]
    fn other_tags_and_nonsense_do_not() {
        for header in
            ["", "a-1", "\"a-1", "\"a\"", "\"a-1\" \"x\"", "\"x,a-1\"", "w/\"a-1\"", ",", "\"", "W/"]
        {
            assert!(!none_match_holds(header, "\"a-1\""), "{header}");
        }
    }
}

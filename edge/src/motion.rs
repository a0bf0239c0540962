//! Whether a client wants pictures that move: `Sec-CH-Prefers-Reduced-Motion`, User Preference Media Features Client Hints Headers (WICG), section 3.3.
//!
//! A hint says less than the query of a URL does, and comes only from browsers that were told to send it. Any value but one is as good as none, so
//! that it cannot make another copy in a cache.

/// The header, in lower case.
pub(crate) const HINT: &str = "sec-ch-prefers-reduced-motion";
/// As `Vary`, `Accept-CH` and `Critical-CH` name it.
pub(crate) const HINT_NAME: &str = "Sec-CH-Prefers-Reduced-Motion";

/// Whether the value asks for less motion. The draft writes it as a string, in quotes; browsers have sent it as a token.
pub(crate) fn is_reduced(value: Option<&str>) -> bool {
    let value = value.unwrap_or_default().trim();
    let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    unquoted.unwrap_or(value) == "reduce"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_asks_for_it() {
        for value in ["reduce", "\"reduce\"", " reduce "] {
            assert!(is_reduced(Some(value)), "{value}");
        }
        for value in ["", "no-preference", "\"no-preference\"", "Reduce", "\"reduce", "reduce, reduce", "?1"]
        {
            assert!(!is_reduced(Some(value)), "{value}");
        }
        assert!(!is_reduced(None));
    }
}

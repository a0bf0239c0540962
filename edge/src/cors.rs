//! Which pages of other origins may read our answers. Fetch standard, section 3.2; RFC 6454.
//!
//! Origins are compared exactly. An entry may leave its first label open, as the previews of a branch need it: `https://*.pages.example.com` is any
//! one label there, and nothing that has a dot in it.

use crate::reply::Reply;

/// The origins that may. Empty: only pages of the worker's own origin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AllowedOrigins(Vec<Allowed>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Allowed {
    Exactly(String),
    /// One label between the two.
    AnyLabel {
        before: String,
        after: String,
    },
}

impl Allowed {
    /// An entry without its open label.
    fn new(entry: &str) -> Result<Self, &'static str> {
        let Some((before, after)) = entry.split_once('*') else {
            return Ok(Self::Exactly(spelled(entry)?.to_owned()));
        };
        if !before.ends_with("://") || !after.starts_with('.') || after.contains('*') {
            return Err("an entry has a * elsewhere than for all of its first label");
        }
        // The pages of everybody under a top-level domain are nobody's own.
        if after.split('.').filter(|label| !label.is_empty()).count() < LEAST_LABELS {
            return Err("an entry leaves too much open: two labels have to follow its *");
        }
        spelled(&format!("{before}label{after}"))?;
        Ok(Self::AnyLabel { before: before.to_owned(), after: after.to_owned() })
    }

    fn covers(&self, origin: &str) -> bool {
        match self {
            Self::Exactly(allowed) => allowed == origin,
            Self::AnyLabel { before, after } => origin
                .strip_prefix(before.as_str())
                .and_then(|rest| rest.strip_suffix(after.as_str()))
                .is_some_and(is_label),
        }
    }
}

/// Labels that have to follow an open one.
const LEAST_LABELS: usize = 2;

/// A label of a host name as browsers send it. RFC 1123, section 2.1.
fn is_label(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(allowed)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// The entry, if it is an origin as browsers send it.
fn spelled(entry: &str) -> Result<&str, &'static str> {
    let url = url::Url::parse(entry).map_err(|_| "an entry is not an origin such as https://example.com")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("an entry is neither http nor https");
    }
    if url.origin().ascii_serialization() != entry {
        return Err("an entry is not spelled as browsers send it: lower case, no path, no default port");
    }
    Ok(entry)
}

/// Seconds for which a browser may remember the answer to a preflight.
const PREFLIGHT_MAX_AGE_SECONDS: &str = "7200";

impl AllowedOrigins {
    /// A comma-separated list of origins, each as a browser sends it: scheme, host, port unless it is the default. `*` may stand for the
    /// first label of the host.
    ///
    /// # Errors
    ///
    /// Says which rule an entry breaks, not which entry.
    pub(crate) fn parse(list: &str) -> Result<Self, &'static str> {
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(Allowed::new).collect::<Result<_, _>>().map(Self)
    }

    fn contains(&self, origin: &str) -> bool {
        self.0.iter().any(|allowed| allowed.covers(origin))
    }

    /// Adds to any response what CORS needs. `Vary` is on all of them, so that a cache keeps origins apart.
    pub(crate) fn decorate(&self, reply: Reply, origin: Option<&str>) -> Reply {
        let reply = reply.varying_with("Origin");
        match origin.filter(|origin| self.contains(origin)) {
            Some(origin) => reply.with_header("access-control-allow-origin", origin).with_header(
                "access-control-expose-headers",
                "ETag, Retry-After, Accept-Ranges, Content-Range",
            ),
            None => reply,
        }
    }

    /// The answer to a preflight, before [`AllowedOrigins::decorate`].
    pub(crate) fn preflight(&self, origin: Option<&str>) -> Reply {
        let reply = Reply::new(204);
        if !origin.is_some_and(|origin| self.contains(origin)) {
            return reply;
        }
        reply
            .with_header("access-control-allow-methods", "GET, HEAD, POST, PUT, DELETE")
            .with_header(
                "access-control-allow-headers",
                "authorization, content-type, if-match, if-none-match, if-modified-since, range, if-range",
            )
            .with_header("access-control-max-age", PREFLIGHT_MAX_AGE_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_exact_origin_is_allowed() {
        let allowed = AllowedOrigins::parse("https://a.example, http://127.0.0.1:8787").unwrap();
        let answer = |origin| {
            let reply = allowed.decorate(allowed.preflight(Some(origin)), Some(origin));
            assert_eq!((reply.status, reply.header("vary")), (204, Some("Origin")));
            reply.header("access-control-allow-origin").map(str::to_owned)
        };
        assert_eq!(answer("https://a.example").as_deref(), Some("https://a.example"));
        assert_eq!(answer("http://127.0.0.1:8787").as_deref(), Some("http://127.0.0.1:8787"));
        for other in ["https://b.a.example", "https://a.example.evil", "http://a.example", "null", "", "*"] {
            assert_eq!(answer(other), None, "{other}");
        }
    }

    #[test]
    fn a_page_may_write_under_a_condition_and_read_the_tag_for_it() {
        let allowed = AllowedOrigins::parse("https://a.example").unwrap();
        let preflight = allowed.preflight(Some("https://a.example"));
        let names = |reply: &Reply, header| {
            let list = reply.header(header).unwrap_or_default().to_ascii_lowercase();
            list.split(", ").map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(names(&preflight, "access-control-allow-methods").contains(&"put".to_owned()));
        for name in ["authorization", "content-type", "if-match", "if-none-match"] {
            assert!(names(&preflight, "access-control-allow-headers").contains(&name.to_owned()), "{name}");
        }
        let answer = allowed.decorate(Reply::new(200), Some("https://a.example"));
        assert!(names(&answer, "access-control-expose-headers").contains(&"etag".to_owned()));
    }

    #[test]
    fn an_open_label_is_one_label() {
        let allowed =
            AllowedOrigins::parse("https://*.pages.example.com, http://*.example.org:8080").unwrap();
        for origin in [
            "https://a.pages.example.com",
            "https://feature-12.pages.example.com",
            "http://x.example.org:8080",
        ] {
            assert!(allowed.contains(origin), "{origin}");
        }
        for origin in [
            "https://pages.example.com",
            "https://.pages.example.com",
            "https://a.b.pages.example.com",
            "https://-a.pages.example.com",
            "https://a-.pages.example.com",
            "https://A.pages.example.com",
            "https://a.pages.example.com:8443",
            "https://a.pages.example.com.evil.example",
            "https://evil.example/.pages.example.com",
            "https://evil.example#.pages.example.com",
            "https://user@evil.pages.example.com",
            "https://*.pages.example.com",
            "http://a.pages.example.com",
            "http://x.example.org",
        ] {
            assert!(!allowed.contains(origin), "{origin}");
        }
    }

    #[test]
    fn a_foreign_preflight_is_told_nothing() {
        let allowed = AllowedOrigins::parse("https://a.example").unwrap();
        assert_eq!(allowed.preflight(Some("https://b.example")).headers, []);
        assert_eq!(allowed.preflight(None).headers, []);
    }

    #[test]
    fn what_the_answer_varies_with_already_stays() {
        let reply = AllowedOrigins::default().decorate(Reply::new(200).varying_with("Accept"), None);
        assert_eq!(reply.headers, [("vary", "Accept, Origin".to_owned())]);
    }

    #[test]
    fn entries_that_could_never_match_are_refused() {
        for list in [
            "*",
            "a.example",
            "https://a.example/",
            "https://A.example",
            "https://a.example:443",
            "ftp://a",
            "https://*",
            "https://*.com",
            "https://*.example..",
            "https://a.*.example.com",
            "https://*a.example.com",
            "https://*.*.example.com",
            "*://a.example.com",
            "https://*.example.com/",
            "https://*.Example.com",
        ] {
            assert!(AllowedOrigins::parse(list).is_err(), "{list}");
        }
        assert_eq!(AllowedOrigins::parse(" , ").unwrap(), AllowedOrigins::default());
    }
}

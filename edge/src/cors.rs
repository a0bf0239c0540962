//! Which pages of other origins may read our answers. Origins are compared exactly, never by pattern.

use crate::reply::Reply;

/// The origins that may. Empty: only pages of the worker's own origin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AllowedOrigins(Vec<String>);

/// Seconds for which a browser may remember the answer to a preflight.
const PREFLIGHT_MAX_AGE_SECONDS: &str = "7200";

impl AllowedOrigins {
    /// A comma-separated list of origins, each as a browser sends it: scheme, host, port unless it is the default.
    ///
    /// # Errors
    ///
    /// Says which rule an entry breaks, not which entry.
    pub(crate) fn parse(list: &str) -> Result<Self, &'static str> {
        let mut origins = Vec::new();
        for entry in list.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let url = url::Url::parse(entry)
                .map_err(|_| "an entry is not an origin such as https://example.com")?;
            if !matches!(url.scheme(), "http" | "https") {
                return Err("an entry is neither http nor https");
            }
            if url.origin().ascii_serialization() != entry {
                return Err(
                    "an entry is not spelled as browsers send it: lower case, no path, no default port",
                );
            }
            origins.push(entry.to_owned());
        }
        Ok(Self(origins))
    }

    fn contains(&self, origin: &str) -> bool {
        self.0.iter().any(|allowed| allowed == origin)
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
            .with_header("access-control-allow-methods", "GET, HEAD, POST, DELETE")
            .with_header(
                "access-control-allow-headers",
                "authorization, content-type, if-none-match, if-modified-since, range, if-range",
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
        for list in
            ["*", "a.example", "https://a.example/", "https://A.example", "https://a.example:443", "ftp://a"]
        {
            assert!(AllowedOrigins::parse(list).is_err(), "{list}");
        }
        assert_eq!(AllowedOrigins::parse(" , ").unwrap(), AllowedOrigins::default());
    }
}

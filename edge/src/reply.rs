//! A response as plain data; the rim turns it into the runtime's own.

use serde::Serialize;

/// Where the bytes of an answer came from; for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CacheState {
    /// Caches had no part in it.
    None,
    /// From the Cache API.
    Hit,
    /// From the assets bucket.
    Stored,
    /// Made for this request.
    Rendered,
    /// The client has it already: 304.
    Revalidated,
    /// Made for another request of this isolate at the same moment.
    Shared,
    /// The answer that another request of this isolate had a moment ago.
    Repeated,
    /// By an old pointer: while the storage is asked, or because it fails.
    Stale,
}

impl CacheState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Hit => "hit",
            Self::Stored => "stored",
            Self::Rendered => "rendered",
            Self::Revalidated => "revalidated",
            Self::Shared => "shared",
            Self::Repeated => "repeated",
            Self::Stale => "stale",
        }
    }
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Lower-case names, each once.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) cache: CacheState,
    /// The code of the problem, for the log.
    pub(crate) code: Option<&'static str>,
    /// What the log says beyond the code.
    pub(crate) reason: Option<String>,
    /// Where the same may be answered again for a moment: until something changes about whom, as `<kind>/<sub>`.
    pub(crate) repeatable_about: Option<String>,
}

impl Reply {
    pub(crate) fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: None,
            cache: CacheState::None,
            code: None,
            reason: None,
            repeatable_about: None,
        }
    }

    /// 200 with a JSON body.
    ///
    /// # Errors
    ///
    /// A value that JSON cannot express.
    pub(crate) fn json(value: &impl Serialize) -> serde_json::Result<Self> {
        let body = serde_json::to_vec(value)?;
        Ok(Self::new(200).with_header("content-type", "application/json").with_body(body))
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Names a request header that decides the answer, beside those that `Vary` names already.
    pub(crate) fn varying_with(mut self, request_header: &str) -> Self {
        match self.headers.iter_mut().find(|(name, _)| *name == "vary") {
            Some((_, value)) => {
                value.push_str(", ");
                value.push_str(request_header);
                self
            }
            None => self.with_header("vary", request_header),
        }
    }

    pub(crate) fn with_body(mut self, body: Vec<u8>) -> Self {
        self.body = Some(body);
        self
    }

    pub(crate) fn with_cache(mut self, cache: CacheState) -> Self {
        self.cache = cache;
        self
    }

    #[cfg(test)]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(held, _)| *held == name).map(|(_, value)| value.as_str())
    }
}

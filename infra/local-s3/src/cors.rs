//! Cross-origin access for the pages of the allowed origins, as a bucket's CORS configuration gives it.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html>

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method};

const ALLOWED_METHODS: &str = "PUT, GET, HEAD";
const EXPOSED_HEADERS: &str = "ETag, x-amz-checksum-sha256, x-amz-request-id";
/// How long a browser may keep the answer to a preflight request.
const MAX_AGE_SECONDS: &str = "600";

const ALLOWED_HEADERS: [&str; 11] = [
    "cache-control",
    "content-disposition",
    "content-length",
    "content-md5",
    "content-type",
    "if-match",
    "if-none-match",
    "range",
    "x-amz-checksum-sha256",
    "x-amz-content-sha256",
    "x-amz-security-token",
];
const ALLOWED_HEADER_PREFIX: &str = "x-amz-meta-";

/// The origins whose pages may read and write objects.
#[derive(Debug)]
pub(crate) struct Cors {
    allowed_origins: Vec<HeaderValue>,
}

impl Cors {
    /// Origins are compared byte for byte; there is no wildcard.
    pub(crate) fn new(allowed_origins: Vec<HeaderValue>) -> Self {
        Self { allowed_origins }
    }

    /// The headers that answer a preflight request, or nothing where the origin or the method is not allowed.
    ///
    /// Of the headers asked for, those on the list are granted: the browser tells the page which one is not.
    pub(crate) fn preflight(&self, request: &HeaderMap) -> Option<HeaderMap> {
        let origin = self.allowed_origin(request)?;
        let method = request.get(ACCESS_CONTROL_REQUEST_METHOD)?;
        if !is_allowed_method(method.as_bytes()) {
            return None;
        }
        let mut answer = HeaderMap::new();
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(ALLOWED_METHODS));
        answer.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE_SECONDS));
        if let Some(granted) = granted_headers(request) {
            answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, granted);
        }
        Some(answer)
    }

    /// Adds to an answer what lets a page of an allowed origin read it.
    pub(crate) fn decorate(&self, method: &Method, request: &HeaderMap, answer: &mut HeaderMap) {
        // Also where no origin is allowed: a cache must not give one origin's answer to another.
        answer.append(VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = self.allowed_origin(request)
            && is_allowed_method(method.as_str().as_bytes())
        {
            answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED_HEADERS));
        }
    }

    fn allowed_origin(&self, request: &HeaderMap) -> Option<&HeaderValue> {
        let origin = request.get(ORIGIN)?;
        self.allowed_origins.iter().find(|allowed| *allowed == origin)
    }
}

fn is_allowed_method(method: &[u8]) -> bool {
    ALLOWED_METHODS.split(", ").any(|allowed| allowed.as_bytes() == method)
}

fn granted_headers(request: &HeaderMap) -> Option<HeaderValue> {
    let requested = request.get(ACCESS_CONTROL_REQUEST_HEADERS)?.to_str().ok()?;
    let granted: Vec<String> = requested
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| ALLOWED_HEADERS.contains(&name.as_str()) || name.starts_with(ALLOWED_HEADER_PREFIX))
        .collect();
    if granted.is_empty() { None } else { HeaderValue::from_str(&granted.join(", ")).ok() }
}

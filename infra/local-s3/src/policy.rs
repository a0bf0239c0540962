//! What S3 refuses before it looks at a signature, and the crate `s3s` does not.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use s3s::{S3Error, S3ErrorCode};

/// The longest life of a presigned URL: seven days.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>
const MAX_EXPIRES_SECONDS: u64 = 604_800;

/// Why a request is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// `X-Amz-Expires` is missing, given twice, or not a whole number.
    #[error("X-Amz-Expires must be given once, as a whole number of seconds")]
    ExpiresMalformed,
    /// The URL would live for longer than S3 allows.
    #[error("X-Amz-Expires must be at most 604800 seconds (seven days)")]
    ExpiresTooLong,
    /// A header that S3 wants signed is not among the signed ones.
    #[error("The header {name} is present and is not signed: name it in the signed headers")]
    HeaderNotSigned {
        /// The header's name.
        name: String,
    },
    /// Signature version 2, which S3 no longer accepts for new buckets.
    #[error("The authorization mechanism is not supported: use AWS4-HMAC-SHA256")]
    SignatureVersion2,
    /// A checksum in the query, which would go unchecked here.
    #[error("A checksum in the query is not supported here: send it as a signed header")]
    ChecksumInQuery,
    /// An upload by an HTML form.
    #[error("Uploads by an HTML form are not supported here: use PUT")]
    FormUpload,
}

impl From<Refusal> for S3Error {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::ExpiresMalformed | Refusal::ExpiresTooLong => {
                S3ErrorCode::AuthorizationQueryParametersError
            }
            Refusal::HeaderNotSigned { .. } => S3ErrorCode::AccessDenied,
            Refusal::SignatureVersion2 => S3ErrorCode::InvalidRequest,
            Refusal::ChecksumInQuery | Refusal::FormUpload => S3ErrorCode::NotImplemented,
        };
        S3Error::with_message(code, refusal.to_string())
    }
}

/// Checks what can be checked without the secret key. A request that passes is not authenticated yet.
///
/// # Errors
/// [`Refusal`] says what to change in the request.
pub(crate) fn check(request: &Parts) -> Result<(), Refusal> {
    if request.method == Method::POST && has_form_body(&request.headers) {
        return Err(Refusal::FormUpload);
    }
    let query = Query::parse(request.uri.query().unwrap_or_default());
    if query
        .names()
        .any(|name| name.to_ascii_lowercase().starts_with("x-amz-checksum-") && name != "x-amz-checksum-mode")
    {
        return Err(Refusal::ChecksumInQuery);
    }
    let authorization = request.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if query.names().any(|name| name == "Signature")
        || authorization.is_some_and(|text| text.starts_with("AWS "))
    {
        return Err(Refusal::SignatureVersion2);
    }
    if query.names().any(|name| name == "X-Amz-Signature") {
        check_expires(&query)?;
        return check_signed_headers(&request.headers, query.once("X-Amz-SignedHeaders").unwrap_or_default());
    }
    match authorization.and_then(signed_headers_of_authorization) {
        Some(signed) => check_signed_headers(&request.headers, signed),
        None => Ok(()),
    }
}

fn has_form_body(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map(|value| value.as_bytes().to_ascii_lowercase());
    content_type.is_some_and(|text| text.starts_with(b"multipart/"))
}

fn check_expires(query: &Query) -> Result<(), Refusal> {
    let seconds: u64 = query
        .once("X-Amz-Expires")
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or(Refusal::ExpiresMalformed)?
        // Only a number beyond 64 bits, or no digit at all, gets past the check above and is not parsed.
        .parse()
        .map_err(|_| Refusal::ExpiresMalformed)?;
    if seconds > MAX_EXPIRES_SECONDS { Err(Refusal::ExpiresTooLong) } else { Ok(()) }
}

/// `Authorization: AWS4-HMAC-SHA256 Credential=..., SignedHeaders=a;b, Signature=...`
fn signed_headers_of_authorization(authorization: &str) -> Option<&str> {
    let (_, rest) = authorization.split_once("SignedHeaders=")?;
    rest.split(',').next().map(str::trim)
}

/// S3 wants `host` and every `x-amz-*` header signed: a header that changes the meaning of a request must not be
/// addable by whoever holds the URL.
fn check_signed_headers(headers: &HeaderMap, signed: &str) -> Result<(), Refusal> {
    let is_signed = |name: &str| signed.split(';').any(|other| other.eq_ignore_ascii_case(name));
    let unsigned = headers
        .keys()
        .map(http::HeaderName::as_str)
        .find(|name| (*name == "host" || name.starts_with("x-amz-")) && !is_signed(name));
    match unsigned {
        Some(name) => Err(Refusal::HeaderNotSigned { name: name.to_owned() }),
        None => Ok(()),
    }
}

struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    fn parse(query: &str) -> Self {
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self { pairs: pairs.collect() }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| name.as_str())
    }

    /// The value of a parameter that is there exactly once.
    fn once(&self, name: &str) -> Option<&str> {
        let mut values =
            self.pairs.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    }
}

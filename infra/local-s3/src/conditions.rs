//! Conditional requests (RFC 9110 section 13.2.2), evaluated after authentication has passed.

use http::{HeaderMap, HeaderName, HeaderValue};
use s3s::dto::{ETag, ETagCondition, Timestamp, TimestampFormat};
use s3s::{S3Error, S3ErrorCode, S3Result};
use time::OffsetDateTime;

/// The conditions of a request.
pub(crate) struct Conditions {
    /// `If-Match`, or `x-amz-copy-source-if-match`.
    pub(crate) if_match: Option<ETagCondition>,
    /// `If-None-Match`.
    pub(crate) if_none_match: Option<ETagCondition>,
    /// `If-Modified-Since`.
    pub(crate) if_modified_since: Option<Timestamp>,
    /// `If-Unmodified-Since`.
    pub(crate) if_unmodified_since: Option<Timestamp>,
}

/// What the conditions of a request mean for it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Serve it.
    Proceed,
    /// The client has this version already: 304 for GET and HEAD.
    NotModified,
    /// 412.
    Failed,
}

impl Conditions {
    /// Evaluates the conditions against the current version of an object.
    pub(crate) fn evaluate(&self, etag: &ETag, last_modified: &Timestamp) -> Verdict {
        // HTTP dates have no fractions of a second.
        let modified = whole_seconds(last_modified);
        let unchanged_as_wanted = match (&self.if_match, &self.if_unmodified_since) {
            (Some(ETagCondition::Any), _) => true,
            (Some(ETagCondition::ETag(expected)), _) => etag.strong_cmp(expected),
            (None, Some(time)) => modified <= whole_seconds(time),
            (None, None) => true,
        };
        if !unchanged_as_wanted {
            return Verdict::Failed;
        }
        let known_to_client = match (&self.if_none_match, &self.if_modified_since) {
            (Some(ETagCondition::Any), _) => true,
            (Some(ETagCondition::ETag(known)), _) => etag.weak_cmp(known),
            (None, Some(time)) => modified <= whole_seconds(time),
            (None, None) => false,
        };
        if known_to_client { Verdict::NotModified } else { Verdict::Proceed }
    }

    /// Evaluates the conditions of a GET or HEAD.
    ///
    /// # Errors
    /// `NotModified` (304, with the headers that it needs) or `PreconditionFailed` (412).
    pub(crate) fn check_read(&self, etag: &ETag, last_modified: &Timestamp) -> S3Result<()> {
        match self.evaluate(etag, last_modified) {
            Verdict::Proceed => Ok(()),
            Verdict::Failed => Err(S3Error::new(S3ErrorCode::PreconditionFailed)),
            Verdict::NotModified => {
                let mut error = S3Error::new(S3ErrorCode::NotModified);
                error.set_headers(validators(etag, last_modified));
                Err(error)
            }
        }
    }
}

fn whole_seconds(timestamp: &Timestamp) -> i64 {
    OffsetDateTime::from(timestamp.clone()).unix_timestamp()
}

fn validators(etag: &ETag, last_modified: &Timestamp) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut insert = |name: HeaderName, value: Option<HeaderValue>| {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    };
    insert(http::header::ETAG, etag.to_http_header().ok());
    let mut date = Vec::new();
    let formatted = last_modified.format(TimestampFormat::HttpDate, &mut date);
    insert(http::header::LAST_MODIFIED, formatted.ok().and_then(|()| HeaderValue::from_bytes(&date).ok()));
    headers
}

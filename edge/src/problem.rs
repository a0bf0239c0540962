//! Every failure that a client sees, as RFC 9457 problem details; the one place where errors get their status.

use crate::auth::{AuthError, TokenError};
use crate::body::BodyError;
use crate::kind::Kind;
use crate::profile::{Fault, FieldsError, MalformedHeader, ProfileStoreError, SaveError};
use crate::publish::{PublishError, Refusal};
use crate::storage::StorageError;
use crate::{config::ConfigError, reply::Reply};
use serde_json::json;
use std::time::Duration;

/// A failure, ready to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    /// The stable word of the contract.
    pub(crate) code: &'static str,
    /// For the person at the other end: what, where, and what to do. No secrets, no user data.
    pub(crate) detail: String,
    /// The member of the body that is at fault, as the client spelled it: an extension member, RFC 9457 section 3.2. Not for the log.
    pub(crate) member: Option<String>,
    /// What the log says beyond the code. No secrets, no user data.
    pub(crate) reason: Option<String>,
    /// Headers beyond the content type.
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// Seconds after which a client may try again when something behind the worker fails.
const RETRY_AFTER_SECONDS: u32 = 5;
/// Seconds for which "there is no picture" may be cached.
const NOT_FOUND_MAX_AGE_SECONDS: u32 = 10;

impl Problem {
    fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        let headers = vec![("cache-control", "no-store".to_owned())];
        Self { status, code, detail: detail.into(), member: None, reason: None, headers }
    }

    fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(held, _)| *held != name);
        self.headers.push((name, value.into()));
        self
    }

    /// 400: the request contradicts the API in a way that has no code of its own.
    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(400, "bad_request", detail)
    }

    /// 400: a file extension that is not on the list.
    pub(crate) fn bad_extension() -> Self {
        Self::new(400, "bad_extension", "`extension` is one of jpg, jpeg, png, webp, gif, in lower case")
    }

    /// 400: the stated content type is not that of the extension.
    pub(crate) fn content_type_mismatch(expected: &str) -> Self {
        let detail = format!("`content_type` has to be {expected} for this extension");
        Self::new(400, "content_type_mismatch", detail)
    }

    /// 400: a size that is not on the list.
    pub(crate) fn bad_size(kind: Kind) -> Self {
        let widths: Vec<_> = kind.widths().iter().map(u16::to_string).collect();
        let detail = format!("the {} is one of {} pixels", kind.width_parameter(), widths.join(", "));
        Self::new(400, "bad_size", detail)
    }

    /// 400: a `d` that is not on the list.
    pub(crate) fn bad_default() -> Self {
        Self::new(400, "bad_default", "`d` is one of initials, identicon, 404")
    }

    /// 413: more bytes than are taken.
    pub(crate) fn too_large(what: &str, max_bytes: u64) -> Self {
        Self::new(413, "too_large", format!("{what} may have at most {max_bytes} bytes"))
    }

    /// 401 for the caller of the hook.
    pub(crate) fn wrong_hook_secret() -> Self {
        Self::unauthorized("the bearer secret is missing or wrong").because("hook_secret")
    }

    fn unauthorized(detail: &str) -> Self {
        Self::new(401, "unauthorized", detail).with_header("www-authenticate", "Bearer")
    }

    /// 404: no such path.
    pub(crate) fn no_such_path() -> Self {
        Self::new(404, "not_found", "there is nothing at this path")
    }

    /// 404: no such picture. May be cached for a short time.
    pub(crate) fn no_such_picture() -> Self {
        Self::new(404, "not_found", "there is no such picture")
            .with_header("cache-control", format!("public, max-age={NOT_FOUND_MAX_AGE_SECONDS}"))
    }

    /// 404: publish found nothing.
    pub(crate) fn no_upload() -> Self {
        Self::new(
            404,
            "no_upload",
            "nothing was uploaded yet: ask for an upload URL, PUT the file, then publish",
        )
    }

    /// 404: a person who has written no profile and has no picture.
    pub(crate) fn no_profile() -> Self {
        Self::new(404, "no_profile", "this person has no profile yet")
    }

    /// 405, with the methods that are allowed.
    pub(crate) fn method_not_allowed(allow: &'static str) -> Self {
        Self::new(405, "method_not_allowed", format!("use one of {allow}")).with_header("allow", allow)
    }

    /// 429: too often. `reason`: by which count.
    pub(crate) fn too_many_requests(wait: Duration, reason: &str) -> Self {
        // Rounded up: who waits so long is let through.
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        let detail = format!("this was asked for too often; try again in {seconds} s");
        Self::new(429, "too_many_requests", detail)
            .with_header("retry-after", seconds.to_string())
            .because(reason)
    }

    /// 412: what would be answered is not, or no longer, what the client means.
    pub(crate) fn precondition_failed() -> Self {
        Self::new(412, "precondition_failed", "it is another one by now; ask without a condition")
    }

    /// 414: a URL that is longer than any of ours.
    pub(crate) fn url_too_long(max_bytes: usize) -> Self {
        Self::new(414, "url_too_long", format!("a URL may have at most {max_bytes} bytes"))
    }

    /// 431: a header that is longer than is looked at.
    pub(crate) fn header_too_long(max_bytes: usize) -> Self {
        Self::new(431, "header_too_long", format!("a header may have at most {max_bytes} bytes"))
    }

    /// 416: bytes that a file does not have.
    pub(crate) fn range_not_satisfiable(length_bytes: usize) -> Self {
        Self::new(416, "range_not_satisfiable", format!("the file has {length_bytes} bytes"))
            .with_header("content-range", format!("bytes */{length_bytes}"))
    }

    /// 500: a step that only a defect of ours can make fail.
    pub(crate) fn internal(reason: impl Into<String>) -> Self {
        Self::new(500, "internal", "the server failed; try again later").because(reason)
    }

    /// Code and reason, for the log of what nobody is answered.
    pub(crate) fn log_reason(self) -> String {
        match self.reason {
            Some(reason) => format!("{}: {reason}", self.code),
            None => self.code.to_owned(),
        }
    }

    /// The answer.
    pub(crate) fn into_reply(self) -> Reply {
        let mut body = json!({
            "type": "about:blank",
            "title": title(self.status),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        });
        if let Some(member) = self.member {
            body["member"] = member.into();
        }
        let mut reply = Reply::new(self.status)
            .with_header("content-type", "application/problem+json")
            .with_body(body.to_string().into_bytes());
        for (name, value) in self.headers {
            reply = reply.with_header(name, value);
        }
        reply.code = Some(self.code);
        reply.reason = self.reason;
        reply
    }
}

/// The phrase of the status, as RFC 9457 wants it beside `about:blank`.
fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        405 => "Method Not Allowed",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

impl From<ConfigError> for Problem {
    fn from(error: ConfigError) -> Self {
        Self::new(500, "misconfigured", "the server is not set up correctly; its log names the variable")
            .because(error.to_string())
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        match error {
            // The same answer for every token, so that it teaches a forger nothing. RFC 6750 section 3.1: who brings none is told of no error.
            AuthError::Token(reason) => {
                let problem = Self::unauthorized("a valid access token is needed: sign in again")
                    .because(reason.to_string());
                match reason {
                    TokenError::Missing => problem,
                    _ => problem.with_header("www-authenticate", r#"Bearer error="invalid_token""#),
                }
            }
            AuthError::KeysUnavailable(reason) => {
                Self::new(503, "keys_unavailable", "the issuer's keys cannot be had; try again")
                    .with_header("retry-after", RETRY_AFTER_SECONDS.to_string())
                    .because(reason.to_string())
            }
        }
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { max_bytes } => Self::too_large("the body", max_bytes),
            BodyError::Interrupted => Self::bad_request("the body ended early"),
        }
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        Self::new(502, "storage_unavailable", "the object storage does not answer as it should; try again")
            .with_header("retry-after", RETRY_AFTER_SECONDS.to_string())
            .because(error.to_string())
    }
}

impl From<FieldsError> for Problem {
    fn from(error: FieldsError) -> Self {
        match error {
            FieldsError::NotAnObject => Self::bad_request(
                "the body has to be a JSON object such as {\"display_name\": \"Ada\"}, with each member once",
            ),
            FieldsError::Member { name, fault } => {
                let detail = match fault {
                    // An unknown name may be anything, which is why it stands by itself.
                    Fault::Unknown => {
                        "`member` is not known; a profile has `display_name` and `bio`".to_owned()
                    }
                    _ => format!("`{name}` {fault}"),
                };
                Self { member: Some(name), ..Self::new(400, "bad_profile", detail) }
            }
        }
    }
}

impl From<MalformedHeader> for Problem {
    fn from(MalformedHeader(name): MalformedHeader) -> Self {
        Self::bad_request(format!("`{name}` is * or a list of entity tags, each in its quotes"))
    }
}

impl From<ProfileStoreError> for Problem {
    fn from(error: ProfileStoreError) -> Self {
        Self::new(503, "database_unavailable", "the database does not answer as it should; try again")
            .with_header("retry-after", RETRY_AFTER_SECONDS.to_string())
            .because(error.to_string())
    }
}

impl From<SaveError> for Problem {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::Changed => Self::new(
                412,
                "precondition_failed",
                "the profile is another one than the request was made for; get it, and decide anew",
            ),
            SaveError::Contended => {
                Self::new(503, "busy", "the profile is being written by others at the same time; try again")
                    .with_header("retry-after", "1")
            }
            SaveError::Store(error) => error.into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.code {
            "unsupported_format" | "content_type_mismatch" => 415,
            "truncated" | "malformed" => 422,
            _ => 413,
        };
        Self::new(status, refusal.code, refusal.detail)
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(format!("a reply is not JSON: {error}"))
    }
}

impl From<PublishError> for Problem {
    fn from(error: PublishError) -> Self {
        if let Some(refusal) = error.refusal() {
            return refusal.into();
        }
        match error {
            PublishError::Storage(error) => error.into(),
            PublishError::Contended => {
                Self::new(503, "busy", "the picture is being replaced by others at the same time; try again")
                    .with_header("retry-after", "1")
            }
            PublishError::NoRoom => {
                Self::new(503, "busy", "many pictures are being published at this moment; try again")
                    .with_header("retry-after", "2")
                    .because("no memory for the upload: others are being published")
            }
            PublishError::MalformedPointer => Self::internal("the pointer object cannot be read"),
            // Recipes are ours: a refused one is a defect.
            PublishError::Picture(error) => Self::internal(format!("roundel: {}", error.code())),
            PublishError::TooLarge { .. } | PublishError::ContentTypeMismatch { .. } => {
                Self::internal("a refusal without its reason")
            }
        }
    }
}

#[cfg(test)]
mod tests;

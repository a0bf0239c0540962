//! AWS Signature Version 4: a canonical request, a string to sign, a signing key, and the signature put into the query
//! or into a header. Pure; the time is handed in.
//!
//! Sections named here are those of the Amazon S3 API Reference, "Authenticating Requests (AWS Signature Version 4)":
//! - "Authorization Header": <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
//! - "Query Parameters": <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>
//!
//! Why not a library: `rusty-s3` signs in the query only, never the headers or the content of the worker's own requests,
//! takes any expiry, and sorts the query before it encodes it; `aws-sigv4` brings some forty crates, and seven times the
//! bytes of `hmac` and `sha2`. The tests hold this module against `aws-sigv4`, Amazon's vectors and botocore.
//!
//! What it does not do: it does not normalise paths and encodes them once, as S3 alone of all services wants it; it does
//! not sign chunks ("Transferring Payload in Multiple Chunks"), and knows no Signature Version 4A.

use hmac::{Hmac, Mac};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// Ends the credential scope and the chain that derives the signing key.
const TERMINATOR: &str = "aws4_request";
/// Stands for the hash of a body that is not signed.
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// `UriEncode`: every byte is escaped except the unreserved characters of RFC 3986 section 2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// "... and the slash in object key names".
const ENCODED_IN_PATH: &AsciiSet = &ENCODED.remove(b'/');

/// An access key, with the token of a temporary one. `Debug` shows no secret; what is secret is overwritten when dropped.
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: Zeroizing<String>,
    pub(crate) session_token: Option<Zeroizing<String>>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(redacted)")
    }
}

/// How long a signature in the query is good for: 1 second to 7 days ("Query Parameters", `X-Amz-Expires`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expiry {
    seconds: u32,
}

impl Expiry {
    pub(crate) const MAX: Self = Self { seconds: 604_800 };

    /// `None`: not within 1..=604800.
    pub(crate) const fn from_seconds(seconds: u32) -> Option<Self> {
        if seconds >= 1 && seconds <= Self::MAX.seconds { Some(Self { seconds }) } else { None }
    }

    pub(crate) const fn as_seconds(self) -> u32 {
        self.seconds
    }
}

/// What is signed of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payload {
    /// Nothing: whoever signs does not know it.
    Unsigned,
    /// Its SHA-256.
    Sha256([u8; 32]),
}

impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned => f.write_str(UNSIGNED_PAYLOAD),
            Self::Sha256(digest) => f.write_str(&hex::encode(digest)),
        }
    }
}

/// A request to be signed. All of it is signed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    /// As the `host` header will have it: with the port where it is not the scheme's own.
    pub(crate) host: &'a str,
    /// Not escaped; begins with a slash.
    pub(crate) path: &'a str,
    /// Not escaped; in any order.
    pub(crate) query: &'a [(&'a str, &'a str)],
    /// Beside `host`; in any order.
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) payload: Payload,
}

/// Who signs, when, and for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signer<'a> {
    pub(crate) credentials: &'a Credentials,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    /// Signatures carry whole seconds.
    pub(crate) now: Timestamp,
}

/// "Task 1: Create a Canonical Request", and the parts of it that are sent.
struct Canonical {
    request: String,
    /// Escaped and sorted.
    query: String,
    /// Names, sorted, separated by semicolons.
    signed_headers: String,
}

impl Signer<'_> {
    /// The query that lets anyone send this request until it expires: "Query Parameters".
    pub(crate) fn presigned_query(&self, request: &Request<'_>, expiry: Expiry) -> String {
        let canonical = self.canonical_for_query(request, expiry);
        format!("{}&X-Amz-Signature={}", canonical.query, self.signature(&canonical))
    }

    /// The headers to send along, `authorization` among them: "Authorization Header".
    pub(crate) fn authorization_headers(&self, request: &Request<'_>) -> Vec<(&'static str, String)> {
        let canonical = self.canonical_for_headers(request);
        let authorization = format!(
            "{ALGORITHM} Credential={}/{}, SignedHeaders={}, Signature={}",
            self.credentials.access_key_id,
            self.scope(),
            canonical.signed_headers,
            self.signature(&canonical),
        );
        let mut headers = vec![("authorization", authorization), ("x-amz-date", self.date_time())];
        if let Some(token) = &self.credentials.session_token {
            headers.push(("x-amz-security-token", token.to_string()));
        }
        headers
    }

    fn canonical_for_query(&self, request: &Request<'_>, expiry: Expiry) -> Canonical {
        let credential = format!("{}/{}", self.credentials.access_key_id, self.scope());
        let (date_time, seconds) = (self.date_time(), expiry.seconds.to_string());
        let (headers, signed_headers) = canonical_headers(request.host, request.headers.iter().copied());
        let mut query = request.query.to_vec();
        query.extend([
            ("X-Amz-Algorithm", ALGORITHM),
            ("X-Amz-Credential", credential.as_str()),
            ("X-Amz-Date", date_time.as_str()),
            ("X-Amz-Expires", seconds.as_str()),
            ("X-Amz-SignedHeaders", signed_headers.as_str()),
        ]);
        if let Some(token) = &self.credentials.session_token {
            query.push(("X-Amz-Security-Token", token.as_str()));
        }
        let query = canonical_query(&query);
        Canonical {
            request: canonical_request(request, &query, &headers, &signed_headers),
            query,
            signed_headers,
        }
    }

    fn canonical_for_headers(&self, request: &Request<'_>) -> Canonical {
        let date_time = self.date_time();
        let token = self.credentials.session_token.as_ref();
        let added = [("x-amz-date", date_time.as_str())]
            .into_iter()
            .chain(token.map(|token| ("x-amz-security-token", token.as_str())));
        let (headers, signed_headers) =
            canonical_headers(request.host, request.headers.iter().copied().chain(added));
        let query = canonical_query(request.query);
        Canonical {
            request: canonical_request(request, &query, &headers, &signed_headers),
            query,
            signed_headers,
        }
    }

    /// "Task 2: Create a String to Sign".
    fn string_to_sign(&self, canonical: &Canonical) -> String {
        let digest = hex::encode(Sha256::digest(canonical.request.as_bytes()));
        format!("{ALGORITHM}\n{}\n{}\n{digest}", self.date_time(), self.scope())
    }

    /// "Task 3: Calculate Signature", hexadecimal.
    fn signature(&self, canonical: &Canonical) -> String {
        let string_to_sign = self.string_to_sign(canonical);
        hex::encode(hmac_sha256(&*self.signing_key(), string_to_sign.as_bytes()).as_slice())
    }

    fn signing_key(&self) -> Zeroizing<[u8; 32]> {
        let secret = Zeroizing::new(format!("AWS4{}", *self.credentials.secret_access_key));
        let key = hmac_sha256(secret.as_bytes(), self.date().as_bytes());
        let key = hmac_sha256(&*key, self.region.as_bytes());
        let key = hmac_sha256(&*key, self.service.as_bytes());
        hmac_sha256(&*key, TERMINATOR.as_bytes())
    }

    fn scope(&self) -> String {
        format!("{}/{}/{}/{TERMINATOR}", self.date(), self.region, self.service)
    }

    /// `20260301`. Written out: a general formatter of dates is a hundredth of the worker.
    fn date(&self) -> String {
        let utc = self.utc();
        format!("{:04}{:02}{:02}", utc.year(), utc.month(), utc.day())
    }

    /// `20260301T120000Z`
    fn date_time(&self) -> String {
        let utc = self.utc();
        format!("{}T{:02}{:02}{:02}Z", self.date(), utc.hour(), utc.minute(), utc.second())
    }

    fn utc(&self) -> DateTime {
        Offset::UTC.to_datetime(self.now)
    }
}

fn canonical_request(request: &Request<'_>, query: &str, headers: &str, signed_headers: &str) -> String {
    let Request { method, path, payload, .. } = request;
    format!("{method}\n{}\n{query}\n{headers}\n{signed_headers}\n{payload}", encode_path(path))
}

/// A path as it is signed and sent: each byte escaped once, slashes kept, dot segments too.
pub(crate) fn encode_path(path: &str) -> String {
    utf8_percent_encode(path, ENCODED_IN_PATH).to_string()
}

/// A query as it is signed and sent: `CanonicalQueryString`, sorted after escaping.
pub(crate) fn canonical_query(query: &[(&str, &str)]) -> String {
    let encode = |text| utf8_percent_encode(text, ENCODED).to_string();
    let mut pairs: Vec<_> = query.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// `CanonicalHeaders`, each with its line end, and `SignedHeaders`.
///
/// Names in lower case, values without white space around them and with one space for more within them; the values of a
/// name that comes more than once are joined in their order.
fn canonical_headers<'a>(host: &str, headers: impl Iterator<Item = (&'a str, &'a str)>) -> (String, String) {
    let tidy = |value: &str| value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    let mut sorted: Vec<(String, String)> = vec![("host".to_owned(), tidy(host))];
    sorted.extend(headers.map(|(name, value)| (name.to_ascii_lowercase(), tidy(value))));
    // Stable: values of the same name stay in their order.
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    let (mut canonical, mut names) = (String::new(), Vec::new());
    for group in sorted.chunk_by(|(a, _), (b, _)| a == b) {
        let Some((name, _)) = group.first() else { continue };
        let values: Vec<_> = group.iter().map(|(_, value)| value.as_str()).collect();
        canonical.push_str(&format!("{name}:{}\n", values.join(",")));
        names.push(name.as_str());
    }
    let names = names.join(";");
    (canonical, names)
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> Zeroizing<[u8; 32]> {
    // RFC 2104 section 2 takes keys of any length, so there is no error to handle.
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(key) else { return Zeroizing::new([0; 32]) };
    mac.update(message);
    Zeroizing::new(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests;

//! Presigned uploads. Pure; the time is handed in.

use super::sigv4::{Expiry, Payload, Request, Signer};
use crate::config::Config;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// How long an upload URL is good for.
const EXPIRY: Expiry = match Expiry::from_seconds(300) {
    Some(expiry) => expiry,
    None => Expiry::MAX,
};

/// What a client states of its file beforehand. Each statement is signed: S3 refuses anything else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stated {
    pub(crate) content_type: Option<&'static str>,
    pub(crate) content_length: Option<u64>,
    pub(crate) sha256: Option<[u8; 32]>,
    /// Whether the upload must not replace an earlier one: `If-None-Match: *` (RFC 9110 section 13.1.2).
    pub(crate) only_if_absent: bool,
}

/// Permission to upload one file. No `Debug`: whoever has the URL may upload.
#[derive(Serialize)]
pub(crate) struct UploadGrant {
    url: String,
    method: &'static str,
    /// What the client has to send itself. Not `content-length`: HTTP clients derive it from the body, and browsers
    /// forbid setting it.
    headers: BTreeMap<&'static str, String>,
    key: String,
    /// RFC 3339, UTC.
    expires_at: Timestamp,
}

/// Signs a PUT of one object into the uploads bucket.
pub(crate) fn upload(config: &Config, key: String, stated: &Stated, now: Timestamp) -> UploadGrant {
    // Signatures carry whole seconds.
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let mut headers = BTreeMap::new();
    if let Some(content_type) = stated.content_type {
        headers.insert("content-type", content_type.to_owned());
    }
    if let Some(sha256) = stated.sha256 {
        headers.insert("x-amz-checksum-sha256", BASE64_STANDARD.encode(sha256));
    }
    if stated.only_if_absent {
        headers.insert("if-none-match", "*".to_owned());
    }
    let length = stated.content_length.map(|length| length.to_string());
    let mut signed: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    signed.extend(length.as_deref().map(|length| ("content-length", length)));

    let bucket = &config.uploads;
    let signer =
        Signer { credentials: &config.credentials, region: bucket.region(), service: super::SERVICE, now };
    let request = Request {
        method: "PUT",
        host: bucket.host(),
        path: &bucket.path(&key),
        query: &[],
        headers: &signed,
        payload: Payload::Unsigned,
    };
    let url = bucket.url(&key, &signer.presigned_query(&request, EXPIRY));
    let expires_at =
        now.saturating_add(SignedDuration::from_secs(EXPIRY.as_seconds().into())).unwrap_or(Timestamp::MAX);
    UploadGrant { url, method: "PUT", headers, key, expires_at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::read;
    use serde_json::{Value, json};
    use std::collections::HashMap;

    fn grant(stated: &Stated) -> (Value, HashMap<String, String>) {
        let now: Timestamp = "2026-03-01T12:00:00.750Z".parse().unwrap();
        let grant = upload(&read(&[]).unwrap(), "avatars/user-1.jpg".to_owned(), stated, now);
        let url: url::Url = grant.url.parse().unwrap();
        (serde_json::to_value(&grant).unwrap(), url.query_pairs().into_owned().collect())
    }

    #[test]
    fn what_is_stated_is_signed_and_told_to_the_client() {
        let sha256 = Some([0; 32]);
        let stated = Stated {
            content_type: Some("image/jpeg"),
            content_length: Some(5),
            sha256,
            only_if_absent: true,
        };
        let (grant, query) = grant(&stated);
        assert_eq!(
            query["X-Amz-SignedHeaders"],
            "content-length;content-type;host;if-none-match;x-amz-checksum-sha256"
        );
        let checksum = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        assert_eq!(
            grant["headers"],
            json!({"content-type": "image/jpeg", "if-none-match": "*", "x-amz-checksum-sha256": checksum})
        );
    }

    #[test]
    fn the_grant_is_for_one_key_and_five_minutes() {
        let (grant, query) = grant(&Stated::default());
        let url = grant["url"].as_str().unwrap();
        assert!(url.starts_with("https://uploads.s3.eu-west-1.amazonaws.com/avatars/user-1.jpg?"), "{url}");
        assert_eq!((&grant["method"], &grant["key"]), (&json!("PUT"), &json!("avatars/user-1.jpg")));
        assert_eq!(grant["expires_at"], "2026-03-01T12:05:00Z");
        assert_eq!(
            (query["X-Amz-Expires"].as_str(), query["X-Amz-Date"].as_str()),
            ("300", "20260301T120000Z")
        );
        assert_eq!((query["X-Amz-SignedHeaders"].as_str(), &grant["headers"]), ("host", &json!({})));
        assert!(!url.contains("wJalrXUtnFEMI"), "the secret key is not in it");
    }
}

//! Presigned uploads: AWS Signature Version 4 in the query string. Pure; the time is handed in.

use crate::config::Config;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use rusty_s3::S3Action;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long an upload URL is good for.
const EXPIRES_IN: Duration = Duration::from_secs(300);

/// What a client states of its file beforehand. Each statement is signed: S3 refuses anything else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stated {
    pub(crate) content_type: Option<&'static str>,
    pub(crate) content_length: Option<u64>,
    pub(crate) sha256: Option<[u8; 32]>,
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
    let mut action = config.uploads.put_object(Some(&config.credentials), &key);
    for (name, value) in &headers {
        action.headers_mut().insert(*name, value.clone());
    }
    if let Some(length) = stated.content_length {
        action.headers_mut().insert("content-length", length.to_string());
    }
    let url = action.sign_with_time(EXPIRES_IN, &now).to_string();
    let expires_at = now.saturating_add(SignedDuration::from_secs(300)).unwrap_or(now);
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
        let stated = Stated { content_type: Some("image/jpeg"), content_length: Some(5), sha256 };
        let (grant, query) = grant(&stated);
        assert_eq!(query["X-Amz-SignedHeaders"], "content-length;content-type;host;x-amz-checksum-sha256");
        let checksum = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        assert_eq!(
            grant["headers"],
            json!({"content-type": "image/jpeg", "x-amz-checksum-sha256": checksum})
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
